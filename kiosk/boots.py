"""When each boot of this kiosk began, as far as anybody knows: what was written under a wrong clock is dated by it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

# Boots of which somebody in line may be: some days of a site with a bad plug.
BOOTS = 40


def starts(
    boots: Sequence[Mapping[str, Any]], *, boot: str, mono: int, wall: int
) -> tuple[dict[str, int], dict[str, int]]:
    """When each boot began (wall ms) as far as it is known, and for the others no later than when.

    `boots`: as `Store.boots` has them; `boot`, `mono`, `wall`: this instant.
    """
    known: dict[str, int] = {boot: wall - mono}
    latest: dict[str, int] = {}
    # The boot after: its first sign of life.
    after = wall - mono
    for one in reversed(boots[-BOOTS:]):
        if one["boot"] == boot:
            after = wall - mono + one["first_mono"]
            continue
        start = one["started_at"] or after - one["last_mono"]
        (known if one["started_at"] else latest)[one["boot"]] = start
        after = start + one["first_mono"]
    return known, latest
