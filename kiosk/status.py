"""How this machine is, as tiles that a person without training reads: what, how grave, which sentence. Pure.

A tile's words stand in `kiosk/screens/status_words.py`, one sentence and one "what to do" for each of `STATES`; the
terminal (`python -m kiosk doctor`) says the very same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GOOD, WATCH, BAD, NONE = "good", "watch", "bad", "none"
# The worst stands first; what this machine does not have stands last.
LEVELS = (BAD, WATCH, GOOD, NONE)

MEGABYTE = 1_000_000
# Below this no new check-ins are taken (fault F29); a day of 600 people takes some 12 MB here.
ROOM_MB = 200
# A tile warns while there is still a day or two to act.
ROOM_WATCH_MB = 2 * ROOM_MB
# A Raspberry Pi slows itself down at 80 °C; a warm box at 70 °C wants air.
WARM_TENTHS_C, HOT_TENTHS_C = 700, 800
MINUTE_MS = 60_000
# A record that waits for an hour on a standing line, or at all without one, is worth a look; a day is worth a call.
BACKLOG_WATCH_MIN, BACKLOG_BAD_MIN = 60, 24 * 60
LIST_WATCH_MIN, LIST_BAD_MIN = 24 * 60, 7 * 24 * 60
# Without these a kiosk cannot judge a dose; without `appointments` it still can.
LISTS = ("staff", "lots", "rules", "forms", "appointments")
# Older servers send none, and without it a kiosk says its own words.
TEXTS = "texts"

# Each device's words and how grave each is. A word unknown here is grave and shown as "unknown".
DEVICES: dict[str, dict[str, str]] = {
    "printer": {
        "ready": GOOD, "busy": GOOD, "no_paper": GOOD, "cover_open": BAD, "disconnected": BAD, "unknown": BAD,
    },
    "reader": {"ready": GOOD, "check_settings": WATCH, "disconnected": BAD},
    "camera": {"ready": GOOD, "dark": WATCH, "resting": WATCH, "frozen": BAD, "absent": BAD},
    "board": {"ready": GOOD, "disconnected": BAD, "silent": BAD, "wrong_key": BAD},
}  # fmt: skip
# Why the centre is not reached. What is only a cut cable mends itself; the rest wants a person.
NETWORK = {
    "online": GOOD,
    "cut": WATCH,
    "no_name": WATCH,
    "login_page": BAD,
    "stranger": BAD,
    "expired": BAD,
    "refused": BAD,
}
POWER = {"good": GOOD, "was_poor": WATCH, "poor": BAD, "unknown": NONE}
# How much of its life the memory card says to have behind it (fault F43); most SD cards say nothing of it.
WEAR = {"fresh": GOOD, "worn": WATCH, "spent": BAD, "unknown": NONE}
STATES: dict[str, tuple[str, ...]] = {
    **{name: (*words, "unknown", "unused") for name, words in DEVICES.items()},
    "paper": ("there", "out", "unknown", "unused"),
    "disk": ("roomy", "filling", "full", "refuses", "rotten", "salvaged", "mended", "unknown"),
    "clock": ("synced", "holdover", "drifting", "unknown"),
    "network": tuple(NETWORK),
    "backlog": ("none", "moving", "waiting", "old", "quarantined"),
    "list": ("fresh", "ageing", "old", "missing"),
    "power": tuple(POWER),
    "wear": tuple(WEAR),
    "heat": ("cool", "warm", "hot", "unknown"),
    "version": ("running", "stopped"),
}


@dataclass(frozen=True)
class Machine:
    """What the computer says of itself. `power`: a word of `POWER`; `free_mb`: on the memory card; None: cannot be read.

    `wear`: a word of `WEAR`; `worn_pct`: how much of the card's life is used up, at most, in steps of ten.
    """

    power: str = "unknown"
    tenths_c: int | None = None
    free_mb: int | None = None
    wear: str = "unknown"
    worn_pct: int | None = None


@dataclass(frozen=True)
class Facts:
    """All that the tiles tell of. `devices`: name to its status word; `fitted`: the devices that the settings name.

    `network`: a word of `NETWORK`; `lists_age_min`: list name to the minutes since the centre last confirmed it.
    """

    devices: Mapping[str, str]
    fitted: frozenset[str]
    machine: Machine
    sure: str
    err_ms: int
    network: str
    waiting: int
    oldest_min: int
    quarantined: int
    lists_age_min: Mapping[str, int]
    app: str
    sqlite: str
    refuses: bool = False
    salvaged: bool = False
    running: bool = True
    room_mb: int = ROOM_MB
    # Own records whose bytes changed by themselves: not to be mended, and mended.
    damaged: int = 0
    mended: int = 0


@dataclass(frozen=True)
class Tile:
    """`what`: which tile; `state`: one of `STATES[what]`; `level`: one of `LEVELS`; `values`: for its sentence."""

    what: str
    state: str
    level: str
    values: Mapping[str, Any] = field(default_factory=dict)


def tiles(facts: Facts) -> tuple[Tile, ...]:
    """Every tile, the gravest first, else in the order in which people name them."""
    found = [
        _paper(facts),
        *(_device(facts, name) for name in ("printer", "reader", "camera")),
        _disk(facts),
        _clock(facts),
        Tile("network", facts.network, NETWORK[facts.network]),
        _backlog(facts),
        Tile("power", facts.machine.power, POWER[facts.machine.power]),
        _heat(facts.machine.tenths_c),
        Tile("wear", facts.machine.wear, WEAR[facts.machine.wear]),
        *([_device(facts, "board")] if "board" in facts.fitted else []),
        *(_list(name, facts.lists_age_min.get(name)) for name in LISTS),
        *(_list(name, age) for name, age in facts.lists_age_min.items() if name == TEXTS),
        Tile(
            "version",
            "running" if facts.running else "stopped",
            GOOD if facts.running else BAD,
            {"app": facts.app, "sqlite": facts.sqlite},
        ),
    ]
    return tuple(sorted(found, key=lambda tile: LEVELS.index(tile.level)))


def worst(found: tuple[Tile, ...]) -> str:
    """The gravest level among tiles."""
    return min((tile.level for tile in found), key=LEVELS.index, default=NONE)


def has_room(free_mb: int | None, room_mb: int = ROOM_MB) -> bool:
    """May a new person be checked in (fault F29)? A disk that says nothing is not held against them."""
    return free_mb is None or free_mb >= room_mb


def _device(facts: Facts, name: str) -> Tile:
    if name not in facts.fitted:
        return Tile(name, "unused", NONE)
    word = facts.devices.get(name, "unknown")
    level = DEVICES[name].get(word)
    return Tile(name, word, level) if level else Tile(name, "unknown", BAD)


def _paper(facts: Facts) -> Tile:
    if "printer" not in facts.fitted:
        return Tile("paper", "unused", NONE)
    word = facts.devices.get("printer", "unknown")
    if word == "no_paper":
        return Tile("paper", "out", BAD)
    return Tile("paper", "there", GOOD) if word in ("ready", "busy") else Tile("paper", "unknown", NONE)


def _disk(facts: Facts) -> Tile:
    free = facts.machine.free_mb
    if facts.refuses:
        return Tile("disk", "refuses", BAD)
    if facts.damaged:
        return Tile("disk", "rotten", BAD, {"count": facts.damaged})
    values = {"free": free}
    if not has_room(free, facts.room_mb):
        return Tile("disk", "full", BAD, values)
    if facts.salvaged:
        return Tile("disk", "salvaged", WATCH)
    if facts.mended:
        return Tile("disk", "mended", WATCH, {"count": facts.mended})
    if free is None:
        return Tile("disk", "unknown", NONE)
    return Tile("disk", "filling", WATCH, values) if free < 2 * facts.room_mb else Tile("disk", "roomy", GOOD, values)


def _clock(facts: Facts) -> Tile:
    if facts.sure == "synced":
        return Tile("clock", "synced", GOOD)
    if facts.sure != "holdover":
        return Tile("clock", "unknown", WATCH)
    seconds = -(-facts.err_ms // 1000)
    late = facts.err_ms >= MINUTE_MS
    return Tile("clock", "drifting" if late else "holdover", WATCH if late else GOOD, {"seconds": seconds})


def _backlog(facts: Facts) -> Tile:
    values = {"count": facts.waiting, "minutes": facts.oldest_min}
    if facts.quarantined:
        return Tile("backlog", "quarantined", BAD, {"count": facts.quarantined})
    if not facts.waiting:
        return Tile("backlog", "none", GOOD)
    if facts.oldest_min >= BACKLOG_BAD_MIN:
        return Tile("backlog", "old", BAD, values)
    if facts.network == "online" and facts.oldest_min < BACKLOG_WATCH_MIN:
        return Tile("backlog", "moving", GOOD, values)
    return Tile("backlog", "waiting", WATCH, values)


def _heat(tenths_c: int | None) -> Tile:
    if tenths_c is None:
        return Tile("heat", "unknown", NONE)
    word, level = (
        ("hot", BAD) if tenths_c >= HOT_TENTHS_C else ("warm", WATCH) if tenths_c >= WARM_TENTHS_C else ("cool", GOOD)
    )
    return Tile("heat", word, level, {"degrees": tenths_c // 10})


def _list(name: str, age_min: int | None) -> Tile:
    if age_min is None:
        return Tile("list", "missing", BAD, {"list": name})
    word, level = (
        ("old", BAD) if age_min >= LIST_BAD_MIN else ("ageing", WATCH) if age_min >= LIST_WATCH_MIN else ("fresh", GOOD)
    )
    return Tile("list", word, level, {"list": name, "minutes": age_min})
