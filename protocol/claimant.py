"""A desk's side of the claims: when it asks the keeper, whom it may call without one, what to show. Pure.

Theory of operation. Contact is not "something was heard" but "the keeper has heard our message of less than CONTACT_MS ago":
a keeper's word that was long on its way proves nothing. Without contact a desk serves the tickets of its own lane, except
those it knows in another desk's hands until their lease is over, and keeps whom it was granted until that lease is over.
Nothing in here needs to outlive a restart: whom the desk has in hand stands in its records, epoch and keeper in its store.
"""

from protocol.claims import ASK_MS, CONTACT_MS, LEASE_MS, MAX_HELD, SAY_MS, Seats, make

_SENT = 32


class Claimant:
    """One desk. All times are its monotonic milliseconds, handed in. `keeper` empty: the site has none, lanes are all."""

    __slots__ = (
        "_answered_at",
        "_holds",
        "_mine",
        "_n",
        "_others",
        "_say_at",
        "_seats",
        "_sent",
        "_to",
        "_wants",
        "clashes",
        "desk",
        "epoch",
        "inc",
        "k",
        "keeper",
        "keeper_lane",
        "lane",
        "lanes",
        "learning",
        "life",
    )

    def __init__(self, *, k, inc, life, lane, desk, epoch, keeper):
        """`life`: counts the starts of this kiosk's program; `epoch`, `keeper`: as last known."""
        self.k = k
        self.inc = inc
        self.life = life
        self.lane = lane
        self.desk = desk
        self.epoch = epoch
        self.keeper = keeper
        self.lanes = []
        # The letter by which people know the keeper; empty while it has not said.
        self.keeper_lane = ""
        self.learning = False
        # `(visit, desk)` of others who have somebody that we have too.
        self.clashes = []
        self._seats = Seats()
        self._to = None
        self._n = 0
        # `(n, sent at)` of messages not yet known to be heard.
        self._sent = []
        self._answered_at = None
        self._holds = []
        self._wants = None
        self._say_at = 0
        # Visits granted to us with their end, and those of others with their holders.
        self._mine = {}
        self._others = {}

    def in_contact(self, now: int) -> bool:
        """Has the keeper in force heard us just now?"""
        return self._answered_at is not None and now - self._answered_at <= CONTACT_MS

    def asking(self) -> str:
        """The visit that is being asked for, or empty."""
        return self._wants["visit"] if self._wants is not None else ""

    def holder(self, visit: str, now: int):
        """`(k, desk)` of another desk that has this visit as far as is known here, or None."""
        one = self._others.get(visit)
        return one[:2] if one is not None and now < one[2] else None

    def standing(self, now: int) -> tuple:
        """The claims of other desks as sorted `(visit, desk)`, for people to see."""
        return tuple(sorted([(visit, one[1]) for visit, one in self._others.items() if now < one[2]]))

    def may_call_alone(self, visit: str, lane: str, now: int) -> bool:
        """May this desk call a visit without asking anybody: its own lane, or granted before the contact was lost?"""
        if self.holder(visit, now) is not None:
            return False
        return lane == self.lane or now < self._mine.get(visit, 0)

    def moved(self, epoch: int, keeper: str, now: int) -> bool:
        """The keeper's role is said to be elsewhere. True when that is news: `(epoch, keeper)` is to be saved."""
        if (epoch, keeper) <= (self.epoch, self.keeper):
            return False
        self.epoch = epoch
        self.keeper = keeper
        self._meet(None, now)
        return True

    def holding(self, visits: list, now: int) -> None:
        """Whom this desk has in hand, as its records say."""
        holds = sorted(visits)[:MAX_HELD]
        if holds != self._holds:
            self._holds = holds
            self._say_at = now

    def want(self, visit: str, *, lane: str, hand: bool, now: int) -> None:
        """Ask for a visit; `hand`: a person chose it, though the kiosk of its lane may be out of contact."""
        self._wants = {"visit": visit, "lane": lane, "hand": hand, "n": 0, "at": now}
        self._say_at = now

    def drop(self, now: int) -> None:
        """Nobody waits for it any more; what was granted meanwhile is given back by the next message."""
        if self._wants is not None:
            self._wants = None
            self._say_at = now

    def tick(self, now: int) -> str:
        """The visit whose answer did not come in time, or empty. The contact counts as lost then."""
        if self._wants is None or now - self._wants["at"] < ASK_MS:
            return ""
        visit = self._wants["visit"]
        self.drop(now)
        self._answered_at = None
        # Only what is sent from now on can bring the contact back.
        self._sent = []
        return visit

    def poll(self, now: int):
        """The line to say now, or None."""
        if not self.keeper or now < self._say_at:
            return None
        self._say_at = now + SAY_MS
        self._n += 1
        # What this message does not name is given back with it.
        for visit in sorted(self._mine):
            if visit not in self._holds and visit != self.asking():
                del self._mine[visit]
        self._sent = self._sent[1 - _SENT :] + [(self._n, now)]
        value = {
            "claims": "desk", "v": 1, "k": self.k, "inc": self.inc, "life": self.life, "n": self._n, "epoch": self.epoch,
            "keeper": self.keeper, "lane": self.lane, "desk": self.desk, "holds": self._holds,
        }  # fmt: skip
        if self._to is not None:
            value["to"] = {"inc": self._to[0], "life": self._to[1]}
        if self._wants is not None:
            if not self._wants["n"]:
                self._wants["n"] = self._n
            value["wants"] = {"visit": self._wants["visit"], "lane": self._wants["lane"], "hand": self._wants["hand"]}
        return make(value)

    def heard(self, word: dict, now: int):
        """A keeper's message, already verified: None, or `(answer, visit, holder's desk)`, answer `granted` or `refused`.

        The word of an older epoch, and one overtaken by a later one, say nothing.
        """
        if (word["epoch"], word["k"]) < (self.epoch, self.keeper):
            return None
        self.moved(word["epoch"], word["k"], now)
        if not self._seats.fresh(word):
            return None
        if self._to != (word["inc"], word["life"]):
            self._meet((word["inc"], word["life"]), now)
        ours = self._read(word, now)
        self._clash(word)
        heard = self._heard_of_us(word)
        sent_at = None
        for n, at in self._sent:
            if n <= heard:
                sent_at = at
        if sent_at is None:
            return None
        self._sent = [one for one in self._sent if one[0] > heard]
        self._answered_at = sent_at
        self._mine = {}
        for visit in ours:
            # The lease began at the keeper after we had sent: counted from here it never ends later than there.
            self._mine[visit] = sent_at + LEASE_MS
        # A machine that stood still may read now what was granted long ago and given away since.
        return self._answer(heard, ours) if self.in_contact(now) else None

    def _read(self, word: dict, now: int) -> list:
        """Who has whom; the visits that are ours."""
        self.learning = word["learning"]
        self.lanes = [one["lane"] for one in word["heard"]]
        self.keeper_lane = ""
        for one in word["heard"]:
            if one["k"] == word["k"]:
                self.keeper_lane = one["lane"]
        self._others = {}
        ours = []
        for one in word["held"]:
            if one["k"] == self.k:
                if one["visit"] in self._holds or one["visit"] == self.asking():
                    ours.append(one["visit"])
            else:
                self._others[one["visit"]] = (one["k"], one["desk"], now + LEASE_MS)
        return ours

    def _heard_of_us(self, word: dict) -> int:
        """The number of our last message that the keeper has heard; 0 for none."""
        for one in word["heard"]:
            if (one["k"], one["inc"], one["life"]) == (self.k, self.inc, self.life):
                return one["n"]
        return 0

    def _answer(self, heard: int, ours: list):
        wants = self._wants
        if wants is None or not wants["n"] or wants["n"] > heard:
            return None
        self._wants = None
        visit = wants["visit"]
        if visit in ours:
            # Until the desk's records say so themselves: else the next message would give it back.
            self._holds = sorted(set(self._holds + [visit]))[:MAX_HELD]
            return ("granted", visit, self.desk)
        other = self._others.get(visit)
        return ("refused", visit, other[1] if other is not None else "")

    def _clash(self, word: dict) -> None:
        found = []
        for one in word["clashes"]:
            visit = one["visit"]
            if one["k"] == self.k and visit in self._others:
                found.append((visit, self._others[visit][1]))
            elif one["k"] != self.k and visit in self._holds:
                found.append((visit, one["desk"]))
        self.clashes = sorted(set(found))

    def _meet(self, to, now: int) -> None:
        """Another keeper, or another life of it: nothing we sent before was meant for it."""
        self._to = to
        self._sent = []
        self._answered_at = None
        if self._wants is not None:
            self._wants["n"] = 0
        self._say_at = now
