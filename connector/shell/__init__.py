"""The process around a run: clock, ids, signals, log, status file, schedule, and what an error looks like outside."""
