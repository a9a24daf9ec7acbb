"""Power cuts: every write of a workflow is recorded, every disk a cut could leave is built, opened and judged (F26–F28)."""
