"""Citizens file a complaint in four steps and follow it by its number (C8, C10)."""

import io
import json

import pytest
from sqlalchemy import func, select

from server import messages
from server.attachments import ATTACHMENT
from server.complaints import queries
from server.complaints.tables import COMPLAINT
from tests.server.made import DAY, identity, person
from tests.server.web_office import WebOffice, photo

WANTS = {"vaccine": "PFIZER", "given_on": "3/10/2021", "dose_no": "2", "lot": "ff77", "place": "tt-trang-dai"}
WHO = {"name": "Lê Thị Mỹ Duyên", "dob": "14/04/1979", "sex": "F", "doc_no": "075079000001", "phone": "0912 000 001"}


@pytest.fixture
def office(db):
    return WebOffice(db)


def filled(office, category="missing_dose", wants=WANTS, who=WHO, browser=None):
    """A browser at step 4."""
    browser = browser or office.browser()
    browser.get("/complain")
    for number, fields in ((1, {"category": category}), (2, wants), (3, who)):
        answer = browser.send(f"/complain/{number}", **fields)
        assert answer.location == f"/complain/{number + 1}", answer.text
    return browser


def row_of(office, number):
    with office.db.read() as conn:
        return queries.read(queries.get(conn, number))


def count(office, table):
    with office.db.read() as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_complaint_with_a_photo_is_filed_and_answered_with_its_number(office):
    browser = filled(office)
    answer = browser.send("/complain/4", content="Tôi đã tiêm mũi 2.", photo=(photo(), "phieu.png"))
    number = answer.location.removeprefix("/complaints/")
    assert answer.status_code == 303
    row = row_of(office, number)
    assert row["wants"] == {**WANTS, "given_on": "2021-10-03", "dose_no": 2, "lot": "FF77"}
    assert (row["person"], row["phone"], row["state"]) == (person(1), "0912000001", "new")
    assert len(row["photos"]) == 1
    assert row["due_at"] == row["filed_at"] + 7 * DAY
    page = browser.get(answer.location).text
    assert number in page
    assert "12/10/2021 09:00" in page
    assert WHO["name"] not in page
    assert "0912000001" not in page
    with office.db.read() as conn:
        (told,) = messages.of_complaint(conn, number)
    assert number in told["text"]
    assert told["to"] == "0912000001"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"this is not a picture", "Tệp này không phải là ảnh đọc được."),
        (b"\xff\xd8\xff" + b"\0" * (8 * 1024 * 1024), "Ảnh này quá lớn."),
    ],
)
def test_a_photo_that_cannot_be_taken_stores_nothing_and_keeps_what_was_typed(office, data, sentence):
    browser = filled(office)
    answer = browser.send("/complain/4", content="Lời của tôi", photo=(io.BytesIO(data), "x.jpg"))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Lời của tôi" in answer.text
    assert count(office, ATTACHMENT) == count(office, COMPLAINT) == 0
    assert browser.send("/complain/4", content="Lời của tôi", photo=(photo(), "x.png")).status_code == 303


def test_an_upload_beyond_all_bounds_is_a_sentence_too(office):
    browser = filled(office)
    answer = browser.send("/complain/4", content="", photo=(io.BytesIO(b"\0" * (25 * 1024 * 1024)), "x.jpg"))
    assert answer.status_code == 413
    assert "8 MB" in answer.text
    assert count(office, COMPLAINT) == 0


def test_the_same_form_sent_twice_is_one_complaint(office):
    browser = filled(office)
    page = browser.get("/complain/4").text
    token = page.split('name="csrf" value="')[1].split('"')[0]
    first = browser.post("/complain/4", csrf=token, content="một lần")
    second = browser.post("/complain/4", csrf=token, content="một lần")
    assert first.status_code == 303
    assert second.location == first.location
    assert count(office, COMPLAINT) == 1


def test_faults_stand_beside_their_fields_and_the_rest_is_kept(office):
    browser = office.browser()
    browser.get("/complain")
    assert "Hãy chọn một mục." in browser.send("/complain/1").text
    browser.send("/complain/1", category="missing_dose")
    answer = browser.send("/complain/2", vaccine="PFIZER", given_on="31/02/2021", dose_no="1")
    assert answer.status_code == 422
    assert "ngày/tháng/năm" in answer.text
    assert 'value="31/02/2021"' in answer.text
    assert "Ngày này chưa tới." in browser.send("/complain/2", **{**WANTS, "given_on": "06/10/2021"}).text
    browser.send("/complain/2", **WANTS)
    answer = browser.send("/complain/3", **{**WHO, "phone": "12", "doc_no": "1234", "name": ""})
    assert answer.text.count('class="fault"') == 3
    assert 'value="14/04/1979"' in answer.text


@pytest.mark.parametrize(
    ("name", "status"),
    [("Lê\u202eneyuD", 422), ("x" * 121, 422), ("Duyên\x00", 400)],  # no hand types a NUL: refused at the door
)
def test_hidden_and_endless_names_are_refused(office, name, status):
    browser = office.browser()
    browser.get("/complain")
    browser.send("/complain/1", category="other")
    browser.send("/complain/2", lot="A")
    assert browser.send("/complain/3", **{**WHO, "name": name}).status_code == status


def test_after_a_lookup_the_dose_is_chosen_and_the_number_stays_hidden(office):
    browser = office.browser()
    browser.send("/lookup", slip="s-1", year="1979")
    browser.get("/complain")
    browser.send("/complain/1", category="wrong_dose")
    assert "Mũi 1 · Pfizer · 05/10/2021" in browser.get("/complain/2").text
    browser.send("/complain/2", dose="1", lot="FF99")
    third = browser.get("/complain/3").text
    assert identity(1)["name"] in third
    assert identity(1)["doc_no"] not in third
    browser.send("/complain/3", **{**WHO, "doc_no": ""})
    number = browser.send("/complain/4", content="").location.removeprefix("/complaints/")
    row = row_of(office, number)
    assert (row["person"], row["dose"], row["slip"]) == (person(1), "d-1", "s-1")
    assert row["identity"]["doc_no"] == identity(1)["doc_no"]


def test_a_step_ahead_of_the_first_leads_back(office):
    assert office.browser().get("/complain/3").location == "/complain"
    assert office.browser().get("/complain/5").status_code == 404


def test_a_number_is_read_however_it_is_typed(office):
    browser = filled(office)
    number = browser.send("/complain/4", content="x").location.removeprefix("/complaints/")
    body = number.removeprefix("PA-")
    for typed in (number, number.lower(), body, f" pa {body[:4]} {body[4:]} ", body.replace("0", "o")):
        assert office.browser().send("/complaints", number=typed).location == f"/complaints/{number}"
    assert office.browser().send("/complaints", number="").status_code == 303


@pytest.mark.parametrize("typed", ["PATRPGZY", "pa-patrpgzy", "PAPATRPGZY"])
def test_a_number_that_begins_as_all_numbers_do_is_read_whole(office, typed):
    assert office.browser().send("/complaints", number=typed).location == "/complaints/PA-PATRPGZY"


def test_a_number_that_is_none_says_so_and_too_many_must_wait(office):
    browser = office.browser()
    answer = browser.get("/complaints/PA-ZZZZZZZZ")
    assert answer.status_code == 404
    assert "Không có phản ánh nào mang mã này." in answer.text
    statuses = {browser.get("/complaints/PA-ZZZZZZZZ").status_code for _ in range(40)}
    assert statuses == {404, 429}


def test_the_record_names_how_the_citizen_was_known(office):
    number = filled(office).send("/complain/4", content="x").location.removeprefix("/complaints/")
    with office.db.read() as conn:
        (record, _) = office.ledger.records_of(conn, "complaint", number)
    assert record.who == {"id": "citizen", "by": "self"}
    assert json.loads(record.line)["body"]["category"] == "missing_dose"
