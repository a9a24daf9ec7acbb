"""Writes the paper list of the day onto a USB stick every few minutes: whole files only, the oldest go. Contains no business logic.

A folder under which no stick is mounted is left alone: names of people never land on the memory card by mistake.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

from kiosk.folders import write_whole

log = logging.getLogger(__name__)
# Lists kept on the stick: with a new one every five minutes the last half an hour.
KEPT = 6
PREFIX = "tram-list-"


class DayListFile:
    """One folder. `take` gives `(name, bytes)` of the present list; `tell` gets `written`, `no_stick` or `failed`."""

    def __init__(
        self,
        *,
        folder: Path,
        every_ms: int,
        now_ms: Callable[[], int],
        take: Callable[[], tuple[str, bytes]],
        tell: Callable[[str], None],
        mounted: Callable[[Path], bool] = os.path.ismount,
    ) -> None:
        """`mounted`: is a stick there?"""
        self._folder, self._every_ms, self._now_ms = folder, every_ms, now_ms
        self._take, self._tell, self._mounted = take, tell, mounted
        self._due = 0
        self._said = ""

    def step(self) -> None:
        """Write when it is due, or when a stick has come since."""
        there = self._mounted(self._folder)
        if not there:
            self._once("no_stick")
            self._due = 0
            return
        if self._now_ms() < self._due:
            return
        self._due = self._now_ms() + self._every_ms
        try:
            name, data = self._take()
            self._write(name, data)
        except OSError:
            log.exception("day_list_not_written")
            self._once("failed")
            return
        self._said = "written"
        self._tell("written")

    def _once(self, state: str) -> None:
        if state != self._said:
            self._said = state
            self._tell(state)

    def _write(self, name: str, data: bytes) -> None:
        """The file appears whole or not at all, also when the stick is pulled; then the oldest go."""
        write_whole(self._folder / f"{PREFIX}{name}.pdf", data, draft=f".{PREFIX}half")
        for old in sorted(self._folder.glob(f"{PREFIX}*.pdf"))[:-KEPT]:
            old.unlink()
