"""Nobody is woken by an answer to a complaint; a severe reaction does not wait for the morning."""

import pytest

from server import quiet_hours
from server.messages import QUEUED, SENT
from server.reference import read_data
from tests.server.test_worker import FakeProvider, clock, ledger, make_worker, queue_message, row  # noqa: F401 - fixtures

HOUR = 3_600_000
# 3 October 2021, 00:00 in Viet Nam.
MIDNIGHT = 1_633_194_000_000
PERIODS = read_data("quiet_hours")["periods"]


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        (0, True),
        (7 * HOUR - 1, True),
        (7 * HOUR, False),
        (21 * HOUR - 1, False),
        (21 * HOUR, True),
        (24 * HOUR - 1, True),
    ],
)
def test_from_nine_to_seven(at, quiet):
    assert (quiet_hours.only(PERIODS, MIDNIGHT + at) is not None) is quiet


def test_of_several_periods_the_one_that_began_last_holds_and_before_the_first_none():
    noon = {"from": "2021-10-03", "to": "2021-10-03", "start": "12:00", "end": "13:00", "urgent": []}
    found = [quiet_hours.only([noon, *PERIODS], MIDNIGHT + hours * HOUR) for hours in (2, 12, 26)]
    assert found == [None, (), ("aefi_alarm", "aefi_unseen")]
    assert quiet_hours.only(PERIODS, MIDNIGHT - 400 * 24 * HOUR) is None


def test_each_urgent_kind_is_one_that_exists():
    known = read_data("sms_templates")["templates"]
    assert {name for one in PERIODS for name in one["urgent"]} <= known.keys()


def test_at_night_an_alarm_goes_out_past_a_thousand_that_wait(ledger, clock):  # noqa: F811 - the fixtures
    clock.now = MIDNIGHT + 22 * HOUR
    provider = FakeProvider()
    worker = make_worker(ledger=ledger, provider=provider, clock=clock, quiet=PERIODS)
    queue_message(ledger, "m-1")
    body = {"message": "m-2", "to": "0901234567", "template": "aefi_alarm", "text": "TIEMCHUNG: PHAN UNG NANG"}
    ledger.transact(lambda conn: ledger.append(conn, "message.queued", body, who="a-1", now=clock.now))
    assert worker.step() == 1
    assert [message for message, _, _ in provider.sent] == ["m-2"]
    waits = row(ledger, "m-1")
    assert (waits["state"], waits["attempts"]) == (QUEUED, 0)
    clock.now = MIDNIGHT + 31 * HOUR
    assert worker.step() == 1
    assert row(ledger, "m-1")["state"] == SENT
