"""F58: a kiosk is enrolled by a one-time QR, renews its certificate, and is revoked: real door, real broker, real keys."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk import enrolment as asking
from kiosk.crypto import Signer
from kiosk.errors import EnrolmentRefused
from protocol import enrolling
from provisioning.stage import free_port
from server import app as server_app
from server import boxes, enrolment, pki, reference
from server.clock import Clock
from server.config import Config
from server.db import upsert
from server.enrolment import HOUR_MS, Enrolment, TurnedAway
from server.errors import Refused
from server.ledger.ledger import Ledger
from server.ledger.writers import find_writer

pytestmark = pytest.mark.integration
SITE = {
    "site": "trang-dai", "shard": "dong-nai", "name": "Trạm y tế Trảng Dài", "address": "", "hotline": "", "unit": "25993",
}  # fmt: skip
HARDWARE = "ab" * 16


@dataclass
class Centre:
    """A server without its web and its broker: database, keys, door."""

    config: Config
    ledger: Ledger
    enrolment: Enrolment

    def code(self, k: str = "kiosk-07", hours: int = 1) -> str:
        with self.ledger.db.write() as conn:
            secret = enrolment.make_code(
                conn, shard="dong-nai", site="trang-dai", k=k, lane="G", desk="7", by="admin", hours=hours,
                now=Clock().wall_ms(),
            )  # fmt: skip
        return self.enrolment.code_text(secret)

    def away(self) -> list[tuple[str, str, int]]:
        with self.ledger.db.read() as conn:
            return [(row["who"], row["what"], row["n"]) for row in boxes.turned_away(conn)]


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    config = Config(folder=tmp_path / "server", door_port=free_port())
    db = server_app.start_db(config)
    ledger = server_app.start_ledger(config, db=db, clock=Clock())
    with db.write() as conn:
        upsert(conn, reference.SITE, [SITE])
    door = server_app.start_door(config, ledger=ledger, clock=Clock())
    made = server_app.make_enrolment(config, ledger=ledger, clock=Clock())
    assert made is not None
    yield Centre(config, ledger, made)
    door.stop()
    db.close()


def refused(kit: Path, text: str) -> str:
    with pytest.raises(EnrolmentRefused) as caught:
        asking.enrol(kit, text, hardware=HARDWARE, app="tram-0.1.0")
    return caught.value.word


def test_the_kit_is_made_at_the_kiosk_and_a_code_serves_one_of_them(centre: Centre, tmp_path: Path):
    text, kit = centre.code(), tmp_path / "one" / "kit"
    assert asking.enrol(kit, text, hardware=HARDWARE, app="tram-0.1.0") == "kiosk-07"
    held = {path.name for path in kit.iterdir()}
    assert held == {
        "ca.pem", "client.pem", "client.key", "record-signing.key", "server-signing.pub", "server-sealing.pub",
        "enrolment.toml",
    }  # fmt: skip
    assert all(path.stat().st_mode & 0o077 == 0 for path in kit.iterdir())
    # Its keys are nowhere else; its public half is what the ledger believes.
    home = pki.kiosk_home(centre.config.keys_folder, "kiosk-07")
    assert [path.name for path in home.iterdir()] == ["writer.json"]
    with centre.ledger.db.read() as conn:
        row, box = find_writer(conn, "kiosk-07"), boxes.one(conn, "kiosk-07")
    line = b"any line"
    assert centre_believes(row, line, Signer(kit / "record-signing.key").line(line))
    assert (row["site"], box["hardware"]) == ("trang-dai", HARDWARE)
    assert box["certificate_until"] == asking.certificate_until(kit)
    acl = (centre.config.keys_folder / "broker" / "acl").read_text()
    assert "user dong-nai/trang-dai/kiosk-07" in acl
    # Another machine with the same code.
    assert refused(tmp_path / "two" / "kit", text) == "used_code"
    assert ("127.0.0.1", "used_code", 1) in centre.away()


def centre_believes(row: object, line: bytes, signature: bytes) -> bool:
    from server.ledger import intake  # noqa: PLC0415 - one name, here only

    return intake.verified(line, signature, row)  # type: ignore[arg-type]


def test_a_lost_answer_is_asked_for_again_with_the_same_keys(centre: Centre, tmp_path: Path):
    text, kit = centre.code(), tmp_path / "kit"
    asking.enrol(kit, text, hardware=HARDWARE, app="tram-0.1.0")
    key = (kit / "record-signing.key").read_bytes()
    # The power went before the folder had its name: what stands is the draft.
    for path in kit.iterdir():
        if not path.name.endswith(".key"):
            path.unlink()
    kit.rename(kit.with_name(".kit.draft"))
    assert asking.enrol(kit, text, hardware=HARDWARE, app="tram-0.1.0") == "kiosk-07"
    assert (kit / "record-signing.key").read_bytes() == key


def test_codes_that_do_not_enrol(centre: Centre, tmp_path: Path):
    kit = tmp_path / "kit"
    good = enrolling.read_code(centre.code())
    assert refused(kit, "TRAM-BADGE:x") == "not_enrolment"
    assert refused(kit, enrolling.PREFIX + "1|x") == "bad_code"
    assert refused(kit, enrolling.make_code(**{**good, "secret": "GUESSED"})) == "unknown_code"
    assert refused(kit, enrolling.make_code(**{**good, "fingerprint": "00" * 32})) == "stranger"
    assert refused(kit, enrolling.make_code(**{**good, "port": free_port()})) == "unreachable"
    with centre.ledger.db.write() as conn:
        conn.execute(boxes.ENROL_CODE.update().values(expires_at=1))
    assert refused(kit, enrolling.make_code(**good)) == "expired_code"
    assert not kit.exists()


def test_a_name_is_given_once(centre: Centre, tmp_path: Path):
    centre.code("kiosk-07")
    for name in ("kiosk-07", "ref", "server"):
        with pytest.raises(Refused) as caught:
            centre.code(name)
        assert (caught.value.code, caught.value.field) == ("name_taken", "k"), name
    with pytest.raises(Refused):
        centre.code("Kiosk 07")
    with centre.ledger.db.write() as conn:
        conn.execute(boxes.ENROL_CODE.update().values(expires_at=1))
        assert enrolment.proposal(conn, site="trang-dai")["k"] == "kiosk-01"
    # Nobody used it and it is over: the name is free again.
    asking.enrol(tmp_path / "kit", centre.code("kiosk-07"), hardware=HARDWARE, app="tram-0.1.0")


def expire(centre: Centre, kit: Path) -> None:
    """The kit's certificate, as it is after the kiosk stood five years in a cupboard."""
    key = asking._key(kit / "client.key")
    before = datetime.now(UTC) - timedelta(days=2)
    made = pki.Authority(centre.config.keys_folder).certify(
        key.public_key(), name="dong-nai/trang-dai/kiosk-07", validity=timedelta(days=1), now=before
    )
    (kit / "client.pem").write_bytes(made)


def test_an_expired_certificate_is_renewed_at_the_word_of_the_record_key(centre: Centre, tmp_path: Path):
    kit = tmp_path / "kit"
    asking.enrol(kit, centre.code(), hardware=HARDWARE, app="tram-0.1.0")
    expire(centre, kit)
    door = ("127.0.0.1", centre.config.door_port)
    assert asking.renew_at_door(kit, door, k="kiosk-07", hardware=HARDWARE)
    assert asking.certificate_until(kit) > Clock().wall_ms() + 300 * 24 * HOUR_MS
    ssl.create_default_context().load_cert_chain(kit / "client.pem", kit / "client.key")

    # From another machine, with another key, or revoked: none.
    for changed, word in (({"hardware": "cd" * 16}, "other_box"), ({"k": "kiosk-99"}, "unknown_writer")):
        with pytest.raises(EnrolmentRefused) as caught:
            asking.renew_at_door(kit, door, **{"k": "kiosk-07", "hardware": HARDWARE, **changed})
        assert caught.value.word == word
    line, _ = asking.request_renewal(kit, k="kiosk-07", hardware=HARDWARE)
    with pytest.raises(TurnedAway) as caught_here:
        centre.enrolment.renew(line, b"es256 AAAA", who="10.0.0.9")
    assert caught_here.value.code == "bad_signature"
    with centre.ledger.db.write() as conn:
        centre.enrolment.revoke(conn, k="kiosk-07", by="admin", now=Clock().wall_ms())
    centre.enrolment.write_acl()
    with pytest.raises(EnrolmentRefused) as caught:
        asking.renew_at_door(kit, door, k="kiosk-07", hardware=HARDWARE)
    assert caught.value.word == "revoked"
    assert {what for _, what, _ in centre.away()} == {"other_box", "unknown_writer", "bad_signature", "revoked"}
    assert "kiosk-07" not in (centre.config.keys_folder / "broker" / "acl").read_text()
    # Whoever makes the lines from the folder alone, knows it too.
    assert [one.revoked_at is not None for one in pki.read_writers(centre.config.keys_folder)] == [True]
