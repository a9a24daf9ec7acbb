"""The account of the fault catalogue: which test covers which fault, and what waits."""
