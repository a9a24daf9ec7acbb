"""Tests of the server, mirroring its tree."""
