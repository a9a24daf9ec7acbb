"""What the worker does with imports: reads the next rows of a file, writes the next rows of a review. Chunk by chunk.

What it prepares stands in no transaction; what it writes is one, so that a kiosk's records wait for milliseconds only.
"""

import logging
import tempfile
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from protocol.clocktext import day_of
from server import units
from server.clock import Clock
from server.db import Database
from server.imports import columns, expiry, places, staging
from server.imports.columns import FACILITIES, RECIPIENTS, Layout
from server.imports.facilities import Facilities
from server.imports.reading import Sheet, Unreadable
from server.imports.recipients import Recipients
from server.imports.rows import WRONG, ListKind, Row
from server.imports.staff import Staff

logger = logging.getLogger(__name__)
CHUNK = 2000
# Between two looks for what was kept long enough; for how many days it is, unless a setting says otherwise.
EXPIRE_EVERY_MS = 3_600_000
ROWS_DAYS = 30


class Gone(Exception):
    """The import's unit no longer stands, so nobody answers for its list."""


def open_kind(conn: Connection, held: dict[str, Any], *, day: str) -> ListKind:
    """The list that an import is for. Raises `Gone`."""
    unit = units.period(conn, held["unit"], held["unit_from"])
    if unit is None or (unit.valid_to and unit.valid_to <= day):
        raise Gone
    found = places.load(conn, unit, day=day)
    if held["kind"] == RECIPIENTS:
        return Recipients(places=found, today=day)
    return Facilities(places=found, today=day) if held["kind"] == FACILITIES else Staff(places=found, conn=conn)


class Reading:
    """One import's file, open at the row where the import stands."""

    def __init__(self, db: Database, held: dict[str, Any], *, day: str) -> None:
        """Raises `Unreadable` and `Gone`."""
        self.name = held["import"]
        self.at = held["at_row"]
        # Unlinked at once, so nothing of it is left behind by a process that is killed.
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open from chunk to chunk
        try:
            with db.read() as conn:
                self.kind = open_kind(conn, held, day=day)
                for piece in staging.parts(conn, self.name):
                    self._file.write(piece)
            sheet = Sheet(self._file, size=self._file.tell())
            self.expected = sheet.rows
            self.layout, self._rows = _headed(held["kind"], iter(sheet))
            for _ in islice(self._rows, self.at):
                pass
        except (Unreadable, Gone, DBAPIError, OSError):
            self._file.close()
            raise

    def next(self, limit: int) -> list[Row]:
        """The next rows, checked; none at the end. Raises `Unreadable`."""
        found = list(islice(self._rows, limit))
        self.at += len(found)
        at = tuple(self.layout.at.items())
        for row in found:
            given = row.given
            self.kind.check(row, {field: given[column] for field, column in at if column < len(given)})
        return found

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


class Importer:
    """Goes on with imports, one chunk after the other while there are any."""

    def __init__(
        self, *, db: Database, clock: Clock, day_offset_min: int, chunk: int = CHUNK, rows_days: int = ROWS_DAYS
    ) -> None:
        self._db = db
        self._clock = clock
        self._day_offset_min = day_offset_min
        self._chunk = chunk
        self._rows_days = rows_days
        self._expire_at = 0
        self._reading: Reading | None = None
        self._kind: tuple[str, ListKind] | None = None

    def close(self) -> None:
        """Let the file go that is open from chunk to chunk."""
        self._forget()

    def step(self) -> bool:
        """One chunk of the import that waits longest, else of what is to be deleted; False where nothing waits.

        Raises `DBAPIError`.
        """
        with self._db.read() as conn:
            held = staging.next_at_work(conn)
        if held is None:
            self._forget()
            return self._expire()
        try:
            if held["state"] == staging.READING:
                self._read(held)
            elif held["state"] == staging.LEAVING:
                self._take_off(held)
            else:
                self._write(held)
        except Unreadable as wrong:
            self._fail(held, wrong.code)
        except Gone:
            self._fail(held, "no_unit")
        return True

    def _expire(self) -> bool:
        now = self._clock.wall_ms()
        if now < self._expire_at:
            return False
        more = self._db.transact(lambda conn: expiry.expire(conn, now=now, days=self._rows_days, chunk=self._chunk))
        if not more:
            self._expire_at = now + EXPIRE_EVERY_MS
        return more

    def _read(self, held: dict[str, Any]) -> None:
        now = self._clock.wall_ms()
        reading = self._open(held)
        rows = reading.next(self._chunk)
        if rows:
            with self._db.read() as conn:
                reading.kind.compare(conn, rows)
                _mark_twice(conn, held["import"], rows)
            headings = reading.layout.headings
            done = self._db.transact(lambda conn: staging.stage(conn, held, rows, now=now, headings=headings))
        else:
            done = self._db.transact(
                lambda conn: staging.move(conn, held, staging.REVIEW, now=now, rows=held["at_row"])
            )
            logger.info("import_read import=%s rows=%d", held["import"], held["at_row"])
        if not done or not rows:
            self._forget()

    def _open(self, held: dict[str, Any]) -> Reading:
        """The file at the row where the import stands; opened anew where another process went on with it."""
        if self._reading is not None and (self._reading.name, self._reading.at) != (held["import"], held["at_row"]):
            self._forget()
        if self._reading is None:
            self._reading = opened = Reading(self._db, held, day=self._day())
            self._db.transact(lambda conn: staging.expect(conn, held, opened.expected))
        return self._reading

    def _take_off(self, held: dict[str, Any]) -> None:
        kind, now = self._kind_of(held), self._clock.wall_ms()

        def work(conn: Connection) -> None:
            keys = staging.gone(conn, held, kind, limit=self._chunk)
            if not keys:
                staging.move(conn, held, staging.WRITING, now=now)
            elif staging.took_off(conn, held, len(keys), now=now):
                kind.take_off(conn, keys, now=now)

        self._db.transact(work)

    def _write(self, held: dict[str, Any]) -> None:
        kind, now = self._kind_of(held), self._clock.wall_ms()

        def work(conn: Connection) -> None:
            # Read again: what the last try of this transaction counted into it was rolled back.
            fresh = staging.get(conn, held["import"])
            if fresh is None or (fresh["state"], fresh["at_row"]) != (held["state"], held["at_row"]):
                return
            if not staging.write_next(conn, fresh, kind, limit=self._chunk, now=now):
                staging.finish(conn, fresh, now=now)
                logger.info("import_written import=%s", held["import"])

        self._db.transact(work)

    def _kind_of(self, held: dict[str, Any]) -> ListKind:
        if self._kind is None or self._kind[0] != held["import"]:
            with self._db.read() as conn:
                self._kind = (held["import"], open_kind(conn, held, day=self._day()))
        return self._kind[1]

    def _fail(self, held: dict[str, Any], code: str) -> None:
        now = self._clock.wall_ms()
        self._db.transact(lambda conn: staging.move(conn, held, staging.FAILED_TO_READ, now=now, fault=code))
        logger.warning("import_unreadable import=%s code=%s", held["import"], code)
        self._forget()

    def _forget(self) -> None:
        if self._reading is not None:
            self._reading.close()
        self._reading = self._kind = None

    def _day(self) -> str:
        return str(day_of(self._clock.wall_ms(), self._day_offset_min))


def _headed(kind: str, sheet: Iterator[list[str]]) -> tuple[Layout, Iterator[Row]]:
    """Where the columns are, and the rows below them that are not empty. Raises `Unreadable`."""
    first = list(islice(sheet, columns.LOOKED_AT))
    if not any(any(cell.strip() for cell in cells) for cells in first):
        raise Unreadable("empty")
    layout = columns.find(kind, first)
    if layout is None or layout.missing(kind):
        raise Unreadable("no_columns")
    return layout, _below(layout.row, first, sheet)


def _below(heading: int, first: list[list[str]], sheet: Iterator[list[str]]) -> Iterator[Row]:
    number = 0
    for line, cells in enumerate(_all(first, sheet), start=1):
        if line > heading and any(cell and not cell.isspace() for cell in cells):
            number += 1
            yield Row(n=number, line=line, given=cells)


def _all(first: list[list[str]], sheet: Iterator[list[str]]) -> Iterator[list[str]]:
    yield from first
    yield from sheet


def _mark_twice(conn: Connection, name: str, rows: list[Row]) -> None:
    """Of rows with one key only the first stands."""
    seen = set(staging.staged_keys(conn, name, [row.key for row in rows if row.key]))
    for row in rows:
        if row.key in seen:
            row.words.append("twice")
            row.state = WRONG
        elif row.key and row.state != WRONG:
            seen.add(row.key)
