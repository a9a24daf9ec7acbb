"""Which broker next: in order, each once before the wait, back to the first when it answers (F45, I14)."""

import json

import pytest

from kiosk.brokers import LOOK_FIRST_MS, LOOK_LAST_MS, Brokers
from kiosk.config import load, read_enrolment
from kiosk.errors import BadSetting

HUB, CENTRE, SPARE = ("hub", 8883), ("centre", 8883), ("spare", 1)


def test_one_address_is_tried_again_and_again():
    brokers = Brokers((CENTRE,))
    assert not brokers.failed(stood=False)
    assert brokers.address == CENTRE
    brokers.served(0)
    assert not brokers.look_due(10**9)
    assert not brokers.failed(stood=True)


def test_each_is_tried_once_before_the_wait():
    brokers = Brokers((HUB, CENTRE, SPARE))
    assert brokers.failed(stood=False)
    assert brokers.address == CENTRE
    assert brokers.failed(stood=False)
    assert brokers.address == SPARE
    assert not brokers.failed(stood=False), "the round is over: wait"
    assert brokers.address == HUB


def test_a_lost_connection_begins_at_the_first():
    brokers = Brokers((HUB, CENTRE, SPARE))
    brokers.failed(stood=False)
    brokers.failed(stood=False)
    brokers.served(0)
    assert not brokers.failed(stood=True)
    assert brokers.address == HUB


def test_it_returns_when_the_first_answers_and_not_before():
    brokers = Brokers((HUB, CENTRE))
    brokers.failed(stood=False)
    brokers.served(1000)
    assert not brokers.look_due(1000 + LOOK_FIRST_MS - 1)
    assert brokers.look_due(1000 + LOOK_FIRST_MS)
    assert not brokers.looked(1000 + LOOK_FIRST_MS, answers=False)
    assert brokers.address == CENTRE
    assert not brokers.look_due(1000 + LOOK_FIRST_MS)
    assert brokers.look_due(1000 + 3 * LOOK_FIRST_MS)
    assert brokers.looked(1000 + 3 * LOOK_FIRST_MS, answers=True)
    assert brokers.address == HUB
    brokers.served(0)
    assert not brokers.look_due(10**9)


def test_a_first_that_answers_and_does_not_serve_is_left_alone_longer_and_longer():
    brokers = Brokers((HUB, CENTRE))
    now, waits = 0, []
    for _ in range(8):
        brokers.failed(stood=False)
        brokers.served(now)
        wait = next(each for each in range(0, 10**7, LOOK_FIRST_MS) if brokers.look_due(now + each))
        waits.append(wait)
        now += wait
        brokers.looked(now, answers=True)
    assert waits == [LOOK_FIRST_MS * factor for factor in (1, 2, 4, 8, 16, 24, 24, 24)]
    assert waits[-1] == LOOK_LAST_MS


def enrolled(folder, **settings):
    (folder / "enrolment.toml").write_text(
        'shard = "d"\nsite = "s"\nwriter = "k"\nbroker_host = "centre"\nbroker_port = 8883\n', "utf-8"
    )
    toml = folder / "kiosk.toml"
    rows = {"kit": str(folder), **settings}
    toml.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in rows.items()), "utf-8")
    return read_enrolment(load(toml)).brokers


def test_the_setting(tmp_path):
    assert enrolled(tmp_path) == (CENTRE,)
    assert enrolled(tmp_path, broker_port=7) == (("centre", 7),)
    assert enrolled(tmp_path, brokers="hub:8883  centre:8883") == (HUB, CENTRE)
    assert enrolled(tmp_path, brokers="[fe80::1]:8883") == (("fe80::1", 8883),)


@pytest.mark.parametrize("bad", ["hub", "hub:", ":8883", "hub:0", "hub:70000", "hub:x", "hub:8883 centre", "hub:²"])
def test_what_is_no_address_is_said_at_the_start(tmp_path, bad):
    with pytest.raises(BadSetting, match="brokers"):
        enrolled(tmp_path, brokers=bad)
