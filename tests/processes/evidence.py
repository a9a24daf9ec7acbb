"""What stands on the disks of kiosks and centre, read from their files as they lie there. Judges nothing."""

import sqlite3
from contextlib import closing
from functools import lru_cache

from protocol import envelope
from provisioning.account import KINDS
from tests.simulation.history import History


def read(path, query, given=()):
    """The rows of a query on a SQLite file, which stays as it is. Raises `sqlite3.OperationalError`."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)) as found:
        return found.execute(query, given).fetchall()


def _on(station):
    return station.folder / "kiosk.db"


def kiosk_records(station):
    """Every record that lies open on a kiosk's disk, in the order of writing."""
    return [_parsed(row[0]) for row in read(_on(station), "SELECT line FROM record ORDER BY rowid")]


def kiosk_sealed(station):
    """Digests of the records that are sealed there: of a past day, and safe at the centre."""
    return {row[0] for row in read(_on(station), "SELECT digest FROM sealed_record")}


def kiosk_marks(station):
    """`inc: mark`: what the kiosk holds for safe at the centre."""
    rows = read(_on(station), "SELECT key, value FROM meta WHERE key LIKE 'committed:%'")
    return {key.removeprefix("committed:"): int(value) for key, value in rows}


def kiosk_visits(station):
    """`visit: state` as the kiosk's own reading says, and the visits of which it holds neighbours' records now."""
    shared = {row[0] for row in read(_on(station), "SELECT visit FROM neighbour_record WHERE visit IS NOT NULL")}
    return dict(read(_on(station), "SELECT visit, state FROM visit")), shared


def kiosk_head(station):
    """`(inc, seq)` of the last record on a kiosk's disk."""
    rows = read(_on(station), "SELECT inc, seq FROM record ORDER BY rowid DESC LIMIT 1")
    return rows[0] if rows else ("", 0)


def undone(station):
    """Records the centre has not acknowledged, and slips not yet through the printer."""
    last = read(_on(station), "SELECT coalesce(max(seq), 0) FROM record")[0][0]
    slips = read(_on(station), "SELECT count(*) FROM print_job WHERE state IN ('waiting', 'sending')")[0][0]
    return last - max(kiosk_marks(station).values(), default=0) + slips


def missing(province):
    """How many records of the kiosks' disks the centre has not taken byte for byte: a damaged copy covers a number only."""
    held = {row[0] for table in ("record", "fork") for row in read(province.ledger, f"SELECT digest FROM {table}")}  # noqa: S608
    here = {row[0] for station in province.stations for row in read(_on(station), "SELECT digest FROM record")}
    return len(here - held)


def centre_records(province):
    """Every record of the ledger."""
    return [_parsed(row[0]) for row in read(province.ledger, "SELECT line FROM record ORDER BY id")]


def centre_numbers(province):
    """`(k, inc, seq)` of all that is durable there: taken, forked, or put aside as a damaged copy, which is asked for again."""
    return {
        name
        for table in ("record", "fork", "quarantine")
        for name in read(province.ledger, f"SELECT k, inc, seq FROM {table} WHERE seq IS NOT NULL")  # noqa: S608
    }


def neighbours_records(station):
    """What a kiosk's disk holds of its neighbours' records."""
    return [_parsed(row[0]) for row in read(_on(station), "SELECT line FROM neighbour_record")]


def facts(records):
    """`{(what, number of the person): [(kiosk, visit)]}` that these records tell, whichever kiosk the person stood at."""
    people = {one.body["visit"]: one.body["person"] for one in records if one.kind == "visit.checked_in"}
    told = {}
    for one in records:
        if one.kind in KINDS:
            number = people.get(one.body["visit"], "?").rsplit(":", 1)[-1]
            told.setdefault((KINDS[one.kind], number), []).append((one.k, one.body["visit"]))
    return told


def history(province, events, *, drained, sentences):
    """The whole as the simulation's checkers read it; `events`: what was seen while it happened."""
    found = History()
    for event, at, members in events:
        found.add(event, at, **members)
    found.drained, found.sentences = drained, sentences
    found.devices = {station.name: station.name for station in province.stations}
    records = centre_records(province)
    found.ledger = {one.name(): one for one in records}
    for (line,) in read(province.ledger, "SELECT line FROM fork"):
        one = _parsed(line)
        found.forks[(*one.name(), one.digest)] = one
    for k, inc, seq, reason, line, resolved in read(
        province.ledger, "SELECT k, inc, seq, reason, payload, resolved_at FROM quarantine"
    ):
        digest = envelope.canon.digest(bytes(line))
        name = None if seq is None else (k, inc, seq)
        found.quarantine.append(
            {"k": k, "name": name, "reason": reason, "digest": digest, "resolved": resolved is not None}
        )
    rows = read(province.ledger, "SELECT name, place, day, item, n FROM counter WHERE n != 0")
    found.counters = found.rebuilt_counters = {(name, place, day, item): n for name, place, day, item, n in rows}
    kiosks = {station.name for station in province.stations}
    # The centre's own desk writes there; what stands there of a kiosk must be what that kiosk wrote.
    for one in sorted(records, key=lambda each: each.name()):
        if one.k not in kiosks:
            wrote(found, "centre", one)
    # Last: a kiosk prints for its neighbour's people too, and the neighbour's disk may have been looked at later.
    for at, one in found.of("wrote"):
        if one["kind"] == "slip.printed" and one["dev"] in kiosks and one["body"]["result"] == "printed":
            found.add("printed", at, dev=one["dev"], slip=one["body"]["slip"], copy=one["body"]["copy"])
    return found


def wrote(found, dev, one):
    """Note that a disk has taken a record."""
    found.add(
        "wrote", one.t["mono"], dev=dev, k=one.k, inc=one.inc, seq=one.seq, digest=one.digest, prev=one.prev,
        kind=one.kind, act=f"{one.inc}/{one.seq}", body=one.body, t=one.t,
    )  # fmt: skip


@lru_cache(maxsize=8192)
def _parsed(line):
    """Parsed once a line: each look reads all of a disk again."""
    return envelope.parse(bytes(line))
