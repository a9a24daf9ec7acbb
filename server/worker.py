"""Sends queued messages through a provider and records every attempt; sees that late doses reopen complaints.

Rules:
1. The attempt is a `message.sent` record. A crash between sending and recording sends again, under the same id.
2. So a provider must take the same message id twice and deliver once; `FileProvider` shows how.
   Of several workers one sends a message; the others see by its name that it is being sent.
3. A failed attempt is tried again after a growing wait, ATTEMPTS times in all.
4. What is said to whom is decided elsewhere: by officers, by `complaints.reopening`, by `aefi.due`, by `audit_head.due`.
5. At night only what is urgent is sent (`quiet_hours`); the rest waits for the morning, unattempted.
"""

import fcntl
import json
import logging
import os
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from sqlalchemy import Connection

from protocol.clocktext import day_of, day_shown, time_of
from server import aefi, audit_head, contacts, messages, one_time, quiet_hours, reference, units
from server.clock import Clock
from server.complaints import queries, reopening
from server.complaints.deadlines import Deadlines
from server.complaints.filing import Say
from server.config import ConfigError
from server.db import try_name
from server.ledger.ledger import Ledger

logger = logging.getLogger(__name__)

WHO = "worker"
BATCH = 50
# Messages that wait for their next attempt must not hide new ones behind them.
LOOKED_AT = 1000
ATTEMPTS = 5
RETRY_FIRST_MS = 60_000


@dataclass(frozen=True)
class Sent:
    """What a provider says: `result` sent or failed; `detail`: its own number or reason, without name or phone."""

    result: str
    detail: str = ""


class Provider(Protocol):
    """Who carries messages to phones. `name` goes on the record."""

    name: str

    def send(self, message: str, to: str, text: str) -> Sent:
        """Deliver `text` to phone `to` under id `message`; the same id again delivers nothing new."""


class FileProvider:
    """Appends one JSON line per message to a file: for sites without a gateway, for the demo, for tests."""

    name = "file"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: set[str] = set()
        self._read_to = 0

    def send(self, message: str, to: str, text: str) -> Sent:
        """Append and force to the disk, unless a line with this id stands already. A full disk is a failed attempt."""
        line = json.dumps({"message": message, "to": to, "text": text}, ensure_ascii=False)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
                # The workers of one machine share the file.
                fcntl.flock(file, fcntl.LOCK_EX)
                self._read_on(file)
                if message in self._known:
                    return Sent("sent", "already there")
                self._append(file, line)
        except OSError as error:
            return Sent("failed", error.strerror or type(error).__name__)
        return Sent("sent")

    def _read_on(self, file: BinaryIO) -> None:
        if file.seek(0, os.SEEK_END) < self._read_to:
            # Somebody has put the file away.
            self._known, self._read_to = set(), 0
        file.seek(self._read_to)
        held = file.read()
        # The end of a line that a crash cut short is looked at again.
        self._read_to += held.rfind(b"\n") + 1
        self._known |= {each["message"] for each in _lines(held)}

    def _append(self, file: BinaryIO, line: str) -> None:
        # A line cut short by a crash must not swallow ours.
        end = file.seek(0, os.SEEK_END)
        torn = end > 0 and os.pread(file.fileno(), 1, end - 1) != b"\n"
        file.write((b"\n" if torn else b"") + line.encode("utf-8") + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_outbox(path: Path) -> list[dict[str, str]]:
    """The lines of provider `file`'s outbox, oldest first; a line cut short by a crash is left out."""
    return _lines(path.read_bytes()) if path.exists() else []


def _lines(held: bytes) -> list[dict[str, str]]:
    found = []
    for line in filter(None, held.decode("utf-8", errors="replace").split("\n")):
        try:
            found.append(json.loads(line))
        except ValueError:
            logger.warning("outbox_line_torn bytes=%d", len(line))
    return found


def make_provider(name: str, *, outbox: Path) -> Provider:
    """The provider of that name. Raises `ConfigError` for an unknown one."""
    makers: dict[str, Callable[[], Provider]] = {"file": lambda: FileProvider(outbox)}
    if name not in makers:
        raise ConfigError(f"no such provider: {name!r}; there is {', '.join(sorted(makers))}")
    return makers[name]()


class Worker:
    """Sends what is queued."""

    def __init__(
        self, *, ledger: Ledger, provider: Provider, clock: Clock, portal: str, deadlines: Deadlines, say: Say,
        unseen_min: Sequence[int] = (), stale_h: int = 24, quiet: Sequence[Mapping[str, Any]] = (),
    ) -> None:  # fmt: skip
        """`portal`: its address, for messages; `deadlines`: of complaints; `say`: composes the text of a message.

        `unseen_min`, `stale_h`: after how long a severe reaction is told to the next unit, and to nobody any more.
        `quiet`: the periods of `quiet_hours`.
        """
        self._quiet = quiet
        self._unseen_min = unseen_min
        self._stale_ms = stale_h * aefi.HOUR_MS
        self._portal = portal.rstrip("/")
        self._deadlines = deadlines
        self._say = say
        self._ledger = ledger
        self._provider = provider
        self._clock = clock
        self._ending = threading.Event()

    def end(self) -> None:
        """No more messages than the one under way: a slow provider must not hold a machine that is to stop."""
        self._ending.set()

    def step(self) -> int:
        """Try every message that is due now; returns how many attempts were recorded. Raises `DBAPIError`."""
        now = self._clock.wall_ms()
        self.reopen(now)
        self.call(now)
        self.tell_head(now)
        with self._ledger.db.read() as conn:
            only = quiet_hours.only(self._quiet, now)
            waiting = messages.waiting(conn, attempts=ATTEMPTS, limit=LOOKED_AT, only=only)
        due = [row for row in waiting if _is_due(row, now)][:BATCH]
        attempts = 0
        for row in due:
            if self._ending.is_set():
                break
            attempts += self._attempt(row, now)
        self._ledger.db.transact(lambda conn: one_time.deliver(conn, send=self._send_code, now=now))
        return attempts

    def reopen(self, now: int) -> int:
        """Reopen the rejected complaints on which a dose bears that came to light since; returns how many."""
        with self._ledger.db.read() as conn:
            found = queries.to_reopen(conn)
        return sum(self._ledger.transact(partial(self._reopen, bearing=row, now=now)) for row in found)

    def _reopen(self, conn: Connection, *, bearing: dict[str, Any], now: int) -> int:
        # Under the desk's lock: another worker, or an officer, may have been first.
        complaint = queries.get(conn, bearing["complaint"])
        if complaint is None:
            return 0
        facts = reopening.reopen(
            complaint, bearing, message=f"m-{secrets.token_hex(8)}", deadlines=self._deadlines, now=now, say=self._say,
            url=f"{self._portal}/complaints/{bearing['complaint']}",
        )  # fmt: skip
        if not facts:
            return 0
        self._ledger.append_all(conn, facts, who=WHO, by="machine", now=now)
        logger.info("complaint_reopened complaint=%s", bearing["complaint"])
        return 1

    def call(self, now: int) -> int:
        """Write the messages that severe reactions are due by now, each once; returns how many."""
        with self._ledger.db.read() as conn:
            rows = aefi.calling(conn, since=now - self._stale_ms)
            missing = [
                (row, level)
                for row in rows
                for level in aefi.due(row, unseen_min=self._unseen_min, now=now)
                if messages.by_id(conn, aefi.message_of(row["aefi"], level)) is None
            ]
        return sum(self._ledger.transact(partial(self._call, row=row, level=level, now=now)) for row, level in missing)

    def _call(self, conn: Connection, *, row: dict[str, Any], level: int, now: int) -> int:
        message = aefi.message_of(row["aefi"], level)
        site = reference.site_row(conn, row["site"])
        day = day_of(now)
        unit = units.find(conn, site["unit"], day=day) if site else None
        over = [unit.code, *(each.code for each in units.above(conn, unit, day=day))] if unit else []
        phones = contacts.along(conn, over, "aefi")
        # Another worker may have told of it meanwhile; without anybody to call the console's alarm is all there is.
        if site is None or not phones or messages.by_id(conn, message) is not None:
            return 0
        at = row["reported_at"]
        values = {
            "hhmm": time_of(at), "dmy": day_shown(day_of(at)), "site": site["name"], "hotline": site["hotline"],
        }  # fmt: skip
        template = "aefi_unseen" if level else "aefi_alarm"
        body = {"message": message, "to": phones[min(level, len(phones) - 1)], "template": template}
        self._ledger.append(
            conn, "message.queued", {**body, "text": self._say(template, values)}, who=WHO, by="machine", now=now
        )
        logger.info("aefi_told aefi=%s level=%d", row["aefi"], level)
        return 1

    def tell_head(self, now: int) -> int:
        """Write the day's messages with the head of the audit, each once; returns how many."""
        with self._ledger.db.read() as conn:
            if not audit_head.due(conn, now=now, say=self._say):
                return 0

        def write(conn: Connection) -> int:
            owed = audit_head.due(conn, now=now, say=self._say)  # another worker may have written them meanwhile
            self._ledger.append_all(conn, [("message.queued", body) for body in owed], who=WHO, by="machine", now=now)
            return len(owed)

        return self._ledger.transact(write)

    def _attempt(self, row: dict[str, Any], now: int) -> int:
        with self._ledger.db.read() as held:
            # Held while we send and record: another worker skips it, and one that comes after us sees what we did.
            if not try_name(held, f"send:{row['message']}"):
                return 0
            fresh = messages.by_id(held, row["message"])
            if fresh is None or fresh["state"] == messages.SENT or fresh["attempts"] != row["attempts"]:
                return 0
            said = self._provider.send(row["message"], row["to"], row["text"])
            return self._record(row["message"], said, now)

    def _record(self, message: str, said: Sent, now: int) -> int:
        body = {"message": message, "provider": self._provider.name, "result": said.result, "detail": said.detail[:200]}

        def work(conn: Connection) -> int:
            # Another worker may have told of it meanwhile.
            row = messages.by_id(conn, message)
            if row is None or row["state"] == messages.SENT:
                return 0
            self._ledger.append(conn, "message.sent", body, who=WHO, by="machine", now=now)
            return 1

        recorded = self._ledger.transact(work)
        logger.info("message_attempted message=%s result=%s", message, said.result)
        return recorded

    def _send_code(self, to: str, text: str) -> None:
        # A one-time code is no fact: nothing is recorded, and a code that could not be sent is asked for again.
        self._provider.send(f"code-{os.urandom(8).hex()}", to, text)


def _is_due(row: dict[str, Any], now: int) -> bool:
    attempts = int(row["attempts"])
    if not attempts:
        return True
    wait: int = RETRY_FIRST_MS << (attempts - 1)
    return bool(row["tried_at"] + wait <= now)
