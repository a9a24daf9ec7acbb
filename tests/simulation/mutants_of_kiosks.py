"""Planted bugs of kiosks: one class each, overriding one thing. Never used outside `make mutants` and its test."""

import dataclasses
import logging
from types import MappingProxyType

from kiosk import observation
from kiosk.desk import acts, board
from kiosk.desk.log import Log
from protocol import envelope
from protocol.outbox import Outbox
from tests.simulation.disk import PowerCut, SimStore
from tests.simulation.kiosk import SimDesk, SimKiosk


class SynchronousOff(SimKiosk):
    """`PRAGMA synchronous = OFF`: a commit returns before the disk has it."""

    disk_options = MappingProxyType({"synced": False})


class TornTransaction(SimKiosk):
    """Record and reading of the visit in two transactions."""

    disk_options = MappingProxyType({"atomic": False})


class TellingDesk(SimDesk):
    def write(self, outcome, *, who, jobs=()):
        before = self.log.seq
        if outcome.facts and not jobs:
            moment = self.moment()
            sealed = self.log.seal(
                outcome.facts,
                moment=moment,
                who=who,
                ref=self.lists.versions(),
                session=moment.day(self.lists.offset_min),
            )
            names = [(self.log.k, self.log.inc, record.seq, record.digest) for record, _ in sealed]
            self.kiosk.note("told", names=names, act=self.kiosk.act)
        super().write(outcome, who=who, jobs=jobs)
        assert self.log.seq >= before


class ToldBeforeCommit(SimKiosk):
    """The screen says "saved" first, the commit follows."""

    desk_class = TellingDesk


class EarlyPaperDesk(SimDesk):
    def write(self, outcome, *, who, jobs=()):
        for one in outcome.prints:
            if self.kiosk.printer == "ready":
                self.kiosk.move_paper(dataclasses.asdict(one), "printed")
        super().write(outcome, who=who, jobs=jobs)


class PrintBeforeCommit(SimKiosk):
    """Paper moves before the record is on the disk."""

    desk_class = EarlyPaperDesk


class TrustsPuback(SimKiosk):
    """What the broker has taken counts as safe."""

    def published(self, first, last):
        link = self.world.broker.link(self.device)
        if link.half_open_since < 0 and not link.cut:
            self.outbox.committed = max(self.outbox.committed, last)
            self.guarded(lambda: self.desk.safe(self.outbox.committed, []))


class ForgetsWhenAcknowledged(SimKiosk):
    """Records leave the kiosk with the acknowledgement, before they are in an off-host backup."""

    def pairs(self, inc, first, last):
        self.forgotten = max(getattr(self, "forgotten", 0), self.outbox.committed)
        return super().pairs(inc, max(first, self.forgotten + 1), last)

    def take_ack(self, ack):
        super().take_ack(ack)
        self.forgotten = max(getattr(self, "forgotten", 0), self.outbox.committed)


class TrustsAnySignature(SimKiosk):
    """Acknowledgements are not verified."""

    def trusts(self, line, signature):
        return True


class AnyLogOutbox(Outbox):
    def acked(self, ack, now, held=""):
        return super().acked({**ack, "k": self.k, "inc": self.inc}, now, held)


class TakesForeignAck(SimKiosk):
    """The acknowledgement of another log is taken for ours."""

    outbox_class = AnyLogOutbox

    def take_ack(self, ack):
        super().take_ack({**ack, "k": self.k, "inc": self.desk.log.inc})


class ProudOutbox(Outbox):
    def acked(self, ack, now, held=""):
        return super().acked({**ack, "committed": max(ack["committed"], self.committed)}, now, held)


class NeverLower(SimKiosk):
    """A mark lower than one seen before is not believed: a restored server never gets its records back."""

    outbox_class = ProudOutbox


class HighestOutbox(Outbox):
    def acked(self, ack, now, held=""):
        top = max([ack["committed"]] + [hole[1] + 1 for hole in ack["need"] if hole[1] < self.last])
        return super().acked({**ack, "committed": top, "head": ""}, now, held)


class MarkAcrossGaps(SimKiosk):
    """The kiosk takes the highest number spoken of for the mark."""

    outbox_class = HighestOutbox


class BlindOutbox(Outbox):
    def acked(self, ack, now, held=""):
        return super().acked({**ack, "head": "", "status": []}, now, "")


class BelievesForeignBranch(SimKiosk):
    """A clone believes a mark that speaks of the other's records."""

    outbox_class = BlindOutbox


class CarelessOutbox(Outbox):
    def acked(self, ack, now, held=""):
        forks = [row for row in ack["status"] if row[1] == "fork"]
        return super().acked({**ack, "status": forks}, now, held)


class NeverSendsDamagedAgain(SimKiosk):
    """A number covered by a damaged copy is left at that."""

    outbox_class = CarelessOutbox


class OnceOutbox(Outbox):
    def poll(self, now, chance):
        self._retry_at = now + 10**9
        steps = super().poll(now, chance)
        self._again = []
        return steps

    def _rewind(self, now):
        self._base = self.committed
        self._next = max(self._next, self.committed + 1)


class SendsOnce(SimKiosk):
    """No silence timer and no rewinding: what a wire loses is never sent again."""

    outbox_class = OnceOutbox


class WideOutbox(Outbox):
    def poll(self, now, chance):
        steps = super().poll(now, chance)
        return [(what, first, min(last + (last - first == 63), self.last)) for what, first, last in steps]


class WindowOffByOne(SimKiosk):
    """Sixty-five records are under way."""

    outbox_class = WideOutbox


class ChangesBytes(SimKiosk):
    """What is sent again is sealed anew, with a new time."""

    def pairs(self, inc, first, last):
        fresh = []
        for line, _ in super().pairs(inc, first, last):
            record = envelope.parse(line)
            anew = envelope.seal(
                k=record.k, inc=record.inc, seq=record.seq, prev=record.prev, t={**record.t, "mono": self.world.now},
                site=record.site, session=record.session, who=record.who, ref=record.ref, kind=record.kind, body=record.body,
            )  # fmt: skip
            fresh.append((anew, self.signer.line(anew)))
        return fresh


class LooseLog(Log):
    def seal(self, facts, **members):
        sealed = super().seal(facts, **members)
        self.take(sealed)
        return sealed


class HeadBeforeCommit(SimKiosk):
    """The log's head moves when a record is sealed, not when it is on the disk: a refused write leaves a gap."""

    log_class = LooseLog


class BareLog(Log):
    def seal(self, facts, **members):
        self.head = envelope.GENESIS
        return super().seal(facts, **members)


class Unchained(SimKiosk):
    """`prev` is always empty."""

    log_class = BareLog


class ReusesNumbers(SimKiosk):
    """After a power cut the log goes on from the last number acknowledged instead of the last one written."""

    def _open(self):
        super()._open()
        log = self.desk.log
        if 0 < self.desk.committed < log.seq:
            with self.store.db.conn as connection:
                connection.execute("DELETE FROM record WHERE seq > ?", (self.desk.committed,))
            log.seq, log.head = self.store.head(log.inc)
            self.outbox = self.outbox_class(self.k, log.inc, last=log.seq, committed=self.desk.committed)


class ObservesByWallClock(SimKiosk):
    """The half hour is counted on the wall clock."""

    def guarded(self, work):
        honest = board.observed_ms
        board.observed_ms = lambda desk, one: desk.moment().wall - one["dose"]["wall"]
        try:
            super().guarded(work)
        finally:
            board.observed_ms = honest


class SleepsThrough(SimKiosk):
    """Monotonic time of another boot is taken for this one's."""

    def guarded(self, work):
        honest = board.observed_ms
        board.observed_ms = lambda desk, one: (
            abs(desk.moment().mono - one["dose"]["mono"])
            + observation.OBSERVE_S * 1000 * (one["dose"]["boot"] != desk.moment().boot)
        )
        try:
            super().guarded(work)
        finally:
            board.observed_ms = honest


class TakesStaleTokens(SimKiosk):
    """A page of before is as good as the one shown: a double touch acts twice."""

    def guarded(self, work):
        honest = acts.act

        def remembering(desk, name, form, token):
            self._last = dict(desk.front.pending)
            before = desk.front.screen
            taken = honest(desk, name, form, desk.front.token)
            if name == "report" and desk.front.screen != before:
                desk.front.show(before, self._last)
            return taken

        acts.act = remembering
        try:
            super().guarded(work)
        finally:
            acts.act = honest


class CountsSentAsSafe(SimKiosk):
    """The header counts what was sent, not what was acknowledged."""

    def show(self):
        honest, self.desk.committed = self.desk.committed, max(self.outbox._next - 1, self.desk.committed)
        super().show()
        self.desk.committed = honest


class PrintsTwice(SimKiosk):
    """After a restart a job that was being sent is sent again under the same number."""

    def _open(self):
        with self.store_class(self.disk).db.conn as connection:
            connection.execute("UPDATE print_job SET state = 'waiting' WHERE state = 'sending'")
        super()._open()


class ChattyDesk(SimDesk):
    def write(self, outcome, *, who, jobs=()):
        super().write(outcome, who=who, jobs=jobs)
        for fact in outcome.facts:
            if "identity" in fact.body:
                logging.getLogger("kiosk").info("checked_in %s", fact.body["identity"]["name"])


class LogsNames(SimKiosk):
    """A line of the log names the person."""

    desk_class = ChattyDesk


class NameTopic(SimKiosk):
    """The card's number stands in a topic."""

    def send(self, first, last):
        super().send(first, last)
        for line, _ in self.store.pairs(self.desk.log.inc, first, last):
            record = envelope.parse(line)
            if "person" in record.body:
                self.world.history.add("topic", self.world.now, text=f"tram/1/x/{record.body['person']}/up")


class LosesOnRefusal(SimStore):
    def commit(self, batch):
        try:
            super().commit(batch)
        except PowerCut:
            raise
        except Exception:  # noqa: BLE001 - the planted bug: an error of the disk is swallowed
            return


class SwallowsDiskErrors(SimKiosk):
    """A write that the disk refuses is taken for done."""

    store_class = LosesOnRefusal
