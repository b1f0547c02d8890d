"""One run, top to bottom: lock, recover, read, match, merge, plan, brakes, apply, close (design §4)."""
