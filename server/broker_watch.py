"""Follows the log of the broker on this machine and counts whom it turned away, for the page of kiosks.

Theory of operation: reads on from where it stood, once a second; a file that has become shorter or another is read from
its beginning. One process of several follows (it holds a lock on the file). What was read is cut off: with `debug` in it a
log would grow without end, and the broker's own end of the file stands in append mode. Reads no message's content.
"""

import fcntl
import logging
import os
from pathlib import Path

from server import boxes
from server.broker_words import BrokerWords
from server.clock import Clock
from server.db import Database

logger = logging.getLogger(__name__)
BLOCK = 1 << 20
# Beyond this much that was read already the file is emptied.
MOST_BYTES = 8 << 20
# An attacker's tries are counted, and of one look only so many kinds are written down.
MOST_KINDS = 200


class BrokerWatch:
    """One log file. `path` need not exist yet."""

    def __init__(self, *, db: Database, clock: Clock, path: Path) -> None:
        self._db = db
        self._clock = clock
        self._path = path
        self._words = BrokerWords()
        self._file = -1
        self._at = 0
        self._rest = b""

    def step(self) -> int:
        """Read what is new; how many refusals it told of, or were left to read. Raises `DBAPIError`."""
        if not self._opened():
            return 0
        block = os.pread(self._file, BLOCK, self._at)
        lines = (self._rest + block).split(b"\n")
        found = self._words.read([line[:2000].decode("utf-8", "replace") for line in lines[:-1]])
        now = self._clock.wall_ms()
        if found:
            with self._db.write() as conn:
                for one, n in found.most_common(MOST_KINDS):
                    boxes.turn_away(conn, who=one.who, what=one.what, site=one.site, about=one.about, now=now, n=n)
            logger.warning("broker_refused kinds=%d times=%d", len(found), found.total())
        # Only now: what could not be written is read again.
        self._at += len(block)
        self._rest = lines[-1][-2000:]
        if self._at > MOST_BYTES and len(block) < BLOCK:
            # A line written between the last look and this one is lost: a count, no fact.
            os.ftruncate(self._file, 0)
            self._at, self._rest = 0, b""
        return len(block) == BLOCK

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _opened(self) -> bool:
        try:
            there = self._path.stat()
        except OSError:
            return False
        if self._file >= 0:
            held = os.fstat(self._file)
            if (held.st_dev, held.st_ino) == (there.st_dev, there.st_ino):
                if held.st_size < self._at:
                    self._at, self._rest = 0, b""
                return True
            self.close()
        try:
            made = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            logger.warning("broker_log_unreadable")
            return False
        try:
            fcntl.flock(made, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            # Another process of this machine follows it.
            os.close(made)
            return False
        self._file, self._at, self._rest = made, 0, b""
        return True
