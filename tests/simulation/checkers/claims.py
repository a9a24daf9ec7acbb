"""I5, F84: one desk holds a claim per keeper and epoch, its lease never ends early, nobody is called twice in contact.

Without contact a desk calls its own lane, whom it was granted before, or who stands there with their card. An older
epoch is followed no more. A dose is recorded whatever the claims say.
"""

from protocol.claims import LEASE_MS, SAY_MS

# A desk has told the keeper whom it called, and has heard of it, at the latest after this.
SEEN_MS = 2 * SAY_MS


class Reading:
    """The site as the events so far tell it."""

    def __init__(self):
        self.found = []
        # By desk: visits with the end of their lease, the keeper in contact, the highest epoch followed.
        self.holds, self.terms, self.newest = {}, {}, {}
        # By desk and visit: granted last when, and by which keeper; by visit: which desk has called
        # them, where, when, and whether the keeper has seen it.
        self.granted, self.under, self.in_hand = {}, {}, {}

    def began(self, _at, one):
        self.newest.pop(one["dev"], None)

    def holding(self, at, one):
        dev, term = one["dev"], one["term"]
        self.holds[dev], self.terms[dev] = one["visits"], term
        for visit in one["visits"]:
            self.granted[dev, visit] = at
        if term is None:
            return
        for visit in one["visits"]:
            self.under[dev, visit] = term
            if dev in self.in_hand.get(visit, {}):
                self.in_hand[visit][dev] = (*self.in_hand[visit][dev][:2], True)
        if term[:2] < self.newest.get(dev, (0, "")):
            self.found.append(f"{dev} follows {term[:2]} after {self.newest[dev]}")
        self.newest[dev] = term[:2]
        for other, visits in self.holds.items():
            both = set(visits) & set(one["visits"])
            if other != dev and both and self.terms[other] == term:
                self.found.append(f"{dev} and {other} both hold {min(both)} under {term[:2]}")
        self._let_go(at)

    def _let_go(self, at):
        """In contact and no more its own: the desk saw that another has them since a partition, or went back to the line.

        Its last word stands until now. One whose call the keeper had not yet seen has let nobody go.
        """
        for visit, desks in self.in_hand.items():
            for dev, (_, since, seen) in list(desks.items()):
                if self.terms.get(dev) is not None and visit not in self.holds[dev] and (seen or at - since > SEEN_MS):
                    desks.pop(dev)

    def keeping(self, at, one):
        """A claim stands at its keeper as long as the desk may count on it, through restarts and jumps of wall clocks."""
        for dev, visits in self.holds.items():
            for visit, until in visits.items():
                if until > at and self.under.get((dev, visit)) == one["term"] and (visit, dev) not in one["claims"]:
                    self.found.append(f"{one['dev']} no longer keeps {visit} for {dev}, whose lease has not ended")

    def called(self, at, one):
        dev, visit, term = one["dev"], one["visit"], one["term"]
        desks = self.in_hand.setdefault(visit, {})
        if term is None:
            before = self.granted.get((dev, visit), -LEASE_MS - 1)
            if one["lane"] != one["own"] and not one["present"] and at - before > LEASE_MS:
                self.found.append(f"{dev} called {visit} of lane {one['lane']} without contact")
        elif dev not in desks:
            # Whom it has called already it may call again: two desks of a partition both do until they hear of each other.
            self._let_go(at)
            for other, (station, _, _) in desks.items():
                theirs = self.terms.get(other)
                if other != dev and station == one["station"] and theirs is not None and theirs[:2] == term:
                    self.found.append(f"{dev} called {visit}, whom {other} has, both in contact with {term}")
        desks[dev] = (one["station"], at, False)

    def finished(self, _at, one):
        self.in_hand.get(one["visit"], {}).pop(one["dev"], None)

    def dosed(self, _at, one):
        if not one["saved"]:
            self.found.append(f"{one['dev']}: a dose that was read back was not recorded")


def check(history):
    reading = Reading()
    take = {
        "began": reading.began, "holds": reading.holding, "keeps": reading.keeping, "called": reading.called,
        "finished": reading.finished, "dose": reading.dosed,
    }  # fmt: skip
    for kind, at, one in history.events:
        if kind in take:
            take[kind](at, one)
    return reading.found
