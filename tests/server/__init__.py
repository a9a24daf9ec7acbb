"""Tests of the server. `made.py` makes records as kiosks do; `databases.py` starts the databases they go to."""
