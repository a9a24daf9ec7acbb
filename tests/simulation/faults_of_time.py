"""Faults of time's passing: nights and weeks in which kiosks seal what is past and delete what outlived its month."""

from tests.simulation.clocks import DAY_MS


def night(world, kiosk, pick):
    """Everybody goes home; kiosks and centre stay on. Sometimes it is a week, sometimes more than a month."""
    world.now += (1, 1, 2, 7, 31, 45)[pick % 6] * DAY_MS


FAULTS = {
    "night": ("F78 F105", "a night, a week or six weeks pass: past days are sealed, old ones deleted", night),
}
