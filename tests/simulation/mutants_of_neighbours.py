"""Planted bugs of what a kiosk does for its neighbours: one class each. Never used outside `make mutants` and its test."""

from dataclasses import replace

from kiosk.carriage import FAR
from kiosk.copy_days import Days
from protocol import envelope
from protocol.carrying import Said
from protocol.wanting import Wanting
from tests.simulation.kiosk import SimKiosk
from tests.simulation.neighbours import SimCarriage, SimNeighbourhood, SimRing


class StatesAtOnce(SimNeighbourhood):
    """What has arrived is stated as held before the disk has it."""

    def fresh(self):
        found = super().fresh()
        self._carriage.kept(found, self.kiosk.clock.ticks())
        return found


class TrustingRing(SimRing):
    def good(self, k, data, signature_line):
        return k in self._signers


class BelievesAnybody(SimNeighbourhood):
    """A neighbour's signature is not looked at."""

    ring_class = TrustingRing


class CountsNumbers(SimNeighbourhood):
    """A neighbour that states a number holds our record: the digest is not compared."""

    def _told(self, k, value, now):
        inc = self._beside.inc
        ours = [(run["first"], run["last"]) for run in value["runs"] if (run["k"], run["inc"]) == (self._k, inc)]
        self._beside.told(k, ours, now)


class Resealing(SimCarriage):
    def carry(self, now):
        sign = self.kiosk.signer.line
        pairs = [envelope.unpack(message) for message in super().carry(now)]
        return [envelope.pack([(line, sign(line)) for line, _ in part]) for part in pairs]


class DeafSaid(Said):
    def __init__(self, ack, before=None):
        super().__init__(ack, before)
        self.here = set()


class Deaf(SimCarriage):
    said_class = DeafSaid


class NumbersSaid(Said):
    def proven(self, rows):
        return super().proven(rows) if self.suspects(rows) else {row[:2] for row in rows}


class Counting(SimCarriage):
    said_class = NumbersSaid


class Silent(SimCarriage):
    def carry(self, now):
        return []


class Hasty(SimCarriage):
    def spent(self, dawn, now, *, short=False):
        return [name for log in self._runs for name in self._copies.before(*log, dawn, FAR, archived=FAR)], []


class Trusting(SimCarriage):
    def spent(self, dawn, now, *, short=False):
        return super().spent(dawn, now, short=True)


class Lax(SimCarriage):
    def spent(self, dawn, now, *, short=False):
        return super().spent(dawn, now, short=short)[0], []


class Late(SimCarriage):
    day, noon = "", -1

    def spent(self, dawn, now, *, short=False):
        if self.day and self.day != dawn.day:
            self.noon = self.kiosk.clock.now().mono
        self.day = dawn.day
        return super().spent(replace(dawn, mono=max(self.noon, dawn.mono)), now, short=short)


class NothingIsLate(Days):
    def late(self, record, moment):
        return 0


class AsksForNobody(Wanting):
    def logs(self, now):
        return set()


class SignsForOthers(SimNeighbourhood):
    """What is carried goes under the carrier's own signature."""

    carriage_class = Resealing


class NeverCarries(SimNeighbourhood):
    """The copies of a dead kiosk stay where they are."""

    carriage_class = Silent


class HearsNoNames(SimNeighbourhood):
    """What the centre names of a forked log is not heard: below a gap in its chain copies stay for ever."""

    carriage_class = Deaf


class PutsAwayByNumber(SimNeighbourhood):
    """Copies of past days go when the centre has their numbers, as long as nobody has told of a fork."""

    carriage_class = Counting


class ForgetsTooSoon(SimNeighbourhood):
    """Copies go with the next look, whether the centre has them or not."""

    carriage_class = Hasty


class ForgetsWithoutBackup(SimNeighbourhood):
    """Copies of past days go on the centre's word alone, and no box stays for the day it is put back."""

    carriage_class = Trusting


class LeavesOpen(SimNeighbourhood):
    """Copies that no backup holds yet are left as they are."""

    carriage_class = Lax


class DayBeginsAtNoon(SimNeighbourhood):
    """What lies here when the centre's word ends a day is of the past, also the people of a morning without it."""

    carriage_class = Late


class DaysByArrival(SimNeighbourhood):
    """Whoever's record comes this morning came this morning: yesterday's people stand in today's line."""

    def __init__(self, kiosk):
        super().__init__(kiosk)
        self._days = NothingIsLate(lambda: kiosk.desk.lists.offset_min)


class SpareAlone(SimNeighbourhood):
    """Only the kiosk in a dead one's place asks for its records: whoever was cut off then never hears of its people."""

    def __init__(self, kiosk):
        super().__init__(kiosk)
        self._wanting = AsksForNobody()


def kiosk_with(hood):
    """A kiosk whose neighbourhood has a planted bug."""
    return type(hood.__name__, (SimKiosk,), {"hood_class": hood, "__doc__": hood.__doc__})


MUTANTS = {
    "held_before_commit": (kiosk_with(StatesAtOnce), 600),
    "neighbour_not_verified": (kiosk_with(BelievesAnybody), 600),
    "held_by_number": (kiosk_with(CountsNumbers), 3000),
    "carrier_signs_anew": (kiosk_with(SignsForOthers), 3000),
    "dead_left_alone": (kiosk_with(NeverCarries), 1500),
    "spent_before_safe": (kiosk_with(ForgetsTooSoon), 1500),
    "put_away_by_number": (kiosk_with(PutsAwayByNumber), 80000),
    "copies_forgotten_without_backup": (kiosk_with(ForgetsWithoutBackup), 3000),
    "copies_left_open": (kiosk_with(LeavesOpen), 3000),
    "carried_names_unheard": (kiosk_with(HearsNoNames), 6000),
    "dead_asked_for_by_none": (kiosk_with(SpareAlone), 9000),
    "days_by_arrival": (kiosk_with(DaysByArrival), 3000),
    "day_begins_at_noon": (kiosk_with(DayBeginsAtNoon), 6000),
}
