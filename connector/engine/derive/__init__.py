"""Deriving: what the agreed rules say about every person, company and deal, between merge and plan (design §9).

The rules themselves are pure functions in `connector/revops`. Here stands where their inputs come from (`units`,
`people`, `shown`), which records are looked at (`which`), and how their answers become a plan (`write`).
"""
