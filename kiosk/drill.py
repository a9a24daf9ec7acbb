"""A kiosk's drill before the doors open: print a slip, read it back, cut the network, send. Pure; asks nobody, touches no device.

Theory of operation: `TRANSITIONS` is the whole machine. What a step proved stands in `done`, by the words of
`protocol.site_day`; a step that cannot be proved is skipped by a person or given up after a while, never waited for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from protocol.site_day import DRILL_STEPS

IDLE, PRINTING, READING, CUTTING, SENDING, OVER = "idle", "printing", "reading", "cutting", "sending", "over"
START, PRINTED, READ, SKIP, WRITTEN, SENT = "start", "printed", "read", "skip", "written", "sent"
TRANSITIONS = {
    IDLE: {START: PRINTING},
    PRINTING: {START: PRINTING, PRINTED: READING, SKIP: READING},
    READING: {START: PRINTING, READ: CUTTING, SKIP: CUTTING},
    CUTTING: {WRITTEN: SENDING},
    SENDING: {SENT: OVER},
    OVER: {START: PRINTING},
}
# What the test slip's code begins with; then a word of this one drill.
PREFIX = "TRAM-DRILL:"
READERS = ("camera", "reader")
# The wire is kept down so long after the record was written: long enough to be seen on the screen.
DOWN_MS = 3_000
# How long the wire may take to go down, and the centre to answer once it is back.
CUT_LIMIT_MS = 10_000
SEND_LIMIT_MS = 30_000


@dataclass(frozen=True)
class Drill:
    """Where a drill stands. `fitted`: of printer, camera, reader; `done`: step to state; `until`, `down_until`: ticks, ms."""

    fitted: tuple[str, ...] = ()
    stage: str = IDLE
    token: str = ""
    done: dict[str, str] = field(default_factory=dict)
    until: int = 0
    down_until: int = 0
    # The number of the record that was written while the network was cut.
    seq: int = 0

    @property
    def code(self) -> str:
        """What stands on its slip."""
        return PREFIX + self.token

    @property
    def steps(self) -> tuple[str, ...]:
        """What this kiosk has to prove, in order."""
        return tuple(step for step in DRILL_STEPS if step in self.fitted or step in ("offline", "sync"))

    @property
    def is_passed(self) -> bool:
        """Was every step proved?"""
        return self.stage == OVER and all(self.done.get(step) in ("ok", "beside") for step in self.steps)

    def is_cut(self, now: int) -> bool:
        """Is the wire to be kept down at `now`? Asked by the wire's own thread."""
        return self.stage == CUTTING or (self.stage == SENDING and now < self.down_until)


def start(drill: Drill, *, fitted: tuple[str, ...], token: str, now: int) -> Drill:
    """Begin, or begin anew; the same drill while one is on its way that cannot be taken back."""
    if START not in TRANSITIONS[drill.stage]:
        return drill
    fresh = Drill(fitted=fitted, stage=_next(drill, START), token=token)
    return fresh if "printer" in fitted else _go_on(fresh, SKIP, now)


def printed(drill: Drill, result: str, now: int) -> Drill:
    """What became of the slip. A failed one leaves the stage: paper in, and start again."""
    if drill.stage != PRINTING:
        return drill
    if result != "printed":
        return replace(drill, done={**drill.done, "printer": "failed"})
    return _go_on(_with(drill, "printer", "ok"), PRINTED, now)


def read(drill: Drill, text: str, source: str, now: int) -> Drill:
    """A code was read by `camera` or `reader`. The slip may be read before the printer has said that it is out."""
    if drill.stage not in (PRINTING, READING) or text != drill.code or source not in READERS:
        return drill
    seen = _with(drill, source, "ok")
    return _go_on(seen, READ, now) if seen.stage == READING and _all_read(seen) else seen


def skip(drill: Drill, now: int) -> Drill:
    """Somebody goes on without the step that is due."""
    if SKIP not in TRANSITIONS[drill.stage]:
        return drill
    due = ("printer",) if drill.stage == PRINTING else READERS
    left = {step: drill.done.get(step, "skipped") for step in due if step in drill.fitted}
    return _go_on(replace(drill, done={**drill.done, **left}), SKIP, now)


def written(drill: Drill, seq: int, now: int, *, away: bool) -> Drill:
    """The drill's record stands on the disk; `away`: while nobody could be reached."""
    kept = _with(drill, "offline", "ok" if away else "failed")
    return replace(kept, stage=_next(drill, WRITTEN), seq=seq, down_until=now + DOWN_MS, until=now + SEND_LIMIT_MS)


def sent(drill: Drill, *, committed: int, beside: int, now: int) -> Drill:
    """How far the record has come: up to `committed` at the centre, up to `beside` on another box of the site too."""
    if drill.stage != SENDING or (committed < drill.seq and now < drill.until):
        return drill
    state = "ok" if committed >= drill.seq else "beside" if beside >= drill.seq else "failed"
    return replace(_with(drill, "sync", state), stage=_next(drill, SENT))


def _go_on(drill: Drill, event: str, now: int) -> Drill:
    moved = replace(drill, stage=_next(drill, event), until=now + CUT_LIMIT_MS)
    if moved.stage == READING and _all_read(moved):
        return replace(moved, stage=_next(moved, READ))
    return moved


def _all_read(drill: Drill) -> bool:
    """Has every reader that is fitted read it? Without a slip there is nothing to read."""
    if drill.done.get("printer") != "ok":
        return not any(step in drill.fitted for step in READERS)
    return all(drill.done.get(step) == "ok" for step in READERS if step in drill.fitted)


def _with(drill: Drill, step: str, state: str) -> Drill:
    return replace(drill, done={**drill.done, step: state})


def _next(drill: Drill, event: str) -> str:
    return TRANSITIONS[drill.stage][event]
