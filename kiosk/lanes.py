"""Whose lanes a kiosk leads: its own, and those of dead kiosks in whose place the site's lead has put it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from protocol.envelope import Record

KIND = "lane.taken"
# How `led` names the kiosk itself, as a visit's absent `home` does.
OWN = ""


def led(told: Iterable[Record], *, k: str, day: str) -> frozenset[str]:
    """The kiosks whose lanes kiosk `k` leads on `day`, itself as `OWN`.

    `told`: `lane.taken` records of anybody at the site. The last by hybrid time counts, so every kiosk that holds the same
    records says the same, and one that comes back from the dead learns that its lane is another's.
    """
    last: dict[str, tuple[tuple[int, int, str], str]] = {}
    for record in told:
        if record.session == day:
            ms, count = record.t["hlc"]
            order = (int(ms), int(count), record.k)
            of = str(record.body["of"])
            last[of] = max(last.get(of, (order, record.k)), (order, record.k))
    mine = {of for of, (_order, holder) in last.items() if holder == k}
    elsewhere = k in last and k not in mine
    return frozenset(mine - {k}) | (frozenset() if elsewhere else frozenset({OWN}))
