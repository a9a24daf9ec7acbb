"""How a machine may stand, as the status page gets it. Data only."""

from kiosk import status
from kiosk.status import Facts, Machine

HEALTHY = {
    "devices": {"printer": "ready", "camera": "ready", "reader": "ready"},
    "fitted": frozenset({"printer", "camera", "reader"}),
    "machine": Machine("good", 452, 21_400, "fresh", 20),
    "sure": "synced",
    "err_ms": 2000,
    "network": "online",
    "waiting": 0,
    "oldest_min": 0,
    "quarantined": 0,
    "lists_age_min": dict.fromkeys((*status.LISTS, status.TEXTS), 12),
    "app": "tram-0.1.0",
    "sqlite": "3.40.1",
}
ILL = {
    "devices": {"printer": "no_paper", "camera": "frozen", "reader": "check_settings", "board": "wrong_key"},
    "fitted": frozenset({"printer", "camera", "reader", "board"}),
    "machine": Machine("poor", 840, 120, "worn", 90),
    "sure": "unknown",
    "network": "login_page",
    "waiting": 123,
    "oldest_min": 3 * 24 * 60,
    "lists_age_min": {"staff": 8 * 24 * 60, "lots": 30 * 60, "rules": 90, "forms": 12, "texts": 12},
}


def told(**changes):
    """The tiles of a healthy machine with changes, as the page gets them."""
    found = status.tiles(Facts(**{**HEALTHY, **changes}))
    rows = [{"what": one.what, "state": one.state, "level": one.level, "values": dict(one.values)} for one in found]
    return {"tiles": rows, "worst": status.worst(found)}
