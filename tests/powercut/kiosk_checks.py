"""Opens a crash image of a kiosk with the real store, reads all it says, starts the desk again and lets it go on.

Each finding is `(check, sentence)`; the checks' names are those of README. Facts about what was confirmed are `verdict`'s.
"""

import json
import sqlite3
from itertools import pairwise
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization

from kiosk.app import APP
from kiosk.crypto import Verifier
from kiosk.desk import prints, reading
from kiosk.desk.loop import MACHINE, Desk
from kiosk.desk.rot import ROTTEN
from kiosk.errors import ForeignStore, NotWritten
from kiosk.outcome import Fact, Outcome
from kiosk.store import Store
from protocol import canon, envelope, sealed
from protocol.errors import ProtocolError
from server.sealing import NotOpened, UnknownKey, Unsealer
from tests.kiosk.made import HandClock
from tests.powercut.dumps import digest, dump
from tests.powercut.kiosk_scenes import DATABASE, boot
from tests.powercut.scene_keys import public_half
from tests.powercut.verdict import Opened, Problem


class KioskChecks:
    """Opens image after image. `place`: a folder for the key the log is signed with; `given`: what the workflow was given."""

    def __init__(self, place: Path, given: dict[str, Any]):
        self._key = place / "record-signing.key"
        self._key.write_text(given["key"], "ascii")
        self._verifier = Verifier(public_half(given["key"]))
        self._neighbour = Verifier(public_half(given["neighbour"]))
        self._unsealer = Unsealer([serialization.load_pem_private_key(given["sealing"].encode("ascii"), None)])
        # What was found about a state of the database does not depend on which image said it.
        self._known: dict[str, list[Problem]] = {}

    def open(self, folder: Path) -> Opened:
        """Open the image in `folder`; it is changed by that."""
        try:
            store = Store(folder / DATABASE)
        except (ForeignStore, NotWritten) as error:
            return Opened("", {}, [("opens", str(error))])
        try:
            return self._read(store)
        except (sqlite3.Error, NotWritten, ProtocolError) as error:
            return Opened("", {}, [("integrity", f"{type(error).__name__}: {error}")])
        finally:
            store.close()

    def _read(self, store: Store) -> Opened:
        run = store.db.conn.execute
        problems: list[Problem] = [
            ("integrity", str(row[0])) for row in run("PRAGMA integrity_check") if row[0] != "ok"
        ]
        if problems:
            return Opened("", {}, problems)
        said = dump(store.db.conn)
        state = digest(said)
        if state not in self._known:
            # Of a rotten row nothing is read until it is mended.
            read = [] if store.meta(ROTTEN) else [*_visits(store), *_slips(store)]
            self._known[state] = [*self._chain(store), *self._copies(store), *read]
        return Opened(state, said, [*self._known[state], *self._goes_on(store)])

    def _chain(self, store: Store) -> list[Problem]:
        """The log has no gap, each record names the digest of the one before, and every signature is good."""
        rows = [tuple(row) for row in store.db.conn.execute("SELECT inc, seq, digest, line, signature FROM record")]
        found: list[Problem] = []
        for inc, seq, digested, name, box in store.db.conn.execute(
            "SELECT inc, seq, digest, name, box FROM sealed_record"
        ):
            try:
                inside = self._unsealer.open(bytes(name), sealed.read_name(name)["key"], sealed.read_box(bytes(box)))
            except (UnknownKey, NotOpened, ProtocolError) as error:
                found.append(("chain", f"sealed record {seq} cannot be opened: {type(error).__name__}"))
                continue
            rows.append((inc, seq, digested, *sealed.outside(inside)))
        for inc in sorted({row[0] for row in rows}):
            found += self._one_log(store, inc, sorted(row for row in rows if row[0] == inc))
        return found

    def _one_log(self, store: Store, inc: str, rows: list[tuple[Any, ...]]) -> list[Problem]:
        found: list[Problem] = []
        gone = store.kept.gone(inc)
        rotten = store.meta(ROTTEN)
        records = []
        for row_inc, seq, digested, line, signature in rows:
            if f"{inc}:{seq}" in rotten.split():
                continue
            record = envelope.parse(bytes(line))
            records.append(record)
            if (row_inc, seq, digested) != (record.inc, record.seq, canon.digest(bytes(line))):
                found.append(("chain", f"record {seq} is not what its row says"))
            if not self._verifier.good(bytes(line), bytes(signature)):
                found.append(("chain", f"record {seq} has a bad signature"))
        if [row[1] for row in rows] != list(range(gone + 1, gone + len(rows) + 1)):
            found.append(("chain", f"numbers {[row[1] for row in rows]}"))
        if records and not gone and records[0].prev != envelope.GENESIS:
            found.append(("chain", "the first record has a record before it"))
        if any(after.prev != before.digest for before, after in pairwise(records) if after.seq == before.seq + 1):
            found.append(("chain", "a record does not follow the one before it"))
        return found

    def _copies(self, store: Store) -> list[Problem]:
        """Each neighbour's record is there once, open or in a box that opens, byte for byte as its writer signed it."""
        found: list[Problem] = []
        seen: set[str] = set()
        run = store.db.conn.execute
        held = run("SELECT digest, line, signature FROM neighbour_record").fetchall()
        for digested, name, box in run("SELECT digest, name, box FROM neighbour_box").fetchall():
            key = sealed.read_name(bytes(name))["key"]
            held.append((digested, *sealed.outside(self._unsealer.open(bytes(name), key, sealed.read_box(bytes(box))))))
        for digested, line, signature in held:
            if canon.digest(bytes(line)) != digested or not self._neighbour.good(bytes(line), bytes(signature)):
                found.append(("copies", f"{digested[:8]} is not what its writer signed"))
            if digested in seen:
                found.append(("copies", f"{digested[:8]} is there twice"))
            seen.add(digested)
        return found

    def _goes_on(self, store: Store) -> list[Problem]:
        """The desk starts, a slip that was being sent is of unknown fate, and the next record takes the next number."""
        sending = store.prints("sending")
        desk, fresh = boot(store, clock=HandClock(), key=self._key)
        seq, head = desk.log.seq, desk.log.head
        if fresh:
            desk.write(Outcome(facts=(Fact("log.opened", {"app": APP, "why": "enrolled"}),)), who=MACHINE)
        prints.recover(desk)
        found = [("continues", "a slip is still being sent after the start")] if store.prints("sending") else []
        unknown = {(job["slip"], job["copy"]) for job in store.prints("unknown")}
        if any((job["slip"], job["copy"]) not in unknown for job in sending):
            found.append(("continues", "a slip that was being sent is not of unknown fate"))
        desk.write(Outcome(facts=(Fact("staff.signed_in", {"station": "screening"}),)), who=MACHINE)
        return found + self._followed(desk, seq, head, len(sending) + fresh + 1)

    def _followed(self, desk: Desk, seq: int, head: str, count: int) -> list[Problem]:
        query = "SELECT line FROM record WHERE inc = ? AND seq > ? ORDER BY seq"
        lines = desk.store.db.conn.execute(query, (desk.log.inc, seq)).fetchall()
        records = [envelope.parse(bytes(row[0])) for row in lines]
        if [record.seq for record in records] != list(range(seq + 1, seq + 1 + count)):
            return [("continues", f"after {seq} come {[record.seq for record in records]}")]
        for record in records:
            if record.prev != head:
                return [("continues", f"record {record.seq} does not follow what is on the disk")]
            head = record.digest
        return []


def _visits(store: Store) -> list[Problem]:
    """The reading of the visits is what the records alone give (I9)."""
    rebuilt = json.loads(json.dumps(reading.rebuilt(store)))
    rows = store.db.conn.execute("SELECT visit FROM visit").fetchall()
    live = {row[0]: store.visit(row[0]) for row in rows}
    return (
        []
        if live == rebuilt
        else [("visits", f"the table says {sorted(live)}, the records {sorted(rebuilt)}, or differently")]
    )


def _slips(store: Store) -> list[Problem]:
    """With the record stand its print job and its slip's code; with a print's result the job's state (I12)."""
    jobs = {(row["slip"], row["copy"]): row["state"] for row in store.db.conn.execute("SELECT * FROM print_job")}
    slips: dict[str, str] = {}
    found: list[Problem] = []
    for line in store.lines():
        record = envelope.parse(line)
        body = record.body
        if record.kind == "visit.checked_in" and (body["slip"], 1) not in jobs:
            found.append(("slips", f"record {record.seq}: no print job for the ticket"))
        if record.kind == "dose.given":
            slips[body["visit"]] = body["slip"]
            if not store.code(body["slip"]):
                found.append(("slips", f"record {record.seq}: no code for the dose's slip"))
        if record.kind == "visit.left" and body["visit"] in slips and (slips[body["visit"]], 1) not in jobs:
            found.append(("slips", f"record {record.seq}: no print job for the dose's slip"))
        if record.kind == "slip.printed" and jobs.get((body["slip"], body["copy"])) in (None, "waiting", "sending"):
            found.append(("slips", f"record {record.seq}: the job does not know that it was printed"))
    return found
