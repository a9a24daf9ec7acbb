"""The visit's table: each legal pair, each illegal pair, forced facts, events of records, the diagram."""

from protocol import envelope, visit
from protocol.errors import WrongTransition
from tests.protocol.examples import BODIES, WALL, changed, sealed
from tests.protocol.raising import raises

EVENTS = (
    "check_in",
    "call_screening",
    "clear",
    "defer",
    "contraindicate",
    "refer",
    "refuse",
    "call_injection",
    "dose",
    "react",
    "undo",
    "leave",
    "end",
)
# Written a second time on purpose: a change of the table must be meant.
LEGAL = (
    ("new", "check_in", "waiting"),
    ("waiting", "call_screening", "called"),
    ("waiting", "end", "gone"),
    ("called", "call_screening", "called"),
    ("called", "clear", "cleared"),
    ("called", "defer", "deferred"),
    ("deferred", "call_screening", "called"),
    ("refused", "call_screening", "called"),
    ("called", "contraindicate", "contraindicated"),
    ("called", "refer", "referred"),
    ("called", "refuse", "refused"),
    ("called", "end", "gone"),
    ("cleared", "call_injection", "ready"),
    ("cleared", "end", "gone"),
    ("ready", "call_injection", "ready"),
    ("ready", "dose", "observing"),
    ("ready", "refuse", "refused"),
    ("ready", "end", "gone"),
    ("observing", "react", "observing"),
    ("observing", "undo", "ready"),
    ("observing", "leave", "left"),
    ("left", "react", "left"),
    ("left", "undo", "gone"),
    ("gone", "react", "gone"),
)


def pairs():
    return [(state, event) for state in sorted(visit.TABLE) for event in EVENTS]


def test_each_legal_pair_and_no_other():
    legal = {(state, event): after for state, event, after in LEGAL}
    for state, event in pairs():
        if (state, event) in legal:
            assert visit.step(state, event) == legal[(state, event)]
            assert visit.fold(state, event) == (legal[(state, event)], True)
        else:
            error = raises(WrongTransition, visit.step, state, event)
            assert (error.state, error.event) == (state, event)
            assert str(error) == event + " in state " + state
            assert visit.fold(state, event)[1] is False


def test_the_table_knows_these_events_and_its_own_states_only():
    for state in visit.TABLE:
        for event, after in visit.TABLE[state].items():
            assert event in EVENTS
            assert after in visit.TABLE


def test_every_state_can_be_reached():
    reached = {visit.NEW}
    for _ in visit.TABLE:
        for state in sorted(reached):
            reached.update(visit.TABLE[state].values())
    assert reached == set(visit.TABLE)


def test_an_unknown_state_or_event_is_refused():
    assert raises(WrongTransition, visit.step, "asleep", "dose")
    assert raises(WrongTransition, visit.step, visit.READY, "dance")
    assert visit.fold("asleep", "dance") == ("asleep", False)


def test_a_dose_that_happened_is_never_refused():
    for state in visit.TABLE:
        after, regular = visit.fold(state, "dose")
        assert after == (visit.LEFT if state == visit.LEFT else visit.OBSERVING)
        assert regular == (state == visit.READY)


def test_other_facts_out_of_turn():
    assert visit.fold(visit.NEW, "leave") == (visit.LEFT, False)
    assert visit.fold(visit.GONE, "check_in") == (visit.WAITING, False)
    assert visit.fold(visit.LEFT, "check_in") == (visit.LEFT, False)
    assert visit.fold(visit.NEW, "clear") == (visit.NEW, False)
    assert visit.fold(visit.WAITING, "") == (visit.WAITING, True)


def test_records_as_events():
    for kind, event in (
        ("visit.checked_in", "check_in"),
        ("visit.called", "call_screening"),
        ("visit.screened", "clear"),
        ("visit.ended", "end"),
        ("dose.given", "dose"),
        ("dose.undone", "undo"),
        ("visit.left", "leave"),
        ("aefi.reported", "react"),
        ("slip.printed", ""),
        ("complaint.filed", ""),
        ("kind.of_tomorrow", ""),
    ):
        assert visit.event_of(kind, BODIES.get(kind, {})) == event


def test_a_call_names_its_station():
    called = BODIES["visit.called"]
    assert visit.event_of("visit.called", changed(called, station="injection")) == "call_injection"
    assert visit.event_of("visit.called", changed(called, station="reception")) == "call_screening"


def test_conclusions_as_events():
    screened = BODIES["visit.screened"]
    for conclusion, event in (
        ("eligible", "clear"),
        ("caution", "clear"),
        ("defer", "defer"),
        ("contraindicated", "contraindicate"),
        ("refer_hospital", "refer"),
        ("refused", "refuse"),
    ):
        assert visit.event_of("visit.screened", changed(screened, conclusion=conclusion)) == event
        assert visit.event_of("visit.screened", changed(screened, conclusion=conclusion, consent=False)) == "refuse"


def test_a_usual_visit():
    state = visit.NEW
    for event in ("check_in", "call_screening", "clear", "call_injection", "dose", "react", "leave"):
        state = visit.step(state, event)
    assert state == visit.LEFT


def test_the_diagram_draws_each_legal_pair():
    lines = visit.diagram().split("\n")
    assert lines[0] == "stateDiagram-v2"
    assert sorted(lines[1:]) == sorted(["    " + a + " --> " + b + ": " + event for a, event, b in LEGAL])


def test_who_was_sent_away_may_come_again_the_same_day():
    for sent in ("defer", "refuse"):
        state = visit.NEW
        for event in ("check_in", "call_screening", sent, "call_screening", "clear", "call_injection", "dose"):
            state = visit.step(state, event)
        assert state == visit.OBSERVING
    for state in (visit.CONTRAINDICATED, visit.REFERRED, visit.GONE):
        raises(WrongTransition, visit.step, state, "call_screening")


HOUR_MS = 3600000
SCREENED = changed(BODIES["visit.screened"], conclusion="eligible", consent=True)
FOR_INJECTION = changed(BODIES["visit.called"], station="injection")


def told(k, seq, kind, body, late_ms):
    """A record of writer `k`, whose clock is `late_ms` off."""
    wall = WALL + late_ms + seq * 1000
    t = {"wall": wall, "mono": seq * 1000, "boot": "b-" + k, "sure": "unknown", "err": 0, "hlc": [wall, 0]}
    return envelope.parse(sealed(kind, seq, k=k, t=t, body=body))


def story(reception_ms, doctor_ms, nurse_ms):
    """One person's way over three kiosks, in the order it happened; each kiosk's clock is so many ms off."""
    return [
        told("kiosk-01", 1, "visit.checked_in", BODIES["visit.checked_in"], reception_ms),
        told("kiosk-01", 2, "slip.printed", BODIES["slip.printed"], reception_ms),
        told("kiosk-02", 1, "visit.called", changed(BODIES["visit.called"], station="screening"), doctor_ms),
        told("kiosk-02", 2, "visit.screened", SCREENED, doctor_ms),
        told("kiosk-03", 1, "visit.called", FOR_INJECTION, nurse_ms),
        told("kiosk-03", 2, "dose.given", BODIES["dose.given"], nurse_ms),
        told("kiosk-01", 3, "visit.left", BODIES["visit.left"], reception_ms),
    ]


def read_in_course(records):
    state, regular, kinds = visit.NEW, True, []
    for position in visit.course(records):
        record = records[position]
        state, known = visit.fold(state, visit.event_of(record.kind, record.body))
        regular = regular and known
        kinds.append(record.kind)
    return (state, regular, kinds)


def test_clocks_hours_apart_tell_the_same_story():
    """F35: the nurse's kiosk woke in 1970, the doctor's is a day ahead; nobody is refused at the next desk."""
    for offsets in ((0, 0, 0), (0, HOUR_MS, -WALL), (-WALL, 24 * HOUR_MS, -HOUR_MS), (9 * HOUR_MS, 0, -9 * HOUR_MS)):
        records = story(*offsets)
        for shift in range(len(records)):
            state, regular, kinds = read_in_course(records[shift:] + records[:shift])
            assert (state, regular) == (visit.LEFT, True)
            assert [kind for kind in kinds if kind != "slip.printed"] == [
                record.kind for record in story(0, 0, 0) if record.kind != "slip.printed"
            ]


def test_what_names_a_dose_is_read_after_it():
    """F35: a needle undone and given again at a kiosk a year ahead; the observer's release, by the clock, came before both."""
    before = story(HOUR_MS * 8760, HOUR_MS * 8760, HOUR_MS * 8760)[:-1]
    given = BODIES["dose.given"]
    again = before + [
        told("kiosk-03", 3, "dose.undone", changed(BODIES["dose.undone"], dose=given["dose"]), HOUR_MS * 8760),
        told("kiosk-03", 4, "visit.called", FOR_INJECTION, HOUR_MS * 8760),
        told("kiosk-03", 5, "dose.given", changed(given, dose="d-again"), HOUR_MS * 8760),
    ]
    left = told("kiosk-04", 1, "visit.left", changed(BODIES["visit.left"], dose="d-again"), 0)
    for records in (again + [left], [left] + again):
        assert read_in_course(records)[:2] == (visit.LEFT, True)
    # One of before names none, and one whose needle is not here yet waits for nothing.
    nameless = told("kiosk-04", 1, "visit.left", BODIES["visit.left"], 0)
    assert read_in_course(again + [nameless])[0] == visit.OBSERVING
    assert read_in_course(before[:-1] + [left])[0] == visit.LEFT


def test_what_the_table_never_allows_is_read_in_the_order_of_clocks():
    records = story(0, 0, 0)
    twice = records + [told("kiosk-04", 1, "dose.given", BODIES["dose.given"], 20000)]
    state, regular, kinds = read_in_course(twice)
    assert (state, regular, kinds[-1]) == (visit.LEFT, False, "dose.given")
    assert visit.course([]) == []


def test_a_writers_own_order_is_kept():
    records = story(0, HOUR_MS, -HOUR_MS)
    order = visit.course(records)
    for k in ("kiosk-01", "kiosk-02", "kiosk-03"):
        own = [records[position].seq for position in order if records[position].k == k]
        assert own == sorted(own)
