"""What was read once is not read again, and nobody who asks for a visit can change what the next one is given."""

from pathlib import Path

import pytest

from kiosk import parsed
from protocol.errors import ProtocolError

SAMPLE = Path("tests/protocol/samples/v1/record.dose.given.txt")


def test_a_record_is_read_once():
    line = SAMPLE.read_bytes().split(b"\n")[0]
    assert parsed.record(line) is parsed.record(bytes(bytearray(line)))
    assert parsed.record(line).line == line


def test_a_visit_is_the_callers_own():
    body = '{"state": "waiting", "visit": "v-1"}'
    parsed.visit(body)["state"] = "gone"
    assert parsed.visit(body) == {"state": "waiting", "visit": "v-1"}


def test_what_cannot_be_read_raises_each_time():
    for _ in range(2):
        with pytest.raises(ProtocolError):
            parsed.record(b"{}")
