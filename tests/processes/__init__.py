"""Tier P: real kiosks, server and mosquitto as processes, living through schedules of kills, freezes and broken wires."""
