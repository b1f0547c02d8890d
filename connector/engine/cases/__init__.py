"""Running a project's own cases: the real engine plans for records out of a file, and what it plans is compared."""
