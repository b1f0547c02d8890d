"""What our fields, objects and rules should be in both CRMs: compared, created, and checked before a run."""
