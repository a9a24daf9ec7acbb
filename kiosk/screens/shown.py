"""How single values are written on a screen: days, minutes, scaled numbers. Knows no wording and no language."""

from collections.abc import Mapping
from typing import Any

FULL_RING = 100  # the path length every ring is drawn with
OBSERVATION_S = 1800  # a ring is full at 30 minutes (domain.md 2.1)


def day(value: str) -> str:
    """`2021-10-03` as `03/10/2021`; a bare year or month and anything else stays readable as it is."""
    parts = str(value).split("-")
    if all(part.isdigit() for part in parts) and len(parts) in (2, 3):
        return "/".join(reversed(parts))
    return str(value)


def minutes_left(seconds: int) -> int:
    """Whole minutes still to go; the last begun one counts."""
    return max(0, -(-int(seconds) // 60))


def ring(seconds: int) -> int:
    """How much of a ring of length FULL_RING is still to go."""
    return max(0, min(FULL_RING, int(seconds) * FULL_RING // OBSERVATION_S))


def scaled(value: Any, vital: Mapping[str, Any]) -> str:
    """A vital sign's whole number in its unit: 375 with scale 10 is `37,5`. Typed text is given back as typed."""
    if value is None:
        return ""
    scale = int(vital.get("scale") or 1)
    if isinstance(value, str) or scale == 1:
        return str(value)
    return f"{value / scale:.{len(str(scale)) - 1}f}".replace(".", ",")


def normal_range(vital: Mapping[str, Any]) -> str:
    """The range that counts as normal (`below` and `above` are the form's limits), as `35,5 – 37,5`, `≤ 25` or nothing."""
    low, high = scaled(vital.get("below"), vital), scaled(vital.get("above"), vital)
    if low and high:
        return f"{low} – {high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""


FILTERS = {"day": day, "minutes_left": minutes_left, "ring": ring, "scaled": scaled, "normal_range": normal_range}
