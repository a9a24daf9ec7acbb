"""Complaints: filed by citizens, due by the deadlines in force, decided once by officers, answered by a message."""
