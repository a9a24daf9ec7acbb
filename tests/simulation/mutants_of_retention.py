"""Planted bugs of retention, at kiosks and at the centre: one class each. Never used outside `make mutants` and its test."""

from kiosk.desk.retention import Retention
from kiosk.store import Batch
from tests.simulation.centre import Centre
from tests.simulation.kiosk import SimKiosk


class HastyRetention(Retention):
    def heard(self, inc, archived, now):
        safe = self._safe().get(inc, 0)
        super().heard(inc, safe, now)


class DeletesBeforeArchived(SimKiosk):
    """What is acknowledged counts as archived: it is deleted a month later, in a backup or not."""

    retention_class = HastyRetention


class WallRetention(Retention):
    def step(self, moment):
        honest, self.centre_at = self.centre_at, max(moment.wall, self.centre_at)
        super().step(moment)
        self.centre_at = honest if self.centre_at == max(moment.wall, honest) else self.centre_at


class DeletesByWallClock(SimKiosk):
    """The month is counted on the kiosk's own clock alone."""

    retention_class = WallRetention


class WrongKeySealed(SimKiosk):
    """Records are sealed to a key that is not the centre's."""

    sealing_key = "a stranger"


class LeavingRetention(Retention):
    def _seal(self, sealer):
        commit = self._desk.store.commit
        self._desk.store.commit = lambda batch: commit(_without_visits(batch))
        try:
            super()._seal(sealer)
        finally:
            del self._desk.store.commit


def _without_visits(batch):
    away = batch.away
    return Batch(away=type(away)(away.boxes, (), away.slips), visits=batch.visits, meta=batch.meta)


class LeavesReadings(SimKiosk):
    """Records are sealed, and the readings of their visits stay open beside them."""

    retention_class = LeavingRetention


class UntidyRetention(Retention):
    def _scrub(self):
        pass


class NeverScrubs(SimKiosk):
    """Deleted cells stay in the file until something is written over them."""

    retention_class = UntidyRetention

    def _open(self):
        super()._open()
        self.store.db.conn.execute("PRAGMA secure_delete = OFF")


class ArchivedAhead(Centre):
    """Everything durable at the centre is called archived."""

    def answer(self, k, inc):
        self.state.archived = {**self.state.archived, (k, inc): self.covered(k, inc).committed()}
        return super().answer(k, inc)


class LateCalledArchived(Centre):
    """Other bytes that come under an archived number are called archived with it."""

    def late(self, name):
        pass


class ReusesDeskNumbers(Centre):
    """A restored centre's own desk goes on in the log of its backup."""

    def open_anew(self):
        pass
