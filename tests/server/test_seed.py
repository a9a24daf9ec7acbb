"""The seed: what the demo's file puts into the database, that loading again adds nothing, that slips of the pen are seen."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher

from protocol import cccd, envelope
from protocol.clocktext import day_of, time_of
from server import inventory, reference, seed, units
from server.clock import Clock
from server.config import ConfigError
from server.crypto import Signer
from server.db import METADATA, Database, rows_of
from server.ledger.ledger import Ledger
from server.ledger.tables import RECORD

NOW = 1_633_230_000_000  # 3 October 2021, 10:00 at the site
DEMO = Path(seed.__file__).with_name("data") / "seed_demo.toml"
SITE = "trang-dai"


@pytest.fixture
def ledger(tmp_path):
    db = Database(f"sqlite:///{tmp_path / 'tram.db'}")
    METADATA.create_all(db.engine)
    features = (reference.feature(), inventory.feature())
    made = Ledger(db, features=features, clock=Clock(), signer=Signer.generate(), shard="centre")
    made.open_desk(now=NOW)
    yield made
    db.close()


def load(ledger, now=NOW):
    return seed.load(seed.read(DEMO), ledger=ledger, now=now, day_offset_min=420)


def table(ledger, table):
    with ledger.db.read() as conn:
        return rows_of(conn, table.select())


def test_the_demo_brings_a_site_with_people_lots_and_appointments(ledger):
    assert load(ledger) == {"staff": 6, "appointments": 40, "receipts": 4}
    with ledger.db.read() as conn:
        staff = {item["code"]: item for item in reference.items(conn, site=SITE, list_name=reference.STAFF)}
        lots = {item["lot"]: item for item in reference.lots(conn, site=SITE, held={})}
        stock = {row["lot"]: row["on_hand"] for row in inventory.on_hand(conn)}
        care = [unit.code for unit in units.sites(conn, "75", day=day_of(NOW))]
    assert {code: item["role"] for code, item in staff.items() if not item["revoked"]} == {
        "1001": "reception", "1002": "screener", "1003": "injector", "1004": "observer", "1009": "lead",
    }  # fmt: skip
    assert set(staff["1003"]) == {"id", "name", "initials", "role", "code", "pin", "badge", "revoked"}
    assert PasswordHasher().verify(staff["1003"]["pin"], "246803")
    assert staff["1003"]["badge"] == reference.badge_digest("ngoc-lan-1003")
    today = day_of(NOW)
    good = {lot for lot, item in lots.items() if item["expiry"] >= today and not item["stopped"]}
    assert {lots[lot]["vaccine"] for lot in good} == {"AZ", "PFIZER"}
    assert [lot for lot, item in lots.items() if item["expiry"] < today] == ["AZ-21C002"]
    assert [lot for lot, item in lots.items() if item["stopped"]] == ["FG-3990"]
    assert stock["AZ-21H014"] == 600
    assert care == [SITE]


def test_lots_come_in_as_signed_records_of_the_servers_desk(ledger):
    load(ledger)
    records = [envelope.parse(row["line"]) for row in table(ledger, RECORD)]
    assert [(record.kind, record.who) for record in records] == [
        ("stock.received", {"id": "seed", "by": "machine"})
    ] * 4


def test_loading_again_changes_nothing(ledger):
    load(ledger)
    before = [table(ledger, each) for each in (RECORD, reference.REF_ITEM, reference.SITE, units.UNIT)]
    assert load(ledger, NOW + 60_000)["receipts"] == 0
    assert [table(ledger, each) for each in (RECORD, reference.REF_ITEM, reference.SITE, units.UNIT)] == before


def test_appointments_stand_on_the_day_of_seeding_with_their_history(ledger):
    load(ledger)
    with ledger.db.read() as conn:
        found = {item["person"]: item for item in reference.items(conn, site=SITE, list_name=reference.APPOINTMENTS)}
    first = found["cccd:075079001234"]
    assert set(first) == {"person", "name", "dob", "sex", "code", "at", "vaccine", "history"}
    assert (first["name"], first["vaccine"]) == ("Nguyễn Văn An", "AZ")
    assert (day_of(first["at"]), time_of(first["at"])) == ("2021-10-03", "07:30")
    assert first["history"] == [{"vaccine": "AZ", "given_on": "2021-07-25", "dose_no": 1}]
    assert sum(bool(item["history"]) for item in found.values()) >= 10


def test_the_cards_of_the_demo_are_read_as_the_same_people(ledger):
    seeded = seed.read(DEMO)
    read = {text: cccd.read(text) for _, text in seed.cards(seeded)}
    assert len(read) == 40
    assert [row.doc_no for row in seeded.appointment] == [identity["doc_no"] for identity in read.values()]
    strange = [identity["name"] for identity in read.values() if identity["warnings"]]
    assert strange == ["Lê Thị Mỹ Duyên"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('role = "lead"', 'role = "boss"', "no such role: boss"),
        ('initials = "TTH"', 'inital = "TTH"', "inital"),
        ("vials = 60", 'vials = "60"', "vials|int"),
        ('shard = "dong-nai"', 'shard = "Đồng Nai"', "topic"),
        ('name = "Trần Thu Hà"', "name = ", "TOML|Invalid"),
    ],
)
def test_a_slip_of_the_pen_is_seen_before_anything_is_written(tmp_path, old, new, said):
    text = DEMO.read_text("utf-8")
    assert old in text
    path = tmp_path / "seed.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ConfigError, match=said):
        seed.read(path)
