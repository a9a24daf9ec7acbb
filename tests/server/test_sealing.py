"""What kiosks kept sealed comes back as ordinary records; what cannot be opened waits in quarantine, never dropped (I10, F105)."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select

from protocol import canon, delivery, inbox, sealed
from server import pki
from server.crypto import Signer, WrongKey
from server.ledger import rebuild
from server.ledger.tables import FORK, QUARANTINE, RECORD
from server.sealing import NotOpened, UnknownKey, Unsealer, key_id
from tests.server.made import MORNING, Office
from tests.server.sealing import KEY, seal


@pytest.fixture
def office(any_db):
    return Office(any_db, unsealer=Unsealer([KEY]))


def count(office, table):
    with office.db.read() as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def reasons(office):
    with office.db.read() as conn:
        return list(
            conn.execute(
                select(QUARANTINE.c.reason).where(QUARANTINE.c.resolved_at.is_(None)).order_by(QUARANTINE.c.id)
            ).scalars()
        )


def ack(office, kiosk):
    return inbox.read_ack(office.ledger.ack(kiosk.k, kiosk.inc, now=MORNING).split(b"\n")[0])


def test_sealed_records_are_taken_like_any_other(office):
    kiosk = office.kiosk()
    pairs = kiosk.visit(1)
    outcome = office.accept(kiosk, *[seal(pair) for pair in pairs])
    assert (outcome.taken, outcome.quarantined) == (7, 0)
    assert ack(office, kiosk)["committed"] == 7
    again = office.accept(kiosk, *pairs)
    assert (again.taken, again.duplicates) == (0, 7)
    assert rebuild.check(office.ledger).same


def test_a_forged_record_in_a_good_box_is_still_forged(office):
    kiosk = office.kiosk()
    line, _ = kiosk.checked_in(1)
    office.accept(kiosk, seal((line, Signer.generate().sign(line))))
    assert reasons(office) == ["bad_signature"]
    assert count(office, RECORD) == 0


def test_a_box_under_another_name_is_not_opened(office):
    kiosk = office.kiosk()
    one, two = kiosk.checked_in(1), kiosk.checked_in(2)
    name, box = seal(one)[0], seal(two)[1]
    office.accept(kiosk, (name, box))
    # The same, sealed by somebody who binds the wrong name himself.
    office.accept(kiosk, seal(two, name=name))
    assert reasons(office) == ["unsealable", "unsealable"]
    assert count(office, RECORD) == 0


def test_garbage_costs_itself_only_and_good_bytes_mend_it(office):
    kiosk = office.kiosk()
    pairs = kiosk.visit(1)
    boxes = [seal(pair) for pair in pairs]
    hello = kiosk.hello()
    office.ledger.hear(*hello, k=kiosk.k, now=MORNING)
    damaged = (boxes[2][0], boxes[2][1][:-8] + b"AAAAAAAA")
    office.accept(kiosk, *boxes[:2], damaged, (boxes[3][0], b""), (boxes[4][0], b"es256 AAAA"), *boxes[5:])
    assert count(office, RECORD) == 4
    told = ack(office, kiosk)
    assert told["committed"] == 7
    assert [row[0] for row in told["status"]] == ["3", "4", "5"]
    assert {row[2] for row in told["status"]}.isdisjoint(delivery.FINAL)
    office.accept(kiosk, *boxes[2:5])
    assert ack(office, kiosk)["status"] == []
    assert count(office, RECORD) == 7


def test_a_missing_key_loses_nothing_it_is_put_back_and_all_is_read(office):
    kiosk = office.kiosk()
    pairs = kiosk.visit(1)
    without = Office(office.db, signer=office.signer)
    without.accept(kiosk, *[seal(pair) for pair in pairs])
    assert set(reasons(without)) == {"unknown_sealing_key"}
    assert count(office, RECORD) == 0
    assert office.ledger.replay(now=MORNING) == 7
    assert reasons(office) == []
    assert rebuild.check(office.ledger).same


def test_other_bytes_in_a_box_are_a_fork(office):
    kiosk = office.kiosk()
    first = kiosk.checked_in(1)
    kiosk.seq, kiosk.prev = 0, "0" * 64
    office.accept(kiosk, first)
    office.accept(kiosk, seal(kiosk.checked_in(2)))
    assert count(office, FORK) == 1


def test_another_writer_s_box_is_no_word_of_ours(office):
    kiosk, other = office.kiosk(), office.kiosk("kiosk-2", inc="00000000000000a2", site="another-site")
    office.accept(other, seal(kiosk.checked_in(1)))
    assert reasons(office) == ["wrong_writer"]


def test_older_keys_still_open(tmp_path):
    pki.make_authority(tmp_path, now=pki.datetime(2021, 10, 5, tzinfo=pki.UTC))
    pki.make_sealing_key(tmp_path)
    old = (tmp_path / "server-sealing.key").rename(tmp_path / "server-sealing-2021.key")
    pki.make_sealing_key(tmp_path)
    key = serialization.load_pem_private_key(old.read_bytes(), None)
    name = sealed.name_line(k="kiosk-1", inc="0" * 16, seq=1, key=key_id(key.public_key()))
    both = Unsealer.of_folder(tmp_path)
    box = sealed.read_box(seal((b'{"v":1,"k":"kiosk-1","inc":"0000000000000000","seq":1}', b"s"), key=key)[1])
    assert both.open(name, key_id(key.public_key()), box).endswith(b"\ns")
    with pytest.raises(NotOpened):
        both.open(name, key_id(key.public_key()), box[:-1])
    with pytest.raises(UnknownKey):
        both.open(name, "0" * 16, box)
    (tmp_path / "server-sealing-bad.key").write_bytes(
        ec.generate_private_key(ec.SECP384R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with pytest.raises(WrongKey):
        Unsealer.of_folder(tmp_path)


def test_a_box_that_a_neighbour_carried_is_named_by_the_record_in_it(office):
    """Found by the simulation, I20 (schedule 287): the end of a run lay sealed, and its people stayed on the neighbour's card."""
    dead, carrier = office.kiosk("kiosk-1"), office.kiosk("kiosk-2", inc="00000000000000b2")
    pairs = dead.visit(1)
    for _ in range(2):
        told = office.accept(carrier, seal(pairs[-1])).told[dead.k, dead.inc]
        assert inbox.read_ack(told)["here"] == [canon.digest(pairs[-1][0])]
