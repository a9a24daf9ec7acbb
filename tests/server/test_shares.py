"""Shards among ingest processes: divided by one rule, taken over after a silence, handed back, and nothing goes down twice."""

import json
import urllib.request

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import commands, shares
from server.reference import ReferenceLists, put_site
from server.shares import LAPSE, LOOK_EVERY_MS, Shares, divide
from server.web_server import WebServer
from tests.server.made import MORNING, SHARD, Kiosk

NAMES = st.text("abcdefghij-0123456789", min_size=1, max_size=12)


@given(st.dictionaries(NAMES, st.integers(0, 5000), max_size=70), st.sets(NAMES, min_size=1, max_size=9))
def test_every_shard_has_one_taker_and_the_order_of_names_does_not_matter(kiosks, names):
    found = divide(kiosks, sorted(names))
    assert sorted(shard for taken in found.values() for shard in taken) == sorted(kiosks)
    assert found == divide(dict(reversed(kiosks.items())), sorted(names, reverse=True))


def test_kiosks_are_spread_not_shards():
    country = {"ho-chi-minh": 900, "ha-noi": 800, **{f"tinh-{n}": 40 for n in range(32)}}
    loads = [sum(country[shard] for shard in taken) for taken in divide(country, ["a", "b", "c"]).values()]
    assert max(loads) < 1.5 * min(loads), loads


def test_one_kiosk_more_moves_nothing():
    country = {f"tinh-{n}": 33 + n % 20 for n in range(34)}
    assert divide(country, ["a", "b", "c"]) == divide({**country, "tinh-3": 40}, ["a", "b", "c"])


class Ticking:
    """Processes that look once a second, on one clock."""

    def __init__(self, db, *names):
        self.db, self.now = db, 0
        self.all = {name: Shares(db=db, name=name, asked=("*",)) for name in names}

    def tick(self, *silent, times=1):
        for _ in range(times):
            self.now += LOOK_EVERY_MS
            for name, one in self.all.items():
                if name not in silent:
                    one.look(self.now)
        return {name: one.held for name, one in self.all.items() if name not in silent}


@pytest.fixture
def four_shards(any_office):
    with any_office.db.write() as conn:
        for n in range(4):
            kiosk = Kiosk(f"kiosk-{n}", site=f"site-{n}")
            any_office.ledger.enrol(
                conn, k=kiosk.k, shard=f"shard-{n}", site=kiosk.site, public_key=kiosk.signer.public_pem, now=1
            )
    return any_office


def all_of(held):
    return sorted(shard for taken in held.values() for shard in taken if shard.startswith("shard-"))


def test_a_silent_one_s_shards_are_taken_over_and_given_back(four_shards):
    two = Ticking(four_shards.db, "ingest-1", "ingest-2")
    whole = [f"shard-{n}" for n in range(4)]
    held = two.tick(times=2)
    assert all_of(held) == whole
    assert all(held.values())
    # Killed: for a while its shards are nobody's, and kiosks send again; then they are the other's.
    assert all_of(two.tick("ingest-2", times=LAPSE - 1)) != whole
    assert all_of(two.tick("ingest-2", times=2)) == whole
    assert all_of(two.tick(times=2)) == whole
    assert two.tick() == held
    # A third one, and one that goes in order.
    two.all["ingest-3"] = Shares(db=four_shards.db, name="ingest-3", asked=("*",))
    assert all_of(two.tick(times=2)) == whole
    two.all.pop("ingest-1").leave()
    assert all_of(two.tick()) == whole
    with four_shards.db.read() as conn:
        told = shares.told(conn)
    assert [row["name"] for row in told] == ["ingest-2", "ingest-3"]


def test_one_that_was_told_its_shards_takes_them_and_asks_nobody(db):
    one = Shares(db=db, name="server", asked=("dong-nai", "vinh-long"))
    assert one.held == ("dong-nai", "vinh-long")
    assert not one.look(0)
    one.leave()
    with db.read() as conn:
        assert shares.told(conn) == []


def test_two_web_processes_listen_on_one_port_only_where_they_are_told_to():
    def answer(_environ, start):
        start("200 OK", [("Content-Length", "0")])
        return []

    one = WebServer(answer, host="127.0.0.1", port=0, threads=1, shared=True)
    port = int(one.address.rpartition(":")[2][:-1])
    two = WebServer(answer, host="127.0.0.1", port=port, threads=1, shared=True)
    for server in (one, two):
        server.start()
    with pytest.raises(OSError, match="in use"):
        WebServer(answer, host="127.0.0.1", port=port, threads=1)
    one.stop()
    with urllib.request.urlopen(two.address, timeout=10) as still:  # noqa: S310 - our own
        assert still.status == 200
    two.stop()


def test_lists_and_commands_go_down_from_who_takes_the_shard(office):
    place = {"name": "Trạm", "address": "", "hotline": "", "unit": ""}
    kiosk = office.kiosk()
    with office.db.write() as conn:
        for site, shard in ((kiosk.site, SHARD), ("elsewhere", "vinh-long")):
            put_site(conn, {"site": site, "shard": shard, **place})
    office.ledger.transact(
        lambda conn: commands.issue(office.ledger, conn, ks=[kiosk.k], what="message", by="a-1", now=MORNING, text="x")
    )
    lists = ReferenceLists(db=office.db, signer=office.signer, portal="", day_offset_min=420, valid_ms=1)
    post = commands.Post(db=office.db, signer=office.signer)
    sites = {
        json.loads(payload.split(b"\n")[0])["site"]
        for topic, payload in lists.messages(MORNING, everything=True, shards=["vinh-long"])
        if topic.endswith("/ref")
    }
    assert sites == {"elsewhere"}
    assert post.due(MORNING, shards=["vinh-long"]) == []
    assert len(post.due(MORNING, shards=[SHARD])) == 1
    assert lists.messages(MORNING, everything=True, shards=()) == []
