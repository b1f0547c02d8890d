"""Carrying out what the rules decided beyond fields: tasks in the CRMs, messages to people, entries in the inbox.

`carry` is the way in. Every effect stands in the store before it is carried out, so that a run may be killed anywhere:
the next one finds out what became of it, and does it once.
"""
