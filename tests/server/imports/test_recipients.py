"""A list of recipients from the file to the list: read, reviewed, committed; again; cut off; beside what was known before."""

import io

import pytest
from sqlalchemy import insert, select, update

from server import audit, recipients
from server.errors import Refused
from server.imports import columns, export, staging
from server.imports.tables import IMPORT_PART, IMPORT_ROW
from server.people import PERSON
from server.recipients import RECIPIENT
from tests.server.imports.lists import HEADINGS, Desk, as_csv, as_xlsx, person, reason


@pytest.fixture
def desk(db):
    desk = Desk(db)
    yield desk
    desk.importer.close()


@pytest.fixture
def any_desk(any_db):
    """As `desk`, on SQLite and on PostgreSQL."""
    desk = Desk(any_db)
    yield desk
    desk.importer.close()


def listed(desk):
    with desk.db.read() as conn:
        rows = conn.execute(select(RECIPIENT).order_by(RECIPIENT.c.person)).mappings().all()
    drop = ("changed_at", "listed_by", "changed_by")
    return [{key: value for key, value in row.items() if key not in drop} for row in rows]


def test_a_list_goes_over_and_the_same_file_again_changes_nothing(desk):
    file = as_csv(*(person(n) for n in range(1, 9)))
    first = desk.read(file)
    held = desk.get(first)
    assert (held["state"], held["rows"], desk.said(first)) == ("review", 8, [("new", "")] * 8)
    assert listed(desk) == []
    assert desk.commit(first)["new"] == 8
    before = listed(desk)
    assert before[0] | {"ref": "", "folded": ""} == {
        "person": "cccd:075052000002", "ref": "", "name": "Nguyễn Văn Ca", "folded": "", "dob": "1952-03-03", "sex": "M",
        "doc_type": "cccd", "doc_no": "075052000002", "old_no": "", "health_no": "", "phone": "0900000002", "commune": "25993",
        "address": "Tổ 3", "work": "", "priority_group": 3, "off_at": None,
    }  # fmt: skip
    with desk.db.read() as conn:
        whole = [tuple(row) for row in conn.execute(select(RECIPIENT).order_by(RECIPIENT.c.person))]
        assert conn.execute(select(IMPORT_PART)).first() is None
    again = desk.read(file)
    assert desk.said(again) == [("same", "")] * 8
    with desk.db.read() as conn:
        assert staging.same_file(conn, staging.get(conn, again))["import"] == first
    figures = desk.commit(again)
    assert (figures["new"], figures["changed"]) == (0, 0)
    with desk.db.read() as conn:
        assert [tuple(row) for row in conn.execute(select(RECIPIENT).order_by(RECIPIENT.c.person))] == whole


def test_a_workbook_says_the_same_as_a_csv_file(desk):
    rows = [person(n) for n in range(1, 6)]
    desk.commit(desk.read(as_csv(*rows)))
    typed = [[int(row[0]), *row[1:]] for row in rows]
    assert desk.said(desk.read(as_xlsx(*typed))) == [("same", "")] * 5


def test_what_is_wrong_stays_out_and_is_handed_back_mended_and_brought_in_again(any_desk):
    desk = any_desk
    rows = [
        person(1), person(2, name=""), person(3, dob="31/02/1953"), person(4, number="12"), person(5, commune="Bến Nghé"),
        person(6, group="99"), person(1), person(7, number="7,5079E+10"),
    ]  # fmt: skip
    name = desk.read(as_csv(*rows))
    assert [words for _, words in desk.said(name)] == [
        "", "name_missing", "dob_bad", "number_bad no_number", "commune_unknown", "group_bad", "twice", "number_rounded no_number",
    ]  # fmt: skip
    assert desk.commit(name)["new"] == 1
    held = desk.get(name)
    with desk.db.read() as conn:
        lines = list(
            export.lines(columns.RECIPIENTS, held["figures"]["headings"], staging.failed(conn, held), reason=reason)
        )
    assert lines[0] == [*HEADINGS, "Lỗi"]
    assert [line[-1] for line in lines[1:3]] == ["name_missing", "dob_bad"]
    lines[1][1], lines[2][2] = "Trần Thị Hai", "28/02/1953"
    back = io.BytesIO(b"".join(export.as_csv(lines)))
    again = desk.read(back)
    assert desk.commit(again)["new"] == 2
    assert len(listed(desk)) == 3
    with desk.db.read() as conn:
        held = staging.get(conn, again)
        headings = next(export.lines(columns.RECIPIENTS, held["figures"]["headings"], [], reason=reason))
    assert headings == [*HEADINGS, "Lỗi"]


def test_proposals_wait_for_a_yes_and_what_gets_none_is_handed_back(desk):
    rows = [
        person(1, number="75051000001"), person(2, commune="Tráng Dài Đông"), person(3, commune="Phường Trãng Dài"),
        person(4, dob="03/25/1954"), person(5, number=""), person(6, phone="không"),
    ]  # fmt: skip
    name = desk.read(as_csv(*rows))
    asked = [words for _, words in desk.said(name)]
    assert asked[0].split()[0] == "zero_added"
    assert asked[2:] == ["", "day_turned", "no_number", "phone_left_out"]
    desk.accept(name, "day_turned", "no_number", "no such word")
    with desk.db.read() as conn:
        assert staging.waiting(conn, staging.get(conn, name)) == {"new": 3, "left": 2 + (asked[1] == "commune_near")}
    assert desk.commit(name)["new"] == 3
    with desk.db.read() as conn:
        left = [row.words[-1] for row in staging.failed(conn, staging.get(conn, name))]
    assert left[0] == left[-1] == "not_accepted"


def test_a_difference_is_reviewed_field_by_field_and_a_blank_empties_nothing(desk):
    desk.commit(desk.read(as_csv(person(1), person(2))))
    name = desk.read(as_csv(person(1, phone="0987654321", address="", group=""), person(2)))
    row = desk.rows(name)[0]
    assert (row.state, row.before) == ("changed", {"phone": "0900000001"})
    assert row.value["address"] == "Tổ 3"
    desk.commit(name)
    assert [one["phone"] for one in listed(desk) if one["doc_no"].endswith("1")] == ["0987654321"]
    # What it was stays to be read.
    assert desk.rows(name)[0].before == {"phone": "0900000001"}


def test_what_somebody_else_changed_since_the_review_is_not_written_over(any_desk):
    desk = any_desk
    desk.commit(desk.read(as_csv(person(1), person(2))))
    name = desk.read(as_csv(person(1, phone="0987654321"), person(2, phone="0987654322"), person(3)))
    with desk.db.write() as conn:
        first = RECIPIENT.c.doc_no.endswith("1")
        conn.execute(update(RECIPIENT).where(first).values(phone="0911111111"))
    other = desk.read(as_csv(person(3)))
    desk.commit(other)
    figures = desk.commit(name)
    assert (figures["new"], figures["changed"]) == (0, 1)
    assert {row["phone"] for row in listed(desk)} == {"0911111111", "0987654322", "0900000003"}
    assert [(row.n, row.state) for row in desk.rows(name, states=("stale",))] == [(1, "stale"), (3, "stale")]


def test_who_is_not_in_a_whole_list_is_taken_off_only_when_somebody_says_so(any_desk):
    desk = any_desk
    far = person(9, province="Hồ Chí Minh", district="Quận 1", commune="Bến Nghé")
    desk.commit(desk.read(as_csv(*(person(n) for n in range(1, 9)))))
    desk.commit(desk.read(as_csv(far), unit="79"))
    short = as_csv(person(1), person(2), person(3, name="?"))
    assert desk.commit(desk.read(short), take_off=True).get("gone") is None
    name = desk.read(short, whole=True)
    assert desk.commit(name, take_off=True)["gone"] == 5
    standing = {row["doc_no"][-1] for row in listed(desk) if row["off_at"] is None}
    # The third one's row is wrong: nobody says that he is gone. The one of another province is not touched.
    assert standing == {"1", "2", "3", "9"}
    back = desk.read(as_csv(person(8)))
    assert [(row.state, set(row.before)) for row in desk.rows(back)] == [("changed", {"off_at"})]
    desk.commit(back)
    assert "8" in {row["doc_no"][-1] for row in listed(desk) if row["off_at"] is None}


def known(desk, key, **given):
    row = {
        "person": key, "entity": f"person:{key}", "ref": key[-6:].rjust(20, "0"), "doc_type": key.partition(":")[0],
        "doc_no": key.partition(":")[2], "old_no": "", "name": "Nguyễn Văn Ba", "folded": "nguyen van ba", "dob": "1951-03-02",
        "sex": "F", "address": "", "phone": "", "corrections": 0, "health_no": "", **given,
    }  # fmt: skip
    with desk.db.write() as conn:
        conn.execute(insert(PERSON), row)


def test_who_has_records_is_known_by_any_number_and_records_are_never_written_over(any_desk):
    desk = any_desk
    known(desk, "cmnd:271234567")
    same = person(1, number="", health_no="")
    rows = [
        person(1, number="075151000001", name="Nguyễn Văn Ba", dob="02/03/1951"),
        person(2, number="271234567", name="Trần Thị Khác", dob="09/09/1999"),
        same,
    ]  # fmt: skip
    headings = [*HEADINGS, "Số CMND cũ"]
    name = desk.read(as_csv([*rows[0], "271234567"], [*rows[1], ""], [*rows[2], "271234567"], headings=headings))
    assert [(row.key, row.state) for row in desk.rows(name)] == [
        ("cmnd:271234567", "new"), ("cmnd:271234567", "wrong"), ("cmnd:271234567", "wrong"),
    ]  # fmt: skip
    with desk.db.read() as conn:
        assert conn.execute(select(PERSON.c.name)).scalar_one() == "Nguyễn Văn Ba"


@pytest.mark.parametrize("chunk", [1, 50])
def test_two_rows_of_one_file_that_share_an_old_number_are_one_person(db, chunk):
    desk = Desk(db, chunk=chunk)
    headings = [*HEADINGS, "Số CMND cũ"]
    old = [*person(2, number="271234567"), ""]
    other = [*person(3), "271234568"]
    name = desk.read(as_csv([*person(2), "271234567"], old, other, headings=headings))
    desk.accept(name, "number_disagrees")
    assert desk.commit(name)["new"] == 2
    assert [(row.n, row.state, row.words[-1]) for row in desk.rows(name)] == [(2, "stale", "twice")]
    desk.importer.close()


def test_records_that_say_otherwise_ask(desk):
    known(desk, "cccd:075151000001", name="Nguyễn Thị Ba", folded="nguyen thi ba")
    name = desk.read(as_csv(person(1, number="075151000001", name="Nguyễn Văn Ba", dob="02/03/1951")))
    assert "recorded_otherwise" in desk.said(name)[0][1]


def test_somebody_alike_under_another_number_is_not_added_in_silence(desk):
    desk.commit(desk.read(as_csv(person(2))))
    name = desk.read(as_csv(person(2, number="271234567")))
    assert desk.said(name) == [("new", "alike")]


@pytest.mark.parametrize("after", [1, 3, 5, 6, 8, 10])
def test_cut_off_after_any_step_it_comes_to_the_same(db, other_db, after):
    """A new worker goes on where the last one's transaction ended; the old one's open file is not needed."""
    file = as_csv(*(person(n, name="" if n % 5 == 0 else f"Lê Văn {chr(64 + n)}") for n in range(1, 14)))
    wholes = []
    for database, cut in ((db, 99), (other_db, after)):
        desk = Desk(database)
        name = desk.begin(file, whole=True)
        steps = 0
        for state in ("review", "done"):
            while desk.importer.step():
                desk.clock.now += 1
                steps += 1
                if steps == cut:
                    desk.importer.close()
                    desk.importer = desk.worker()
            assert desk.get(name)["state"] == state
            if state == "review":
                with database.write() as conn:
                    staging.commit(conn, staging.get(conn, name), take_off=True, who="duyet", now=1)
        desk.importer.close()
        wholes.append((listed(desk), desk.said(name), desk.get(name)["figures"]))
    assert wholes[0] == wholes[1]
    assert len(wholes[0][0]) == 11


def test_two_workers_at_one_import_do_each_step_once(desk):
    name = desk.begin(as_csv(*(person(n) for n in range(1, 12))))
    with desk.db.read() as conn:
        stood = staging.next_at_work(conn)
    desk.importer.step()
    late = desk.worker()
    late._read(stood)
    late.close()
    desk.work()
    assert desk.get(name)["rows"] == 11
    assert desk.commit(name)["new"] == 11


def test_an_import_that_is_decided_against_leaves_nothing(desk):
    name = desk.read(as_csv(person(1), person(2, name="")))
    with desk.db.write() as conn:
        staging.drop(conn, staging.get(conn, name), who="duyet", now=9)
        assert conn.execute(select(IMPORT_ROW)).first() is None
        assert conn.execute(select(IMPORT_PART)).first() is None
        with pytest.raises(Refused):
            staging.commit(conn, staging.get(conn, name), take_off=False, who="duyet", now=9)
        assert [entry.act for entry in audit.entries(conn, limit=2)] == ["import_drop", "import_file"]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "no_columns"),
        (b"PK\x03\x04xx", "broken"),
        ("Họ tên\nAn\n".encode(), "no_columns"),
    ],
)
def test_a_file_that_is_no_list_fails_with_its_word(desk, data, word):
    name = desk.read(io.BytesIO(data))
    held = desk.get(name)
    assert (held["state"], held["fault"]) == ("failed", word)


def test_the_list_is_found_by_person(desk):
    desk.commit(desk.read(as_csv(person(1))))
    with desk.db.read() as conn:
        key = conn.execute(select(RECIPIENT.c.person)).scalar_one()
        assert list(recipients.listed(conn, [key, "cccd:0"])) == [key]
        assert recipients.listed(conn, []) == {}
