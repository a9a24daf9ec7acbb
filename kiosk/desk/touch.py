"""The desk as the touchscreen and the devices see it: snapshot, act, scan. Hands everything to the desk's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.day_list import DayList
from kiosk.desk import acts, day_list, prints, scans, status, views, wall
from kiosk.desk.loop import Desk
from kiosk.status import Machine

# A touch is answered within 200 ms (I14), whoever is asked.
ANSWER_S = 0.12
Taken = tuple[dict[str, Any], prints.Words]


class Touch:
    """What pages and device threads may do with a desk."""

    def __init__(self, desk: Desk) -> None:
        """`desk`: started by the composition root."""
        self._desk = desk
        self._wall: dict[str, Any] | None = None
        # Marked as being sent by a desk that answered too late.
        self._taken: list[Taken] = []

    @property
    def version(self) -> int:
        """Rises with every change of what is to be seen; safe to read from any thread."""
        return self._desk.version

    def view(self) -> dict[str, Any]:
        """A snapshot of what to show (`kiosk/README.md` lists its members)."""
        return self._desk.call(lambda: views.shown(self._desk))

    def status(self) -> dict[str, Any]:
        """How this machine is: `tiles` and `worst`."""
        return self._desk.call(lambda: status.shown(self._desk, self._desk.moment()))

    def machine(self, reading: Machine) -> None:
        """The computer says how it is now."""
        self._desk.post(lambda: status.read(self._desk, reading))

    def lend_camera(self, photograph: Callable[[], bytes]) -> None:
        """How the desk photographs a paper: `photograph` gives a JPEG, nothing without a picture."""
        self._desk.photograph = photograph

    @property
    def camera_rests(self) -> bool:
        """Is the camera to be switched off to save power (fault F24)? Safe to ask from any thread."""
        desk = self._desk
        return desk.devices.get("reader") == "ready" and desk.condition.is_weak(desk.clock.ticks())

    def wall(self) -> dict[str, Any]:
        """What the wall display shows; asked of the desk once for each version, however many screens look."""
        shown = self._wall
        if shown is None or shown["version"] != self._desk.version:
            shown = self._wall = self._desk.call(lambda: wall.shown(self._desk))
        return shown

    def act(self, name: str, fields: dict[str, Any], token: str) -> bool:
        """Do one act of the current screen; returns when it is durable. False: stale or not offered, nothing done."""
        done = self._desk.call(lambda: acts.act(self._desk, name, fields, token))
        # The site's queue keeper answers in some tens of milliseconds: then the page that follows shows the person at once.
        self._desk.claims.settled.wait(ANSWER_S)
        return done

    def scan(self, data: bytes, source: str = "reader") -> None:
        """A code was read by `camera` or `reader`."""
        self._desk.post(lambda: scans.scan(self._desk, data, source))

    def device(self, name: str, status: str) -> None:
        """`printer`, `camera` or `reader` has this status now."""
        self._desk.post(lambda: self._desk.device(name, status))

    def post(self, work: Callable[[], None]) -> None:
        """Something a device said: done on the desk's thread, nobody waits."""
        self._desk.post(work)

    def day_list(self) -> DayList:
        """The paper list of the day as it is now."""
        return self._desk.call(lambda: day_list.now(self._desk))

    def day_list_written(self, state: str) -> None:
        """What became of its file (`draft.Draft.list_file`)."""
        self._desk.post(lambda: day_list.written(self._desk, state))

    def take_print(self) -> Taken | None:
        """The next slip to print, durably marked as being sent.

        `DeskBusy` when the card holds the desk up; what was marked meanwhile is given to whoever asks next.
        """

        def take() -> None:
            if not self._taken and (taken := prints.take(self._desk)) is not None:
                self._taken.append(taken)

        self._desk.call(take)
        return self._taken.pop() if self._taken else None

    def print_done(self, job: dict[str, Any], result: str) -> None:
        """What became of it (`records.PRINT_RESULTS`). Nobody waits: however long the desk is held up, it is told."""
        self._desk.post(lambda: prints.done(self._desk, job, result))
