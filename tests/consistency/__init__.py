"""Rules of the house that a machine can hold, so that nobody has to remember them."""
