"""Planted bugs of ingest: each overrides one thing of the counting ledger. `make fuzz` must see every one."""

from sqlalchemy import update

from protocol import envelope
from protocol.errors import ProtocolError
from server.ledger import intake, shelf
from server.ledger.tables import COUNTER
from tests.fuzz.office import CountingLedger

LONG = 8_000


class RaisesOnSurrogates(CountingLedger):
    """A lone surrogate comes out of the parser as another error than it promised."""

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.parse = self._fragile

    def _fragile(self, line):
        if b"\\ud800" in line:
            raise RuntimeError("surrogates not allowed")
        return envelope.parse(line)


class DropsWhatIsTooLong(CountingLedger):
    """Lines beyond 16 KB are thrown away instead of put aside."""

    def accept(self, pairs, **named):
        return super().accept([pair for pair in pairs if len(pair[0]) <= envelope.canon.MAX_RECORD], **named)


class DropsTheTail(CountingLedger):
    """A last line without its signature line is left out."""

    def accept_message(self, message, **named):
        pairs = intake.split(message)
        return self.accept(pairs[:-1] if pairs and pairs[-1][1] == b"" else pairs, **named)


class DropsTheLastOfMany(CountingLedger):
    """Of messages taken together the last one is forgotten."""

    def accept_all(self, deliveries, *, now):
        outcome, spoken = super().accept_all(deliveries[:-1], now=now)
        return outcome, [*spoken, set()]


class CountsTwice(CountingLedger):
    """A duplicate is told as taken."""

    def accept(self, *given, **named):
        outcome = super().accept(*given, **named)
        self.sums["taken"] += outcome.duplicates
        return outcome


class DropsForks(CountingLedger):
    """Other bytes under a taken name are not kept."""

    def accept(self, pairs, **named):
        return super().accept([pair for pair in pairs if not self._taken(pair[0])], **named)

    def _taken(self, line):
        try:
            record = envelope.parse(line)
        except ProtocolError:
            return False
        with self.db.read() as conn:
            return shelf.digests(conn, [record.name()]).get(record.name(), record.digest) != record.digest


class WorksTooLong(CountingLedger):
    """A long line is read over and over."""

    def accept(self, pairs, **named):
        kept = list(pairs)
        for line, _ in kept:
            for at in range(0, len(line) if len(line) > LONG else 0, 4):
                sum(line[at:])
        return super().accept(kept, **named)


class EatsMemory(CountingLedger):
    """Each message takes ten megabytes of room for good measure."""

    def accept(self, *given, **named):
        room = bytearray(10 * 1024 * 1024)
        outcome = super().accept(*given, **named)
        del room
        return outcome


class ForgetsACounter(CountingLedger):
    """Duplicates leave the derived rows a little different from a rebuild."""

    def accept(self, *given, **named):
        outcome = super().accept(*given, **named)
        if outcome.duplicates:
            with self.db.write() as conn:
                conn.execute(update(COUNTER).values(n=COUNTER.c.n + 1))
        return outcome


# Name: the bug and what is to speak.
PLANTED = {
    "raises_on_surrogates": (RaisesOnSurrogates, "crash"),
    "drops_what_is_too_long": (DropsWhatIsTooLong, "vanished"),
    "drops_the_tail": (DropsTheTail, "vanished"),
    "drops_the_last_of_many": (DropsTheLastOfMany, "vanished"),
    "drops_forks": (DropsForks, "vanished"),
    "counts_twice": (CountsTwice, "sums"),
    "works_too_long": (WorksTooLong, "slow"),
    "eats_memory": (EatsMemory, "memory"),
    "forgets_a_counter": (ForgetsACounter, "rebuild"),
}
