"""Who may be one person: what speaks for it, what a search finds, what an officer may decide, and who sees of whom."""

import itertools

import pytest
from sqlalchemy import insert

from server import accounts, audit, duplicates, joining, likeness, links, people, reference, units
from server.db import upsert
from server.errors import Refused
from server.joining import Sides
from server.units import Unit
from tests.server import made
from tests.server.made import MORNING
from tests.server.test_scope import ELSEWHERE, FAR
from tests.server.web_office import PASSWORD, WebOffice

KNOWN = reference.read_data("duplicates")
AN = {
    "person": "cccd:075079001234", "doc_type": "cccd", "doc_no": "075079001234", "old_no": "271234567",
    "name": "Nguyễn Văn An", "dob": "1979-04-14", "sex": "M", "phone": "0901234567", "health_no": "",
    "address": "Tổ 5, Khu phố 3, Phường Trảng Dài, TP. Biên Hòa, Tỉnh Đồng Nai",
}  # fmt: skip


def person(**changes):
    row = {**AN, **changes}
    return likeness.person_of({**row, "folded": likeness.fold_name(row["name"])})


def weighed(**changes):
    words = likeness.reasons(person(), person(**changes))
    return words, likeness.score(words, KNOWN["weights"])


OTHER_KEY = {"person": "visit:v-9", "doc_type": "none", "doc_no": "", "old_no": ""}
CARD = {"person": "cmnd:271234567", "doc_type": "cmnd", "doc_no": "271234567", "old_no": ""}


@pytest.mark.parametrize(
    ("changes", "words", "proposed"),
    [
        (CARD, ["same_number", "same_name", "same_dob", "same_phone", "same_commune"], True),
        ({**CARD, "phone": "", "address": "", "dob": "", "name": "Trần Thị Bảy"}, ["same_number"], True),
        ({**OTHER_KEY, "phone": "", "address": ""}, ["same_name", "same_dob"], True),
        ({**OTHER_KEY, "name": "Nguyễn Vân Ân", "address": "Trảng Dài, Biên Hòa, Đồng Nai"},
         ["alike_name", "same_dob", "same_phone", "same_commune"], True),
        ({**OTHER_KEY, "name": "An Nguyễn Văn", "phone": ""}, ["near_name", "same_dob", "same_commune"], False),
        ({**OTHER_KEY, "dob": "1979"}, ["same_name", "same_year", "same_phone", "same_commune"], True),
        ({**OTHER_KEY, "dob": "1979-04-15"}, ["same_name", "near_dob", "same_phone", "same_commune"], True),
        ({**OTHER_KEY, "dob": "1994-07-01", "address": ""}, ["same_name", "other_year", "same_phone"], False),
        # A family's telephone tells of a family.
        ({**OTHER_KEY, "name": "Lê Thị Mỹ Duyên", "dob": "2001-09-02", "sex": "F"},
         ["other_year", "same_phone", "same_commune", "other_sex"], False),
        # Two people of one name and one day: their cards say so.
        ({"person": "cccd:001079555777", "doc_no": "001079555777", "old_no": "", "phone": "", "address": ""},
         ["other_number", "same_name", "same_dob"], False),
        ({"person": "cccd:075079001243", "doc_no": "075079001243", "old_no": "", "phone": "", "address": ""},
         ["near_number", "same_name", "same_dob"], True),
        ({**OTHER_KEY, "health_no": "GD4750101234567", "dob": "", "address": ""}, ["same_name", "same_phone"], False),
    ],
)  # fmt: skip
def test_what_speaks_for_two_being_one(changes, words, proposed):
    found, points = weighed(**changes)
    assert found == words
    assert (points >= KNOWN["propose_at"]) == proposed, points


def test_being_alike_does_not_depend_on_who_stands_first():
    every = [person(), person(**CARD), person(**OTHER_KEY, dob="1979-14-04"[:4]), person(**OTHER_KEY, sex="F")]
    for one, other in itertools.combinations(every, 2):
        assert likeness.reasons(one, other) == likeness.reasons(other, one)


def put(conn, number, **changes):
    row = {**AN, "person": f"visit:v-{number}", "doc_type": "none", "doc_no": "", "old_no": "", **changes}
    more = {"entity": f"person:{row['person']}", "ref": f"r{number}", "folded": likeness.fold_name(row["name"])}
    conn.execute(insert(people.PERSON).values(**row, **more, corrections=0))
    return row["person"]


def searched(db, now=MORNING):
    return duplicates.search(db, weights=KNOWN["weights"], propose_at=KNOWN["propose_at"], now=now)


def test_a_search_finds_pairs_by_number_day_name_and_phone_and_nothing_else(any_db):
    with any_db.write() as conn:
        an = put(conn, 1, person=AN["person"], doc_type="cccd", doc_no=AN["doc_no"], old_no=AN["old_no"])
        card = put(conn, 2, person="cmnd:271234567", name="Lý Văn Khác", dob="", phone="", address="")
        near = put(conn, 3, name="Nguyễn Văn Ant")
        late = put(conn, 4, dob="1979-04-17", address="")
        put(conn, 5, name="Trần Thị Ánh", dob="1979-04-14", sex="F", phone="0908", address="")
        put(conn, 6, name="Nguyễn Thị Lan", dob="2010-01-01", sex="F")
    found = searched(any_db)
    assert (found.people, found.proposed) == (6, 3)
    with any_db.read() as conn:
        rows = duplicates.proposals(conn, limit=9)
        pairs = {frozenset((row["one"], row["other"])): row for row in rows}
        assert duplicates.count(conn) == 3
        assert len(duplicates.proposals(conn, limit=9, of=card)) == 1
        assert duplicates.proposed(conn, card, an)
        assert not duplicates.proposed(conn, card, near)
    assert set(pairs) == {frozenset(pair) for pair in ((an, card), (an, near), (an, late))}
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    searched(any_db, MORNING + 5)
    with any_db.read() as conn:
        assert {row["found_at"] for row in duplicates.proposals(conn, limit=9)} == {MORNING}, "since when it waits"


def sides(pairs=(), **changes):
    known = {"one": "a", "other": "b", "wholes": ("a", "b"), "members": (["a"], ["b"]), "pairs": pairs}
    return Sides(**{**known, **changes})


def row(one, other, state):
    return {"one": one, "other": other, "state": state}


def test_decisions_say_what_and_why():
    because = ["same_name"]
    assert joining.join(sides(), keep="b", reason="x", because=because) == [
        ("person.linked", {"person": "b", "other": "a", "reason": "x", "because": because})
    ]
    assert joining.tell_apart(sides(), reason="x")[0][0] == "person.told_apart"
    linked = sides([row("a", "b", "linked")], wholes=("a", "a"))
    assert joining.part(linked, reason="x") == [("person.unlinked", {"person": "a", "other": "b", "reason": "x"})]
    # What was said of this very pair does not bind: it can be decided anew.
    assert joining.join(sides([row("a", "b", "apart")]), keep="a", reason="x")


@pytest.mark.parametrize(
    ("code", "work"),
    [
        ("reason_missing", lambda: joining.join(sides(), keep="a", reason=" ")),
        ("keep_missing", lambda: joining.join(sides(), keep="c", reason="x")),
        ("already_one", lambda: joining.join(sides(wholes=("a", "a")), keep="a", reason="x")),
        ("told_apart", lambda: joining.join(
            sides([row("b", "c", "apart")], members=(["a", "c"], ["b"])), keep="a", reason="x")),
        ("part_first", lambda: joining.tell_apart(sides(wholes=("a", "a")), reason="x")),
        ("not_joined", lambda: joining.part(sides([row("a", "b", "unlinked")]), reason="x")),
    ],
)  # fmt: skip
def test_a_decision_that_cannot_be_is_refused(code, work):
    with pytest.raises(Refused) as refused:
        work()
    assert refused.value.code == code


@pytest.fixture
def office(db):
    """Persons 1, 3 and 7 of Đồng Nai and 2 of Hồ Chí Minh; 7 and 2 carry person 1's name, day and telephone."""
    held = WebOffice(db)
    with held.db.write() as conn:
        for code, name, level, parent in FAR:
            units.put(
                conn, Unit(code=code, name=name, level=level, parent=parent, valid_from="2021-07-01", valid_to="")
            )
        site = {"site": ELSEWHERE, "shard": "dong-nai", "name": "Trạm y tế Bến Nghé", "address": "", "hotline": ""}
        upsert(conn, reference.SITE, [{**site, "unit": "26740"}])
        held.account(conn, "officer-vn", role="officer", unit="VN", must_change=False, password=PASSWORD)
    far = held.kiosk("kiosk-9", site=ELSEWHERE)
    same = {
        "name": made.identity(1)["name"],
        "phone": made.identity(1)["phone"],
        "doc_type": "none",
        "doc_no": "",
        "old_no": "",
    }
    stranger = {"old_no": "", "dob": "1990-01-01"}
    held.accept(held.nurse, held.nurse.checked_in(7, **same), held.nurse.checked_in(3, **stranger), now=MORNING)
    held.accept(far, far.checked_in(2, **same), now=MORNING)
    searched(held.db)
    return held


def ref(office, n):
    with office.db.read() as conn:
        return people.own_row(conn, made.person(n))["ref"]


def address(office, one, other):
    return f"/console/duplicates/{ref(office, one)}/{ref(office, other)}"


def test_an_officer_joins_parts_and_tells_apart_on_the_page(office):
    officer = office.browser("officer")
    page = officer.get("/console/duplicates").text
    assert address(office, 1, 7) in page or address(office, 7, 1) in page
    # As every list: by points, at least so many, as a file that holds no whole number.
    assert "Không có dòng nào" in officer.get("/console/duplicates?least=120").text
    assert 'aria-sort="descending"' in officer.get("/console/duplicates?sort=-points").text
    saved = officer.get("/console/duplicates?save=csv").get_data(as_text=True)
    assert ("cùng họ tên" in saved, made.identity(1)["name"] in saved) == (True, True)
    assert made.identity(1)["doc_no"] not in saved
    path = address(office, 1, 7)
    assert "cùng họ tên" in officer.get(path).text
    missing = officer.send(path, act="join", reason="Cùng một người")
    assert missing.status_code == 422
    assert "giữ tên và số" in missing.text
    assert officer.send(path, act="join", keep=ref(office, 1), reason="Cùng một người").status_code == 303
    with office.db.read() as conn:
        assert links.whole_of(conn, made.person(7)) == made.person(1)
        looked = [entry.act for entry in audit.entries_about(conn, [made.person(7)], limit=9)]
    assert "link_people" in looked
    page = officer.get(f"/console/people/{ref(office, 7)}").text
    assert made.identity(1)["doc_no"] in page, "the person's page is that of the whole, under either number"
    assert "Cùng một người" in page
    assert "gộp hai hồ sơ" in page, "and it tells who looked"
    assert officer.send(path, act="part", reason="Nhầm").status_code == 303
    assert officer.send(path, act="apart", reason="Hai anh em").status_code == 303
    page = officer.get("/console/duplicates").text
    assert path not in page
    assert address(office, 7, 1) not in page, "nobody is asked again"
    assert "Hai anh em" in officer.get(path).text


def test_whoever_is_elsewhere_is_masked_and_the_unit_above_decides(office):
    officer = office.browser("officer")
    path = address(office, 1, 2)
    page = officer.get(path).text
    assert "L. T. M. D." in page
    assert made.identity(1)["doc_no"] in page
    assert ELSEWHERE not in page
    token = page.split('name="csrf" value="')[1].split('"')[0]
    refused = officer.post(path, csrf=token, act="join", keep=ref(office, 1), reason="x")
    assert refused.status_code == 422
    # A link between others makes nobody else ours.
    office.append(("person.linked", {"person": made.person(1), "other": made.person(7), "reason": "x"}), now=MORNING)
    assert "L. T. M. D." in officer.get(path).text
    assert "L. T. M. D." in officer.get(f"/console/people/{ref(office, 1)}").text
    # Of a stranger whom no search set beside one of ours nothing is shown, initials neither.
    assert officer.get(address(office, 3, 2)).status_code == 404
    assert officer.get(f"/console/people/{ref(office, 2)}").status_code == 404
    above = office.browser("officer-vn")
    assert above.send(path, act="join", keep=ref(office, 1), reason="Cùng một người").status_code == 303
    # Who is one with one of ours is ours to see.
    assert officer.get(f"/console/people/{ref(office, 2)}").status_code == 200


def test_only_officers_decide(office):
    path = address(office, 1, 7)
    auditor = office.browser("auditor")
    page = auditor.get(path)
    assert page.status_code == 200
    assert 'name="act"' not in page.text
    token = auditor.get("/console/people").text.split('name="csrf" value="')[1].split('"')[0]
    assert auditor.post(path, csrf=token, act="apart", reason="x").status_code == 403


def test_the_api_lists_pairs_by_reference_only(office):
    with office.db.write() as conn:
        token = accounts.issue_token(conn, name="sở", now=1, unit="75", unit_from="2021-07-01")
    answer = office.browser().get("/api/v1/duplicates?limit=1", headers={"Authorization": f"Bearer {token}"})
    assert answer.json["open"] == 3
    (row,) = answer.json["rows"]
    assert {row["one"], row["other"]} <= {ref(office, n) for n in (1, 2, 7)}
    assert made.identity(1)["name"] not in answer.text
    assert made.identity(1)["doc_no"] not in answer.text


def test_a_slip_of_either_number_opens_the_whole_certificate(office):
    """The portal follows the link: the ticket printed under the other number finds the dose."""
    office.append(
        ("person.linked", {"person": made.person(1), "other": made.person(7), "reason": "x"}), now=MORNING + 1
    )
    browser = office.browser()
    assert browser.send("/lookup", slip="t-7", year="1979").status_code == 303
    page = browser.get("/certificate").text
    assert made.identity(1)["doc_no"][-4:] in page
    assert "PFIZER" in page or "Pfizer" in page
