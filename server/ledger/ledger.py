"""The ledger: takes records once, derives in the same transaction, and only then lets anybody acknowledge.

Rules:
1. `accept` commits before it returns; the caller publishes `ack` afterwards, never before (invariant I2).
2. Nothing is refused or dropped: what cannot be taken is quarantined, what has a taken name is a fork; both cover.
3. The server's own desk writes through `append_all`, inside `transact`, with the same derivation (invariant I18).
"""

import logging
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from typing import Any, TypeVar

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DataError, IntegrityError

from protocol import delivery, envelope, inbox
from protocol.envelope import Record
from protocol.errors import ProtocolError
from server.clock import Clock
from server.crypto import Signer
from server.db import Database, insert_new, is_clash
from server.errors import DeskKeyChanged, HelloRefused
from server.features import Feature
from server.ledger import answer, carried, intake, shelf
from server.ledger.carried import Brought
from server.ledger.derive import Deriver, entities_of
from server.ledger.desk import Desk, Fact
from server.ledger.shelf import Log
from server.ledger.tables import QUARANTINE, WRITER
from server.ledger.writers import find_writer, find_writers, writer
from server.sealing import Unsealer

logger = logging.getLogger(__name__)

DESK = "server"
APP = "tram-0.1.0"
# Parsed records kept: a visit's records are derived again with each new one, and parsing is most of that work.
PARSED_KEPT = 2048

# What a derivation can die of on a record nobody foresaw. That record goes to quarantine and the place into the log; it
# must not stop the ones behind it. Anything else (a database that is gone) is the whole message's affair.
UNDERIVABLE = (DataError, IntegrityError, ArithmeticError, LookupError, TypeError, ValueError)

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Outcome:
    """What became of one message. `logs`: the logs `(k, inc)` to acknowledge, a carried neighbour's among them.

    `told`: the line of each one's acknowledgement (`server.ledger.answer`), to be signed and sent.
    """

    taken: int
    duplicates: int
    forks: int
    quarantined: int
    logs: tuple[Log, ...]
    told: Mapping[Log, bytes]


class Ledger:
    """Records, derivation and acknowledgement over one database. `signer` signs acknowledgements and the desk's facts."""

    def __init__(
        self,
        db: Database,
        *,
        features: Sequence[Feature],
        clock: Clock,
        signer: Signer,
        shard: str,
        site: str = DESK,
        k: str = DESK,
        unsealer: Unsealer | None = None,
    ) -> None:
        """`unsealer`: opens what kiosks had sealed; without it such records wait in quarantine."""
        self.db = db
        self.signer = signer
        self.parse: Callable[[bytes], Record] = lru_cache(maxsize=PARSED_KEPT)(envelope.parse)
        self.deriver = Deriver(features, parse=self.parse)
        self._shard = shard
        self._site = site
        self._desk = Desk(signer=signer, clock=clock, k=k, site=site)
        self._unsealer = unsealer or Unsealer()
        # Did a kiosk's word tell this process that the database was put back? Once is enough.
        self._told_restored = False

    def open_desk(self, *, now: int) -> None:
        """Enrol the server's own desk. Raises `DeskKeyChanged` if it is enrolled with another key."""
        with self.db.write() as conn:
            self.enrol(
                conn, k=self._desk.k, shard=self._shard, site=self._site, public_key=self.signer.public_pem, now=now
            )
            if writer(conn, self._desk.k)["public_key"] != self.signer.public_pem:
                raise DeskKeyChanged

    def begin_anew(self, *, now: int) -> Record:
        """The database was put back from a backup: the own desk writes in a new log, whose first record says so.

        What it wrote after that backup is on nobody's disk; under the old names other bytes would stand (F78, I4).
        """

        def work(conn: Connection) -> Record:
            self._desk.begin_anew(conn, now=now)
            return self.append(
                conn, "log.opened", {"app": APP, "why": "restored"}, who=self._desk.k, by="machine", now=now
            )

        self._told_restored = True
        logger.error("ledger_put_back own_log=new")
        return self.transact(work)

    def enrol(self, conn: Connection, *, k: str, shard: str, site: str, public_key: str, now: int) -> bool:
        """Let writer `k` write, with its PEM key. False when it is enrolled already; its row is then left alone."""
        row = {"k": k, "shard": shard, "site": site, "public_key": public_key, "enrolled_at": now, "revoked_at": None}
        return bool(insert_new(conn, WRITER, [row]))

    def revoke(self, conn: Connection, *, k: str, now: int) -> None:
        """Believe writer `k` no longer: what arrives from now on is quarantined."""
        conn.execute(update(WRITER).where(WRITER.c.k == k, WRITER.c.revoked_at.is_(None)).values(revoked_at=now))

    def accept(self, pairs: Iterable[intake.Pair], *, k: str, site: str, now: int, topic: str = "") -> Outcome:
        """Take a message's `(line, signature line)` pairs from writer `k` at `site`; committed when this returns.

        One transaction for the MAX_PAIRS that a message may hold; what a broken writer sends beyond goes in further ones.
        `k` and `site` are those of the topic. Raises `sqlalchemy.exc.DBAPIError` when the database does not take it:
        nothing may then be acknowledged.
        """

        def take(part: Sequence[intake.Pair], *, refuse: str = "") -> Outcome:
            sent = intake.Delivery(part, k, site, topic)
            return self.db.transact(lambda conn: self._shelve(conn, [sent], now=now, refuse=refuse)[0])

        held = list(pairs)
        parts = [held[at : at + envelope.MAX_PAIRS] for at in range(0, len(held), envelope.MAX_PAIRS)]
        outcomes: list[Outcome] = []
        for part in parts:
            try:
                outcomes.append(take(part))
            except UNDERIVABLE as error:
                _raise_if_clash(error)
                outcomes.extend(_one(take, pair, k) for pair in part)
        if len(outcomes) == 1:
            return outcomes[0]
        whole = _sum(outcomes)
        # Each of these transactions told of its own pairs alone.
        brought = carried.brought([(k, [intake.opened(pair, self._unsealer)[0][0] for pair in held], whole.logs)])
        with self.db.read() as conn:
            told = {log: answer.of(conn, *log, now=now, brought=brought.get(log, ())) for log in whole.logs}
        return replace(whole, told=told)

    def accept_all(self, deliveries: Sequence[intake.Delivery], *, now: int) -> tuple[Outcome, list[set[Log]]]:
        """Take several messages in one transaction, all or none; what became of them, and the logs to acknowledge of each.

        Raises what any of them causes: the caller then takes each by itself, where one that fails costs only itself.
        """
        return self.db.transact(lambda conn: self._shelve(conn, deliveries, now=now))

    def accept_message(self, message: bytes, *, k: str, site: str, now: int, topic: str = "") -> Outcome:
        """As `accept`, from the bytes of a message; a line left without a signature is quarantined."""
        return self.accept(intake.split(message), k=k, site=site, now=now, topic=topic)

    def hear(self, line: bytes, signature: bytes, *, k: str, now: int) -> dict[str, Any]:
        """Note a writer's hello: how far its log goes. Returns it. Raises `HelloRefused`; then nothing is noted."""
        return self.hear_all([(k, (line, signature))], now=now)[0]

    def hear_all(self, said: Sequence[tuple[str, intake.Pair]], *, now: int) -> list[dict[str, Any]]:
        """As `hear`, for `(k, pair)` of several writers in one transaction. One refused: none is noted."""
        hellos = [_hello_of(k, line) for k, (line, _) in said]

        def note(conn: Connection) -> bool:
            for k, (line, signature) in said:
                if not intake.verified(line, signature, find_writer(conn, k)):
                    raise HelloRefused("bad_signature")
            # In the order in which every transaction takes its locks.
            known = [shelf.hear(conn, each, now=now) for each in sorted(hellos, key=lambda one: (one["k"], one["inc"]))]
            return all(known)

        # The kiosk speaks of more than we hold: we had it once. Whoever put the database back by hand is helped thus.
        if not self.db.transact(note) and not self._told_restored:
            self.begin_anew(now=now)
        return hellos

    def ack(
        self, k: str, inc: str, *, now: int, hello: Mapping[str, Any] | None = None, brought: Iterable[Brought] = ()
    ) -> bytes:
        """The signed acknowledgement of log `(k, inc)` as it is committed now: two lines, ready to publish.

        `hello`: what it answers, if it answers one; a writer that knows of nothing here learns whether its chain is.
        `brought`: what a neighbour carried of this log; what of it is here is named.
        """
        with self.db.read() as conn:
            line = answer.of(conn, k, inc, now=now, hello=hello, brought=brought)
        return self.signer.document(line)

    def replay(self, *, now: int) -> int:
        """Judge again what stands in quarantine; returns how many are records now. For after an upgrade (I16).

        What is readable now enters exactly as if it had just arrived. Each in its own transaction: one that still cannot
        be derived stays where it is and holds up none.
        """
        with self.db.read() as conn:
            waiting = conn.execute(
                select(QUARANTINE.c.id).where(QUARANTINE.c.resolved_at.is_(None)).order_by(QUARANTINE.c.id)
            )
            rows = list(waiting.scalars())
        taken = 0
        for row in rows:
            try:
                taken += self.db.transact(partial(self._replay, row=row, now=now))
            except UNDERIVABLE as error:
                _raise_if_clash(error)
                logger.warning("ledger_replay_underivable id=%d kind=%s", row, type(error).__name__)
        if taken:
            logger.info("ledger_replayed count=%d", taken)
        return taken

    def transact(self, work: Callable[[Connection], _Result]) -> _Result:
        """Run `work` in one transaction that holds the desk: read, decide, `append_all`. May run again after a clash."""

        def held(conn: Connection) -> _Result:
            self._desk.lock(conn)
            return work(conn)

        return self.db.transact(held)

    def append_all(
        self, conn: Connection, facts: Sequence[Fact], *, who: str, now: int, by: str = "password"
    ) -> list[Record]:
        """Write `(kind, body)` facts at the server's desk and derive. `who`: the account's id; `by`: how it was proved.

        Raises `ProtocolError` when a body breaks its table.
        """
        self._desk.lock(conn)
        inc = self._desk.log(conn, now=now)
        log = (self._desk.k, inc)
        held = shelf.hold_logs(conn, [log], now=now)
        touched = sorted({entity for _, body in facts for entity in entities_of(body)})
        seen = [record for known in self.deriver.records(conn, touched).values() for record in known]
        sealed = self._desk.seal(conn, inc, facts, who={"id": who, "by": by}, now=now, seen=seen)
        shelved = shelf.put(conn, sealed, logs=held, now=now)
        shelf.cover(conn, held, [record.name() for record, _ in sealed], fresh=shelved.fresh, now=now)
        self._derive(conn, shelved)
        return [record for record, _ in sealed]

    def append(
        self, conn: Connection, kind: str, body: dict[str, Any], *, who: str, now: int, by: str = "password"
    ) -> Record:
        """Write one fact at the server's desk; see `append_all`."""
        return self.append_all(conn, [(kind, body)], who=who, now=now, by=by)[0]

    def records_of(self, conn: Connection, kind: str, ident: str) -> list[Record]:
        """All records of one entity, such as `("dose", "d-1")`, in the order derivations read them; a person's with those
        of everybody they are one with.
        """
        return self.deriver.together(conn, [(kind, ident)])[kind, ident]

    def _shelve(
        self, conn: Connection, deliveries: Sequence[intake.Delivery], *, now: int, refuse: str = ""
    ) -> tuple[Outcome, list[set[Log]]]:
        """Take the deliveries; gives what became of them together, and of which logs each one spoke."""
        known = find_writers(conn, {sent.k for sent in deliveries})
        writers = cache(lambda name: known[name] if name in known else find_writer(conn, name))
        judged = [
            [
                intake.judge_opened(
                    pair, self._unsealer, k=sent.k, site=sent.site, writers=writers, now=now, parse=self.parse
                )
                for pair in sent.pairs
            ]
            for sent in deliveries
        ]
        if refuse:
            judged = [[replace(one, record=None, reason=one.reason or refuse) for one in part] for part in judged]
        every = [one for part in judged for one in part]
        spoken = [{one.name[:2] for one in part if one.name is not None} for part in judged]
        logs = shelf.hold_logs(conn, set().union(*spoken), now=now)
        bad = [
            (one, sent.topic)
            for sent, part in zip(deliveries, judged, strict=True)
            for one in part
            if one.record is None
        ]
        quarantined = shelf.quarantine(conn, bad, now=now)
        good = [(one.record, one.signature) for one in every if one.record is not None]
        shelved = shelf.put(conn, good, logs=logs, now=now)
        kept = {one.name for one, _ in bad if one.name is not None and one.reason in delivery.FINAL}
        shelf.cover(conn, logs, _covered(every, logs), fresh=shelved.fresh | kept, now=now)
        self._derive(conn, shelved)
        carriers = ",".join(sorted({sent.k for sent in deliveries}))
        if shelved.forks:
            logger.error("ledger_fork k=%s count=%d", carriers, shelved.forks)
        if quarantined:
            logger.warning("ledger_quarantined k=%s count=%d", carriers, quarantined)
        # While the logs are held, and not asked for again after COMMIT: nothing can come in between.
        brought = carried.brought(
            (sent.k, [one.line for one in part], own)
            for sent, part, own in zip(deliveries, judged, spoken, strict=True)
        )
        told = {
            log: answer.line(
                conn,
                row,
                now=now,
                known=shelved.digests,
                quiet=log not in shelved.troubled,
                brought=brought.get(log, ()),
            )
            for log, row in logs.items()
        }
        outcome = Outcome(shelved.taken, shelved.duplicates, shelved.forks, quarantined, tuple(sorted(logs)), told)
        return outcome, spoken

    def _derive(self, conn: Connection, shelved: shelf.Shelved) -> None:
        again = self.deriver.spoken_of(conn, shelved.boots)
        self.deriver.derive(conn, shelved.entities | again, new=shelved.numbers)

    def _replay(self, conn: Connection, *, row: int, now: int) -> int:
        held = conn.execute(
            select(QUARANTINE).where(QUARANTINE.c.id == row, QUARANTINE.c.resolved_at.is_(None))
        ).first()
        # No name of its writer's: nothing to judge it by, and nothing that a release could change.
        known = find_writer(conn, held.k) if held is not None and held.k is not None else None
        if held is None or known is None:
            return 0
        one = intake.judge_opened(
            (held.payload, held.signature), self._unsealer, k=held.k, site=known["site"],
            writers=lambda name: find_writer(conn, name), now=now, parse=self.parse,
        )  # fmt: skip
        if one.record is None:
            shelf.close_if_taken(conn, held, now=now)
            return 0
        logs = shelf.hold_logs(conn, [(held.k, held.inc)], now=now)
        shelved = shelf.put(conn, [(one.record, one.signature)], logs=logs, now=now)
        shelf.cover(conn, logs, [one.record.name()], fresh=shelved.fresh, now=logs[held.k, held.inc]["heard_at"])
        conn.execute(update(QUARANTINE).where(QUARANTINE.c.id == row).values(resolved_at=now))
        self._derive(conn, shelved)
        return shelved.taken + shelved.forks


def _hello_of(k: str, line: bytes) -> dict[str, Any]:
    try:
        hello = dict(inbox.read_hello(line))
    except ProtocolError as error:
        raise HelloRefused(error.code) from error
    if hello["k"] != k:
        raise HelloRefused("wrong_writer")
    return hello


def _covered(
    judged: Iterable[intake.Judged], logs: Mapping[tuple[str, str], Mapping[str, Any]]
) -> list[tuple[str, str, int]]:
    """The names that count as "here". Under no good signature only a number that its writer's own hello has spoken of.

    Otherwise a stranger could acknowledge, ahead of time, what the kiosk has yet to write.
    """
    found = []
    for one in judged:
        if one.name is not None:
            signed = one.record is not None or one.reason in delivery.FINAL
            if signed or one.name[2] <= logs[one.name[:2]]["last_said"]:
                found.append(one.name)
    return found


def _one(take: Callable[..., Outcome], pair: intake.Pair, k: str) -> Outcome:
    try:
        return take([pair])
    except UNDERIVABLE as error:
        _raise_if_clash(error)
        # Where, not what: the text of such an error can quote a person's data.
        where = traceback.extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        logger.error("ledger_underivable k=%s kind=%s where=%s line=%s", k, kind, where.name, where.lineno)  # noqa: TRY400
        return take([pair], refuse="underivable")


def _raise_if_clash(error: Exception) -> None:
    """Two transactions that met too often are no fault of the record: the message stays unacknowledged and comes again."""
    if isinstance(error, IntegrityError) and is_clash(error):
        raise error


def _sum(outcomes: Iterable[Outcome]) -> Outcome:
    held = list(outcomes)
    return Outcome(
        taken=sum(outcome.taken for outcome in held),
        duplicates=sum(outcome.duplicates for outcome in held),
        forks=sum(outcome.forks for outcome in held),
        quarantined=sum(outcome.quarantined for outcome in held),
        logs=tuple(sorted({log for outcome in held for log in outcome.logs})),
        told={},
    )
