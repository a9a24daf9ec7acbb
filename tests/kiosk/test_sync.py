"""The wire to the centre over a real broker: what gets lost is sent again, what is forged is ignored (F45-F53, F63, F78)."""

from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from kiosk.outcome import Fact, Outcome
from protocol.inbox import Ranges
from provisioning.broker import Broker
from provisioning.stage import free_port, wait_until
from server.crypto import Signer
from tests.kiosk.made import LISTS, MORNING
from tests.kiosk.small_centre import SmallCentre, body_of
from tests.kiosk.whole import NAME, SHARD, SITE, Whole

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]
WAIT_S = 30


class Line:
    """A kiosk, a broker and a centre."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.whole = Whole(folder, broker_port=port)
        self.whole.settings["printer"] = "none"
        self.broker = Broker(self.whole.keys, writers=[self.whole.writer], port=port)
        self.centre = SmallCentre(self.whole.keys, port=port, shard=SHARD, site=SITE)

    @property
    def desk(self):
        return self.whole.kiosk._desk

    @property
    def inc(self) -> str:
        return self.desk.log.inc

    def write(self, count: int) -> None:
        """So many acts at the kiosk."""
        fact = Outcome(facts=(Fact("staff.signed_in", {"station": "reception"}),))
        for _ in range(count):
            assert self.desk.call(lambda: self.desk.take(fact))

    def safe(self) -> bool:
        """Every record is at the centre, and the kiosk knows."""
        return wait_until(
            lambda: self.desk.committed == self.desk.log.seq == self.centre.held(self.inc), timeout_s=WAIT_S
        )

    def notice(self) -> str:
        notice = self.desk.front.notice
        return notice.code if notice else ""


@pytest.fixture
def line(quick_folder: Path) -> Iterator[Line]:
    made = Line(quick_folder)
    with made.broker, made.centre:
        made.whole.start()
        assert wait_until(lambda: made.desk.online, timeout_s=WAIT_S)
        assert made.safe()
        yield made
        made.whole.stop()


def test_records_arrive_once_and_in_order(line: Line):
    """I1, I2, I3."""
    line.write(150)
    assert line.safe()
    assert line.centre.order == sorted(set(line.centre.order))
    assert [record.line for record in line.whole.records()] == list(line.centre.ledger[line.inc].values())
    assert 'data-screen="welcome"' in line.whole.hands.whole()


def test_lost_acknowledgements_cost_nothing(line: Line):
    """F47, I3: sent again until one comes; the centre sees the same bytes."""
    line.centre.mute = True
    line.write(30)
    assert wait_until(lambda: line.centre.doubled > 0, timeout_s=WAIT_S)
    assert line.desk.committed < line.desk.log.seq
    line.centre.mute = False
    assert line.safe()


def test_centre_that_hears_nothing_for_a_while(line: Line):
    """F52, F53: the broker said "received" and nobody kept it."""
    line.centre.deaf = True
    line.write(30)
    assert not wait_until(lambda: line.desk.committed == line.desk.log.seq, timeout_s=0.5)
    line.centre.deaf = False
    assert line.safe()


def test_doubled_and_forged_acknowledgements(line: Line):
    """I2, I4, I11: only what the centre signed, for this very log, moves the mark."""
    line.centre.mute = True
    line.write(5)
    wait_until(lambda: line.centre.held(line.inc) == line.desk.log.seq, timeout_s=WAIT_S)
    mark, last = line.desk.committed, line.desk.log.seq
    stranger = Signer.generate()
    everything = Ranges([[1, last]])
    status = [[str(last), "quarantined", "future"]]
    good = line.centre.ack(NAME, line.inc, covered=everything, status=status)
    document, signature = good.split(b"\n")[:2]
    forged = (
        b"", b"\n", b"\xff" * 100, b"{}\n\n", b"x" * 100_000, good[:-20], document + b"\n" + signature[::-1] + b"\n",
        document.replace(b'"committed":', b'"committed":1') + b"\n" + signature + b"\n",
        stranger.document(document),
        line.centre.ack(NAME, "f" * 16, covered=everything, status=status),
        line.centre.ack("kiosk-02", line.inc, covered=everything, status=status),
        line.centre.signer.document(b'{"ack":2}'),
    )  # fmt: skip
    for payload in forged:
        line.centre.down(NAME, payload)
    assert not wait_until(lambda: line.desk.committed != mark, timeout_s=1.5)
    assert line.desk.call(lambda: line.desk.store.quarantined(line.inc)) == 0
    for _ in range(5):
        line.centre.down(NAME, good)
    assert wait_until(lambda: line.desk.committed == last, timeout_s=WAIT_S)
    assert wait_until(lambda: line.desk.store.quarantined(line.inc) == 1, timeout_s=WAIT_S)
    line.centre.mute = False
    line.write(1)
    assert line.safe()


def test_broker_killed_and_back(line: Line):
    """F53: no persistence, no session: everything is sent again from the kiosk's own disk."""
    line.centre.mute = True
    line.write(10)
    line.broker.kill()
    assert wait_until(lambda: not line.desk.online, timeout_s=WAIT_S)
    line.write(10)
    assert line.whole.hands.look().screen == "welcome"
    line.centre.mute = False
    line.broker.start()
    assert line.safe()


def test_a_packet_that_cannot_be_read_costs_one_connection(line: Line, monkeypatch):
    """F52: a topic bent under way was no text any more, and paho handled that packet again at every step, for ever."""
    true, spoilt = mqtt.Client.loop, []

    def loop(client, *given):
        spoilt.append(client)
        if client is spoilt[0]:
            raise UnicodeDecodeError("utf-8", b"\xeb", 0, 1, "invalid continuation byte")
        return true(client, *given)

    monkeypatch.setattr(mqtt.Client, "loop", loop)
    line.write(3)
    assert line.safe()


@pytest.mark.parametrize("way", ["cut", "blackhole"])
def test_cable(line: Line, way: str):
    """F46, F48: the cable is cut, or everything on it vanishes; the count of unsent is true, then it drains."""
    cable = line.whole.bench._cables[0]
    getattr(cable, way)()
    line.write(20)
    if way == "cut":
        assert wait_until(lambda: not line.desk.online, timeout_s=WAIT_S)
    assert "20 chờ gửi" in line.whole.hands.whole()
    cable.mend()
    assert line.safe()


def test_kiosk_restarted_goes_on(line: Line):
    """I13, F39."""
    line.centre.deaf = True
    line.write(10)
    before = line.desk.log.seq
    line.whole.stop()
    line.centre.deaf = False
    line.whole.start()
    assert line.safe()
    assert line.desk.log.seq == before


def test_server_restored_from_a_backup_gets_its_records_again(line: Line):
    """F78, I10: with no human act."""
    line.write(40)
    assert line.safe()
    line.centre.forget(line.inc, after=7)
    line.write(1)
    assert line.safe()
    assert line.desk.log.seq == 42


def test_wrong_acl_is_an_alarm(line: Line):
    """F63: MQTT 5 says "not authorized" and the screen says it too; nothing is lost."""
    line.broker.reload_acl([])
    line.write(3)
    assert wait_until(lambda: line.notice() == "wire_refused", timeout_s=WAIT_S)
    line.broker.reload_acl([line.whole.writer])
    assert line.safe()


def lists(version: int, name: str) -> dict[str, tuple[int, bytes]]:
    return {"site": (version, body_of({**LISTS["site"], "name": name})), "lots": (version, body_of(LISTS["lots"]))}


def test_lists_come_whole_and_signed_or_not_at_all(line: Line):
    """F81, I15: signature, site, hash and age are looked at; what is held goes on meanwhile."""
    site_name = lambda: line.desk.lists.site["name"]  # noqa: E731
    own = site_name()
    newer = lists(8, "Trạm mới")

    def send(what: dict[str, tuple[int, bytes]], **bent) -> None:
        for name, (_version, body) in what.items():
            line.centre.publish_list(name, body)
        line.centre.publish_manifest(what, **{"issued": MORNING, **bent})

    send(newer, signer=Signer.generate())
    send(newer, site="bien-hoa")
    line.centre.publish_manifest({**newer, "staff": (8, body_of({"items": []}))}, issued=MORNING)
    assert not wait_until(lambda: site_name() != own, timeout_s=1.0), "one list is still missing"
    send(newer)
    assert wait_until(lambda: site_name() == "Trạm mới", timeout_s=WAIT_S)
    send(lists(9, "Trạm cũ"), issued=MORNING - 1)
    assert not wait_until(lambda: site_name() != "Trạm mới", timeout_s=1.0), "an older manifest was believed"
    send({"site": (10, body_of({"hotline": "no name"}))}, issued=MORNING + 1)
    assert not wait_until(lambda: site_name() != "Trạm mới", timeout_s=1.0), "a list without its name was taken"
    send(lists(11, "Trạm sau cùng"), issued=MORNING + 2)
    assert wait_until(lambda: site_name() == "Trạm sau cùng", timeout_s=WAIT_S)
    line.write(1)
    assert line.whole.records()[-1].ref["site"] == 11


def test_a_manifest_from_a_year_ahead_does_not_silence_the_centre(line: Line):
    """F73: the centre's clock was wrong and is right again; what it says then is heard."""
    day = 86_400_000

    def say(version: int, name: str, issued: int) -> None:
        what = {list_: (version, body_of(value)) for list_, value in LISTS.items()}
        what["site"] = (version, body_of({**LISTS["site"], "name": name}))
        for list_, (_, body) in what.items():
            line.centre.publish_list(list_, body)
        line.centre.publish_manifest(what, issued=issued)

    def shows(name: str) -> bool:
        return wait_until(lambda: line.desk.call(lambda: line.desk.lists.site["name"]) == name, timeout_s=WAIT_S)

    say(8, "Trạm năm sau", MORNING + 365 * day)
    assert shows("Trạm năm sau")
    say(9, "Trạm hôm nay", MORNING + 1000)
    assert shows("Trạm hôm nay")
    assert line.desk.lists.issued == MORNING + 1000


def test_a_forked_log_is_left_for_a_new_one(line: Line):
    """F44, F77, I4: the centre tells of other bytes under our name; what is written from then on has a name of its own."""
    line.write(3)
    assert line.safe()
    before, written = line.inc, line.desk.log.seq
    # The status stands for the old log alone, as at the centre.
    line.centre.down(NAME, line.centre.ack(NAME, before, status=[["2", "fork", "other_bytes"]]))
    assert wait_until(lambda: line.inc != before, timeout_s=WAIT_S)
    assert line.safe()
    line.write(2)
    assert line.safe()
    assert line.desk.log.seq == 3
    assert line.desk.owed[0] == written, "this centre never says that the old chain is whole"
    assert wait_until(lambda: line.centre.doubled >= written, timeout_s=WAIT_S), "and so it is offered again"
    line.centre.down(NAME, line.centre.ack(NAME, before, whole=line.whole.kiosk._desk.store.head(before)[1]))
    assert wait_until(lambda: line.desk.owed[0] == 0, timeout_s=WAIT_S)
    inc = line.inc
    line.whole.stop()
    line.whole.start()
    assert line.inc == inc
    assert line.safe()


def test_a_mark_beyond_our_last_number_is_a_card_put_back(line: Line):
    """F44."""
    before = line.inc
    line.centre.down(NAME, line.centre.ack(NAME, before, covered=Ranges([[1, 99]])))
    assert wait_until(lambda: line.inc != before, timeout_s=WAIT_S)
    assert wait_until(lambda: line.notice() == "log_restored", timeout_s=WAIT_S)
