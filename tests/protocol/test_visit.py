"""The visit's table: each legal pair, each illegal pair, forced facts, events of records, the diagram."""

from protocol import visit
from protocol.errors import WrongTransition
from tests.protocol.examples import BODIES, changed
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
