"""`python -m tests.bench.imports`: a list of many made-up recipients from the file to the list; one JSON object per line.

The worker is a process of its own. In the first run it is killed once in the middle of the reading and once in the middle
of the writing and begun anew each time; the second run of the same file must find every row the same. `PEOPLE=500000`
in the environment sets how many, `KIND=xlsx` makes the file a workbook.
"""

import csv
import hashlib
import io
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from openpyxl import Workbook
from sqlalchemy import select

from protocol.clocktext import DAY_MS, day_number
from server import units
from server.clock import Clock
from server.db import Database
from server.imports import staging
from server.imports.columns import RECIPIENTS
from server.recipients import RECIPIENT
from tests.bench.lines import line
from tests.bench.people import person
from tests.server import databases

SEED = 12
DAY = "2021-10-05"
PROVINCE = "75"
UNITS = Path(units.__file__).with_name("data") / "units.csv"
HEADINGS = (
    "STT", "Họ và tên", "Ngày sinh", "Giới tính", "CMND/CCCD/HC", "Số điện thoại", "Nhóm ưu tiên", "Tỉnh/Thành phố", "Quận/Huyện",
    "Xã/Phường", "Địa chỉ",
)  # fmt: skip
# One row in so many has no name: it stays out.
WRONG = 200
POLL_S = 0.05


class Then(Clock):
    """The day of the list: the province of today has other communes."""

    def wall_ms(self) -> int:
        return day_number(DAY) * DAY_MS


def rows(db: Database, people: int) -> Iterator[list[str]]:
    """Made-up people of one province, as a commune's clerk writes them."""
    chance = Random(SEED)
    with db.read() as conn:
        held = units.under(conn, PROVINCE, day=DAY)
    names = {unit.code: unit.name for unit in held}
    communes = [unit for unit in held if unit.level == "commune"]
    for n in range(people):
        one, home = person(chance, n), chance.choice(communes)
        dob = one["dob"] if len(one["dob"]) == 4 else "/".join(reversed(one["dob"].split("-")))
        man = one["sex"] == "M"
        century = 2 * (int(one["dob"][:4]) >= 2000) + (not man)
        yield [
            str(n + 1), "" if n % WRONG == 0 else one["name"], dob, "Nam" if man else "Nữ",
            f"075{century}{one['dob'][2:4]}{n:06d}", one["phone"], str(n % 16 + 1), names[PROVINCE], names[home.parent],
            home.name, f"Tổ {n % 9 + 1}",
        ]  # fmt: skip


def make(db: Database, people: int, kind: str) -> io.BytesIO:
    """The file."""
    out = io.BytesIO()
    if kind == "xlsx":
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(list(HEADINGS))
        for row in rows(db, people):
            sheet.append(row)
        book.save(out)
        return out
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(rows(db, people))
    text.flush()
    text.detach()
    return out


def worked(db: Database, name: str, *, kill_at: int) -> tuple[float, float]:
    """Let a process work until the import waits or is over, killed once at that row: seconds, and seconds of processor."""
    command = [sys.executable, "-m", __spec__.name, "work", str(db.engine.url.database)]
    begun, busy = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command)
    killed = not kill_at
    while process.poll() is None:
        time.sleep(POLL_S)
        with db.read() as conn:
            held = staging.get(conn, name)
        if not killed and held is not None and held["state"] in staging.AT_WORK and held["at_row"] >= kill_at:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            killed = True
            process = subprocess.Popen(command)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - busy.ru_utime - busy.ru_stime
    assert process.returncode == 0
    assert killed
    return time.perf_counter() - begun, cpu


def digest(db: Database) -> str:
    """What the list is, but for who wrote it and when."""
    told = hashlib.sha256()
    columns = [column for column in RECIPIENT.c if column.name not in ("listed_by", "changed_by", "changed_at")]
    with db.read() as conn:
        for row in conn.execution_options(yield_per=5000).execute(select(*columns).order_by(RECIPIENT.c.person)):
            told.update(repr(tuple(row)).encode())
    return told.hexdigest()[:16]


def bring(db: Database, file: io.BytesIO, *, people: int, kill: bool, what: str) -> None:
    """One import from beginning to end, said in a line."""
    with db.write() as conn:
        unit = units.find(conn, PROVINCE, day=DAY)
        assert unit is not None
        name = staging.begin(
            conn, kind=RECIPIENTS, unit=unit, file=file, file_name="list", whole=False, who="bench", now=1
        )
    read_s, read_cpu = worked(db, name, kill_at=people // 2 if kill else 0)
    line(what + ": read", rows=people, s=round(read_s, 1), cpu_s=round(read_cpu, 1), killed=int(kill))
    with db.write() as conn:
        held = staging.get(conn, name)
        assert held is not None
        found = staging.figures(conn, name)
        staging.accept(conn, held, [word for word in found["word"] if word in staging.words.ASKS], who="bench", now=2)
        staging.commit(conn, staging.get(conn, name) or {}, take_off=False, who="bench", now=3)
    write_s, write_cpu = worked(db, name, kill_at=people // 2 if kill else 0)
    with db.read() as conn:
        held = staging.get(conn, name)
    assert held is not None
    line(
        what, rows=held["rows"], states=dict(found["state"]), words=dict(found["word"]), new=held["figures"]["new"],
        changed=held["figures"]["changed"], read_s=round(read_s, 1), write_s=round(write_s, 1), cpu_s=round(read_cpu + write_cpu, 1),
        rows_per_s=round(people / (read_s + write_s)), killed=2 if kill else 0, digest=digest(db), file_mb=round(held["size"] / 1e6, 1),
    )  # fmt: skip


def main() -> None:
    """Make the file, bring it in with two kills, again without, and into a second database without a kill."""
    if sys.argv[1:2] == ["work"]:
        # Here, so that the process that measures does not hold what the worker holds.
        from server.imports.work import Importer  # noqa: PLC0415

        importer = Importer(db=Database(f"sqlite:///{sys.argv[2]}"), clock=Then(), day_offset_min=420)
        while importer.step():
            pass
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({"bench": "memory of the worker", "mb": peak}), flush=True)
        return
    people = int(os.environ.get("PEOPLE", "500000"))
    with tempfile.TemporaryDirectory() as folder:
        made = []
        for place in ("one", "other"):
            (Path(folder) / place).mkdir()
            made.append(Database(f"sqlite:///{databases.migrated_file(Path(folder) / place)}"))
            with made[-1].write() as conn, UNITS.open(encoding="utf-8") as source:
                units.load(conn, units.read(source))
        file = make(made[0], people, os.environ.get("KIND", "csv"))
        bring(made[0], file, people=people, kill=True, what="import of recipients, the worker killed twice")
        bring(made[0], file, people=people, kill=False, what="the same file again")
        bring(made[1], file, people=people, kill=False, what="import of recipients, undisturbed")
        for db in made:
            db.close()


if __name__ == "__main__":
    main()
