"""Messages: one SMS each, no accents, and a row that says what became of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import messages
from tests.server import made
from tests.server.made import MORNING, say, templates

WORDS = st.text(max_size=200)


def queue(office, name: str, at: int = MORNING) -> None:
    body = {"message": name, "to": "0912345678", "template": "otp", "text": "TIEMCHUNG: 123456"}
    office.append(("message.queued", body), now=at)


def tried(office, name: str, result: str, at: int) -> None:
    body = {"message": name, "provider": "file", "result": result, "detail": ""}
    office.append(("message.sent", body), now=at)


def test_a_message_waits_until_it_is_sent(any_office):
    queue(any_office, "m-1")
    queue(any_office, "m-2", MORNING + 1)
    tried(any_office, "m-1", "failed", MORNING + 2)
    with any_office.db.read() as conn:
        assert [(row["message"], row["state"]) for row in messages.waiting(conn)] == [
            ("m-1", "failed"),
            ("m-2", "queued"),
        ]
        assert messages.waiting(conn, attempts=1)[0]["message"] == "m-2"
    tried(any_office, "m-1", "sent", MORNING + 3)
    tried(any_office, "m-1", "failed", MORNING + 4)
    with any_office.db.read() as conn:
        row = messages.by_id(conn, "m-1")
        assert (row["state"], row["attempts"], row["done_at"]) == ("sent", 3, MORNING + 3)
        assert messages.states(conn) == {"queued": 1, "sent": 1}


def test_accents_go_and_the_rest_stays():
    assert messages.without_marks("Đã cập nhật: mũi 1, ưỡn ẹo 😀") == "Da cap nhat: mui 1, uon eo  "


@pytest.mark.parametrize("template", sorted(templates()))
def test_every_template_stays_one_message(template):
    fields = templates()[template]["fields"]
    text = say(template, dict.fromkeys(fields, "Vũ"))
    assert len(text) <= messages.MAX_TEXT
    assert "Vu" in text
    with pytest.raises(KeyError):
        say(template, {})


def test_a_reason_too_long_is_shortened_and_the_address_is_not():
    url = "https://tiemchung.example.vn/complaints"
    text = say("complaint_rejected", {"code": "PA-00000001", "reason": "x" * 100, "url": url})
    assert len(text) <= messages.MAX_TEXT
    assert text.endswith(url)


@given(WORDS, WORDS)
def test_any_value_gives_one_plain_message(name, site):
    text = say("remind", {"name": name, "dose": "2", "dmy": "01/11/2021", "site": site, "short": "6089"})
    assert len(text) <= messages.MAX_TEXT
    assert text.isascii()


def test_every_listed_reason_fits_its_message():
    for reason in made.reasons().values():
        text = say("complaint_rejected", {"code": "PA-00000001", "reason": reason, "url": "https://a.vn/c"})
        assert reason in text
