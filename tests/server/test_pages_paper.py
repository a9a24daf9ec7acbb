"""An officer enters a dose from a citizen's slip: scanned, pasted or photographed; once, and from a good slip only (I1, I3)."""

import io

import pytest
import segno

from server import audit, certificates, vaccinations
from server.ledger import rebuild
from tests.server import made
from tests.server.test_recovery import code_of, slip_value, visit_of
from tests.server.test_scope import ELSEWHERE, FAR
from tests.server.web_office import Unit, WebOffice, photo, reference, units, upsert

PAGE = "/console/people/slip"


@pytest.fixture
def office(db):
    return WebOffice(db)


@pytest.fixture
def slip(office):
    """The slip of a dose that burnt with its kiosk: person 5 at the office's own site."""
    return visit_of(office.kiosk("kiosk-5"), 5, vaccine="PFIZER")[1]


def doses(office, n=5):
    with office.db.read() as conn:
        return vaccinations.of_person(conn, made.person(n))


def pictured(code):
    out = io.BytesIO()
    segno.make(code, error="m").save(out, kind="png", scale=6, border=4)
    out.seek(0)
    return out, "phieu.png"


def test_a_scanned_slip_is_shown_and_entered_once(office, slip):
    officer = office.browser("officer")
    read = officer.send(PAGE, code=slip + "\r\n")
    assert read.status_code == 200
    assert "Chữ ký hợp lệ" in read.text
    assert made.identity(5)["name"] in read.text
    assert made.identity(5)["doc_no"] not in read.text, "the whole number is nobody's business here"
    assert doses(office) == []
    for _ in range(2):
        assert officer.send(PAGE, code=slip, sure="yes").status_code == 303
    (dose,) = doses(office)
    assert (dose["place"], dose["status"]) == (made.SITE, "given")
    with office.db.read() as conn:
        assert certificates.of_person(conn, made.person(5))["dose_count"] == 1
        acts = [entry.act for entry in audit.entries(conn)]
    assert acts.count("recover_dose") == 1
    assert rebuild.check(office.ledger).same
    assert "Mũi tiêm này đã có trong hệ thống" in officer.send(PAGE, code=slip).text


def test_a_photo_of_the_slip_will_do(office, slip):
    officer = office.browser("officer")
    assert "Chữ ký hợp lệ" in officer.send(PAGE, code="", photo=pictured(slip)).text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"code": "https://example.org/"}, "Đây không phải mã của phiếu kết quả tiêm"),
        ({"code": ""}, "Đây không phải mã của phiếu kết quả tiêm"),
        ({"code": "TRAM1:" + "A" * 5000}, "Đây không phải mã của phiếu kết quả tiêm"),
        ({"code": "", "photo": (io.BytesIO(b"GIF89a"), "x.gif")}, "không phải là ảnh"),
    ],
)
def test_what_is_no_slip_is_a_sentence(office, fields, sentence):
    answer = office.browser("officer").send(PAGE, **fields)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_photo_without_a_slip_is_a_sentence(office):
    answer = office.browser("officer").send(PAGE, code="", photo=(photo(), "x.png"))
    assert answer.status_code == 422
    assert "Không đọc được mã của phiếu trên ảnh này" in answer.text


def test_a_forged_slip_enters_nothing(office):
    burnt = office.kiosk("kiosk-5")
    line = next(line for line, _ in burnt.visit(5) if b"dose.given" in line)
    value = slip_value(burnt, line)
    forged = code_of(value, office.kiosk("kiosk-6").signer)
    stranger = code_of({**value, "k": "kiosk-77"}, burnt.signer)
    officer = office.browser("officer")
    for code, sentence in ((forged, "Chữ ký không khớp"), (stranger, "Không có máy nào của hệ thống")):
        assert sentence in officer.send(PAGE, code=code).text
        assert officer.send(PAGE, code=code, sure="yes").status_code == 422
    assert doses(office) == []


def test_a_slip_of_another_province_is_left_to_it(office):
    with office.db.write() as conn:
        for code, name, level, parent in FAR:
            units.put(
                conn, Unit(code=code, name=name, level=level, parent=parent, valid_from="2021-07-01", valid_to="")
            )
        site = {"site": ELSEWHERE, "shard": "dong-nai", "name": "Trạm y tế Bến Nghé", "address": "", "hotline": ""}
        upsert(conn, reference.SITE, [{**site, "unit": "26740"}])
    code = visit_of(office.kiosk("kiosk-9", site=ELSEWHERE), 7)[1]
    officer = office.browser("officer")
    assert "ngoài phạm vi đơn vị" in officer.send(PAGE, code=code).text
    assert officer.send(PAGE, code=code, sure="yes").status_code == 422
    assert doses(office, 7) == []


@pytest.mark.parametrize("role", ["auditor", "manager"])
def test_only_who_handles_complaints_finds_the_door(office, role):
    browser = office.browser(role)
    assert browser.get(PAGE).status_code == 403
    assert PAGE not in browser.get("/console/people").text
