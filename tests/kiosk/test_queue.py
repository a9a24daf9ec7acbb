"""The queue decides: who is next at a station, who is called, who went away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import queue
from kiosk.outcome import Outcome
from protocol import visit
from tests.kiosk.sealing import seals


def person(ticket: str, state: str) -> dict:
    return {"visit": "v-" + ticket.lower(), "ticket": ticket, "person": "visit:v", "state": state}


TODAY = [
    person("A-001", "left"), person("A-002", "ready"), person("A-003", "waiting"), person("A-004", "cleared"),
    person("A-005", "called"), person("A-006", "waiting"), person("A-007", "gone"), person("A-008", "observing"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("station", "tickets", "following"),
    [
        ("screening", ["A-005", "A-003", "A-006"], "A-005"),
        ("injection", ["A-002", "A-004"], "A-002"),
        ("reception", ["A-002", "A-003", "A-004", "A-005", "A-006", "A-008"], None),
        ("observation", ["A-002", "A-003", "A-004", "A-005", "A-006", "A-008"], None),
        ("", ["A-002", "A-003", "A-004", "A-005", "A-006", "A-008"], None),
    ],
)
def test_line(station, tickets, following):
    """Those in the station's hands come first: after a restart nobody is called over a person already there."""
    assert [one["ticket"] for one in queue.line(station, TODAY)] == tickets
    first = queue.next_one(station, TODAY)
    assert (first and first["ticket"]) == following


@pytest.mark.parametrize("station", ["screening", "injection"])
@pytest.mark.parametrize("state", sorted(visit.TABLE))
def test_call_follows_the_table(station, state):
    outcome = queue.call(person("A-001", state), station=station, desk="1")
    event = "call_screening" if station == "screening" else "call_injection"
    if event in visit.TABLE[state]:
        seals(outcome)
        assert outcome.screen == ("screening" if station == "screening" else "dosing")
    else:
        assert (outcome.facts, outcome.notice.code) == ((), "wrong_state")


@pytest.mark.parametrize("state", sorted(visit.TABLE))
def test_end_follows_the_table(state):
    outcome = queue.end(person("A-001", state), "absent")
    assert bool(outcome.facts) is ("end" in visit.TABLE[state])


def test_nobody_and_nowhere():
    assert queue.call(None, station="screening", desk="1").notice.code == "nobody_waiting"
    assert queue.call(person("A-001", "waiting"), station="reception", desk="1").notice.code == "not_allowed"


@given(st.text(), st.text())
def test_any_station_gives_an_outcome(station, desk):
    assert isinstance(queue.call(person("A-001", "waiting"), station=station, desk=desk), Outcome)
    queue.line(station, TODAY)
