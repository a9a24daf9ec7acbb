"""`python -m tests.bench.people`: the search for duplicates over many made-up people; one JSON object per line.

People carry names with the frequencies of Vietnamese names, days of birth over eighty years, families' telephones; one in
fifty stands there twice, as a site would take them down a second time. `PEOPLE=100000` in the environment sets how many.
"""

import json
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert

from server import duplicates, reference
from server.db import Database
from server.facts import fold_name
from server.people import PERSON
from tests.server import databases

SEED = 11
# Surname and share, as they are spread among Vietnamese (rounded, from memory); the rest is spread evenly.
SURNAMES = {
    "Nguyễn": 31, "Trần": 11, "Lê": 10, "Phạm": 7, "Hoàng": 5, "Phan": 5, "Vũ": 4, "Võ": 4, "Đặng": 2, "Bùi": 2, "Đỗ": 2,
    "Hồ": 1, "Ngô": 1, "Dương": 1, "Lý": 1, "Huỳnh": 5, "Đinh": 1, "Mai": 1, "Trương": 2, "Lâm": 1, "Tạ": 1, "Cao": 1,
}  # fmt: skip
MIDDLE = (
    "Văn", "Thị", "Đức", "Minh", "Ngọc", "Thanh", "Quốc", "Hữu", "Xuân", "Hồng", "Kim", "Thu", "Mỹ", "Gia", "Bảo", "Anh",
)  # fmt: skip
GIVEN = (
    "An", "Anh", "Bảo", "Bình", "Châu", "Chi", "Cường", "Dung", "Dũng", "Duyên", "Đạt", "Giang", "Hà", "Hải", "Hạnh", "Hiếu",
    "Hoa", "Hòa", "Hùng", "Hương", "Khánh", "Khoa", "Lan", "Linh", "Long", "Mai", "Nam", "Nga", "Ngân", "Nhung", "Phong", "Phúc",
    "Phương", "Quân", "Quỳnh", "Sơn", "Tâm",
     "Thảo", "Thắng", "Thịnh", "Thủy", "Toàn", "Trang", "Trí", "Tuấn", "Tú", "Uyên", "Vân", "Việt", "Yến",
)  # fmt: skip
COMMUNES = 400
TWICE = 50
BATCH = 5000


def person(chance: Random, number: int) -> dict[str, Any]:
    """The n-th made-up person."""
    surname = chance.choices(tuple(SURNAMES), weights=tuple(SURNAMES.values()))[0]
    middle = " ".join(chance.sample(MIDDLE, chance.choice((1, 1, 1, 2))))
    year, month, day = chance.randint(1930, 2015), chance.randint(1, 12), chance.randint(1, 28)
    # Old people who know the year alone are written down with 1 January, or with the year.
    born = f"{year}-{month:02d}-{day:02d}"
    if year < 1960 and chance.random() < 0.3:
        born = chance.choice((str(year), f"{year}-01-01"))
    commune = chance.randrange(COMMUNES)
    return {
        "person": f"cccd:{number:012d}", "doc_type": "cccd", "doc_no": f"{number:012d}", "old_no": "",
        "name": f"{surname} {middle} {chance.choice(GIVEN)}", "dob": born, "sex": chance.choice("MF"), "health_no": "",
        "address": f"Tổ {number % 9 + 1}, Xã {commune}, Huyện {commune // 20}, Đồng Nai",
        "phone": "" if chance.random() < 0.1 else f"09{number // 3:08d}",
    }  # fmt: skip


def again(chance: Random, row: dict[str, Any], number: int) -> dict[str, Any]:
    """The same person as another site took them down: an old card or none, a slip of the pen, another telephone."""
    old = f"{200_000_000 + number:09d}"
    row["old_no"] = old if chance.random() < 0.5 else ""
    twin = {**row, "person": f"cmnd:{old}", "doc_type": "cmnd", "doc_no": old, "old_no": ""}
    if chance.random() < 0.3:
        twin["name"] = fold_name(row["name"]).title()
    if chance.random() < 0.2 and len(row["dob"]) > 4:
        twin["dob"] = f"{row['dob'][:8]}{int(row['dob'][8:]) % 28 + 1:02d}"
    if chance.random() < 0.3:
        twin["phone"] = ""
    return twin


def rows(people: int) -> Iterator[dict[str, Any]]:
    """`people` rows of table `person`, one in TWICE of them a second time."""
    chance = Random(SEED)
    made = 0
    while made < people:
        row = person(chance, made)
        twins = [again(chance, row, made)] if made % TWICE == 0 and made + 1 < people else []
        for one in (row, *twins):
            made += 1
            folded = fold_name(one["name"])
            yield {
                **one,
                "entity": f"person:{one['person']}",
                "ref": f"{made:020d}",
                "folded": folded,
                "corrections": 0,
            }


def fill(db: Database, people: int) -> set[tuple[str, str]]:
    """Write the rows; gives the pairs that are one person."""
    batch: list[dict[str, Any]] = []
    twins, before = set(), ""
    with db.write() as conn:
        for row in rows(people):
            if row["person"].startswith("cmnd:"):
                twins.add((before, row["person"]))
            before = row["person"]
            batch.append(row)
            if len(batch) == BATCH:
                conn.execute(insert(PERSON), batch)
                batch.clear()
        if batch:
            conn.execute(insert(PERSON), batch)
    return twins


def main() -> None:
    """Fill, search, say."""
    people = int(os.environ.get("PEOPLE", "100000"))
    known = reference.read_data("duplicates")
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{databases.migrated_file(Path(folder))}")
        twins = fill(db, people)
        begun, busy = time.perf_counter(), time.process_time()
        found = duplicates.search(db, weights=known["weights"], propose_at=known["propose_at"], now=1)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - busy
        with db.read() as conn:
            kept = {(row["one"], row["other"]) for row in duplicates.proposals(conn, limit=people)}
        db.close()
    print(
        json.dumps(
            {
                "bench": "duplicates", "people": found.people, "weighed": found.weighed, "proposed": found.proposed,
                "true": len(twins), "true_found": len(twins & kept), "seconds": round(seconds, 1),
                "cpu_seconds": round(cpu, 1), "weighed_of_all_pairs": found.weighed / (people * (people - 1) / 2),
                "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
