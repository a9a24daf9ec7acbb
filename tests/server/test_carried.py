"""A living kiosk carries what a dead neighbour never sent: judged by the dead one's key, once, and never forged (I1, F31, F75, F76)."""

from pathlib import Path

import pytest

from protocol import canon, envelope, inbox, topics
from server import fleet, vaccinations
from server.clock import Clock
from server.ingest import Ingest, Link
from server.ledger import carried
from tests.server.made import INC, MORNING, SHARD, SITE, Kiosk, Office


def ack(office: Office, kiosk: Kiosk) -> dict:
    return inbox.read_ack(office.ledger.ack(kiosk.k, kiosk.inc, now=MORNING).split(b"\n")[0])


def reasons(office: Office) -> list[tuple]:
    with office.db.read() as conn:
        return [(row["reason"], row["k"], row["seq"]) for row in fleet.quarantine(conn)]


@pytest.fixture
def pair(any_office: Office) -> tuple[Kiosk, Kiosk]:
    """A dead kiosk with a whole visit never sent, and its living neighbour."""
    return any_office.kiosk("kiosk-1"), any_office.kiosk("kiosk-2", inc="00000000000000b2")


def test_a_carried_dose_counts_as_if_its_writer_had_sent_it(any_office, pair):
    dead, carrier = pair
    pairs = dead.visit(1)
    outcome = any_office.accept(carrier, *pairs)
    assert (outcome.taken, outcome.quarantined, outcome.logs) == (7, 0, ((dead.k, dead.inc),))
    assert (ack(any_office, dead)["committed"], ack(any_office, dead)["top"]) == (7, 7)
    with any_office.db.read() as conn:
        assert vaccinations.by_id(conn, "d-1")["status"] == "given"
    # Two carriers at once, and the dead one back to life: duplicates only (I3).
    again = any_office.accept(dead, *pairs)
    assert (again.taken, again.duplicates, again.forks) == (0, 7, 0)


def test_the_carrier_is_told_too_so_that_it_stops(any_office, pair):
    """The acknowledgement of the dead log goes to both `down` topics; one's own to one's own only."""
    dead, carrier = pair
    link = Link(host="127.0.0.1", port=1, identity=Path("none"), client_id="server")
    ingest = Ingest.__new__(Ingest)
    ingest._ledger, ingest._clock, ingest._link = any_office.ledger, Clock(), link
    visit = dead.visit(1)
    message = envelope.pack([*visit, carrier.opened()])
    answers = ingest.take(topics.writer(SHARD, SITE, carrier.k, topics.UP), message)
    told = [(topics.read(topic)[2], inbox.read_ack(payload.split(b"\n")[0])) for topic, payload in answers]
    names = sorted((to, one["k"], one.get("here")) for to, one in told)
    here = [canon.digest(line) for line, _ in visit]
    assert names == [("kiosk-1", "kiosk-1", here), ("kiosk-2", "kiosk-1", here), ("kiosk-2", "kiosk-2", None)]


def test_in_a_batch_each_is_told_once_and_the_carrier_of_the_dead_log_only(any_office, pair):
    dead, carrier = pair
    third = any_office.kiosk("kiosk-3", inc="00000000000000c3")
    ingest = Ingest.__new__(Ingest)
    ingest._ledger, ingest._clock = any_office.ledger, Clock()
    carried, own = dead.visit(1), [carrier.opened(), third.opened()]
    sent = [(carrier, carried[:3]), (third, own[1:]), (carrier, carried[3:]), (carrier, own[:1])]
    answers = ingest.take_all(
        [(topics.writer(SHARD, SITE, one.k, topics.UP), envelope.pack(part)) for one, part in sent]
    )
    told = [(topics.read(topic)[2], inbox.read_ack(payload.split(b"\n")[0])) for topic, payload in answers]
    here = [canon.digest(line) for line, _ in carried]
    assert {tuple(ack["here"]) for _, ack in told if "here" in ack} == {tuple(here)}
    assert sorted((to, ack["k"], ack["committed"]) for to, ack in told) == [
        ("kiosk-1", "kiosk-1", 7), ("kiosk-2", "kiosk-1", 7), ("kiosk-2", "kiosk-2", 1), ("kiosk-3", "kiosk-3", 1),
    ]  # fmt: skip


def test_a_stranger_of_another_site_carries_nothing(any_office, pair):
    """I21: its word under another site's name is put aside, without covering anything."""
    dead, _ = pair
    far = any_office.kiosk("kiosk-9", site="elsewhere")
    outcome = any_office.accept(far, *dead.visit(1))
    assert (outcome.taken, outcome.quarantined, outcome.logs) == (0, 7, ())
    assert set(reasons(any_office)) == {("wrong_writer", None, None)}
    assert ack(any_office, dead)["committed"] == 0


def test_a_revoked_neighbour_carries_nothing(any_office, pair):
    dead, carrier = pair
    any_office.db.transact(lambda conn: any_office.ledger.revoke(conn, k=carrier.k, now=MORNING))
    assert any_office.accept(carrier, *dead.visit(1), now=MORNING + 1).taken == 0
    assert ack(any_office, dead)["committed"] == 0


def test_what_nobody_could_name_gets_its_name_when_its_writer_brings_it(any_office, pair):
    """A revoked neighbour had brought the very bytes before: put aside without a name they were replayed by no later release."""
    dead, carrier = pair
    any_office.db.transact(lambda conn: any_office.ledger.revoke(conn, k=carrier.k, now=MORNING))
    line = dead.opened()[0].replace(b'"kind":"log.opened"', b'"kind":"log.teleported"')
    sent = (line, dead.signer.sign(line))
    any_office.accept(carrier, sent, now=MORNING + 1)
    assert reasons(any_office) == [("wrong_writer", None, None)]
    for _ in range(2):
        any_office.accept(dead, sent, now=MORNING + 2)
        assert reasons(any_office) == [("future", dead.k, 1)]
    any_office.accept(carrier, sent, now=MORNING + 3)
    assert reasons(any_office) == [("future", dead.k, 1)], "and keeps it"


def test_nobody_covers_a_neighbours_number_without_its_signature(any_office, pair):
    """F75, F76, protocol/DECISIONS.md 15: not even a number that its writer's hello has spoken of."""
    dead, carrier = pair
    pairs = dead.visit(1)
    any_office.ledger.hear(*dead.hello(), k=dead.k, now=MORNING)
    forged = [(line, carrier.signer.sign(line)) for line, _ in pairs]
    bent = [(pairs[0][0].replace(b'"A-1"', b'"A-2"'), pairs[0][1]), (pairs[1][0][:-1], pairs[1][1])]
    assert any_office.accept(carrier, *forged, *bent).taken == 0
    assert {row[1:] for row in reasons(any_office)} == {(None, None)}
    assert ack(any_office, dead)["committed"] == 0
    assert ack(any_office, dead)["status"] == []
    assert any_office.accept(carrier, *pairs).taken == 7
    assert ack(any_office, dead)["committed"] == 7


def test_records_of_a_stolen_kiosk_stay_aside_whoever_brings_them(any_office, pair):
    """F105."""
    dead, carrier = pair
    pairs = dead.visit(1)
    any_office.db.transact(lambda conn: any_office.ledger.revoke(conn, k=dead.k, now=MORNING))
    assert any_office.accept(carrier, *pairs, now=MORNING + 1).quarantined == 7
    assert {row[0] for row in reasons(any_office)} == {"revoked"}
    assert ack(any_office, dead)["committed"] == 7


def test_both_branches_of_a_lying_card_come_in(any_office, pair):
    """F31, I4: the card forgot what it had shown; its neighbour had it."""
    dead, carrier = pair
    lost = dead.visit(1)
    reborn = Kiosk("kiosk-1", inc=INC, signer=dead.signer)
    any_office.accept(reborn, *reborn.visit(2))
    outcome = any_office.accept(carrier, *lost)
    assert (outcome.forks, outcome.quarantined) == (7, 0)
    with any_office.db.read() as conn:
        assert {vaccinations.by_id(conn, f"d-{n}")["status"] for n in (1, 2)} == {"given"}


def test_only_what_is_here_byte_for_byte_is_named(any_office, pair):
    """Of a forked log no mark tells: fork, record and what waits for an upgrade are named, a damaged copy is not."""
    dead, carrier = pair
    lost = dead.visit(1)
    reborn = Kiosk("kiosk-1", inc=INC, signer=dead.signer)
    own = reborn.visit(2)
    any_office.accept(reborn, *own)
    teleported = dead.opened()[0].replace(b'"kind":"log.opened"', b'"kind":"log.teleported"')
    sent = [
        *lost[:2],
        own[2],
        (teleported, dead.signer.sign(teleported)),
        (lost[3][0], carrier.signer.sign(lost[3][0])),
    ]
    logs = any_office.accept(carrier, *sent).logs
    brought = carried.brought(
        [(carrier.k, [line for line, _ in sent], logs), (dead.k, [line for line, _ in own], logs)]
    )
    assert set(brought) == {(dead.k, dead.inc)}
    line = any_office.ledger.ack(dead.k, dead.inc, now=MORNING, brought=brought[dead.k, dead.inc]).split(b"\n")[0]
    assert inbox.read_ack(line)["here"] == [canon.digest(line) for line, _ in sent[:4]]


def test_a_carried_record_of_a_newer_release_waits_under_its_writers_name(any_office, pair):
    dead, carrier = pair
    line = dead.opened()[0].replace(b'"kind":"log.opened"', b'"kind":"log.teleported"')
    any_office.accept(carrier, (line, dead.signer.sign(line)))
    assert reasons(any_office) == [("future", dead.k, 1)]
    assert ack(any_office, dead)["committed"] == 1


def test_a_record_on_a_topic_that_was_damaged_under_way_is_taken_for_what_was_signed(any_office):
    """Found by true processes (seed 8327): one letter of the site's name; the check-in was put aside for good, and called safe."""
    kiosk = any_office.kiosk()
    pairs = kiosk.visit(1)
    outcome = any_office.ledger.accept(pairs, k=kiosk.k, site="treng-dai", now=MORNING)
    assert (outcome.taken, outcome.quarantined) == (len(pairs), 0)
