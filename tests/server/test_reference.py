"""The reference lists: what stands on them, versions that only rise, the signed manifest; and the data files."""

import json

import pytest
from argon2 import PasswordHasher

from protocol import canon, fields, records, rules
from server import reference
from server.clock import Clock
from server.crypto import Signer, verify
from server.db import METADATA, Database
from server.ledger.ledger import Ledger
from server.reference import ReferenceLists
from tests.server.made_up_kiosk import IDENTITY

NOW = 1_633_230_000_000
DAY_MS = 86_400_000
SITE = {
    "site": "trang-dai", "shard": "dong-nai", "name": "Trạm y tế Trảng Dài", "address": "Biên Hòa",
    "hotline": "1900 9095", "unit": "25993",
}  # fmt: skip


@pytest.fixture
def signer():
    return Signer.generate()


@pytest.fixture
def db(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'tram.db'}")
    METADATA.create_all(made.engine)
    yield made
    made.close()


@pytest.fixture
def ledger(db, signer):
    made = Ledger(db, features=(reference.feature(),), clock=Clock(), signer=signer, shard="centre")
    made.open_desk(now=NOW)
    with db.write() as conn:
        reference.put_site(conn, SITE)
    return made


@pytest.fixture
def lists(ledger, db, signer):
    return ReferenceLists(
        db=db, signer=signer, portal="https://tiemchung.example.vn/", day_offset_min=420, valid_ms=7 * DAY_MS
    )


def bodies(found):
    return {topic.rsplit("/", 1)[1]: json.loads(body) for topic, body in found if not topic.endswith("/ref")}


def manifest(found):
    [payload] = [payload for topic, payload in found if topic.endswith("/ref")]
    line, signature, rest = payload.split(b"\n")
    assert rest == b""
    return canon.read(line, reference.MANIFEST_ORDER), line, signature


def receive(ledger, receipt, lot, *, expiry="2021-12-31", place="trang-dai", now=NOW):
    body = {
        "receipt": receipt, "vaccine": "AZ", "lot": lot, "expiry": expiry, "place": place, "vials": 10,
        "doses_per_vial": 10, "document": "PX 1",
    }  # fmt: skip
    ledger.transact(lambda conn: ledger.append(conn, "stock.received", body, who="a-1", now=now))


def test_the_manifest_is_signed_and_names_every_body(lists, signer):
    found = lists.messages(NOW, everything=True)
    value, line, signature = manifest(found)
    assert verify(signer.public, line, signature)
    assert line.startswith(b'{"manifest":1,"v":1,"site":"trang-dai"')
    assert (value["issued"], value["valid_until"]) == (NOW, NOW + 7 * DAY_MS)
    assert [row["name"] for row in value["lists"]] == [
        "appointments",
        "forms",
        "keys",
        "lots",
        "rules",
        "site",
        "staff",
        "texts",
    ]
    by_topic = dict(found)
    for row in value["lists"]:
        body = by_topic[f"tram/1/dong-nai/trang-dai/ref/{row['name']}"]
        assert (row["sha256"], row["size"]) == (canon.digest(body), len(body))
    assert found[-1][0] == "tram/1/dong-nai/trang-dai/ref"


def test_only_what_changed_goes_down_again_and_its_version_rises(lists, ledger):
    before, _, _ = manifest(lists.messages(NOW, everything=True))
    assert bodies(lists.messages(NOW + 1000, everything=False)) == {}
    receive(ledger, "r-1", "L1")
    found = lists.messages(NOW + 2000, everything=False)
    assert list(bodies(found)) == ["lots"]
    after, _, _ = manifest(found)
    assert {row["name"] for row in after["lists"] if row not in before["lists"]} == {"lots"}
    versions = [{row["name"]: row["version"] for row in each["lists"]}["lots"] for each in (before, after)]
    assert versions[1] > versions[0]


def test_a_version_rises_even_when_the_clock_went_back(lists, ledger):
    before, _, _ = manifest(lists.messages(NOW, everything=True))
    receive(ledger, "r-1", "L1")
    after, _, _ = manifest(lists.messages(NOW - DAY_MS, everything=True))
    versions = [{row["name"]: row["version"] for row in each["lists"]}["lots"] for each in (before, after)]
    assert versions[1] == versions[0] + 1


def test_a_server_restored_from_an_older_backup_goes_on_above_its_old_versions(lists, ledger, db):
    receive(ledger, "r-1", "L1")
    lost, _, _ = manifest(lists.messages(NOW, everything=True))
    with db.write() as conn:
        conn.execute(reference.REF_LIST.delete())
    again, _, _ = manifest(lists.messages(NOW + 60_000, everything=True))
    assert all(new["version"] > old["version"] for old, new in zip(lost["lists"], again["lists"], strict=True))


def test_the_keys_of_a_site_say_whom_its_kiosks_may_believe(lists, ledger, db):
    """Protocol.md, The site without Internet; I21: of its own site only, the revoked among them."""
    with db.write() as conn:
        for k, site in (("kiosk-01", "trang-dai"), ("kiosk-02", "trang-dai"), ("kiosk-03", "elsewhere")):
            ledger.enrol(conn, k=k, shard="dong-nai", site=site, public_key=f"PEM {k}\n", now=NOW)
    before = bodies(lists.messages(NOW, everything=True))["keys"]
    assert before == {
        "items": [{"k": k, "public_key": f"PEM {k}\n", "revoked": False} for k in ("kiosk-01", "kiosk-02")]
    }
    with db.write() as conn:
        ledger.revoke(conn, k="kiosk-02", now=NOW)
    found = bodies(lists.messages(NOW + 1000, everything=False))
    assert [row["revoked"] for row in found["keys"]["items"]] == [False, True]


def test_lots_are_those_received_here_with_the_latest_expiry_and_stops(lists, ledger, db):
    receive(ledger, "r-1", "L1", expiry="2021-10-31")
    receive(ledger, "r-2", "L1", expiry="2022-01-31", now=NOW + 1000)
    receive(ledger, "r-3", "L2", place="elsewhere")
    receive(ledger, "r-4", "L3")
    with db.write() as conn:
        reference.put_item(
            conn, site="trang-dai", list_name=reference.STOPPED_LOTS, key="L3", value={"lot": "L3", "reason": "x"}
        )
    assert bodies(lists.messages(NOW, everything=True))["lots"]["items"] == [
        {"lot": "L1", "vaccine": "AZ", "expiry": "2022-01-31", "doses_per_vial": 10, "stopped": False},
        {"lot": "L3", "vaccine": "AZ", "expiry": "2021-12-31", "doses_per_vial": 10, "stopped": True},
    ]


def late(ledger, dose, *, dose_no, given_on, vaccine="AZ"):
    body = {
        "dose": dose, "person": "cccd:075079001234", "identity": IDENTITY, "vaccine": vaccine, "lot": "L1",
        "dose_no": dose_no, "given_on": given_on, "place": "trang-dai", "slip": f"s-{dose}", "photos": [], "reason": "x",
    }  # fmt: skip
    ledger.transact(lambda conn: ledger.append(conn, "dose.entered_late", body, who="a-1", now=NOW))


def test_a_dose_corrected_at_the_centre_reaches_the_kiosk_with_the_appointments(lists, ledger, db):
    planned = {
        "person": "cccd:075079001234", "name": "Nguyễn Văn An", "at": NOW, "vaccine": "AZ",
        "history": [{"vaccine": "AZ", "given_on": "2021-07-25", "dose_no": 1}],
    }  # fmt: skip
    with db.write() as conn:
        reference.put_item(
            conn, site="trang-dai", list_name=reference.APPOINTMENTS, key=planned["person"], value=planned
        )

    def history(now=NOW):
        [item] = bodies(lists.messages(now, everything=True))["appointments"]["items"]
        return [(dose["dose_no"], dose["vaccine"], dose["given_on"]) for dose in item["history"]]

    assert history() == [(1, "AZ", "2021-07-25")]
    late(ledger, "d-1", dose_no=1, given_on="2021-07-24")
    assert history() == [(1, "AZ", "2021-07-24")]
    body = {"dose": "d-1", "person": planned["person"], "changes": {"vaccine": "PFIZER"}, "reason": "x"}
    ledger.transact(lambda conn: ledger.append(conn, "dose.corrected", body, who="a-1", now=NOW))
    assert history() == [(1, "PFIZER", "2021-07-24")]
    late(ledger, "d-2", dose_no=2, given_on="2021-10-03")
    assert history() == [(1, "PFIZER", "2021-07-24")]
    assert history(NOW + DAY_MS) == [(1, "PFIZER", "2021-07-24"), (2, "AZ", "2021-10-03")]


def test_the_site_says_who_it_is(lists):
    told = bodies(lists.messages(NOW, everything=True))["site"]
    # How its queue goes comes with it, from the rules (tests of the queue).
    assert {name: told[name] for name in told.keys() - reference.read_data("queue").keys()} == {
        "site": "trang-dai", "name": "Trạm y tế Trảng Dài", "address": "Biên Hòa", "hotline": "1900 9095",
        "shard": "dong-nai", "day_offset_min": 420, "portal": "https://tiemchung.example.vn/",
    }  # fmt: skip


def test_the_site_says_who_keeps_its_queue(lists, db):
    assert "keeper" not in bodies(lists.messages(NOW, everything=True))["site"]
    with db.write() as conn:
        reference.put_item(conn, site="trang-dai", list_name=reference.KEEPER, key="keeper", value={"k": "kiosk-01"})
    assert bodies(lists.messages(NOW, everything=True))["site"]["keeper"] == "kiosk-01"


def test_a_pin_is_kept_as_argon2id_that_a_pi_can_afford():
    sealed = reference.hash_pin("246803")
    assert sealed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PasswordHasher().verify(sealed, "246803")


def test_the_rules_are_what_the_protocol_judges_with():
    data = reference.read_data("vaccines")
    ids = set(data["vaccines"])
    for facts in data["vaccines"].values():
        assert {"name", "min_days", "age_min", "doses", "source"} <= set(facts)
    for entry in data["mix"]:
        assert entry["first"] in ids
        assert set(entry["second"]) <= ids
        fields.full_day(entry["from"], "from")
    lot = {"vaccine": "PFIZER", "lot": "P", "expiry": "2022-01-01", "stopped": False}

    def mixes(today):
        found = rules.judge_dose(
            vaccine="PFIZER", lot=lot, dob="1979-04-14", today=today, rules=data,
            history=[{"vaccine": "AZ", "given_on": "2021-05-01", "dose_no": 1}],
        )  # fmt: skip
        return [finding.rule for finding in found]

    assert mixes("2021-10-03") == []
    assert mixes("2021-07-21") == ["mix"]


@pytest.mark.parametrize(
    ("today", "age", "version"),
    [
        ("2021-07-01", 40, "2995/QĐ-BYT"),
        ("2021-09-01", 40, "3802/QĐ-BYT"),
        ("2021-10-03", 40, "4355/QĐ-BYT"),
        ("2021-11-15", 40, "4355/QĐ-BYT"),
        ("2021-11-15", 15, "5002/QĐ-BYT"),
        ("2026-11-22", 40, "5785/QĐ-BYT"),
        ("2022-04-01", 11, "1535/BYT-DP"),
        ("2022-04-01", 12, "5002/QĐ-BYT"),
    ],
)
def test_exactly_one_form_is_in_force_for_a_day_and_an_age(today, age, version):
    found = rules.in_force(reference.read_data("screening_forms")["forms"], today)
    mine = [form["version"] for form in found if form["age_min"] <= age <= form.get("age_max", 200)]
    assert mine == [version]


def test_every_form_concludes_in_words_of_the_records():
    for form in reference.read_data("screening_forms")["forms"]:
        codes = [item["code"] for item in form["items"]]
        assert len(codes) == len(set(codes))
        for item in form["items"]:
            fields.word(item["code"], "code")
            assert item["yes"] in records.CONCLUSIONS
            assert item["vi"]
            assert item["en"]
        assert rules.conclude({}, {}, form) == ("eligible", [])
        assert rules.conclude({codes[0]: True}, {}, form) == ("contraindicated", [codes[0]])


@pytest.mark.parametrize(
    ("tenths", "normal"), [(354, False), (355, True), (375, True), (376, False)], ids=["35.4", "35.5", "37.5", "37.6"]
)
def test_limits_of_vital_signs_are_strict(tenths, normal):
    [form] = rules.in_force(reference.read_data("screening_forms")["forms"], "2021-10-03")
    assert (rules.judge_vitals({"temperature": tenths}, form) == []) is normal


def test_messages_are_one_sms_without_accents():
    data = reference.read_data("sms_templates")
    for template in data["templates"].values():
        assert template["text"].isascii()
        assert len(template["text"]) <= data["max"]
        filled = template["text"].format(**dict.fromkeys(template["fields"], "x"))
        assert "{" not in filled


def test_the_reasons_to_reject_are_the_thirteen_published_ones():
    reasons = reference.read_data("reject_reasons")["reasons"]
    assert [row["code"] for row in reasons] == [f"R{number:02d}" for number in range(1, 14)]
    template = reference.read_data("sms_templates")["templates"]["complaint_rejected"]["text"]
    for row in reasons:
        text = template.format(code="PA-7Q4MX2PD", reason=row["sms"], url="https://tc.dongnai.vn/pa")
        assert text.isascii()
        assert len(text) <= 160, row["code"]


def test_the_units_are_one_tree():
    units = reference.read_data("units_dong_nai")["units"]
    codes = {row["code"] for row in units}
    assert len(codes) == len(units) == 1 + 1 + 11 + 170
    assert all(row["parent"] in codes for row in units if row["level"] != "country")
