"""Pure decisions: what values mean, which records belong together, what each side lacks, what looks wrong.

Nothing here reads a network, a database, a clock, a random number or the environment.
"""
