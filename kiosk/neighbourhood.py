"""The other kiosks of the site, as the wire's thread serves them: what comes from them, what goes to them.

Believes by signature alone. Verified copies go to the desk; only what the desk has committed is stated or counted. No
sockets and no clock: messages and times come in, messages to publish come out.
"""

from __future__ import annotations

import logging
import queue
from bisect import bisect_left
from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import pairwise
from typing import Any, Protocol

from kiosk import boots, lanes, parsed
from kiosk.carriage import PER_MESSAGE, Carriage
from kiosk.clock import Moment
from kiosk.copy_days import Days
from kiosk.crypto import KeyRing, Sealer, Signer, Verifier
from kiosk.desk import copies as desk_copies
from kiosk.desk import rot as desk_rot
from kiosk.desk.loop import Desk
from kiosk.neighbours import Copies, Copy, Name, Shut, copy_of
from protocol import canon, envelope, held, inbox, sealed, topics, wanting
from protocol.clocktext import day_of
from protocol.envelope import Record
from protocol.errors import ProtocolError, UnknownKind
from protocol.outbox import Outbox
from protocol.wanting import Wanting

log = logging.getLogger(__name__)
# Copies handed to the desk and not yet on its disk: what comes beyond is left to its writer, who offers it again.
MOST_UNDER_WAY = 2_000
# A kiosk that comes back is given the day, not the campaign.
GIVEN_MS = 16 * 3_600_000
# Copies put away in one turn of the desk: sealing so many takes it about 10 ms, so a touch does not notice.
AT_ONCE = 24
# Whoever was heard within this time is no candidate for a stand-in.
VOICE_MS = 60_000
# Beyond any record's number.
FAR = 1 << 53
Message = tuple[str, bytes]


class Reader(Protocol):
    """What is read of the store, on this thread's own connection."""

    @property
    def copies(self) -> Copies:
        """Neighbours' records."""

    def pairs(self, inc: str, first: int, last: int) -> list[tuple[bytes, bytes]]:
        """Our own records as signed."""

    def digest(self, inc: str, seq: int) -> str:
        """The digest of one of ours."""

    def first_since(self, inc: str, wall: int, day: str) -> int:
        """The first of ours since then by the wall clock, or of a campaign day since `day`."""

    def numbers(self, inc: str) -> list[int]:
        """The numbers of ours that lie open, rising."""


class Neighbourhood:
    """One kiosk's neighbours. For one thread; the desk answers through a queue."""

    carriage_class = Carriage

    def __init__(
        self,
        *,
        desk: Desk,
        reader: Reader,
        signer: Signer,
        centre: Verifier,
        sealer: Sealer | None,
        post: Callable[[Callable[[], None]], None],
        silent_ms: int,
    ) -> None:
        """`post`: runs work on the desk's thread; `centre`: the centre's key, `sealer`: to it; `silent_ms`: see `Carriage`."""
        self._desk = desk
        self._k = desk.log.k
        self._reader = reader
        self._signer = signer
        self._centre = centre
        self._sealer = sealer
        self._post = post
        self._ring = KeyRing([])
        self._version = 0
        self._fresh: dict[Name, Copy] = {}
        self._under_way = 0
        self._settled: queue.SimpleQueue[tuple[tuple[Copy, ...], bool]] = queue.SimpleQueue()
        self._spent: queue.SimpleQueue[list[Name]] = queue.SimpleQueue()
        self._carriage = self.carriage_class(k=self._k, copies=reader.copies, silent_ms=silent_ms)
        self._beside = held.Beside(desk.log.inc)
        self._wanting = Wanting()
        # When each neighbour was heard itself, whatever it said.
        self._voices: dict[str, int] = {}
        # `_day`; None when somebody has said since what they hold.
        self._given: tuple[int, list[tuple[int, int]]] | None = None
        self._mark = 0
        self._days = Days(lambda: desk.lists.offset_min)
        self._shown: list[dict[str, Any]] = []
        # What the last look at the copies found, and whether a neighbour has stated something since.
        self._looked: list[dict[str, Any]] = []
        self._news = False
        self.refused = 0

    def connected(self, now: int) -> None:
        """The wire is up."""
        self._carriage.connected(now)

    def message(self, k: str, leaf: str, payload: bytes, moment: Moment, now: int) -> None:
        """What came on a topic of neighbour `k`. Any bytes."""
        try:
            if leaf == topics.UP and not sealed.is_sealed(payload.split(b"\n", 1)[0]):
                for line, signature in envelope.unpack(payload):
                    self._take(k, line, signature, moment, now)
            elif leaf == topics.DOWN:
                for line, signature in envelope.unpack(payload):
                    if self._centre.good(line, signature):
                        self.acknowledged(inbox.read_ack(line), now)
            elif leaf == topics.HELD:
                for line, signature in envelope.unpack(payload):
                    if self._ring.good(k, line, signature):
                        self._voices[k] = now
                        if wanting.is_want(line):
                            self._asked(k, wanting.read_want(line))
                        else:
                            self._told(k, held.read_held(line), now)
        except ProtocolError as error:
            self._refuse(k, error.code)

    def acknowledged(self, ack: dict[str, Any], now: int) -> None:
        """The centre's verified word on a log, perhaps a neighbour's."""
        self._days.centre_said(ack["now"], self._desk.moment())
        if ack["k"] != self._k:
            self._carriage.acknowledged(ack, now, dawn=self._days.dawn_of(ack["now"]))

    def step(self, now: int, outbox: Outbox) -> list[Message]:
        """One round: hand copies to the desk, learn what it kept; what is to be published, as `(leaf, payload)`."""
        self.believe(self._desk.lists.keys, self._desk.lists.versions().get("keys", 0))
        self._settle(now)
        found = self.fresh()
        if found:
            self._post(lambda: self._keep(found))
        self._show(now, outbox)
        out: list[Message] = []
        line = self._carriage.statement(now)
        if line is not None:
            out.append((topics.HELD, envelope.pack([(line, self._signer.line(line))])))
        spoilt = _all_but(self._k, self._desk.condition.rotten)
        # People of a kiosk that burned stand in everybody's line, also of whoever was cut off then or came later.
        dead = {log for log in self._wanting.logs(now) if log[0] != self._k and self._carriage.silent(log)}
        wanted = {*(self._desk.led - {lanes.OWN}), *dead, *spoilt}
        ask = self._wanting.poll(now, wanted, {**self._carriage.lacking(), **spoilt})
        if ask is not None:
            line = wanting.make_want(self._k, ask)
            out.append((topics.HELD, envelope.pack([(line, self._signer.line(line))])))
        out += [(topics.UP, payload) for payload in self._carriage.carry(now)]
        for first, last in self._offers(now, outbox):
            for start in range(first, last + 1, PER_MESSAGE):
                pairs = self._reader.pairs(outbox.inc, start, min(start + PER_MESSAGE - 1, last))
                if pairs:
                    out.append((topics.UP, envelope.pack(pairs)))
        return out

    def believe(self, items: list[dict[str, Any]], version: int) -> None:
        """Take the site's list of keys, when it is another than the one held."""
        if version != self._version:
            self._version = version
            self._ring = self.make_ring(items)

    def make_ring(self, items: list[dict[str, Any]]) -> KeyRing:
        """The keys that a list names."""
        return KeyRing(items)

    def fresh(self) -> tuple[Copy, ...]:
        """Verified copies that came since the last call and are on their way to the desk now."""
        found = tuple(self._fresh.values())
        self._fresh.clear()
        self._under_way += len(found)
        return found

    def _keep(self, found: tuple[Copy, ...]) -> None:
        kept = False
        try:
            kept = desk_copies.arrived(self._desk, found)
        finally:
            self._settled.put((found, kept))

    def _settle(self, now: int) -> None:
        while not self._settled.empty():
            found, kept = self._settled.get()
            self._under_way -= len(found)
            if kept:
                self._carriage.kept(found, now)
                self._news = True
        while not self._spent.empty():
            self._carriage.dropped(self._spent.get())

    def _show(self, now: int, outbox: Outbox) -> None:
        if outbox.inc != self._beside.inc:
            self._beside = held.Beside(outbox.inc)
        mark = self._beside.mark(outbox.committed)
        if mark != self._mark:
            self._mark = mark
            self._post(lambda: self._desk.set_beside(mark))
        shown = self._carriage.look(now, self._desk.carried)
        if shown is not None:
            self._looked = shown
            self._put_away(now)
        elif not self._news:
            return
        self._news = False
        rows = self._rows(now)
        if rows != self._shown:
            self._shown = rows
            self._post(lambda: self._desk.set_neighbours(rows))

    def _put_away(self, now: int) -> None:
        dawn = self._days.dawn(self._desk.moment())
        short = not self._desk.condition.has_room()
        forget, seal = self._carriage.spent(dawn, now, short=short) if dawn else ([], [])
        turn = self._reader.copies.whole([*forget, *seal], AT_ONCE) if forget or seal else []
        if not turn:
            return
        # A kit of an earlier release has no key to seal to: as it did, it forgets what the centre has.
        shut = set(seal).intersection(turn) if self._sealer is not None else set()
        spent = [name for name in turn if name not in shut]
        self._post(lambda: self._spent.put(desk_copies.spend(self._desk, spent, self._boxes(shut))))
        self._carriage.hurry_look(now)

    def _boxes(self, names: Collection[Name]) -> dict[Name, Shut]:
        """The copies as boxes; on the desk's thread, where nobody removes one meanwhile."""
        found = {}
        for name in sorted(names):
            pair = self._desk.store.copies.pair(name)
            if pair is not None and self._sealer is not None:
                found[name] = Shut(name, *self._sealer.seal(*name[:3], *pair))
        return found

    def _rows(self, now: int) -> list[dict[str, Any]]:
        """Each neighbour of whom something is held here, or stated to be held by another."""
        names = ("k", "unsafe", "carried")
        rows = [
            {**{name: row[name] for name in names}, "silent_min": row["silent_ms"] // 60_000, "missing": 0}
            for row in self._looked
        ]
        looked = {row["k"] for row in rows}
        held_here: dict[str, int] = {}
        for (k, _inc), runs in self._carriage.runs().items():
            held_here[k] = held_here.get(k, 0) + sum(run[1] - run[0] + 1 for run in runs)
        for k, stated in self._wanting.stated(now).items():
            heard = now - self._voices.get(k, -VOICE_MS) < VOICE_MS
            if k != self._k and k not in looked and not heard:
                missing = max(stated - held_here.get(k, 0), 0)
                rows.append({"k": k, "unsafe": 0, "carried": 0, "silent_min": 0, "missing": missing})
        return sorted(rows, key=lambda row: str(row["k"]))

    def _asked(self, k: str, value: dict[str, Any]) -> None:
        if value["k"] != k:
            code = "wrong_writer"
            raise ProtocolError(code)
        if value["from"] == self._k:
            self._carriage.asked((value["of"], value["inc"]), value["first"], value["last"])

    def _offers(self, now: int, outbox: Outbox) -> list[tuple[int, int]]:
        """Ranges of ours to offer now: what the centre has not, and of the day all that lies open."""
        if self._given is None:
            self._given = self._day(outbox.inc)
        given, shut = self._given
        first = max(min(outbox.committed + 1, given), outbox.gone + 1)
        found: list[tuple[int, int]] = self._beside.poll(now, first, outbox.last, outbox.sent(), shut)
        return found

    def _day(self, inc: str) -> tuple[int, list[tuple[int, int]]]:
        """The first of the day by any clock, and the ranges behind it that lie sealed.

        What was written in 1970 is dated by its boot, which began then or no later than then (F35).
        """
        desk = self._desk
        at = desk.moment()
        since = at.wall - GIVEN_MS
        first = self._reader.first_since(inc, since, day_of(max(since, 0), desk.lists.offset_min))
        known, latest = boots.starts(desk.boots, boot=at.boot, mono=at.mono, wall=desk.likely_wall(at))

        def made_at(seq: int) -> int:
            try:
                t = parsed.record(self._reader.pairs(inc, seq, seq)[0][0]).t
            except (IndexError, ProtocolError):
                # Sealed this moment, rotten, or of a newer release before a roll-back: given rather than not.
                return since
            start = known.get(t["boot"], latest.get(t["boot"]))
            return int(t["wall"] if start is None else start + t["mono"])

        numbers = self._reader.numbers(inc)
        begin = bisect_left(numbers, since, hi=bisect_left(numbers, first), key=made_at)
        shut = [(one + 1, after - 1) for one, after in pairwise(numbers[begin:]) if one + 1 < after]
        return numbers[begin] if begin < len(numbers) else first, shut

    def _told(self, k: str, value: dict[str, Any], now: int) -> None:
        if value["k"] != k:
            code = "wrong_writer"
            raise ProtocolError(code)
        inc = self._beside.inc
        runs = [run for run in value["runs"] if (run["k"], run["inc"]) == (self._k, inc)]
        self._wanting.told(k, value["runs"], now)
        self._news = True
        # Only under our own digest is it our record: a clone's neighbour holds the clone's (I4).
        ours = [(run["first"], run["last"]) for run in runs if self._reader.digest(inc, run["last"]) == run["digest"]]
        self._given = None
        self._beside.told(k, ours, now)

    def _take(self, k: str, line: bytes, signature: bytes, moment: Moment, now: int) -> None:
        if inbox.is_hello(line):
            if self._ring.good(k, line, signature):
                hello = inbox.read_hello(line)
                self._voices[k] = now
                self._days.hello(k, hello, moment)
                self._carriage.heard(k, hello["inc"], now, last=hello["last"])
            return
        try:
            name, told = _read(line, site=self._desk.log.site)
        except ProtocolError as error:
            # Costs its own pair only.
            self._refuse(k, error.code)
            return
        if name[0] == self._k:
            if name[1:3] in self._desk.condition.rotten:
                good = self._signer.verifier().good
                self._post(lambda: desk_rot.given_back(self._desk, name[1:3], line, signature, good=good))
            return
        if name not in self._fresh and not self._carriage.done_with(name) and not self._reader.copies.holds(name):
            if not self._ring.good(name[0], line, signature):
                self._refuse(k, "not_believed")
                return
            if self._under_way + len(self._fresh) < MOST_UNDER_WAY:
                one = _copy(name, told, line, signature, moment)
                self._fresh[name] = replace(one, late=self._days.late(told, moment)) if told else one
        if name[0] == k:
            self._voices[k] = now
            self._carriage.heard(k, name[1], now)

    def _refuse(self, k: str, why: str) -> None:
        self.refused += 1
        # Of a kiosk gone mad each message would be a line: the powers of two are enough.
        if self.refused & (self.refused - 1) == 0:
            log.warning("neighbour_refused k=%s why=%s count=%d", k, why, self.refused)


def _read(line: bytes, *, site: str) -> tuple[Name, Record | None]:
    """What a line is, not yet believed. `ProtocolError` when it is no record of any release, or not of `site`.

    None for a newer release's: kept and carried all the same, read after the upgrade.
    """
    try:
        record = parsed.record(line)
    except UnknownKind:
        name = envelope.peek_name(line)
        if name is None:
            raise
        return (*name, canon.digest(line)), None
    if record.site != site:
        code = "wrong_site"
        raise ProtocolError(code)
    return (*record.name(), record.digest), record


def _all_but(k: str, rotten: frozenset[tuple[str, int]]) -> dict[tuple[str, str], list[list[Any]]]:
    """Our own logs with rotten rows as if the rest of each were a neighbour's: all but these."""
    found: dict[tuple[str, str], list[list[Any]]] = {}
    for inc in {inc for inc, _seq in rotten}:
        gaps = [0, *sorted(seq for one, seq in rotten if one == inc), FAR]
        found[k, inc] = [[gap + 1, after - 1] for gap, after in pairwise(gaps) if gap + 1 < after]
    return found


def _copy(name: Name, record: Record | None, line: bytes, signature: bytes, moment: Moment) -> Copy:
    if record is not None:
        return copy_of(record, signature, boot=moment.boot, mono=moment.mono)
    value = canon.read(line, envelope.ORDER)
    body = value.get("body")
    prev, kind, session = (value.get(key) for key in ("prev", "kind", "session"))
    visit = body.get("visit") if isinstance(body, dict) else None
    return Copy(
        k=name[0], inc=name[1], seq=name[2], digest=name[3],
        prev=prev if isinstance(prev, str) else "", kind=kind if isinstance(kind, str) else "",
        visit=visit if isinstance(visit, str) else None, session=session if isinstance(session, str) else "",
        line=line, signature=signature, boot=moment.boot, mono=moment.mono,
    )  # fmt: skip
