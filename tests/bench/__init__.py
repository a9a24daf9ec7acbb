"""Benchmarks of the narrow road; each prints its peers or limits measured in the same run."""
