"""Planted bugs of the centre: one class each, overriding one thing. Never used outside `make mutants` and its test."""

from collections import Counter

from protocol import inbox
from tests.simulation import deriving
from tests.simulation.centre import Centre


class AckBeforeCommit(Centre):
    """The acknowledgement leaves, then COMMIT."""

    def receive(self, k, payload):
        crash, self.crash = self.crash, ""
        before = self.state.copy()
        answers = [(k, self.answer(*log)) for log in self.take(k, payload, crash)]
        if crash in ("before", "between"):
            self.state = before
            self._stored.clear()
        else:
            self.note_stored()
        return answers


class NoUniqueKey(Centre):
    """A record that comes again is inserted and counted again."""

    def put(self, k, judged):
        entities = super().put(k, judged)
        for _, _, record, _, _ in judged:
            if record is not None:
                self.state.counters = Counter(self.state.counters)
                for entity in self.touched(record):
                    if entity not in entities:
                        self.state.counters.update(deriving.counts_of(self.state.tables[entity]))
        return entities


class AcksHighest(Centre):
    """The mark is the highest number held, holes or not."""

    def covered(self, k, inc):
        spans = self.state.spans.get((k, inc), ())
        return inbox.Ranges([[1, spans[-1][1]]] if spans else ())


class OffByOneRanges(inbox.Ranges):
    def add(self, number):
        added = super().add(number)
        spans = self.spans
        for at in range(len(spans) - 1):
            if spans[at + 1][0] == spans[at][1] + 2:
                spans[at][1] = spans.pop(at + 1)[1]
                break
        return added


class JoinsAcrossGaps(Centre):
    """Two ranges with one number missing between them are taken for one."""

    def cover(self, judged):
        for log in {name[:2] for _, _, _, _, name in judged if name}:
            covered = OffByOneRanges(self.state.spans.get(log, ()))
            for _, _, _, _, name in judged:
                if name and name[:2] == log:
                    covered.add(name[2])
            self.state.spans[log] = tuple(tuple(span) for span in covered.spans)


class EffectOutsideTransaction(Centre):
    """Records in one transaction, what is derived from them in the next."""

    def receive(self, k, payload):
        if self.crash == "between":
            self.crash = "after"
            self._skip = True
        return super().receive(k, payload)

    def derive(self, entities):
        if not self.__dict__.pop("_skip", False):
            super().derive(entities)


class DropsRefused(Centre):
    """What cannot be read is counted as here and thrown away."""

    def quarantine(self, k, line, signature, reason, name):
        if name:
            self._stored.append(("quarantine", (*name, "")))


class PoisonBlocks(Centre):
    """A message with one bad record is refused as a whole, for ever."""

    def put(self, k, judged):
        if any(record is None for _, _, record, _, _ in judged):
            judged[:] = []
        return super().put(k, judged)


class IgnoresInc(Centre):
    """A record is known by writer and number; the incarnation is not looked at."""

    def insert(self, record, signature, entities):
        same = any(name[0] == record.k and name[2] == record.seq for name in self.state.ledger)
        if not same:
            super().insert(record, signature, entities)
        else:
            self._stored.append(("ledger", (*record.name(), record.digest)))


class LastWriteWins(Centre):
    """Other bytes under a taken name replace the first."""

    def fork(self, record):
        self.state.ledger[record.name()] = record
        self.derive(set(self.touched(record)) & set(self.state.touch))
        self._stored.append(("ledger", (*record.name(), record.digest)))


class DropsForks(Centre):
    """Other bytes under a taken name are taken for a duplicate."""

    def fork(self, record):
        self._stored.append(("fork", (*record.name(), record.digest)))


class LastDoseWins(Centre):
    """Of two doses of a person on a day the second is dropped as a mistake."""

    def insert(self, record, signature, entities):
        if record.kind == "dose.given":
            for held in self.state.ledger.values():
                if held.kind == "dose.given" and held.body["person"] == record.body["person"]:
                    self._stored.append(("ledger", (*record.name(), record.digest)))
                    return
        super().insert(record, signature, entities)


class RefusesIrregular(Centre):
    """A dose without a screening breaks the table of states and is not taken."""

    def insert(self, record, signature, entities):
        if record.kind == "dose.given":
            kinds = {self.record_of(name).kind for name in self.state.touch.get(("visit", record.body["visit"]), ())}
            if "visit.screened" not in kinds:
                self._stored.append(("ledger", (*record.name(), record.digest)))
                return
        super().insert(record, signature, entities)


class TrustsEverybody(Centre):
    """Signatures are not verified."""

    def verified(self, k, line, signature):
        return True


class ForgetsReplay(Centre):
    """After an upgrade nobody looks again at what waited for it."""

    def replay(self):
        """Nothing."""


class DerivesByArrival(Centre):
    """Records of an entity are read in the order they came."""

    def rows_of(self, entity, records):
        return deriving.rows_in_order(*entity, records)


class CountsWithoutDifference(Centre):
    """Counters add what is derived and never take back what stood before."""

    def count(self, old, new):
        super().count({}, new)


class UnboundedClock(Centre):
    """Any remote hybrid clock is adopted, however far ahead."""

    meet = staticmethod(lambda last, remote, _wall, _sure: max(tuple(last), tuple(remote)))


class AnswersFromBackup(Centre):
    """A restored server keeps the marks of the one that burnt."""

    def restore(self):
        spans, said = self.state.spans, self.state.said
        super().restore()
        self.state.spans, self.state.said = dict(spans), dict(said)


class StrangersCover(Centre):
    """A number under a stranger's signature counts as here before its writer has written it."""

    def counts(self, record, reason, name):
        return True


class IgnoresSite(Centre):
    """A writer may speak for any site."""

    def judge(self, pair, k):
        line, signature, record, reason, name = super().judge(pair, k)
        if reason == "wrong_site":
            record, reason = self.parse(line), ""
        return line, signature, record, reason, name


class CountsCopiesToo(Centre):
    """A dose told by its slip stands beside the original."""

    def rows_of(self, entity, records):
        if entity[0] == "slip" and any(record.kind == "dose.recovered" for record in records):
            records = [record for record in records if record.kind != "dose.given"]
        return super().rows_of(entity, records)


class BelievesAnySlip(Centre):
    """A slip is believed whoever signed it."""

    def distrust_slip(self, record):
        return ""


class DropsRecovered(Centre):
    """What a slip tells is counted as here and thrown away."""

    def insert(self, record, signature, entities):
        if record.kind == "dose.recovered":
            self._stored.append(("ledger", (*record.name(), record.digest)))
        else:
            super().insert(record, signature, entities)


class DatesByAnyBoot(Centre):
    """The anchor of one boot dates the records of another."""

    boot_of = staticmethod(lambda record: (record.k, ""))


class AnchorsUnsynced(Centre):
    """Any clock's word is an anchor, whether it was synced or not."""

    anchor_of = staticmethod(lambda t: (t["err"], t["mono"], t["wall"]))


class DatesByArrival(Centre):
    """The anchor is the synced record that came last."""

    better = staticmethod(lambda held, offered: offered or held)


class DatesTooSurely(Centre):
    """The best time is given without the anchor's error and without the drift since."""

    def dated(self, records):
        found = []
        for record in super().dated(records):
            if record.sure == "repaired":
                record.err = 0
            found.append(record)
        return found


class NeverDatesAgain(Centre):
    """An anchor that comes after the records it dates changes nothing that was derived before."""

    def learn(self, record, name, entities):
        super().learn(record, name, set())


class UpgradesWithoutDeriving(Centre):
    """After an upgrade what waited is replayed; what the older release derived without is left as it is."""

    def derive_all(self):
        """Nothing."""
