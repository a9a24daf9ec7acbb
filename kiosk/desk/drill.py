"""The desk's side of the drill: hands out its slip, takes what was read, writes its record while the network is cut.

Which step follows is decided in `kiosk.drill`.
"""

from __future__ import annotations

import logging
from typing import Any

from kiosk import drill
from kiosk.desk.loop import Desk
from kiosk.errors import NotWritten
from kiosk.outcome import Fact, Outcome
from kiosk.sheet_picture import SheetWords
from protocol.clocktext import day_of, day_shown, time_of
from protocol.site_day import name_of

log = logging.getLogger(__name__)
Form = dict[str, Any]
WHAT = "drill"
DEVICES = ("printer", "camera", "reader")


def start(desk: Desk, _form: Form) -> Outcome:
    """Begin it, or begin anew: the slip is printed."""
    fitted = tuple(name for name in DEVICES if name in desk.condition.fitted)
    moment, offset = desk.moment(), desk.lists.offset_min
    begun = drill.start(desk.draft.drill, fitted=fitted, token=desk.mint(8), now=desk.clock.ticks())
    if begun == desk.draft.drill:
        return Outcome(screen="opening_drill")
    _take(desk, begun)
    if begun.stage == drill.PRINTING:
        words = SheetWords(
            site_name=desk.lists.site["name"],
            title=("Phiếu thử máy", "Test slip"),
            when=f"{time_of(moment.wall, offset)} · {day_shown(day_of(moment.wall, offset))}",
            lines=(
                ("Đưa phiếu này trước máy ảnh và đầu đọc mã.", "Hold this slip before the camera and the scanner."),
            ),
            qr_text=begun.code,
            demo=desk.demo,
        )
        desk.draft.sheets.append((WHAT, words))
    return Outcome(screen="opening_drill")


def skip(desk: Desk, _form: Form) -> Outcome:
    """Go on without the step that is due."""
    _take(desk, drill.skip(desk.draft.drill, desk.clock.ticks()))
    return Outcome(screen="opening_drill")


def printed(desk: Desk, result: str) -> None:
    """What became of the slip."""
    _take(desk, drill.printed(desk.draft.drill, result, desk.clock.ticks()))


def seen(desk: Desk, text: str, source: str) -> None:
    """A drill's slip was read by the camera or the hand scanner."""
    _take(desk, drill.read(desk.draft.drill, text, source, desk.clock.ticks()))


def tick(desk: Desk) -> None:
    """A round: the network is cut and the record written, or the centre has it."""
    one, now = desk.draft.drill, desk.clock.ticks()
    if one.stage == drill.CUTTING and (not desk.online or now > one.until):
        _write(desk, one, now)
    elif one.stage == drill.SENDING:
        _take(desk, drill.sent(one, committed=desk.committed, beside=desk.beside, now=now))


def shown(desk: Desk) -> dict[str, Any]:
    """`stage`; `steps`: each with `name` and `state` (`ok`, `beside`, `failed`, `skipped`, `now`, `waiting`); `passed`."""
    one = desk.draft.drill
    due = {
        drill.PRINTING: ("printer",),
        drill.READING: drill.READERS,
        drill.CUTTING: ("offline",),
        drill.SENDING: ("sync",),
    }
    running = due.get(one.stage, ())
    steps = one.steps if one.stage != drill.IDLE else drill.Drill(fitted=DEVICES).steps
    return {
        "stage": one.stage,
        "steps": [
            {"name": step, "state": one.done.get(step) or ("now" if step in running else "waiting")} for step in steps
        ],
        "passed": one.is_passed,
        "code": one.token,
    }


def _write(desk: Desk, one: drill.Drill, now: int) -> None:
    body = {"site_day": name_of(desk.log.site, desk.today()), "drill": dict(one.done)}
    away = not desk.online
    try:
        desk.write(Outcome(facts=(Fact("site.drilled", body),)), who=desk.who())
    except NotWritten:
        # What is to be proved is not so: nothing is durable now.
        log.exception("drill_not_written")
        away = False
    _take(desk, drill.written(one, desk.log.seq, now, away=away))


def _take(desk: Desk, one: drill.Drill) -> None:
    if one != desk.draft.drill:
        if one.stage != desk.draft.drill.stage:
            log.info("drill_moved stage=%s", one.stage)
        desk.draft.drill = one
        # Whoever stands before it has both hands full: the screen is not idle.
        desk.front.touched = desk.clock.ticks()
        desk.front.fresh()
