"""Rows handed back as a file: the columns they came in, and why they were not taken. No cell of it is ever a formula.

CSV: a sign that would begin a formula is put behind an apostrophe, which `cells.plain` takes off again. XLSX: every cell
is typed as text and marked so, and nothing is put before it (ASVS 5.0 1.2.10).
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from server.imports import columns
from server.imports.cells import FORMULA, GUARD
from server.imports.rows import Row

# What XML cannot carry.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Reason = Callable[[Sequence[str]], str]


def guarded(cell: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula."""
    return GUARD + cell if cell.startswith(FORMULA) else cell


def lines(kind: str, headings: Sequence[str], rows: Iterable[Row], *, reason: Reason) -> Iterator[list[str]]:
    """The heading and the rows, each with its reason in the last column; an older column of reasons is left out."""
    at = {column: field for field, column in _fields(kind, headings).items()}
    kept = [column for column, text in enumerate(headings) if text.strip() != columns.REASON]
    yield [*(headings[column] for column in kept), columns.REASON]
    for row in rows:
        cells = [_cell(row, column, at.get(column, "")) for column in kept]
        yield [*cells, reason(row.words)]


def as_csv(found: Iterable[Sequence[str | int]]) -> Iterator[bytes]:
    """The lines as CSV in UTF-8, with the mark by which spreadsheets know it. A number stays one, also below zero."""
    text = io.StringIO("\ufeff")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    for number, line in enumerate(found):
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in line])
        if number % 500 == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def as_xlsx(found: Iterable[Sequence[str | int]], out: IO[bytes], *, sheet: str = "Lỗi") -> None:
    """The lines as a workbook with one sheet, named `sheet`."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    for line in found:
        page.append([_typed(page, cell) if isinstance(cell, str) else cell for cell in line])
    book.save(out)


def _typed(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=_NOT_XML.sub("", text))
    # Only now: the library takes whatever begins with = for a formula.
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True
    return cell


def _fields(kind: str, headings: Sequence[str]) -> dict[str, int]:
    layout = columns.find(kind, [headings])
    return layout.at if layout is not None else {}


def _cell(row: Row, column: int, field: str) -> str:
    if row.given:
        return row.given[column] if column < len(row.given) else ""
    # A row about which nothing was to be said until it was written: its cells were not kept.
    names = {"number": "doc_no", "group": "priority_group", "commune_code": "commune"}
    value = row.value.get(names.get(field, field), "") if field != "commune" else ""
    return str(value) if value else ""
