"""The desk's side of the I/O board: what lamp and buzzer say, what button and slip sensor do, what the cold box tells.

Runs on the desk's thread. It knows words only; the driver is made by the composition root.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from kiosk import cold_box
from kiosk.clock import Moment
from kiosk.desk import acts, board
from kiosk.desk.front import IDLE_S
from kiosk.desk.loop import MACHINE, Desk
from kiosk.errors import NotWritten
from kiosk.outcome import Outcome

log = logging.getLogger(__name__)
# lamp, half a blink in tenths of a second, sound, how long in tenths of a second (0: until told otherwise).
Signal = tuple[str, int, str, int]
DARK: Signal = ("off", 0, "none", 0)
ACCEPTED: Signal = ("green", 0, "accepted", 30)
ATTENTION: Signal = ("amber", 0, "attention", 30)
REFUSED: Signal = ("red", 0, "refused", 30)
# Ten seconds of noise tell a room; after that the lamp goes on blinking.
ALARM: Signal = ("red", 4, "alarm", 100)
STILL_ALARM: Signal = ("red", 4, "none", 0)
TROUBLE: Signal = ("amber", 0, "none", 0)
# Screens that say "this is done".
DONE = ("ticket", "dosed", "released")
TONES = {"warn": ATTENTION, "error": REFUSED}
# The slip is in the hand: its person needs the screen a few seconds more, not twenty.
AFTER_SLIP_S = 4
# What the button does, by screen: what the big button there does.
BUTTON = {"queue": "call_next", "ticket": "done"}


class IOBoardDesk:
    """One board at this desk. `show(signal)`: said to the driver; `button`: does the button act?"""

    def __init__(self, desk: Desk, *, show: Callable[[Signal], None], button: bool) -> None:
        """Takes its turns from the desk's ticks."""
        self._desk = desk
        self._show = show
        self._button = button
        self._seen: tuple[str, str] = (desk.front.screen, "")
        self._standing: Signal | None = None
        self._until = 0
        self._rang_at: int | None = None
        # Does a reaction call the site? Looked up when what is to be seen changed, not at every tick.
        self._called: tuple[int, bool] = (-1, False)
        desk.cold_box = cold_box.begin(desk.moment().mono)
        desk.on_tick.append(self.tick)

    def pressed(self) -> None:
        """The button: as the screen's main button, when it is staff's queue or a ticket to be put away."""
        front = self._desk.front
        name = BUTTON.get(front.screen)
        if self._button and name is not None:
            acts.act(self._desk, name, {}, front.token)

    def slip(self, present: bool) -> None:  # noqa: FBT001 - what the sensor sees
        """A ticket taken in hand: its screen falls back to the welcome sooner."""
        front = self._desk.front
        if not present and front.screen == "ticket" and front.staff is None:
            front.touched = min(front.touched, self._desk.clock.ticks() - (IDLE_S["ticket"] - AFTER_SLIP_S) * 1000)

    def measured(self, reading: cold_box.Measured) -> None:
        """The thermometer said something."""
        desk = self._desk
        if desk.cold_box is not None:
            desk.cold_box = cold_box.taken(desk.cold_box, reading, desk.moment().mono)

    def tick(self, moment: Moment) -> None:
        """Record the cold box when it is time; let lamp and buzzer follow the screen."""
        self._record(moment.mono)
        self._signal(moment.mono)

    def _record(self, now: int) -> None:
        desk, before = self._desk, self._desk.cold_box
        if before is None:
            return
        after, facts = cold_box.step(before, now)
        if facts:
            try:
                desk.write(Outcome(facts=facts), who=MACHINE)
            except NotWritten:
                log.exception("cold_box_not_written")  # the span goes on and is written once there is room
                return
        desk.cold_box = after
        if cold_box.shown(before, now) != cold_box.shown(after, now) or facts:
            desk.front.changed()

    def _signal(self, now: int) -> None:
        desk, front = self._desk, self._desk.front
        seen = (front.screen, front.notice.code if front.notice else "")
        fresh = None
        if seen != self._seen:
            if front.notice and seen[1] != self._seen[1]:
                fresh = TONES.get(front.notice.tone)
            if fresh is None and front.screen in DONE and front.screen != self._seen[0]:
                fresh = ACCEPTED
            self._seen = seen
        if self._called[0] != front.version:
            self._called = (front.version, any(not one["here"] for one in board.alarms(desk, desk.visits_today())))
        is_alarm = self._called[1] or (desk.cold_box is not None and cold_box.is_alarm(desk.cold_box, now))
        if is_alarm and self._rang_at is None:
            self._rang_at, fresh = now, ALARM
        elif not is_alarm:
            self._rang_at = None
        if fresh is not None:
            self._until, self._standing = now + fresh[3] * 100, None
            self._show(fresh)
        elif now >= self._until:
            troubled = desk.devices["printer"] not in ("ready", "busy")
            standing = STILL_ALARM if is_alarm else TROUBLE if troubled else DARK
            if standing != self._standing:
                self._standing = standing
                self._show(standing)
