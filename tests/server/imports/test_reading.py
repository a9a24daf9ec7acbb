"""Foreign files: what is read of them, and one word for each that cannot be read. None of them costs more than its limit."""

import io
import zipfile
from datetime import datetime

import pytest

from server.imports import columns, reading
from server.imports.columns import RECIPIENTS
from server.imports.reading import Sheet, Unreadable
from tests.server.imports.lists import HEADINGS, as_csv, as_xlsx, person


def rows(file):
    return list(Sheet(file, size=len(file.getvalue())))


def refused(data):
    file = io.BytesIO(data)
    with pytest.raises(Unreadable) as told:
        list(Sheet(file, size=len(data)))
    assert not file.closed
    return told.value.code


def test_the_same_rows_from_every_kind_of_file():
    wanted = [list(HEADINGS), person(1), person(2)]
    for file in (
        as_csv(*wanted[1:]),
        as_csv(*wanted[1:], coding="utf-8"),
        as_csv(*wanted[1:], sign=";"),
        as_csv(*wanted[1:], sign="\t", coding="utf-16"),
        as_xlsx(*wanted[1:]),
        io.BytesIO(b"sep=;\r\n" + as_csv(*wanted[1:], sign=";", coding="utf-8").getvalue()),
    ):
        assert rows(file) == wanted


def test_days_and_numbers_of_a_workbook_become_text():
    file = as_xlsx(["1", "An", datetime(1979, 4, 14), True, 75079001234, 271234567.0, 0.5, None])  # noqa: DTZ001 - as openpyxl has it
    assert rows(file)[1][:7] == ["1", "An", "1979-04-14", "True", "75079001234", "271234567", "0.5"]


def test_a_formula_is_never_computed_and_shows_at_most_what_the_file_says_it_came_to():
    assert rows(as_xlsx(["1", "=1+1"]))[1] == ["1", ""]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel"),
        (b"PK\x03\x04" + bytes(40), "broken"),
        ("Họ và tên,Ngày sinh\n".encode("cp1258", "replace") + b"\xff\xfe\xfa", "not_utf8"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_utf8"),
        (b"GIF89a\0\0\0", "not_a_list"),
        (b'a,"' + b"x" * 200_000, "broken"),
    ],
)
def test_what_is_no_list_is_told_by_one_word(data, word):
    assert refused(data) == word


def packed(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return out.getvalue()


def test_a_zip_that_is_no_workbook():
    assert refused(packed(word__document_xml=b"<a/>")) == "not_a_list"
    assert refused(packed(xl__workbook_xml=b"<a/>")) == "broken"


def test_a_bomb_is_seen_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(reading, "MOST_HELD", 3_000_000)
    data = packed(xl__workbook_xml=b"<a/>", xl__sharedStrings_xml=b" " * 4_000_000)
    assert len(data) < 5_000
    assert refused(data) == "bomb"
    monkeypatch.setattr(reading, "MOST_UNPACKED", 1000)
    assert refused(packed(xl__workbook_xml=b"<a/>", xl__worksheets__sheet1_xml=b" " * 2000)) == "bomb"


def test_entities_of_a_workbook_are_not_expanded():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>'
    good = zipfile.ZipFile(as_xlsx(person(1)))
    parts = {name: good.read(name) for name in good.namelist()} | {"xl/workbook.xml": bomb}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in parts.items():
            file.writestr(name, data)
    assert refused(out.getvalue()) == "broken"


def test_a_workbook_that_breaks_off_in_the_middle():
    whole = as_xlsx(*(person(n) for n in range(500))).getvalue()
    assert refused(whole[: len(whole) // 2]) == "broken"


def test_too_large_and_too_long(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    file = as_csv(*(person(n) for n in range(9)))
    with pytest.raises(Unreadable, match="too_many_rows"):
        rows(file)
    with pytest.raises(Unreadable, match="too_large"):
        Sheet(file, size=reading.MOST_BYTES + 1)


def test_headings_are_known_whatever_their_case_marks_order_and_place():
    above = [["SỞ Y TẾ ĐỒNG NAI", ""], ["DANH SÁCH ĐỐI TƯỢNG TIÊM", ""], []]
    layout = columns.find(
        RECIPIENTS,
        [*above, ["stt", "NGÀY SINH\n(dd/mm/yyyy)", "ho va ten *", "Số CCCD", "Ghi chú", "nhóm  ưu tiên(1-16)", "Lỗi"]],
    )
    assert (layout.row, layout.at) == (4, {"dob": 1, "name": 2, "number": 3, "group": 5})
    assert layout.missing(RECIPIENTS) == []
    assert layout.unknown(RECIPIENTS) == ["Ghi chú"]
    assert columns.find(RECIPIENTS, [["x"], ["y"]]) is None
    assert columns.find(RECIPIENTS, [["Họ tên"]]).missing(RECIPIENTS) == ["Ngày sinh"]


def test_our_own_template_is_understood_whole():
    for kind in columns.KINDS:
        layout = columns.find(kind, [columns.template(kind)])
        assert set(layout.at) == set(columns.HEADINGS[kind])
