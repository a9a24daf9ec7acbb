"""Tests of the devices: one contract suite per idea over every driver and fake, one file per failure."""
