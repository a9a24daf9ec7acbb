"""What stands on the disks of kiosks and centre, read from their files as they lie there. Judges nothing."""

import sqlite3
from contextlib import closing

from protocol import envelope
from provisioning.day import KINDS
from tests.simulation.history import History


def _read(path, query):
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)) as found:
        return found.execute(query).fetchall()


def kiosk_records(station):
    """Every record on a kiosk's disk, in the order of writing."""
    return [
        envelope.parse(bytes(row[0]))
        for row in _read(station.folder / "kiosk.db", "SELECT line FROM record ORDER BY rowid")
    ]


def kiosk_marks(station):
    """`inc: mark`: what the kiosk holds for safe at the centre."""
    rows = _read(station.folder / "kiosk.db", "SELECT key, value FROM meta WHERE key LIKE 'committed:%'")
    return {key.removeprefix("committed:"): int(value) for key, value in rows}


def undone(station):
    """Records the centre has not acknowledged, and slips not yet through the printer."""
    path = station.folder / "kiosk.db"
    last = _read(path, "SELECT coalesce(max(seq), 0) FROM record")[0][0]
    slips = _read(path, "SELECT count(*) FROM print_job WHERE state IN ('waiting', 'sending')")[0][0]
    return last - max(kiosk_marks(station).values(), default=0) + slips


def centre_records(province):
    """Every record of the ledger."""
    return [envelope.parse(bytes(row[0])) for row in _read(_ledger(province), "SELECT line FROM record ORDER BY id")]


def facts(records):
    """`{(what, k, number of the person): visits}` that these records tell."""
    people = {one.body["visit"]: one.body["person"] for one in records if one.kind == "visit.checked_in"}
    told = {}
    for one in records:
        if one.kind in KINDS:
            number = people.get(one.body["visit"], "?").rsplit(":", 1)[-1]
            told.setdefault((KINDS[one.kind], one.k, number), []).append(one.body["visit"])
    return told


def history(province, *, drained, sentences):
    """The whole as the simulation's checkers read it; on a kiosk's disk counts as told."""
    found = History()
    found.drained, found.sentences = drained, sentences
    records = centre_records(province)
    found.ledger = {one.name(): one for one in records}
    path = _ledger(province)
    for (line,) in _read(path, "SELECT line FROM fork"):
        one = envelope.parse(bytes(line))
        found.forks[(*one.name(), one.digest)] = one
    for k, inc, seq, reason, line, resolved in _read(
        path, "SELECT k, inc, seq, reason, payload, resolved_at FROM quarantine"
    ):
        digest = envelope.canon.digest(bytes(line))
        name = None if seq is None else (k, inc, seq)
        found.quarantine.append(
            {"k": k, "name": name, "reason": reason, "digest": digest, "resolved": resolved is not None}
        )
    rows = _read(path, "SELECT name, place, day, item, n FROM counter WHERE n != 0")
    found.counters = found.rebuilt_counters = {(name, place, day, item): n for name, place, day, item, n in rows}
    kiosks = {station.name for station in province.stations}
    for one in sorted(records, key=lambda each: each.name()):
        _wrote(found, "centre" if one.k not in kiosks else f"centre, of {one.k}", one)
    for station in province.stations:
        for one in kiosk_records(station):
            _wrote(found, station.name, one)
            found.add("told", one.t["mono"], dev=station.name, names=[(*one.name(), one.digest)], act="")
            if one.kind == "slip.printed" and one.body["result"] == "printed":
                found.add("printed", one.t["mono"], dev=station.name, slip=one.body["slip"], copy=one.body["copy"])
    return found


def _wrote(found, dev, one):
    found.add(
        "wrote", one.t["mono"], dev=dev, k=one.k, inc=one.inc, seq=one.seq, digest=one.digest, prev=one.prev,
        kind=one.kind, act=f"{one.inc}/{one.seq}", body=one.body, t=one.t,
    )  # fmt: skip


def _ledger(province):
    return province.folder / "server" / "tram.db"
