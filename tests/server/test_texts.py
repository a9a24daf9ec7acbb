"""Texts of the centre: the nearest unit speaks, kiosks get them signed with the other lists, a bad one is refused beside its field."""

import json

import pytest

from protocol import texts as rule
from server import reference, texts, units
from server.crypto import Signer
from server.reference import ReferenceLists
from server.units import Unit
from tests.server.made import MORNING, SHARD, SITE
from tests.server.web_office import WebOffice

PAGE = "/console/kiosks/texts"
DAY = "2021-10-05"
CAMPAIGN = reference.read_data("texts")["texts"]


@pytest.fixture
def office(db):
    return WebOffice(db)


def say(office, unit, name, text, lang="vi"):
    with office.db.write() as conn:
        held = units.find(conn, unit, day=DAY)
        texts.put(conn, unit=held, name=name, lang=lang, text=text, by="admin", now=MORNING)


def at_site(office, **more):
    with office.db.read() as conn:
        told = texts.Speaker(conn, day=more.pop("day", DAY), campaign=CAMPAIGN)
        found = told.items(**{"site": SITE, "unit": "25993", **more})
    return {(one["name"], one["lang"]): one["text"] for one in found}


def test_the_nearest_unit_over_a_site_speaks_there(office):
    whole = {(row["name"], row["lang"]): row["text"] for row in CAMPAIGN}
    assert at_site(office) == whole
    say(office, "VN", "wait", "Cả nước.")
    say(office, "75", "wait", "Cả tỉnh.")
    say(office, "731", "aftercare", "Cả huyện.")
    say(office, "75", "hotline", "1022")
    said = at_site(office)
    assert said == {**whole, ("wait", "vi"): "Cả tỉnh.", ("aftercare", "vi"): "Cả huyện.", ("hotline", "vi"): "1022"}
    # Taken back, the word above it holds again; a site of no unit hears the campaign alone.
    say(office, "75", "wait", "")
    assert at_site(office)["wait", "vi"] == "Cả nước."
    assert at_site(office, unit="nowhere") == whole
    # A code that means another unit since a merger says nothing of the old one's.
    with office.db.write() as conn:
        units.put(
            conn, Unit(code="731", name="Khác", level="district", parent="75", valid_from="2022-01-01", valid_to="")
        )
    assert ("aftercare", "vi") in at_site(office)
    assert at_site(office, unit="731", day="2022-02-01")["aftercare", "vi"] == whole["aftercare", "vi"]


def test_it_goes_down_as_a_list_of_its_own_and_alone_when_it_changes(office):
    def told(conn, day):
        speaker = texts.Speaker(conn, day=day, campaign=CAMPAIGN)
        return lambda site: speaker.items(site=site["site"], unit=site["unit"])

    lists = ReferenceLists(
        db=office.db, signer=Signer.generate(), portal="https://x/", day_offset_min=420, valid_ms=1000, texts=told
    )
    topic = f"tram/1/{SHARD}/{SITE}/ref/texts"
    assert {"name": "wait", "lang": "vi", "text": "Mời ngồi chờ, chúng tôi sẽ gọi số của quý vị."} in json.loads(
        dict(lists.messages(MORNING, everything=True))[topic]
    )["items"]
    say(office, "75", "wait", "Xin ngồi ghế xanh.")
    (changed, body), _manifest = lists.messages(MORNING + 1000, everything=False)
    assert changed == topic
    assert "Xin ngồi ghế xanh." in body.decode()


def test_an_administrator_says_it_otherwise_and_everybody_sees_whose_word_it_is(office):
    admin, manager = office.browser("admin"), office.browser("manager")
    assert "lời chung của chiến dịch" in manager.get(PAGE).text
    assert '<form method="post" action="#wait"' not in manager.get(PAGE).text
    answer = admin.send(PAGE, name="wait", vi="  Xin ngồi   ghế xanh. ", en="")
    assert (answer.status_code, answer.location) == (303, PAGE + "?done=wait#wait")
    assert at_site(office)["wait", "vi"] == "Xin ngồi ghế xanh."
    shown = manager.get(PAGE).text
    assert "Xin ngồi ghế xanh." in shown
    assert "Tỉnh Đồng Nai, 05/10/2021" in shown
    assert "đổi một câu trên màn hình và phiếu" in office.browser("auditor").get("/console/audit").text
    assert admin.send(PAGE, name="wait", vi="", en="").status_code == 303
    assert at_site(office)["wait", "vi"] == "Mời ngồi chờ, chúng tôi sẽ gọi số của quý vị."


WRONG = (
    ("welcome", "ô " * 60, "Tối đa 80 ký tự"),
    ("welcome", "<b>Chào</b>", "Không dùng được các ký tự"),
    ("welcome", "Chào {name}", "{name} không phải là chỗ"),
    ("welcome", "Chào {", "{ không phải là chỗ"),
    ("stay", "Mời ngồi.", "Trong câu phải có {until}"),
    ("check", "Xem {portal} và {portal}", "Trong câu phải có {portal}"),
    ("aftercare", "a" * 30, "từ quá dài"),
    ("hotline", "gọi 115", "Số điện thoại chỉ gồm"),
    ("wait", "Mời\u202engồi", "không đọc được"),
)


def test_what_would_break_a_page_is_refused_beside_its_field(office):
    browser = office.browser("admin")
    for name, typed, said in WRONG:
        answer = browser.send(PAGE, name=name, vi=typed, en="")
        assert answer.status_code == 422, typed
        assert said in answer.text, typed
        assert f'id="{name}-vi-fault"' in answer.text, typed
    assert at_site(office) == {(row["name"], row["lang"]): row["text"] for row in CAMPAIGN}


def test_nobody_else_changes_a_text(office):
    browser = office.browser("manager")
    browser.get(PAGE)
    token = {"csrf": browser.get("/console/sessions/new").text.partition('name="csrf" value="')[2].partition('"')[0]}
    sent = {**token, "name": "wait", "vi": "x", "en": ""}
    answer = browser.client.post(PAGE, base_url="http://tram.test", data=sent, headers={"Origin": "http://tram.test"})
    assert answer.status_code == 403
    assert office.browser("admin").send(PAGE, name="other", vi="x").status_code == 400


def test_the_campaigns_words_are_well_said():
    for row in CAMPAIGN:
        rule.check(row["text"], row["name"], row["lang"])
    assert {row["name"] for row in CAMPAIGN} == {*rule.NAMES} - {"hotline"}
