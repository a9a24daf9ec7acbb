"""Who serves whom at a site: the queue keeper's compare-and-set, and the two messages between keeper and desks.

Theory of operation. Both messages carry a whole state, never a change: lost, doubled and late ones cost nothing. A desk
says every SAY_MS whom it has in hand (`holds`) and whom it wants to call (`wants`); the keeper says which claims stand
and up to which message it has heard each desk. Rules:
1. A claim is granted to nobody but the first; it lasts LEASE_MS of the keeper's monotonic time from the desk's last word.
   Two who called one person while apart clash; when the one lets go, the claim is the other's, not free.
2. A desk's word counts only under the epoch in force and to this very life of the keeper: a captured one is worth nothing.
3. The higher `(epoch, keeper)` is in force; a keeper that hears of it stands down for good.
4. What changed is saved before it is told (the caller's duty). Saved claims get a whole lease at a restart: none ends early.
5. A keeper without saved claims (new card, new epoch) listens for LEARN_MS to who holds whom before it grants anything.
6. No record of a dose is ever subject to any of this.
"""

from protocol import canon, fields

ORDER = ("claims", "v", "k", "inc", "life", "n", "epoch")
LEASE_MS = 180000
# A touch that waits for the keeper falls back to the own lane after this long; usually it is answered in a tenth.
ASK_MS = 1000
SAY_MS = 2000
# Two lost messages and a slow one are not yet a loss of contact; a touch notices it sooner, after ASK_MS.
CONTACT_MS = 8000
# A kiosk not heard for this long may be calling its own lane alone: two messages of it are missing.
LANE_MS = 4500
LEARN_MS = 5000
# So that a keeper's word always fits into canon.MAX_RECORD, with names of full length.
MAX_HELD = 40
MAX_SEATS = 24
MAX_CLASHES = 16
_GONE = 64

_lane = fields.text(8)
_desk = fields.text(16)
_inc = fields.hexadecimal(16)
_life = fields.integer(1)
_epoch = fields.integer(0)
_NAME = (
    ("claims", fields.one_of("desk", "keeper"), True),
    ("v", fields.integer(1, 1000), True),
    ("k", fields.word, True),
    ("inc", _inc, True),
    ("life", _life, True),
    ("n", fields.integer(1), True),
    ("epoch", _epoch, True),
)
_WANTS = (("visit", fields.word, True), ("lane", _lane, True), ("hand", fields.boolean, True))
_TO = (("inc", _inc, True), ("life", _life, True))
_DESK = (
    ("keeper", fields.text(fields.MAX_WORD), True),
    ("to", fields.table(_TO), False),
    ("lane", _lane, True),
    ("desk", _desk, True),
    ("holds", fields.list_of(fields.word, MAX_HELD), True),
    ("wants", fields.table(_WANTS), False),
)
_CLAIM = (("visit", fields.word, True), ("k", fields.word, True), ("desk", _desk, True))
_SEAT = (
    ("k", fields.word, True),
    ("inc", _inc, True),
    ("life", _life, True),
    ("n", fields.integer(1), True),
    ("lane", _lane, True),
    ("desk", _desk, True),
)
_KEEPER = (
    ("learning", fields.boolean, True),
    ("held", fields.list_of(fields.table(_CLAIM), MAX_HELD), True),
    ("heard", fields.list_of(fields.table(_SEAT), MAX_SEATS), True),
    ("clashes", fields.list_of(fields.table(_CLAIM), MAX_CLASHES), True),
)


def read(line: bytes) -> dict:
    """The message that `line` spells: `claims` is `desk` or `keeper`. Any other bytes: `ProtocolError`."""
    value = canon.read(line, ORDER)
    fields.check_table(value, _NAME, "claims")
    fields.check_table(value, _DESK if value["claims"] == "desk" else _KEEPER, "claims")
    return value


def make(value: dict) -> bytes:
    """The line of a message; `ProtocolError` when `read` at the other end would refuse it."""
    line = canon.write(value, ORDER)
    read(line)
    return line


def lane_of(ticket: str) -> str:
    """The lane of a ticket, `A` of `A-017`: the letter of the kiosk that gave it out."""
    return ticket.split("-", 1)[0]


class Seats:
    """The last word of each sender; tells a fresh message from one that is old, doubled or captured long ago."""

    __slots__ = ("_gone", "last")

    def __init__(self):
        """Nobody has been heard."""
        # By sender: its log, its start, the number of its last message.
        self.last = {}
        self._gone = []

    def fresh(self, message: dict) -> bool:
        """Is this later than all that was heard of its sender? It is the last word then."""
        k, inc = message["k"], message["inc"]
        name = (message["life"], message["n"])
        before = self.last.get(k)
        if before is not None and before[0] == inc:
            if name <= before[1:]:
                return False
        elif (k, inc) in self._gone:
            return False
        elif before is not None:
            self._gone = self._gone[-_GONE:] + [(k, before[0])]
        self.last[k] = (inc,) + name
        return True


class Keeper:
    """The claims of a site, under one epoch. All times are the keeper's monotonic milliseconds, handed in."""

    __slots__ = (
        "_claims",
        "_clashes",
        "_learn_until",
        "_n",
        "_say_at",
        "_seats",
        "_words",
        "epoch",
        "inc",
        "k",
        "life",
        "stood_down",
    )

    def __init__(self, *, k, inc, life, epoch, now, held=None):
        """`inc`: of the kiosk's log; `life`: counts its starts; `held`: rows as `held()` gave them, None for no memory."""
        self.k = k
        self.inc = inc
        self.life = life
        self.epoch = epoch
        self.stood_down = False
        # Who has a visit and until when.
        self._claims = {}
        for visit, holder, desk in held or ():
            self._claims[visit] = (holder, desk, now + LEASE_MS)
        self._clashes = {}
        self._learn_until = now + LEARN_MS if held is None else now
        self._words = Seats()
        # When a desk was heard last, its lane and name.
        self._seats = {}
        self._n = 0
        self._say_at = now

    def learning(self, now: int) -> bool:
        """Does it only listen yet?"""
        return now < self._learn_until

    def held(self) -> list:
        """The claims that stand, as sorted `(visit, k, desk)`: what is to be saved."""
        return sorted([(visit, one[0], one[1]) for visit, one in self._claims.items()])

    def claim(self, visit: str, *, k: str, desk: str, epoch: int, now: int) -> tuple:
        """Compare and set: `(granted, holder)`, holder `(k, desk)` whoever has it now, or None.

        An older epoch is refused; whoever holds the visit already gets it again, for a whole lease.
        """
        self._expire(now)
        held = self._claims.get(visit)
        holder = held[:2] if held is not None else None
        if epoch != self.epoch or self.stood_down:
            return (False, holder)
        if held is not None and held[0] != k:
            return (False, holder)
        if held is None and len(self._claims) >= MAX_HELD:
            return (False, None)
        self._claims[visit] = (k, desk, now + LEASE_MS)
        return (True, (k, desk))

    def release(self, visit: str, *, k: str) -> bool:
        """Give a claim back; only its holder can."""
        held = self._claims.get(visit)
        if held is None or held[0] != k:
            return False
        del self._claims[visit]
        return True

    def take(self, word: dict, now: int) -> bool:
        """A desk's message, already verified. True when the claims have changed: save them before the next `poll`."""
        if (word["epoch"], word["keeper"]) > (self.epoch, self.k):
            self.stood_down = True
        if self.stood_down:
            return False
        before, clashes = self.held(), sorted(self._clashes)
        to = word.get("to")
        known = to is not None and (to["inc"], to["life"]) == (self.inc, self.life)
        if not known or (word["epoch"], word["keeper"]) != (self.epoch, self.k):
            # Does not know of us, or not of this life: it is told.
            self._say_at = now
            return False
        if not self._words.fresh(word):
            return False
        k, desk = word["k"], word["desk"]
        if k not in self._seats and len(self._seats) >= MAX_SEATS:
            return False
        self._seats[k] = (now, word["lane"], desk)
        self._take_holds(word, now)
        wants = word.get("wants")
        if wants is not None:
            self._say_at = now
            lane = wants["lane"]
            if not self.learning(now) and (wants["hand"] or lane == word["lane"] or lane in self.lanes(now)):
                self.claim(wants["visit"], k=k, desk=desk, epoch=word["epoch"], now=now)
        changed = self.held() != before
        if changed or sorted(self._clashes) != clashes:
            self._say_at = now
        return changed

    def met(self, word: dict) -> None:
        """Another keeper's message: the higher epoch is in force."""
        if (word["epoch"], word["k"]) > (self.epoch, self.k):
            self.stood_down = True

    def lanes(self, now: int) -> list:
        """The lanes of the kiosks in contact. Of any other its own kiosk may be calling people, alone."""
        return sorted([one[1] for one in self._seats.values() if now - one[0] <= LANE_MS])

    def tick(self, now: int) -> bool:
        """Let leases end. True when the claims have changed: save them before the next `poll`."""
        return self._expire(now)

    def poll(self, now: int):
        """The line to say now, or None. Never after it stood down."""
        if self.stood_down or now < self._say_at:
            return None
        self._say_at = now + SAY_MS
        self._n += 1
        heard = []
        for k in sorted(self._seats):
            at, lane, desk = self._seats[k]
            if now - at <= CONTACT_MS:
                inc, life, n = self._words.last[k]
                heard.append({"k": k, "inc": inc, "life": life, "n": n, "lane": lane, "desk": desk})
        held = [{"visit": visit, "k": k, "desk": desk} for visit, k, desk in self.held()]
        clashes = [
            {"visit": name[0], "k": name[1], "desk": self._clashes[name]}
            for name in sorted(self._clashes)[:MAX_CLASHES]
        ]
        return make(
            {
                "claims": "keeper", "v": 1, "k": self.k, "inc": self.inc, "life": self.life, "n": self._n, "epoch": self.epoch,
                "learning": self.learning(now), "held": held, "heard": heard, "clashes": clashes,
            }
        )  # fmt: skip

    def _take_holds(self, word: dict, now: int) -> None:
        """Whom the desk has in hand, it keeps; what it holds no longer is free; two with one visit are a clash."""
        k, desk, holds = word["k"], word["desk"], word["holds"]
        wanted = word["wants"]["visit"] if "wants" in word else ""
        for visit, holder, _desk in self.held():
            if holder == k and visit not in holds and visit != wanted:
                self.release(visit, k=k)
        for name in sorted(self._clashes):
            if name[1] == k:
                del self._clashes[name]
        for visit in holds:
            granted, holder = self.claim(visit, k=k, desk=desk, epoch=word["epoch"], now=now)
            if not granted and holder is not None:
                self._clashes[(visit, k)] = desk
        self._prune(now)

    def _expire(self, now: int) -> bool:
        ended = [visit for visit, one in self._claims.items() if one[2] <= now]
        for visit in ended:
            del self._claims[visit]
        for k in [k for k, one in self._seats.items() if now - one[0] > LEASE_MS]:
            del self._seats[k]
        self._prune(now)
        return bool(ended)

    def _prune(self, now: int) -> None:
        """Whose claim has ended, whoever else has them in hand gets it; a clash of nobody any more is none."""
        for name in sorted(self._clashes):
            if name[0] not in self._claims and name[1] in self._seats:
                self._claims[name[0]] = (name[1], self._clashes[name], now + LEASE_MS)
                del self._clashes[name]
        for name in sorted(self._clashes):
            if name[0] not in self._claims or name[1] not in self._seats:
                del self._clashes[name]
