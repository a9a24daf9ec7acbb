"""What the wire brings, each as work for the desk's own thread. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.config import APP
from kiosk.desk import anew, calling, commands
from kiosk.desk.loop import Desk


def told(desk: Desk, inc: str, committed: int, statuses: list[tuple[int, str, str]]) -> Callable[[], None]:
    """What an acknowledgement says."""
    # Not what an acknowledgement said of the log before: the desk may have begun anew meanwhile.
    return lambda: desk.safe(committed, statuses) if desk.log.inc == inc else None


def begin_anew(desk: Desk, forked: str, inc: str, why: str) -> Callable[[], None]:
    """The log is forked: another is begun."""
    return lambda: anew.begin(desk, forked=forked, inc=inc, why=why, app=APP)


def held(desk: Desk, inc: str, whole: bool) -> Callable[[], None]:  # noqa: FBT001 - a fact, not a mode
    """What an old log still owes."""
    return lambda: anew.held(desk, inc=inc, whole=whole)


def claimed(desk: Desk, payload: bytes) -> Callable[[], None]:
    """A word about claims."""
    return lambda: calling.receive(desk, payload)


def commanded(desk: Desk, command: dict[str, Any]) -> Callable[[], None]:
    """The centre tells this kiosk to do something."""
    return lambda: commands.receive(desk, command)


def listed(desk: Desk, rows: list[dict[str, Any]]) -> Callable[[], None]:
    """Reference lists that make a whole."""
    return lambda: desk.lists_arrived(rows)
