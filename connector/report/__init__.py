"""What people and programs are told: plans, runs, status, conflicts, the inbox, explanations, as text and as JSON.

Tables show values, since a person at a terminal asked for them; summaries, logs and files for machines do not.
"""
