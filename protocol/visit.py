"""One person's visit as a table of states and events. All transitions are here, none in code.

Theory of operation: each record of a visit is one event. The kiosk refuses an event the table does not know
(nothing changes); the server, for whom facts are never refused, folds what it can and marks the visit irregular.
"""

from protocol.errors import WrongTransition

# States are words staff use (style 5). Vietnamese beside them in the glossary.
WAITING = "waiting"
CALLED = "called"
CLEARED = "cleared"
READY = "ready"
OBSERVING = "observing"
LEFT = "left"
DEFERRED = "deferred"
CONTRAINDICATED = "contraindicated"
REFERRED = "referred"
REFUSED = "refused"
GONE = "gone"
NEW = "new"
# Of a person who is still at the site.
OPEN = (WAITING, CALLED, CLEARED, READY, OBSERVING)

TABLE = {
    NEW: {"check_in": WAITING},
    WAITING: {"call_screening": CALLED, "end": GONE},
    CALLED: {
        "call_screening": CALLED,
        "clear": CLEARED,
        "defer": DEFERRED,
        "contraindicate": CONTRAINDICATED,
        "refer": REFERRED,
        "refuse": REFUSED,
        "end": GONE,
    },
    CLEARED: {"call_injection": READY, "end": GONE},
    READY: {"call_injection": READY, "dose": OBSERVING, "refuse": REFUSED, "end": GONE},
    OBSERVING: {"react": OBSERVING, "undo": READY, "leave": LEFT},
    LEFT: {"react": LEFT, "undo": GONE},
    # Back the same day: the fever is gone, the person changed their mind. They are screened anew.
    DEFERRED: {"call_screening": CALLED},
    CONTRAINDICATED: {},
    REFERRED: {},
    REFUSED: {"call_screening": CALLED},
    GONE: {"react": GONE},
}

_SCREENED = {
    "eligible": "clear",
    "caution": "clear",
    "defer": "defer",
    "contraindicated": "contraindicate",
    "refer_hospital": "refer",
    "refused": "refuse",
}
_EVENTS = {
    "visit.checked_in": "check_in",
    "visit.ended": "end",
    "visit.left": "leave",
    "dose.given": "dose",
    "dose.undone": "undo",
    "aefi.reported": "react",
}


def event_of(kind: str, body: dict) -> str:
    """The event that a record is for its visit; empty when it is none (a printed slip, say)."""
    if kind == "visit.screened":
        return _SCREENED[body["conclusion"]] if body["consent"] else "refuse"
    if kind == "visit.called":
        return "call_injection" if body["station"] == "injection" else "call_screening"
    return _EVENTS.get(kind, "")


def step(state: str, event: str) -> str:
    """The state after `event`. `WrongTransition` when the table does not know the pair; nothing changes."""
    after = TABLE.get(state, {}).get(event)
    if after is None:
        raise WrongTransition(state, event)
    return after


def fold(state: str, event: str) -> tuple:
    """`(state, regular)` after a fact that has happened whatever the table says: a needle is never refused."""
    if not event:
        return (state, True)
    after = TABLE.get(state, {}).get(event)
    if after is not None:
        return (after, True)
    forced = {"dose": OBSERVING, "leave": LEFT, "check_in": WAITING}.get(event)
    return (forced if forced is not None and state not in (LEFT,) else state, False)


def course(records: list) -> list:
    """Positions of one visit's records (`envelope.Record`) in the order in which its story is read.

    Each writer's records keep their own order, which is true. Between writers clocks may be hours apart (F35): of the
    next ones the first by `sort_key` that the table allows now is read, or simply the first when it allows none. So a
    call for injection with a slow clock waits for the screening it followed. What names a dose of this visit is read
    after it, so that a release is not read before the needle it followed. A function of the set alone (I6).
    """
    lines = {}
    needles = set()
    for position in sorted(range(len(records)), key=lambda at: records[at].sort_key()):
        record = records[position]
        lines.setdefault((record.k, record.inc), []).append(position)
        if record.kind == "dose.given":
            needles.add(record.body["dose"])
    state = NEW
    found = []
    while len(found) < len(records):
        heads = sorted([line[0] for line in lines.values() if line], key=lambda at: records[at].sort_key())
        ripe = [at for at in heads if records[at].kind == "dose.given" or records[at].body.get("dose") not in needles]
        chosen = (ripe or heads)[0]
        for head in ripe:
            event = event_of(records[head].kind, records[head].body)
            if event in TABLE[state] or (not event and state != NEW):
                chosen = head
                break
        record = records[chosen]
        state = fold(state, event_of(record.kind, record.body))[0]
        lines[(record.k, record.inc)].pop(0)
        if record.kind == "dose.given":
            needles.discard(record.body["dose"])
        found.append(chosen)
    return found


def diagram() -> str:
    """The table as a Mermaid state diagram, for the README (a test compares)."""
    lines = ["stateDiagram-v2"]
    for state in sorted(TABLE):
        for event in sorted(TABLE[state]):
            lines.append("    " + state + " --> " + TABLE[state][event] + ": " + event)
    return "\n".join(lines)
