"""Foreign files into rows of text: XLSX by openpyxl in its reading mode, CSV by the standard library. Judges no cell.

Limits stand before libraries: a file's size, what it unpacks to, rows, columns, a cell's length. What cannot be read
is one word (`Unreadable`), for which the pages have a sentence.
"""

import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import IO, Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException

from server.errors import ServerError

MOST_BYTES = 64 * 1024 * 1024
# 500,000 rows of twelve columns are some 400 MB of XML; a bomb is thousands of times its size.
MOST_UNPACKED = 1024 * 1024 * 1024
MOST_HELD = 256 * 1024 * 1024
MOST_PARTS = 2000
MOST_ROWS = 1_000_000
MOST_COLUMNS = 100
MOST_IN_A_CELL = 2000
# What a file says of itself by its first bytes.
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PIECE = 1024 * 1024
# Whatever openpyxl meets in bytes that are no workbook.
_BROKEN = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, EOFError, NotImplementedError, RuntimeError,
    ParseError, DefusedXmlException, zipfile.BadZipFile, zlib.error, OSError,
)  # fmt: skip


class Unreadable(ServerError, ValueError):
    """A file of which nothing can be made. `code`: a word that the pages have a sentence for."""

    code = "unreadable"

    def __init__(self, code: str) -> None:
        super().__init__(code, "This file cannot be read.")


class Sheet:
    """The rows of one file as lists of text, in order. `rows`: about how many there are, 0 where the file does not say."""

    def __init__(self, file: IO[bytes], *, size: int) -> None:
        """`file`: seekable, at any place; it stays the caller's. Raises `Unreadable`."""
        if size > MOST_BYTES:
            raise Unreadable("too_large")
        file.seek(0)
        begin = file.read(4)
        file.seek(0)
        if begin == _ZIP:
            self.rows, self._lines = _workbook(file)
        elif begin == _OLE:
            raise Unreadable("old_excel")
        elif not begin:
            raise Unreadable("empty")
        else:
            self.rows, self._lines = _text(file, begin)

    def __iter__(self) -> Iterator[list[str]]:
        """Every row, the first ones too. Raises `Unreadable` in the middle where the file breaks off."""
        for number, row in enumerate(self._lines):
            if number > MOST_ROWS:
                raise Unreadable("too_many_rows")
            yield row


def _workbook(file: IO[bytes]) -> tuple[int, Iterator[list[str]]]:
    try:
        sheet = _first_sheet(file)
        rows = sheet.max_row or 0
        # What a file says of its own extent may be wrong, and then rows would be missing.
        sheet.reset_dimensions()
    except Unreadable:
        raise
    except _BROKEN as wrong:
        raise Unreadable("broken") from wrong
    return min(int(rows), MOST_ROWS), _cells(sheet)


def _first_sheet(file: IO[bytes]) -> Any:
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
    # Never more is unpacked of a part than it says, so what they say is the limit; all but the sheets is held in memory.
    held = sum(part.file_size for part in parts if not part.filename.startswith("xl/worksheets/"))
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED or held > MOST_HELD:
        raise Unreadable("bomb")
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise Unreadable("not_a_list")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions, which nobody asks for
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
    if not sheets:
        raise Unreadable("empty")
    return sheets[0]


def _cells(sheet: Any) -> Iterator[list[str]]:
    rows = sheet.iter_rows(values_only=True)
    while True:
        try:
            row = next(rows, None)
        except _BROKEN as wrong:
            raise Unreadable("broken") from wrong
        if row is None:
            return
        yield [_shown(value) for value in row[:MOST_COLUMNS]]


def _shown(value: Any) -> str:
    """A cell as text: days as `YYYY-MM-DD`, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value[:MOST_IN_A_CELL]
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)[:MOST_IN_A_CELL]


def _text(file: IO[bytes], begin: bytes) -> tuple[int, Iterator[list[str]]]:
    coding = next((name for mark, name in _BOMS if begin.startswith(mark)), "utf-8")
    rows = 0
    while piece := file.read(_PIECE):
        rows += piece.count(b"\n")
    file.seek(0)
    # Left open by us: the file is the caller's.
    text = io.TextIOWrapper(file, encoding=coding, newline="")
    try:
        first = list(islice(text, 20))
        if any("\0" in line for line in first):
            raise Unreadable("not_a_list")
        if first and first[0].casefold().startswith("sep="):
            skip, mark = 1, first[0][4:5]
        else:
            skip, mark = 0, _separator(first)
        text.seek(0)
    except UnicodeError as wrong:
        raise Unreadable("not_utf8") from wrong
    finally:
        text.detach()
    file.seek(0)
    return min(rows, MOST_ROWS), _lines(file, coding, mark, skip)


def _lines(file: IO[bytes], coding: str, mark: str, skip: int) -> Iterator[list[str]]:
    text = io.TextIOWrapper(file, encoding=coding, newline="")
    try:
        for number, row in enumerate(csv.reader(text, delimiter=mark)):
            if number >= skip:
                yield [cell[:MOST_IN_A_CELL] for cell in row[:MOST_COLUMNS]]
    except UnicodeError as wrong:
        raise Unreadable("not_utf8") from wrong
    except csv.Error as wrong:
        raise Unreadable("broken") from wrong
    finally:
        if not file.closed:
            text.detach()


def _separator(lines: Sequence[str]) -> str:
    """The sign that parts most cells in the first lines."""
    return max(",;\t", key=lambda sign: sum(line.count(sign) for line in lines))
