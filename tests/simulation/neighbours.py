"""The neighbourhood of a simulated kiosk: the real one over the simulated store, with the simulation's signatures.

What it states, keeps, forgets and carries is noted in the history. Planted bugs override single methods.
"""

from kiosk.carriage import Carriage
from kiosk.crypto import KeyRing
from kiosk.neighbourhood import Neighbourhood
from protocol import held
from tests.simulation.signing import signer

# Of three schedules one plays at a site whose server sends no list of keys: nobody has neighbours there.
ALONE_EVERY = 3
SILENT_MS = 600_000


class SimRing(KeyRing):
    """Keys by name alone: signatures of the simulation have no PEM."""

    def __init__(self, items, *, real):
        self._signers = {item["k"]: signer(item["k"], real=real) for item in items if not item.get("revoked")}

    def names(self):
        return set(self._signers)

    def good(self, k, data, signature_line):
        return k in self._signers and self._signers[k].good(data, signature_line)


class SimCarriage(Carriage):
    """The real one; what it states and what it forgets is noted."""

    kiosk = None

    def statement(self, now):
        line = super().statement(now)
        if line is not None:
            runs = held.read_held(line)["runs"]
            ends = [(run["k"], run["inc"], run["last"], run["digest"]) for run in runs]
            self.kiosk.note("stated", names=ends)
        return line

    def dropped(self, names):
        super().dropped(names)
        self.kiosk.note("spent", names=list(names), gone=[name for name in names if not self._copies.holds(name)])


class SimNeighbourhood(Neighbourhood):
    """The real one; what the disk has kept is noted."""

    carriage_class = SimCarriage
    ring_class = SimRing

    def __init__(self, kiosk):
        self.kiosk = kiosk
        super().__init__(
            desk=kiosk.desk, reader=kiosk.store, signer=kiosk.signer, centre=kiosk.centre_signer, sealer=kiosk.sealer,
            post=lambda work: work(), silent_ms=SILENT_MS,
        )  # fmt: skip
        self._carriage.kiosk = kiosk
        kiosk.note("kept", names=kiosk.store.all_copies())

    def _keep(self, found):
        try:
            super()._keep(found)
        finally:
            self.kiosk.note("kept", names=[one.name for one in found if self.kiosk.store.copies.holds(one.name)])

    def make_ring(self, items):
        return self.ring_class(items, real=self.kiosk.world.real)


def writers(count):
    """The names on the site's list of keys."""
    return tuple(f"kiosk-{number + 1}" for number in range(count))
