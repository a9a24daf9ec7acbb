"""Puts judged records on the shelf, once each: record, fork, their touches, quarantine, coverage. Derives nothing."""

import dataclasses
import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, union, update

from protocol import canon, delivery
from protocol.envelope import Record
from protocol.inbox import MAX_STATUS, Ranges
from server.db import chunks, insert_all, insert_new, plain, upsert
from server.ledger import chain, owed, times
from server.ledger.derive import Entity, entities_of
from server.ledger.intake import Judged
from server.ledger.tables import COVERAGE, FORK, FORK_TOUCH, QUARANTINE, RECORD, TOUCH
from server.statements import one_of

logger = logging.getLogger(__name__)

Name = tuple[str, str, int]
Log = tuple[str, str]

# Over several logs at once; in order, so that no two transactions wait for each other in a circle.
_LOGS_HELD = (
    select(COVERAGE)
    .where(one_of(COVERAGE.c.k, "ks"), one_of(COVERAGE.c.inc, "incs"))
    .order_by(COVERAGE.c.k, COVERAGE.c.inc)
    .with_for_update()
)
_DIGESTS = select(RECORD.c.seq, RECORD.c.digest).where(
    RECORD.c.k == bindparam("its_k"), RECORD.c.inc == bindparam("its_inc"), one_of(RECORD.c.seq, "seqs")
)
_TROUBLED = union(
    select(QUARANTINE.c.k, QUARANTINE.c.inc).where(
        one_of(QUARANTINE.c.k, "ks"), one_of(QUARANTINE.c.inc, "incs"), QUARANTINE.c.resolved_at.is_(None)
    ),
    select(FORK.c.k, FORK.c.inc).where(one_of(FORK.c.k, "ks"), one_of(FORK.c.inc, "incs")),
)


@dataclasses.dataclass
class Shelved:
    """What became of a message's pairs. `entities` are to be derived again, and so is what the `boots` speak of.

    `fresh` are names with bytes new here, `numbers` the ids of the records that went in, `digests` what now stands under the
    names given. `troubled`: of the logs held, those of which anything is forked or in quarantine.
    """

    taken: int = 0
    duplicates: int = 0
    forks: int = 0
    fresh: set[Name] = dataclasses.field(default_factory=set)
    entities: set[Entity] = dataclasses.field(default_factory=set)
    boots: list[str] = dataclasses.field(default_factory=list)
    numbers: set[int] = dataclasses.field(default_factory=set)
    digests: dict[Name, str] = dataclasses.field(default_factory=dict)
    troubled: set[Log] = dataclasses.field(default_factory=set)


def hold_logs(conn: Connection, logs: Iterable[Log], *, now: int) -> dict[Log, dict[str, Any]]:
    """The coverage rows of `(k, inc)` logs, made where missing and locked until the transaction ends.

    This lock is what lets two ingest processes take the same message without doubling (invariant I3).
    """
    wanted = sorted(set(logs))
    held = _held(conn, wanted)
    missing = [log for log in wanted if log not in held]
    if not missing:
        return held
    fresh = {"spans": "[]", "last_said": 0, "head_said": "", "heard_at": now, "archived": 0, "late": None, "gone": 0}
    fresh |= {"owed": "[]", "tip": 0, "tip_digest": ""}
    insert_new(conn, COVERAGE, [{"k": k, "inc": inc, **fresh} for k, inc in missing])
    return _held(conn, wanted)


def _held(conn: Connection, logs: Sequence[Log]) -> dict[Log, dict[str, Any]]:
    asked = _asked(logs)
    rows = [plain(row) for row in conn.execute(_LOGS_HELD, asked)] if logs else []
    return {log: row for row in rows if (log := (row["k"], row["inc"])) in logs}


def _asked(logs: Iterable[Log]) -> dict[str, list[str]]:
    """What statements over logs are given; they find what has any of these writers and any of these numbers."""
    return {"ks": [k for k, _ in logs], "incs": [inc for _, inc in logs]}


def hear(conn: Connection, hello: Mapping[str, Any], *, now: int) -> bool:
    """Note how far a writer's log goes. False when it holds for acknowledged what is not here: we were put back.

    What its writer has deleted, because it stood a month in an off-host backup, nobody can send: it counts as covered, or
    the mark would stand still before it for ever.
    """
    log = (hello["k"], hello["inc"])
    held = hold_logs(conn, [log], now=now)[log]
    covered = Ranges(json.loads(held["spans"]))
    before = covered.committed()
    values: dict[str, Any] = {"last_said": hello["last"], "head_said": hello["head"], "heard_at": now}
    gone = min(hello.get("gone", 0), hello["last"])
    if gone > before:
        logger.error("ledger_gone k=%s from=%d upto=%d", log[0], before + 1, gone)
        covered.fill(gone)
        values["spans"] = json.dumps(covered.spans)
    values["owed"] = owed.noted(held["owed"], covered.missing(hello["last"]), now=now)
    if gone > held["gone"]:
        values["gone"] = gone
    conn.execute(update(COVERAGE).where(COVERAGE.c.k == log[0], COVERAGE.c.inc == log[1]).values(**values))
    return bool(hello["first"] - 1 <= before)


def put(
    conn: Connection, good: Sequence[tuple[Record, bytes]], *, logs: Mapping[Log, dict[str, Any]], now: int
) -> Shelved:
    """Store records with their signature lines; the caller holds `logs`, theirs among them. Same bytes: once. Other: a fork.

    Of another branch is also what does not go on with its neighbours here. A fork counts like any record: which branch came
    first shows in nothing derived (invariants I1, I6).
    """
    shelved = Shelved()
    first: dict[Name, tuple[Record, bytes]] = {}
    for record, signature in good:
        first.setdefault(record.name(), (record, signature))
    parted = chain.parted(conn, [record for record, _ in first.values()], logs)
    taken = _insert(conn, {name: one for name, one in first.items() if name not in parted}, shelved, now=now)
    for k, inc, seq in sorted(taken):
        if seq > logs[k, inc]["tip"]:
            logs[k, inc].update(tip=seq, tip_digest=first[k, inc, seq][0].digest)
    held = {name: first[name][0].digest for name in taken}
    held |= digests(conn, [name for name in first if name not in taken])
    shelved.digests = held
    others = []
    met: set[Name] = set()
    for record, signature in good:
        name = record.name()
        if held.get(name) != record.digest:
            others.append((record, signature))
            continue
        if name not in taken or name in met:
            shelved.duplicates += 1
        met.add(name)
    _insert_forks(conn, others, shelved, now=now)
    shelved.troubled = _troubled(conn, logs)
    # Its writer sends again what a status calls damaged, also where the damaged copy came last.
    closed = {name for name in met if name[:2] in shelved.troubled}
    same = [canon.digest(record.line + b"\n" + signature) for record, signature in good if record.name() in closed]
    _resolve(conn, sorted(closed), now=now, same=same)
    shelved.boots = times.hold(
        conn, [*(first[name][0] for name in first if name in taken), *(record for record, _ in others)]
    )
    return shelved


def digests(conn: Connection, names: Iterable[Name]) -> dict[Name, str]:
    """The digest under which each of these names is held; names not held are left out."""
    held: dict[Name, str] = {}
    for (k, inc), seqs in _by_log(names).items():
        found = conn.execute(_DIGESTS, {"its_k": k, "its_inc": inc, "seqs": seqs})
        held.update({(k, inc, seq): digest for seq, digest in found})
    return held


def quarantine(conn: Connection, bad: Sequence[tuple[Judged, str]], *, now: int) -> int:
    """Keep what could not be taken, with the topic it came on, each distinct pair once. Returns how many were new.

    One that stays put aside whoever sends it again closes the cases of damaged copies under its name.
    """
    rows = [_quarantined(judged, topic, now) for judged, topic in bad]
    new = len(insert_new(conn, QUARANTINE, rows))
    if new < len(rows):
        _name(conn, [row for row in rows if row["k"] is not None])
    final = {judged.name for judged, _ in bad if judged.name is not None and judged.reason in delivery.FINAL}
    if final:
        _resolve(conn, sorted(final), now=now, but=delivery.FINAL)
    return new


def cover(
    conn: Connection, held: dict[Log, dict[str, Any]], names: Iterable[Name], *, fresh: Iterable[Name], now: int
) -> None:
    """Count `names` as durable here: good, forked and quarantined alike. The rows `held` are brought up to date too.

    `fresh`: those under which other bytes stand now than before. They are in no backup: `archived` ends before them.
    """
    lowest = {log: min(seqs) for log, seqs in _by_log(fresh).items()}
    rows = []
    for log, seqs in _by_log(names).items():
        row = held[log]
        covered = Ranges(json.loads(row["spans"]))
        for seq in seqs:
            covered.add(seq)
        gaps = owed.noted(row["owed"], covered.missing(row["last_said"]), now=now)
        row.update(spans=json.dumps(covered.spans), heard_at=now, owed=gaps)
        if log in lowest:
            row["late"] = lowest[log] if row["late"] is None else min(row["late"], lowest[log])
            row["archived"] = min(row["archived"], lowest[log] - 1)
        rows.append(row)
    upsert(conn, COVERAGE, rows)


def _by_log(names: Iterable[Name]) -> dict[Log, list[int]]:
    by_log: dict[Log, list[int]] = {}
    for k, inc, seq in names:
        by_log.setdefault((k, inc), []).append(seq)
    return by_log


def statuses(conn: Connection, k: str, inc: str) -> list[list[str]]:
    """Standing statuses of a log, newest last: what its kiosk's staff should see until it is mended."""
    bad = (
        select(QUARANTINE.c.seq, QUARANTINE.c.reason)
        .where(QUARANTINE.c.k == k, QUARANTINE.c.inc == inc, QUARANTINE.c.resolved_at.is_(None))
        .order_by(QUARANTINE.c.seq.desc(), QUARANTINE.c.id)
        .limit(MAX_STATUS)
    )
    found = {(seq, "quarantined", reason) for seq, reason in conn.execute(bad)}
    forks = select(FORK.c.seq).where(FORK.c.k == k, FORK.c.inc == inc).order_by(FORK.c.seq.desc())
    found |= {(seq, "fork", "other_bytes") for (seq,) in conn.execute(forks.limit(MAX_STATUS))}
    return [[str(seq), word, reason] for seq, word, reason in sorted(found)[-MAX_STATUS:]]


def indexed(record: Record) -> list[Entity]:
    """What a record is found by: the entities it names, and its boot while its clock did not know the time."""
    return entities_of(record.body) + times.boots_touched(record)


def touch_rows(record: Record, number: int) -> list[dict[str, Any]]:
    """The index rows of one stored record."""
    return [{"entity": kind, "entity_id": ident, "record_id": number} for kind, ident in indexed(record)]


def fork_touch_rows(record: Record) -> list[dict[str, Any]]:
    """The index rows of one forked record."""
    name = {"k": record.k, "inc": record.inc, "seq": record.seq, "digest": record.digest}
    return [{"entity": kind, "entity_id": ident, **name} for kind, ident in indexed(record)]


def _insert(conn: Connection, good: Mapping[Name, tuple[Record, bytes]], shelved: Shelved, *, now: int) -> set[Name]:
    """Store those whose names are free; their names."""
    rows = [_row(record, signature, now) for record, signature in good.values()]
    taken = set()
    touches = []
    for row in insert_new(conn, RECORD, rows, telling=("k", "inc", "seq", "id")):
        record = good[row.k, row.inc, row.seq][0]
        spoken_of = touch_rows(record, row.id)
        touches += spoken_of
        shelved.entities.update((one["entity"], one["entity_id"]) for one in spoken_of if one["entity"] != times.BOOT)
        shelved.numbers.add(row.id)
        taken.add(record.name())
    insert_all(conn, TOUCH, touches)
    shelved.fresh |= taken
    shelved.taken += len(taken)
    return taken


def _troubled(conn: Connection, logs: Collection[Log]) -> set[Log]:
    return {log for k, inc in conn.execute(_TROUBLED, _asked(logs)) if (log := (k, inc)) in logs} if logs else set()


def _insert_forks(conn: Connection, others: Sequence[tuple[Record, bytes]], shelved: Shelved, *, now: int) -> None:
    for record, signature in others:
        if not insert_new(conn, FORK, [_fork(record, signature, now)]):
            shelved.duplicates += 1
            continue
        shelved.forks += 1
        shelved.fresh.add(record.name())
        shelved.entities.update(entities_of(record.body))
        touches = fork_touch_rows(record)
        if touches:
            conn.execute(insert(FORK_TOUCH), touches)


def _resolve(
    conn: Connection, names: Sequence[Name], *, now: int, but: Sequence[str] = ("future",), same: Sequence[str] = ()
) -> None:
    """A good record has come under a name of which a bad copy is held, for the first time or once more: the case is closed.

    A record of a newer release stays open until it is replayed: it was properly signed and says something else. `but`: the
    reasons that stay; `same`: pairs that are taken now, of which nothing stays.
    """
    for k, inc in sorted({name[:2] for name in names}):
        seqs = [name[2] for name in names if name[:2] == (k, inc)]
        for part in chunks(seqs):
            closing = update(QUARANTINE).where(
                QUARANTINE.c.k == k,
                QUARANTINE.c.inc == inc,
                QUARANTINE.c.seq.in_(part),
                QUARANTINE.c.resolved_at.is_(None),
                or_(QUARANTINE.c.reason.not_in(but), QUARANTINE.c.digest.in_(same)),
            )
            conn.execute(closing.values(resolved_at=now))


def _row(record: Record, signature: bytes, now: int) -> dict[str, Any]:
    return {
        "k": record.k,
        "inc": record.inc,
        "seq": record.seq,
        "digest": record.digest,
        "prev": record.prev,
        "kind": record.kind,
        "site": record.site,
        "hlc_p": record.t["hlc"][0],
        "hlc_l": record.t["hlc"][1],
        "wall": record.t["wall"],
        "received_at": now,
        "line": record.line,
        "signature": signature.decode("ascii"),
    }


def _fork(record: Record, signature: bytes, now: int) -> dict[str, Any]:
    row = _row(record, signature, now)
    return {name: row[name] for name in ("k", "inc", "seq", "digest", "line", "signature", "received_at")}


def _name(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """These bytes came under a name that is theirs; whoever had brought them before, under none, said nothing of them."""
    for row in rows:
        said = {name: row[name] for name in ("k", "inc", "seq", "reason", "topic")}
        conn.execute(
            update(QUARANTINE).where(QUARANTINE.c.digest == row["digest"], QUARANTINE.c.k.is_(None)).values(**said)
        )


def close_if_taken(conn: Connection, held: Row[Any], *, now: int) -> None:
    """Close a case whose very line is taken already: a release that could not read it had put it aside once more."""
    taken = [
        select(table.c.digest).where(table.c.k == held.k, table.c.inc == held.inc, table.c.seq == held.seq)
        for table in (RECORD, FORK)
    ]
    if canon.digest(held.payload) in conn.execute(union(*taken)).scalars().all():
        conn.execute(update(QUARANTINE).where(QUARANTINE.c.id == held.id).values(resolved_at=now))


def _quarantined(judged: Judged, topic: str, now: int) -> dict[str, Any]:
    k, inc, seq = judged.name or (None, None, None)
    return {
        "k": k,
        "inc": inc,
        "seq": seq,
        "reason": judged.reason,
        "digest": judged.digest,
        "topic": topic,
        "payload": judged.line,
        "signature": judged.signature,
        "received_at": now,
        "resolved_at": None,
    }
