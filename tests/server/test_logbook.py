"""The program's log: a line is a record and nothing else is, machines read it back, no event fills a disk (ASVS 5.0 V16)."""

import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.one_line import encoded
from server.logbook import MOST_A_MINUTE, ForMachines, ForPeople, Sparing, UnknownForm, begin, event_of

FORGED = "d/a\n2026-01-01T00:00:00.000+00:00 INFO server.accounts signed_in login=admin"


def record(text, *args, at=0.0, trace=None):
    made = logging.LogRecord("server.x", logging.WARNING, "x.py", 1, text, args, trace)
    made.created = at
    return made


def fail(sentence):
    raise ValueError(sentence)


def failed(sentence):
    try:
        fail(sentence)
    except ValueError as error:
        return (ValueError, error, error.__traceback__)


def test_nothing_that_was_sent_begins_a_line():
    line = ForPeople().format(record("ingest_refused topic=%s", FORGED))
    assert "\n" not in line
    assert line.startswith("1970-01-01T00:00:00.000+00:00 WARNING server.x ingest_refused topic=d/a\\n2026")
    traced = ForPeople().format(record("step_failed", trace=failed(FORGED)))
    assert len(traced.splitlines()) > 2
    assert all(each.startswith("    | ") for each in traced.splitlines()[1:])
    assert json.loads(ForMachines().format(record("step_failed", trace=failed(FORGED))))["trace"].endswith(FORGED)


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_is_one_line_that_can_be_written(text):
    for form in (ForPeople(), ForMachines()):
        line = form.format(record("ingest_refused what=%s", text))
        assert len(line.splitlines()) == 1
        line.encode("utf-8")
    assert not any(sign in encoded(text) for sign in "\x1b\x9b\u202e\u2066\u200f")


def test_machines_read_a_line_back():
    line = json.loads(ForMachines().format(record("ingest_started host=%s port=%d", "máy", 8883, at=1633392000.5)))
    assert line == {
        "at": "2021-10-05T00:00:00.500+00:00", "level": "WARNING", "logger": "server.x", "event": "ingest_started",
        "message": "ingest_started host=máy port=8883", "fields": {"host": "máy", "port": 8883},
    }  # fmt: skip
    late = json.loads(ForMachines().format(record("%s_step_failed", "worker")))
    assert (late["event"], late["fields"]) == ("worker_step_failed", {})
    library = json.loads(ForMachines().format(record("Task queue depth is %d", 3)))
    assert (library["event"], library["fields"], library["message"]) == ("Task", {}, "Task queue depth is 3")
    assert event_of(record("plain")) == "plain"


def test_what_comes_back_without_end_is_written_so_often_and_counted():
    sparing = Sparing(most=3)
    let = [sparing.take(record("knocked from=%s", "a", at=60.0 + n / 10)) for n in range(10)]
    assert [each is not None for each in let] == [True] * 3 + [False] * 7
    assert sparing.take(record("something_else", at=70.0)) is not None
    told = [sparing.take(record("knocked from=%s", "b", at=at)).getMessage() for at in (121.0, 121.5)]
    assert told == ["knocked from=b left_out=7", "knocked from=b"]


def test_the_whole_log_goes_to_the_stream_in_its_form():
    root, held = logging.getLogger(), logging.getLogger().handlers[:]
    level, quiet = root.level, logging.getLogger("alembic").level
    root.handlers[:] = []
    try:
        for form in ("text", "json"):
            root.handlers[:] = []
            stream = io.StringIO()
            begin(level="INFO", form=form, stream=stream)
            logging.getLogger("server.ingest").info("ingest_stopped")
            logging.getLogger("some.library").warning(FORGED)
            for _ in range(MOST_A_MINUTE + 5):
                logging.getLogger("some.library").warning("again")
            lines = stream.getvalue().splitlines()
            assert MOST_A_MINUTE < len(lines) <= MOST_A_MINUTE + 2 + 5, form
        assert [json.loads(line)["event"] for line in lines[:2]] == [
            "ingest_stopped",
            "d/a\\n2026-01-01T00:00:00.000+00:00",
        ]
        with pytest.raises(UnknownForm):
            begin(level="INFO", form="xml", stream=stream)
    finally:
        root.handlers[:] = held
        root.setLevel(level)
        logging.getLogger("alembic").setLevel(quiet)
