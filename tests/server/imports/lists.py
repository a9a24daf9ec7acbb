"""Made-up lists as files, and an office that brings them in. Every name and number in them is invented."""

import csv
import io
from typing import Any

from openpyxl import Workbook

from server import units
from server.db import Database
from server.imports import staging
from server.imports.columns import RECIPIENTS
from server.imports.work import Importer
from server.units import Unit
from tests.server.web_office import StillClock

UNITS = (
    ("VN", "Việt Nam", "country", ""),
    ("75", "Tỉnh Đồng Nai", "province", "VN"),
    ("731", "Thành phố Biên Hòa", "district", "75"),
    ("25993", "Phường Trảng Dài", "commune", "731"),
    ("25996", "Phường Tân Phong", "commune", "731"),
    ("736", "Huyện Vĩnh Cửu", "district", "75"),
    ("26170", "Xã Tân An", "commune", "736"),
    ("79", "Thành phố Hồ Chí Minh", "province", "VN"),
    ("760", "Quận 1", "district", "79"),
    ("26740", "Phường Bến Nghé", "commune", "760"),
)
HEADINGS = (
    "STT", "Họ và tên (*)", "Ngày sinh", "Giới tính", "CMND/CCCD/HC", "Số thẻ BHYT", "SĐT", "Nhóm ưu tiên", "Tỉnh/Thành phố",
    "Quận/Huyện", "Xã/Phường", "Địa chỉ",
)  # fmt: skip


def person(n: int, **given: str) -> list[str]:
    """The n-th made-up recipient as a row of cells; `given` by field."""
    year, man = 1950 + n % 50, n % 2 == 0
    cells = {
        "stt": str(n), "name": f"Nguyễn Văn {chr(65 + n % 26)}{chr(97 + n // 26 % 26)}", "dob": f"{1 + n % 28:02d}/03/{year}",
        "sex": "Nam" if man else "Nữ", "number": f"075{0 if man else 1}{year % 100:02d}{n:06d}", "health_no": "",
        "phone": f"09{n:08d}", "group": str(1 + n % 16), "province": "Đồng Nai", "district": "Biên Hòa",
        "commune": "Trảng Dài", "address": "Tổ 3",
    }  # fmt: skip
    cells |= given
    return list(cells.values())


def as_csv(*rows: list[str], headings: Any = HEADINGS, coding: str = "utf-8-sig", sign: str = ",") -> io.BytesIO:
    """A CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sign)
    writer.writerow(headings)
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode(coding))


def as_xlsx(*rows: list[Any], headings: Any = HEADINGS) -> io.BytesIO:
    """A workbook; values keep their types."""
    book = Workbook()
    sheet = book.active
    sheet.append(list(headings))
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


class Desk:
    """A database with two provinces, and a worker that goes on with imports when it is told to."""

    def __init__(self, db: Database, *, chunk: int = 3) -> None:
        self.db = db
        self.clock = StillClock()
        self.chunk = chunk
        with db.write() as conn:
            for code, name, level, parent in UNITS:
                units.put(
                    conn, Unit(code=code, name=name, level=level, parent=parent, valid_from="2021-07-01", valid_to="")
                )
        self.importer = self.worker()

    def worker(self) -> Importer:
        return Importer(db=self.db, clock=self.clock, day_offset_min=420, chunk=self.chunk)

    def begin(self, file: io.BytesIO, *, kind: str = RECIPIENTS, unit: str = "75", whole: bool = False) -> str:
        with self.db.write() as conn:
            held = units.find(conn, unit, day="2021-10-05")
            return staging.begin(
                conn,
                kind=kind,
                unit=held,
                file=file,
                file_name="danh sách.csv",
                whole=whole,
                who="nhap",
                now=self.clock.now,
            )

    def work(self) -> None:
        while self.importer.step():
            self.clock.now += 1

    def read(self, file: io.BytesIO, **given: Any) -> str:
        """Bring a file as far as the review."""
        name = self.begin(file, **given)
        self.work()
        return name

    def get(self, name: str) -> dict[str, Any]:
        with self.db.read() as conn:
            return staging.get(conn, name)

    def accept(self, name: str, *words: str) -> None:
        with self.db.write() as conn:
            staging.accept(conn, staging.get(conn, name), words, who="duyet", now=self.clock.now)

    def commit(self, name: str, *, take_off: bool = False) -> dict[str, Any]:
        with self.db.write() as conn:
            staging.commit(conn, staging.get(conn, name), take_off=take_off, who="duyet", now=self.clock.now)
        self.work()
        return self.get(name)["figures"]

    def rows(self, name: str, **given: Any) -> list[Any]:
        with self.db.read() as conn:
            return staging.rows(conn, name, limit=1000, **given)

    def said(self, name: str) -> list[tuple[str, str]]:
        """Each kept row's state and words."""
        return [(row.state, " ".join(row.words)) for row in self.rows(name)]


def reason(words: Any) -> str:
    """Stands in for the pages' sentences."""
    return " ".join(words)
