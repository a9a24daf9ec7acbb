"""A thermal printer that speaks ESC/POS, through python-escpos: serial, USB or network.

Status is asked before and after each job, and the job's end is a question in the printer's own queue. An I/O error
drops the handle; the next call opens anew. Pictures only: no text ever reaches the printer's code pages.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from PIL import Image

from kiosk.hardware.escpos_line import EscposLine, LineLost
from kiosk.hardware.escpos_raster import CENTRE, LEFT, Step, steps, trimmed, weight
from kiosk.hardware.escpos_status import is_in_order, is_realtime, status_of
from kiosk.hardware.printer import Printer
from kiosk.hardware.printer_profile import Profile, profiles

logger = logging.getLogger(__name__)

# How much goes out between two looks at the printer: an end of paper is noticed before its buffer is full and stops
# reading. Asking costs three bytes each way.
_BYTES_PER_LOOK = 27_000
_ASB_OFF = b"\x1da\x00"
_IN_ORDER_QUESTION = b"\x1dr\x01"
_REALTIME_QUESTIONS = tuple(bytes((0x10, 0x04, n)) for n in (1, 2, 4))
# DLE DC4 fn 8: throw away what is left of a failed job, so that it does not run on under the next slip.
_CLEAR_BUFFERS = bytes((0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08))
_ESCPOS_SIDES = {LEFT: "left", CENTRE: "center"}
_ASK_AGAIN_S = 0.3
_SILENT_ANSWERS = 3


class EscposPrinter(Printer):
    """`kind` "serial" (`address` a path), "usb" ("04b8:0e28") or "network" ("host:port").

    `width_dots`: 576 for 80 mm paper, 384 for 58 mm. `profile`: what this make can do;
    None for an Epson TM-T20. `capabilities_dir`: a folder that only the kiosk may write, where
    python-escpos keeps its parsed tables (an import of 0.4 s becomes 0.14 s); None for its own choice. `answer_s`: how
    long a status answer may take; `write_s`: one band; `job_s`: the whole slip.
    `usb_backend`: the bus as pyusb takes it; None for this machine's own.
    """

    def __init__(
        self,
        *,
        kind: str,
        address: str,
        width_dots: int = 576,
        baud: int = 115_200,
        profile: Profile | None = None,
        capabilities_dir: str | None = None,
        answer_s: float = 0.7,
        write_s: float = 10.0,
        job_s: float = 90.0,
        seconds: Callable[[], float] = time.monotonic,
        usb_backend: Any = None,
    ) -> None:
        self.width_dots = width_dots
        self._profile = profile or profiles()["epson-tm-t20"]
        self._line = EscposLine(
            kind=kind,
            address=address,
            baud=baud,
            width_dots=width_dots,
            write_s=write_s,
            capabilities_dir=capabilities_dir,
            usb_backend=usb_backend,
        )
        self._answer_s = answer_s
        self._job_s = job_s
        self._seconds = seconds
        self._job_ended = False

    def status(self) -> str:
        """Ask the printer; see `Printer.status`."""
        try:
            self._line.open()
            status = self._ask()
        except LineLost as error:
            logger.debug("printer line: %s", error)
            status = "disconnected"
        if status == "disconnected":
            self._line.drop()
        return status

    def print_picture(self, image: Image.Image, *, cut: bool = True) -> str:
        """Print; see `Printer.print_picture`."""
        if image.mode != "1" or image.width > self.width_dots or image.width % 8:
            raise ValueError(
                f"picture {image.mode} {image.width} dots wide; 1-bit, at most {self.width_dots}, in eights"
            )
        before = self.status()
        if before != "ready":
            return before
        try:
            stopped_by = self._send(self._steps(image), cut=cut)
        except LineLost as error:
            logger.warning("printer lost during a job: %s", error)
            self._line.drop()
            after = self._clear()
            if not self._profile.clears:
                return "unknown"
            return after if after in ("no_paper", "cover_open") else "disconnected"
        result = stopped_by or self._wait_for_end()
        return "printed" if result == "ready" else result

    def close(self) -> None:
        """Let go of the printer."""
        self._line.drop()

    def _send(self, job: list[Step], *, cut: bool) -> str | None:
        """Send the job; return the trouble that stopped it half-way, or None when all of it went out."""
        self._job_ended = False
        self._line.initialise(_ASB_OFF)
        align, unseen = LEFT, 0
        for step in job:
            unseen += weight([step])
            if unseen >= _BYTES_PER_LOOK:
                unseen = 0
                if (trouble := self._ask()) in ("no_paper", "cover_open"):
                    return self._stop(trouble)
            if step.image is None:
                self._line.feed(step.feed)
                continue
            if step.align != align:
                align = step.align
                self._line.align(_ESCPOS_SIDES[align])
            self._line.picture(step.image, scale=step.scale)
        self._line.end(knife=self._profile.knife if cut else "none", feed_lines=self._profile.feed_lines)
        self._line.write(_IN_ORDER_QUESTION)
        return None

    def _steps(self, image: Image.Image) -> list[Step]:
        return steps(trimmed(image), centres=self._profile.centres, doubles=self._profile.doubles)

    def _stop(self, trouble: str) -> str:
        """Throw away the rest of the job; a printer that cannot may go on with it after the refill: nobody knows."""
        if not self._profile.clears:
            return "unknown"
        self._line.write(_CLEAR_BUFFERS)
        return trouble

    def _wait_for_end(self) -> str:
        """Return "ready" only when the printer answered the question behind the job, and then three more."""
        until, silent = self._seconds() + self._job_s, 0
        try:
            while self._seconds() < until:
                if self._job_ended:
                    status = self._ask()
                    return "unknown" if status == "disconnected" else status
                status = self._ask()
                if status in ("no_paper", "cover_open"):
                    return self._stop(status)
                silent = silent + 1 if status != "ready" else 0
                if silent >= _SILENT_ANSWERS:
                    break
                if not self._job_ended:
                    self._pause()
        except LineLost as error:
            logger.warning("printer lost behind a job: %s", error)
            self._line.drop()
            return "disconnected"
        # The bytes are out and nobody answers: it may have printed, or swallowed all (python-escpos issue 253).
        self._clear()
        self._line.drop()
        return "unknown"

    def _clear(self) -> str:
        """Throw away what is left of a failed job, if the printer can be reached; return its status."""
        status = self.status()
        if status != "disconnected" and self._profile.clears:
            try:
                self._line.write(_CLEAR_BUFFERS)
                # One more answer: the command has arrived. Closing a serial line throws away what has not gone out.
                self._ask()
            except LineLost:
                self._line.drop()
        return status

    def _ask(self) -> str:
        """Ask the three real-time questions. No answer at all: "disconnected"."""
        answers: list[int] = []
        for question in _REALTIME_QUESTIONS:
            self._line.write(question)
            got = self._answer()
            if len(got) != 1:
                # silence, or more bytes than a printer says: drain the rest, so that the next question starts clean
                extra = self._line.read(0.05)
                return "disconnected" if not (got or answers or extra) else "unknown"
            answers += got
        return status_of(answers[0], answers[1], answers[2])

    def _answer(self) -> list[int]:
        """Wait for real-time answers; note the in-order one when it comes along."""
        until = self._seconds() + self._answer_s
        answers: list[int] = []
        while not answers and (left := until - self._seconds()) > 0:
            for answer in self._line.read(left):
                if is_realtime(answer):
                    answers.append(answer)
                elif is_in_order(answer):
                    self._job_ended = True
                else:
                    return [answer]  # nonsense: status_of will say so
        return answers

    def _pause(self) -> None:
        for answer in self._line.read(_ASK_AGAIN_S):
            if is_in_order(answer):
                self._job_ended = True
