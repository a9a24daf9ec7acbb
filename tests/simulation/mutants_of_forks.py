"""Planted bugs of what a kiosk does about a forked log: one class each. Never used outside `make mutants` and its test."""

from tests.simulation.kiosk import SimKiosk
from tests.simulation.oldlogs import OldLogs


class StayingLogs(OldLogs):
    def begin(self):
        pass


class StaysInForkedLog(SimKiosk):
    """A forked log is written in for ever."""

    old_logs_class = StayingLogs


class ForgetfulLogs(OldLogs):
    def _of(self, inc, *, held):
        return super()._of(inc, held=True)

    def believed(self, old, ack, now):
        return False


class LeavesOldLogBehind(SimKiosk):
    """A new log begins and what the old one still owes is forgotten."""

    old_logs_class = ForgetfulLogs


class CountingLogs(OldLogs):
    def believed(self, old, ack, now):
        return old.answered(old.head if ack["committed"] >= old.last else "", now)


class BelievesMarkOfOldLog(SimKiosk):
    """The centre's mark is taken for the proof that our branch of a cloned log is there."""

    old_logs_class = CountingLogs


class HastyLogs(OldLogs):
    def follow(self, now):
        self.kiosk.outbox.forked = self.kiosk.outbox.forked or self.kiosk.outbox.backlog() > PATIENCE
        super().follow(now)


PATIENCE = 20


class BeginsAnewForNothing(SimKiosk):
    """A long backlog is taken for the sign of a cloned card."""

    old_logs_class = HastyLogs
