"""What `kiosk/sync.py` does about a forked log, without its thread: begin anew by the real desk, offer the old log until it is held.

`OldLogs` belongs to one run of a simulated kiosk's programs; planted bugs override single methods.
"""

from kiosk.desk import anew
from kiosk.oldlog import OldLog
from protocol import envelope

ANEW_EVERY_MS = 30_000


class OldLogs:
    """The logs this kiosk writes in no more, by incarnation."""

    def __init__(self, kiosk):
        self.kiosk = kiosk
        self.logs = {inc: self._of(inc, held=held) for inc, held in kiosk.store.old_logs().items()}
        self.why = "cloned"
        self._anew_at = 0

    def _of(self, inc, *, held):
        last, head = self.kiosk.store.head(inc)
        return OldLog(inc, last=last, head=head or envelope.GENESIS, held=held)

    def follow(self, now):
        """Leave a forked log; serve the one that the desk writes in now."""
        kiosk = self.kiosk
        if kiosk.outbox.forked and now >= self._anew_at:
            self._anew_at = now + ANEW_EVERY_MS
            kiosk.guarded(self.begin)
        if kiosk.running and kiosk.desk.log.inc != kiosk.outbox.inc:
            old = self.logs[kiosk.outbox.inc] = self._of(kiosk.outbox.inc, held=False)
            log = kiosk.desk.log
            kiosk.outbox = kiosk.outbox_class(kiosk.k, log.inc, last=log.seq, committed=0)
            self.why = "cloned"
            if kiosk.connected:
                old.connected(now)
                kiosk.outbox.connected(now)

    def begin(self):
        """The desk opens a new log; what the disk took is noted, also when the power went right after."""
        kiosk, inc = self.kiosk, self.kiosk.mint_inc()
        kiosk.act = "anew"
        try:
            anew.begin(kiosk.desk, forked=kiosk.outbox.inc, inc=inc, why=self.why, app="sim")
        finally:
            kiosk.note_written_in(inc, 0)

    def connected(self, now):
        for old in self.logs.values():
            old.connected(now)

    def poll(self, now):
        """`(inc, what, first, last)` steps."""
        return [(old.inc, *step) for old in self.logs.values() for step in old.poll(now)]

    def takes(self, ack, now):
        """Is this acknowledgement of an old log? Then it is taken."""
        old = self.logs.get(ack["inc"])
        if old is None or ack["k"] != self.kiosk.k:
            return False
        if self.believed(old, ack, now):
            anew.held(self.kiosk.desk, inc=old.inc, whole=old.held)
            if old.held:
                self.kiosk.note("held", inc=old.inc, last=old.last, head=old.head)
        archived = old.archived(ack)
        if archived is not None:
            self.kiosk.heard(ack, archived)
        return True

    def believed(self, old, ack, now):
        return old.answered(ack.get("whole"), now)

    def settled(self):
        """Nothing of an old log is owed, and the log written in is ours alone."""
        return not self.kiosk.outbox.forked and all(old.held for old in self.logs.values())
