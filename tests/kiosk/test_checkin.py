"""Check-in decides: who is here, whether they hold a ticket already, how long they will wait."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import checkin, whois
from kiosk.outcome import Outcome
from protocol import cccd, envelope
from protocol.errors import ProtocolError
from tests.kiosk.hostile import NAMES, PAYLOADS
from tests.kiosk.made import CARD, MORNING
from tests.kiosk.sealing import seals

FORM = {
    "name": "Nguyễn Văn An",
    "dob_day": "14",
    "dob_month": "4",
    "dob_year": "1979",
    "sex": "M",
    "doc_no": "075079001234",
    "phone": "0901234567",
}
IDS = {"visit": "v-1", "slip": "ABCDEFGHJK"}


def confirm(pending: dict, **more) -> Outcome:
    given = {
        "phone": "",
        "appointment": None,
        "visits_of_person": [],
        "today": "2021-10-03",
        "ids": IDS,
        "ticket": "A-001",
    }
    return checkin.confirmed(pending, **{**given, **more})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "An"}, "name"),
        ({"name": "x " * 70}, "name"),
        ({"dob_year": "79"}, "dob"),
        ({"dob_year": "1849"}, "dob"),
        ({"dob_day": "31", "dob_month": "2"}, "dob"),
        ({"dob_day": "", "dob_month": "4"}, "dob"),
        ({"dob_day": "²"}, "dob"),
        ({"doc_no": "12345"}, "doc_no"),
        ({"doc_no": "０７５０７９００１２３４"}, "doc_no"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "1901234567"}, "phone"),
    ],
)
def test_what_is_typed_wrong_is_named(changes, field):
    outcome = checkin.typed({**FORM, **changes})
    assert outcome.screen == "type_id"
    assert list(outcome.pending["errors"]) == [field]
    assert outcome.pending["fields"]["sex"] == "M", "what was typed well is not typed again"


@pytest.mark.parametrize(
    ("changes", "doc_type", "dob"),
    [
        ({}, "cccd", "1979-04-14"),
        ({"doc_no": "271234567"}, "cmnd", "1979-04-14"),
        ({"doc_no": "c1234567"}, "passport", "1979-04-14"),
        ({"doc_no": ""}, "none", "1979-04-14"),
        ({"dob_day": "", "dob_month": ""}, "cccd", "1979"),
        ({"phone": "090 123.4567"}, "cccd", "1979-04-14"),
        ({"sex": "?"}, "cccd", "1979-04-14"),
    ],
)
def test_what_is_typed_well_is_asked_back(changes, doc_type, dob):
    outcome = checkin.typed({**FORM, **changes})
    identity = outcome.pending["identity"]
    assert (outcome.screen, identity["doc_type"], identity["dob"]) == ("confirm", doc_type, dob)
    seals(confirm(outcome.pending))


def test_number_that_disagrees_warns_and_never_blocks():
    outcome = checkin.typed({**FORM, "dob_year": "1990", "sex": "F"})
    assert outcome.pending["identity"]["warnings"] == ["number_year", "number_sex"]
    assert outcome.screen == "confirm"


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_are_refused_or_sealed(name):
    """F14, F16, I11, I19: any name ends as a sentence or as a record that its own table takes."""
    for outcome in (
        checkin.typed({**FORM, "name": name}),
        checkin.scanned(CARD.replace("Nguyễn Văn An", name).encode("utf-8")),
    ):
        if outcome.screen == "confirm":
            seals(confirm(outcome.pending))
        else:
            assert outcome.notice is not None


@pytest.mark.parametrize("data", PAYLOADS)
def test_hostile_codes_are_refused_or_sealed(data):
    outcome = checkin.scanned(data)
    if outcome.screen == "confirm":
        seals(confirm(outcome.pending))
    else:
        assert outcome.notice.tone == "warn"


@given(st.dictionaries(st.sampled_from(sorted(FORM)), st.text()))
def test_any_form_gives_an_outcome(form):
    outcome = checkin.typed(form)
    if outcome.screen == "confirm":
        seals(confirm(outcome.pending, phone=form.get("phone", "")))


@given(st.one_of(st.binary(max_size=3000), st.text().map(lambda text: text.encode())))
def test_any_scan_gives_an_outcome(data):
    assert isinstance(checkin.scanned(data), Outcome)


@given(st.lists(st.text(), min_size=5, max_size=9))
def test_any_card_gives_an_outcome(parts):
    """Behind a good number anything may stand."""
    outcome = checkin.scanned("|".join(["075079001234", *parts]).encode())
    if outcome.screen == "confirm":
        seals(confirm(outcome.pending))


@given(st.binary(max_size=3000))
def test_text_of_gives_nfc_or_says_why(data):
    """F16."""
    try:
        text = whois.text_of(data)
    except ProtocolError as error:
        code = error.code
        text = ""
    else:
        code = "too_long" if len(data) > cccd.MAX_PAYLOAD else "not_text"
    assert code in ("too_long", "not_text")
    assert unicodedata.is_normalized("NFC", text)


def test_decomposed_card_is_the_same_person():
    """F16: NFD from another issuer's printer."""
    once = checkin.scanned(CARD.encode()).pending
    again = checkin.scanned(unicodedata.normalize("NFD", CARD).encode()).pending
    assert once == again


@pytest.mark.parametrize("state", ["waiting", "called", "cleared", "ready", "observing"])
def test_standing_ticket_is_shown_again(state):
    """I5, F83."""
    pending = checkin.scanned(CARD.encode()).pending
    held = {"visit": "v-0", "day": "2021-10-03", "state": state, "ticket": "A-017"}
    outcome = confirm(pending, visits_of_person=[held])
    assert (outcome.facts, outcome.pending, outcome.notice.params) == (
        (),
        {"visit": "v-0", "again": True},
        {"ticket": "A-017"},
    )


@pytest.mark.parametrize(("state", "day"), [("left", "2021-10-03"), ("gone", "2021-10-03"), ("waiting", "2021-10-02")])
def test_visit_that_is_over_is_no_ticket(state, day):
    pending = checkin.scanned(CARD.encode()).pending
    held = {"visit": "v-0", "day": day, "state": state, "ticket": "A-017"}
    assert len(confirm(pending, visits_of_person=[held]).facts) == 1


def test_phone_comes_from_the_person_else_from_the_appointment():
    pending = checkin.scanned(CARD.encode()).pending
    appointment = {"at": MORNING, "phone": "0909999999"}

    def phone_of(outcome):
        return outcome.facts[0].body["identity"]["phone"]

    assert phone_of(confirm(pending, phone="0901234567", appointment=appointment)) == "0901234567"
    assert phone_of(confirm(pending, phone="nonsense", appointment=appointment)) == "0909999999"
    assert phone_of(confirm(pending)) == ""
    seals(confirm(pending, appointment=appointment))


@pytest.mark.parametrize(
    ("tickets", "following"),
    [([], "A-001"), (["A-001"], "A-002"), (["A-009", "A-010"], "A-011"), (["A-999"], "A-1000"), (["odd"], "A-001")],
)
def test_tickets_count_on(tickets, following):
    assert checkin.next_ticket("A", [{"ticket": ticket} for ticket in tickets]) == following


def test_person_without_papers_is_known_by_the_visit():
    outcome = checkin.typed({**FORM, "doc_no": ""})
    body = confirm(outcome.pending).facts[0].body
    assert body["person"] == cccd.person_key(body["identity"], "v-1") == "visit:v-1"


def test_card_is_one_record():
    record = envelope.parse(seals(confirm(checkin.scanned(CARD.encode()).pending))[0])
    assert (record.kind, record.body["ticket"], record.body["identity"]["name"]) == (
        "visit.checked_in",
        "A-001",
        "Nguyễn Văn An",
    )
