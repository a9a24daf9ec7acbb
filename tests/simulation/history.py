"""What happened in one run, as checkers read it: events in true time, and what stood at the end. Judges nothing.

Kinds of events and their members:
`wrote` dev k inc seq digest kind act body t — a kiosk's disk took a record;
`told` dev names act — the screen showed the act as done; `names` are `(k, inc, seq, digest)`;
`restarted` dev inc seq waiting printed_unknown visits — a kiosk's programs began again; `shared`, if given: visits of which
  other kiosks' records speak too, left out of `visits`;
`shown` dev inc last waiting owed — what the header says is not yet at the centre;
`held` dev inc last head — the kiosk believes that all of its old log is at the centre;
`claimed` dev inc mark — the kiosk holds records up to `mark` for safe; `taken` is the same at the outbox;
`sealed` dev visits — a past day's visits left the open tables; `deleted` dev names — sealed records left the disk;
`over` dev visits — a neighbour's visits left the kiosk's line;
`backed` held — digests that the centre's new backup holds; `stolen` dev found — persons whom the card's image names;
`published` dev inc first last committed — records handed to the wire;
`stored` names how — the centre's disk took records (`how`: ledger, fork, quarantine; names without digest: a number only);
`answered` k inc mark — an acknowledgement left the centre; `forgot` held — the centre stands as its backup stood;
`printed` dev slip copy what result — paper moved; `dosed` and `released` dev visit ... — true time of the needle and of leaving;
`began` dev, `holds` dev visits term, `keeps` dev term claims, `called` dev visit station lane own term present, `finished` dev
visit, `dose` dev saved — of a site that shares its queue (`site.py`): what a desk may count on, what its keeper holds;
`kept` dev names — a kiosk's disk holds these copies of neighbours' records; `spent` names gone — those it put away, and which of
  them it holds no more, not even sealed; `stated` names the last record of each run that it says it holds;
`beside` dev k inc mark committed names — the screen says: up to `mark` on another box of the site too;
`line` dev people — when all is quiet, who stands in a kiosk's line: visit to `(kiosk of the check-in, state)`;
`reading` dev live read — at the end, the states of a kiosk's visits as shown and as all its records tell;
`logged` text — a line of a program's log; `topic` text — a topic used.
"""

from operator import itemgetter


def may_rest(row, revoked):
    """May this row of quarantine be the end of it? Of a revoked writer or brought by one, a forged slip, what waits for a release."""
    return row["k"] in revoked or row["reason"] in ("revoked", "future") or row["reason"].startswith("slip_")


class History:
    """Events as `(kind, at_ms, members)` and the end: stores of the devices, tables of the centre."""

    def __init__(self):
        self.events = []
        self._by_kind = {}
        # `device: writer k`; `restored`: devices whose card is a copy or an older image.
        self.devices = {}
        self.restored = set()
        # Devices that are no more: what their screens said last is past.
        self.gone = set()
        # Digests of records that no surviving disk holds: the run took their only card away.
        self.excused = set()
        self.revoked = set()
        # Slips of doses that came out of a printer: code to `(k, inc, seq, digest)` of the record.
        self.papers = {}
        # Names and numbers of people, which no log and no topic may hold.
        self.secrets = []
        self.ledger = {}
        self.forks = {}
        self.quarantine = []
        self.tables = {}
        self.rebuilt = {}
        self.shuffled = {}
        self.counters = {}
        self.rebuilt_counters = {}
        # Digest of a record to its best time at the centre: `(wall, sure, err)`.
        self.best = {}
        self.sentences = ()
        self.drained = True

    def add(self, event, at, **members):
        """Note one event."""
        self.events.append((event, at, members))
        self._by_kind.setdefault(event, []).append((len(self.events), at, members))

    def of(self, *kinds):
        """The events of these kinds, in order, as `(at_ms, members)`."""
        found = [row for kind in kinds for row in self._by_kind.get(kind, ())]
        if len(kinds) > 1:
            found.sort(key=itemgetter(0))
        return [(at, members) for _, at, members in found]
