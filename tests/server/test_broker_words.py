"""The log of mosquitto 2.0.11 read for refusals: lines as it really writes them (tests/server/test_refusals.py)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import boxes
from server.broker_watch import MOST_BYTES, BrokerWatch
from server.broker_words import BrokerWords, Refusal
from tests.server.web_office import StillClock

AT = "2026-11-22T17:34:57: "
K = "ha-giang/yen-minh-01/kiosk-01"
DENIED = "Denied PUBLISH from %s (d0, q1, r0, m1, '%s', ... (1 bytes))"


def read(*texts):
    return list(BrokerWords().read([AT + text for text in texts]).elements())


@pytest.mark.parametrize(
    ("topic", "what"),
    [
        ("tram/1/ha-giang/yen-minh-01/kiosk-02/up", "other_kiosk"),
        ("tram/1/ha-giang/dong-van-01/kiosk-03/state", "other_site"),
        ("tram/1/ha-giang/dong-van-01/claims", "other_site"),
        ("tram/1/ha-giang/yen-minh-01/kiosk-01/down", "not_its_topic"),
        ("tram/1/ha-giang/yen-minh-01/ref/lots", "not_its_topic"),
        ("tram/1/ha-giang/yen-minh-01/kiosk-01/up", "not_listed"),
    ],
)
def test_a_refused_publish_names_its_kiosk(topic, what):
    assert read(DENIED % (K, topic)) == [Refusal("kiosk-01", what, "yen-minh-01", topic)]


def test_what_is_no_topic_of_ours_is_not_passed_on():
    assert read(DENIED % (K, "tram/1/Nguyễn Văn An/0901234567"))[0].about == ""


@pytest.mark.parametrize(
    ("asked", "wide"),
    [
        ("tram/1/ha-giang/yen-minh-01/+/up", False),
        ("tram/1/ha-giang/yen-minh-01/kiosk-01/down", False),
        ("tram/1/ha-giang/yen-minh-01/ref", False),
        ("tram/1/ha-giang/yen-minh-01/ref/#", False),
        ("tram/1/ha-giang/yen-minh-01/claims", False),
        ("tram/1/ha-giang/+/+/up", True),
        ("tram/1/ha-giang/dong-van-01/kiosk-03/up", True),
        ("tram/1/#", True),
        ("#", True),
    ],
)
def test_listening_beyond_the_own_site_is_told(asked, wide):
    found = read(f"{K} 1 {asked}")
    assert [(one.who, one.what) for one in found] == ([("kiosk-01", "listens_wide")] if wide else [])


def test_a_handshake_that_fails_at_once_names_its_address_itself():
    """What the broker writes when all of a client's hello is there before it looks: no "New connection" stands before it."""
    text = "Client connection from 10.0.0.9 failed: error:0A000086:SSL routines::certificate verify failed."
    assert read(text) == [Refusal("10.0.0.9", "bad_certificate")]


def test_a_refused_handshake_is_laid_to_its_address_and_says_who_came_from_there_before():
    came = "New connection from 10.0.0.7:41234 on port 8883."
    refused = "OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed"
    entered = f"New client connected from 10.0.0.7:41234 as {K} (p5, c1, k60, u'{K}')."
    assert read(came, refused) == [Refusal("10.0.0.7", "bad_certificate")]
    assert read(came, entered, came, refused) == [Refusal("10.0.0.7", "bad_certificate", "yen-minh-01", "kiosk-01")]
    none = "OpenSSL Error[0]: error:0A0000C7:SSL routines::peer did not return a certificate"
    assert read("New connection from ::1:5 on port 8883.", none) == [Refusal("::1", "no_certificate")]


@given(st.lists(st.text(max_size=80)))
def test_any_lines_are_read(lines):
    BrokerWords().read([AT + line for line in lines])
    BrokerWords().read(lines)


def test_the_log_is_followed_counted_once_and_cut(db, tmp_path):
    path, clock = tmp_path / "broker.log", StillClock()
    watch = BrokerWatch(db=db, clock=clock, path=path)
    line = AT + DENIED % (K, "tram/1/ha-giang/yen-minh-01/kiosk-02/up")

    def told():
        with db.read() as conn:
            return [(row["who"], row["what"], row["n"], row["about"]) for row in boxes.turned_away(conn)]

    watch.step()
    half = len(line) // 2
    with path.open("ab", buffering=0) as log:
        log.write(line[:half].encode())
        watch.step()
        assert told() == []
        log.write(f"{line[half:]}\n{line}\n".encode())
        watch.step()
        watch.step()
        assert told() == [("kiosk-01", "other_kiosk", 2, "tram/1/ha-giang/yen-minh-01/kiosk-02/up")]
        # A second process leaves it to the first.
        other = BrokerWatch(db=db, clock=clock, path=path)
        other.step()
        assert told()[0][2] == 2
        log.write((b"." * 999 + b"\n") * (MOST_BYTES // 1000 + 1))
        while watch.step():
            pass
        assert path.stat().st_size == 0
        log.write(f"{line}\n".encode())
        watch.step()
        assert told()[0][2] == 3
    # Put away by a hand: the new one is read from its beginning.
    path.replace(tmp_path / "old")
    path.write_text(line + "\n")
    watch.step()
    assert told()[0][2] == 4
    watch.close()
