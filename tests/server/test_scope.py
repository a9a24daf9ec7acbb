"""Whose rows somebody sees: two provinces, every role, every route of the address map, own objects and the other's (F100)."""

import io
import re
from dataclasses import dataclass

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from protocol import cccd
from server import accounts, audit, certificates, fleet, people, reference, scope, units
from server.accounts import CLIENT, PUBLIC, ROLES
from server.complaints import queries
from server.db import upsert
from server.pages import complaints, shown, tables
from server.sessions import tables as sessions
from server.units import Unit
from tests.server.imports.lists import HEADINGS, as_csv
from tests.server.made import MORNING, SITE, Kiosk, identity, person, receipt
from tests.server.test_asvs import section
from tests.server.test_pages_imports import bring as listed
from tests.server.test_portal_complain import WANTS, WHO, filled
from tests.server.web_office import PASSWORD, WebOffice, photo

FIELDS = section("Who may do what").partition("Fields of a person")[2]
DAY = "2021-10-05"
ELSEWHERE = "tt-ben-nghe"
FAR = (
    ("79", "Thành phố Hồ Chí Minh", "province", "VN"),
    ("760", "Quận 1", "district", "79"),
    ("26740", "Phường Bến Nghé", "commune", "760"),
)
# Routes of the console that show nobody's rows: each with its reason. A new route without arguments is read and
# searched for the other province's marks by itself; it stands here only if it cannot be read that way.
NO_ROWS = {
    "sign_in.password": "the own password",
    "sign_in.sign_out": "ends the own session",
    "second_factor.code": "before the session is open",
    "second_factor.set_up": "the own second factor",
}


@dataclass(kw_only=True)
class Province:
    """One province's objects: what an address names them by, and the words by which a page betrays them."""

    unit: str
    site: str
    number: str
    ref: str
    other: str
    digest: str
    quarantined: int
    account: int
    brought: str
    marks: tuple[str, ...]


@pytest.fixture
def office(db):
    made = WebOffice(db)
    with made.db.write() as conn:
        for code, name, level, parent in FAR:
            units.put(
                conn, Unit(code=code, name=name, level=level, parent=parent, valid_from="2021-07-01", valid_to="")
            )
        site = {"site": ELSEWHERE, "shard": "dong-nai", "name": "Trạm y tế Bến Nghé", "address": "", "hotline": ""}
        upsert(conn, reference.SITE, [{**site, "unit": "26740"}])
        for unit in ("75", "79", "VN"):
            for role in ROLES:
                made.account(conn, f"{role}-{unit.lower()}", role=role, unit=unit, must_change=False, password=PASSWORD)
    made.append(receipt(2, lot="BN-77", place=ELSEWHERE, vaccine="AZ"), now=MORNING)
    far = made.kiosk("kiosk-9", site=ELSEWHERE)
    made.accept(far, *far.visit(2, vaccine="AZ", lot="BN-77"), *far.visit(4, lot="BN-77"), now=MORNING)
    made.accept(made.nurse, *made.nurse.visit(3), now=MORNING)
    return made


@pytest.fixture
def provinces(office):
    return {
        unit: objects(office, unit, site, n, marks)
        for unit, site, n, marks in (
            ("75", SITE, 1, ("Trạm y tế Trảng Dài", SITE, "kiosk-1<", "FF1234")),
            ("79", ELSEWHERE, 2, ("Trạm y tế Bến Nghé", ELSEWHERE, "kiosk-9", "BN-77")),
        )
    }


def objects(office, unit, site, n, marks):
    who = {**WHO, "name": identity(n)["name"], "doc_no": identity(n)["doc_no"]}
    browser = filled(office, wants={**WANTS, "place": site}, who=who)
    told = browser.send("/complain/4", content="Thiếu mũi 2", photo=(photo(size=(60, 40 + n)), "x.png"))
    number = told.location.split("/")[-1]
    k = {"75": "kiosk-1", "79": "kiosk-9"}[unit]
    line, _ = Kiosk(k, site=site).checked_in(n)
    office.ledger.accept([(line, b"es256 AAAA")], k=k, site=site, now=MORNING)
    with office.db.read() as conn:
        digest = queries.read(queries.get(conn, number))["photos"][0]
    paper = {
        "dose": f"d-paper-{n}", "person": person(n), "identity": identity(n), "vaccine": "AZ", "lot": "", "dose_no": 1,
        "given_on": "2021-08-01", "place": site, "slip": f"s-paper-{n}", "photos": [digest], "reason": "Mất điện",
    }  # fmt: skip
    office.ledger.transact(lambda conn: office.ledger.append(conn, "dose.entered_late", paper, who="a-1", now=MORNING))
    form = {"site": site, "day": "9/10/2021", "vaccine": "AZ", "h7": "5", "session": f"ss-{unit}", "version": "0"}
    assert office.browser(f"manager-{unit}").send("/console/sessions/new", act="save", **form).status_code == 303
    expected = {
        "session": f"ss-{unit}", "person": person(n), "n": 1, "at": MORNING, "dose_no": 1, "grp": 0, "name": identity(n)["name"],
        "dob": identity(n)["dob"], "sex": "U", "phone": identity(n)["phone"], "state": sessions.STANDS, "told_at": None, "told_site": "",
    }  # fmt: skip
    with office.db.write() as conn:
        upsert(conn, sessions.APPOINTMENT, [expected])
    # One row that is wrong, so that it is shown and handed back.
    cells = [str(n), identity(n)["name"], "31/02/1960", "", identity(n)["doc_no"], identity(n)["address"]]
    file = as_csv(cells, headings=(*HEADINGS[:5], HEADINGS[-1]))
    brought = listed(office, office.browser(f"manager-{unit}"), file, name=f"list-{unit}.csv", unit=unit).split("/")[-1]
    with office.db.read() as conn:
        (held,) = fleet.quarantine(conn, ks=[k], strangers=False, reason="", limit=9, offset=0)
        return Province(
            unit=unit, site=site, number=number, ref=people.by_key(conn, person(n))["ref"],
            other=people.by_key(conn, person(n + 2))["ref"],
            digest=digest, quarantined=held["id"],
            account=account_of(conn, f"officer-{unit}"), brought=brought,
            marks=(*marks, f"officer-{unit}", number, identity(n)["name"], identity(n)["doc_no"]),
        )  # fmt: skip


def account_of(conn, login):
    return conn.execute(select(accounts.ACCOUNT.c.id).where(accounts.ACCOUNT.c.login == login)).scalar_one()


def address(app, rule, at):
    samples = {
        "number": at.quarantined if "<int:number>" in rule.rule else at.number,
        "ref": at.ref,
        "other": at.other,
        "digest": at.digest,
        "account": at.account,
        "k": {"75": "kiosk-1", "79": "kiosk-9"}[at.unit],
        "session": f"ss-{at.unit}",
        "brought": at.brought,
    }
    missing = set(rule.arguments) - set(samples)
    assert not missing, (
        f"{rule.rule}: this new route names an object; tell this test what {missing} is in each province"
    )
    with app.test_request_context():
        return app.url_map.bind("tram.test").build(rule.endpoint, {name: samples[name] for name in rule.arguments})


def closed_rules(app):
    """Every route that is not everybody's: the pages' and the API's."""
    for rule in app.url_map.iter_rules():
        roles = app.view_functions[rule.endpoint].tram_roles
        if PUBLIC not in roles and rule.endpoint not in NO_ROWS:
            yield rule, roles


@pytest.mark.parametrize(("own", "other"), [("75", "79"), ("79", "75")])
def test_every_role_on_every_route_sees_its_own_provinces_objects_and_no_others(office, provinces, own, other):
    """The whole matrix: role × route × object. What is not mine is not there (404), never forbidden.

    And of what is mine, each role sees the fields that the README's table says, on whichever page (ASVS 8.1.2).
    """
    mine, theirs, seen, saved = provinces[own], provinces[other], "", set()
    told = {role: set() for role in (*ROLES, CLIENT)}
    marks = marks_of(office, {"75": 1, "79": 2}[own])
    browsers = {role: office.browser(f"{role}-{own}") for role in ROLES}
    token = issued(office, own)
    for rule, roles in closed_rules(office.app):
        # What only writes has no page; whose session a program changes is asked in test_sessions_api.
        for role in roles if "GET" in rule.methods else ():
            get = browsers[role].get if role in browsers else lambda path: office.browser().get(path, headers=token)
            if rule.arguments:
                answer = get(address(office.app, rule, mine))
                assert answer.status_code == 200, (role, rule.rule)
                told[role] |= shown_of(read(answer), marks)
                assert get(address(office.app, rule, theirs)).status_code == 404, (role, rule.rule)
                continue
            paths = [rule.rule, f"{rule.rule}?place={theirs.site}&lot=&state=all"]
            for path in paths:
                answer = get(path)
                assert answer.status_code in (200, 400), (role, path)
                text = read(answer)
                if "save=csv" in text and path == paths[1]:  # a list that may be saved: its files as well
                    paths += [f"{path}&save=csv", f"{path}&save=xlsx"]
                    saved.add(rule.endpoint)
                found = [mark for mark in theirs.marks if mark in text.replace(f"?place={theirs.site}", "")]
                assert found == [], (role, path)
                seen += text
                told[role] |= shown_of(text, marks)
    assert [
        mark for mark in (mine.site, mine.number, mine.marks[0], mine.marks[3], mine.marks[4]) if mark not in seen
    ] == []
    assert {
        "complaints.queue", "kiosks.kiosks", "kiosks.quarantine", "sessions.listing", "stock.stock", "accounts.listing",
        "imports.listing", "audit_log.entries",
    } <= saved  # fmt: skip
    assert {
        role: {field: degree(field, found) for field in marks} for role, found in told.items()
    } == said_in_the_readme()


def marks_of(office, n):
    """By what a page betrays each field of person n: whole, and where lists cut it short."""
    who = identity(n)
    with office.db.read() as conn:
        certificate = certificates.of_person(conn, person(n))
    return {
        "name": {"whole": who["name"]}, "day of birth": {"whole": shown.day(who["dob"])},
        "number": {"whole": who["doc_no"], "masked": cccd.mask(who["doc_no"])},
        "telephone": {"whole": who["phone"], "masked": shown.masked_phone(who["phone"])},
        "address": {"whole": who["address"]}, "doses, certificate": {"whole": certificate["number"]},
        "complaint's words": {"whole": "Thiếu mũi 2"},
    }  # fmt: skip


def shown_of(text, marks):
    return {(field, how) for field, known in marks.items() for how, mark in known.items() if mark in text}


def degree(field, found):
    return next((how for how in ("whole", "masked") if (field, how) in found), "–")


def said_in_the_readme():
    """Of each role: field and degree, from the table of fields."""
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \| (.+) \| (.+) \| (.+) \|$", FIELDS, re.MULTILINE)
    roles = [name.strip("`") for name in rows[0][1:]]
    return {role: {row[0]: row[1:][at] for row in rows[1:]} for at, role in enumerate(roles)}


def read(answer):
    """What an answer says to who reads it: a workbook by its cells."""
    if answer.mimetype != tables.XLSX:
        return answer.data.decode("utf-8", "replace")
    return "\n".join(str(cell) for line in load_workbook(io.BytesIO(answer.data)).active.values for cell in line)


def issued(office, unit):
    with office.db.write() as conn:
        return {
            "Authorization": "Bearer "
            + accounts.issue_token(conn, name=f"sở {unit}", now=1, unit=unit, unit_from="2021-07-01")
        }


def test_the_country_sees_both(office, provinces):
    for role, path in (("officer", "/console/complaints"), ("admin", "/console/kiosks"), ("manager", "/console/stock")):
        page = office.browser(f"{role}-vn").get(path).text
        assert all(any(mark in page for mark in province.marks) for province in provinces.values()), path


def test_a_search_finds_those_in_care_only(office, provinces):
    for own, other in (("75", "79"), ("79", "75")):
        browser = office.browser(f"officer-{own}")
        for at, there in ((provinces[own], True), (provinces[other], False)):
            for wanted in (at.marks[-1], at.marks[-2]):
                browser.send("/console/people", wanted=wanted)
                assert (at.ref in browser.get("/console/people").text) == there, (own, wanted)


def test_nobody_decides_anothers_complaint(office, provinces):
    theirs = provinces["79"].number
    browser = office.browser("officer-75")
    token = browser.get("/console/people").text.split('name="csrf" value="')[1].split('"')[0]
    for act in complaints.ACTS:
        answer = browser.post(f"/console/complaints/{theirs}", csrf=token, act=act, reason_code="R08", reason="x")
        assert answer.status_code == 404, act
    with office.db.read() as conn:
        assert queries.get(conn, theirs)["state"] == "new"


def test_nobody_enters_stock_or_doses_at_anothers_site(office, provinces):
    fields = {
        "vaccine": "AZ",
        "lot": "X1",
        "expiry": "31/12/2021",
        "place": ELSEWHERE,
        "vials": "1",
        "doses_per_vial": "10",
    }
    page = office.browser("manager-75").send("/console/stock/receive", receipt="gr-1", **fields)
    assert page.status_code == 422
    mine = provinces["75"].number
    entered = {**WANTS, "place": ELSEWHERE, "act": "enter_dose", "reason": "Giấy hợp lệ."}
    assert office.browser("officer-75").send(f"/console/complaints/{mine}", **entered).status_code == 422


def test_a_complaint_that_leads_nowhere_is_the_provinces(office):
    """CV 9458: without a known site it goes to the province, not to whoever is nearest."""
    wants = {**WANTS, "place": ""}
    who = {**WHO, "name": "Người Chưa Có", "doc_no": "075079009999"}
    number = filled(office, wants=wants, who=who).send("/complain/4", content="x").location.split("/")[-1]
    with office.db.write() as conn:
        office.account(conn, "bien-hoa", unit="731", must_change=False, password=PASSWORD)
    for login, status in (("officer-75", 200), ("officer-79", 200), ("officer-vn", 200), ("bien-hoa", 404)):
        assert office.browser(login).get(f"/console/complaints/{number}").status_code == status, login


def test_a_unit_that_ended_cares_for_nothing_and_its_code_does_not_take_over(office):
    """domain.md 6: after the merger code 75 is another Đồng Nai; the old one's officers are asked to be moved."""
    with office.db.write() as conn:
        units.put(
            conn, Unit(code="75", name="Đồng Nai mới", level="province", parent="VN", valid_from=DAY, valid_to="")
        )
    page = office.browser("manager-75").get("/console/stock").text
    assert "FF1234" not in page
    assert "Đơn vị của anh/chị (75)" in page
    with office.db.read() as conn:
        was = accounts.Client(name="x", unit="75", unit_from="2021-07-01")
        assert scope.of(conn, was, day="2021-10-04").holds(SITE)
        assert not scope.of(conn, was, day=DAY).holds(SITE)


def test_accounts_in_care_are_those_of_the_subtree(office):
    with office.db.read() as conn:
        for unit, there in (("75", {"75"}), ("VN", {"75", "79", "VN"})):
            held = scope.of(conn, accounts.Client(name="x", unit=unit, unit_from="2021-07-01"), day=DAY)
            query = accounts.ACCOUNT.select().where(scope.accounts(held))
            assert {row.unit for row in conn.execute(query)} == there
        nobody = scope.of(conn, accounts.Client(name="x", unit="75", unit_from="2020-01-01"), day=DAY)
        assert conn.execute(accounts.ACCOUNT.select().where(scope.accounts(nobody))).all() == []
        assert not scope.covers(conn, nobody, None)


def test_every_route_with_a_token_is_read_by_the_matrix(office):
    assert {rule.rule for rule, roles in closed_rules(office.app) if CLIENT in roles} == {
        "/api/v1/progress", "/api/v1/stock", "/api/v1/complaints", "/api/v1/kiosks", "/api/v1/metrics",
        "/api/v1/duplicates", "/api/v1/sessions", "/api/v1/sessions/<session>/invitations",
        "/api/v1/sessions/<session>/cancellation",
    }  # fmt: skip


def test_every_page_that_names_a_citizen_writes_down_who_looked(office, provinces):
    """F3, F106: read by machine over all routes, so that a new page cannot forget it."""
    mine = provinces["75"]
    name = identity(1)["name"]
    browsers = {role: office.browser(f"{role}-75") for role in ROLES}
    browsers["officer"].send("/console/people", wanted=name)
    named = set()
    for rule, roles in closed_rules(office.app):
        for role in set(roles) & set(ROLES):
            with office.db.read() as conn:
                before = audit.count(conn)
            page = browsers[role].get(address(office.app, rule, mine))
            with office.db.read() as conn:
                (last,) = audit.entries(conn, limit=1)
                noted = audit.count(conn) > before and last.account == f"{role}-75"
            text = page.data.decode("utf-8", "replace")
            if name in text or identity(1)["doc_no"] in text or page.mimetype.startswith("image/"):
                named.add(rule.endpoint)
                assert noted, (role, rule.rule)
    assert {
        "people.search",
        "people.person",
        "complaints.queue",
        "complaints.complaint",
        "complaints.photo",
        "people.photo",
        "sessions.people",
        "imports.rows",
        "imports.one",
    } <= named


def test_the_audit_is_read_by_the_unit_and_those_above(office, provinces):
    """A look in Biên Hòa is seen by its province and the country, not by another province."""
    with office.db.write() as conn:
        office.account(conn, "bien-hoa", unit="731", must_change=False, password=PASSWORD)
    office.browser("bien-hoa").get(f"/console/complaints/{provinces['75'].number}")
    for login, sees in (("auditor-75", True), ("auditor-vn", True), ("auditor-79", False)):
        page = office.browser(login).get("/console/audit").text
        assert ("bien-hoa" in page) == sees, login
