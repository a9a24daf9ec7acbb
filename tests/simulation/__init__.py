"""Tier S: kiosks, brokers and the centre as real state machines on one thread and one seed, with planted faults."""
