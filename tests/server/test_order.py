"""Order-free (I6) and rebuilt equal (I9): any permutation of a day's records gives the same tables, byte for byte."""

import random

import pytest
from sqlalchemy import delete, insert, select, text, update

from server.ledger import rebuild
from server.ledger.tables import COUNTER, RECORD
from server.vaccinations import VACCINATION
from tests.server.a_day import a_day, clear, dump, kiosks_of, send
from tests.server.made import Kiosk

SHUFFLES = 12


def test_any_order_of_arrival_gives_the_same_tables(any_office):
    chance = random.Random(2021)
    told = a_day(kiosks_of(any_office))
    send(any_office, told, chance)
    wanted = dump(any_office)
    assert {name for name, rows in wanted.items() if not rows} == set(), "every table is used"
    for _ in range(SHUFFLES if any_office.db.dialect == "sqlite" else SHUFFLES // 2):
        clear(any_office)
        shuffled = chance.sample(told, len(told))
        send(any_office, shuffled, chance)
        got = dump(any_office)
        # When heard last is the server's own time, everything else must be the same.
        assert got == wanted


def test_a_rebuild_is_identical_and_says_so(any_office):
    send(any_office, a_day(kiosks_of(any_office)), random.Random(1))
    before = dump(any_office)
    report = rebuild.check(any_office.ledger)
    assert report.same, report.sentences
    assert report.sentences[-1] == "The rebuild is identical to the live tables."
    assert "vaccination: 7 rows, identical." in report.sentences
    assert dump(any_office) == before
    assert rebuild.rebuild(any_office.ledger) == len(a_day([Kiosk(k) for k in "abc"]))
    assert dump(any_office) == before


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (update(VACCINATION).where(VACCINATION.c.dose == "d-1").values(lot="XX"), "vaccination: DIFFERS"),
        (delete(VACCINATION).where(VACCINATION.c.dose == "d-1"), "vaccination: DIFFERS"),
        (update(COUNTER).where(COUNTER.c.name == "doses").values(n=COUNTER.c.n + 1), "counter: DIFFERS"),
        (insert(COUNTER).values(name="doses", place="x", day="2021-10-05", item="y/1", n=1), "counter: DIFFERS"),
        (text("DELETE FROM touch WHERE entity = 'dose'"), "touch: DIFFERS"),
        (text("UPDATE coverage SET spans = '[]'"), "coverage: "),
    ],
)
def test_a_planted_difference_is_found_and_not_repaired_by_looking(any_office, plant, named):
    send(any_office, a_day(kiosks_of(any_office)), random.Random(1))
    with any_office.db.write() as conn:
        conn.execute(plant)
    for _ in range(2):
        report = rebuild.check(any_office.ledger)
        assert not report.same
        assert any(sentence.startswith(named) for sentence in report.sentences), report.sentences
        assert "DIFFERS" in report.sentences[-1]


def test_a_rebuild_mends_a_planted_difference(any_office):
    send(any_office, a_day(kiosks_of(any_office)), random.Random(1))
    with any_office.db.write() as conn:
        conn.execute(update(VACCINATION).values(lot="XX"))
    rebuild.rebuild(any_office.ledger)
    assert rebuild.check(any_office.ledger).same


@pytest.mark.parametrize("column", ["line", "signature", "kind", "wall", "digest"])
def test_any_altered_byte_in_the_ledger_is_found(any_office, column):
    send(any_office, a_day(kiosks_of(any_office)), random.Random(1))
    with any_office.db.write() as conn:
        if any_office.db.dialect == "sqlite":
            conn.execute(text("DROP TRIGGER record_no_update"))
        else:
            conn.execute(text("ALTER TABLE record DISABLE TRIGGER ALL"))
        row = conn.execute(select(RECORD).where(RECORD.c.kind == "dose.given").order_by(RECORD.c.id)).first()
        values = {
            "line": row.line.replace(b"FF1234", b"FF1235"),
            "signature": row.signature[:-2] + ("AA" if not row.signature.endswith("AA") else "QQ"),
            "kind": "dose.undone",
            "wall": row.wall + 1,
            "digest": "0" * 64,
        }
        conn.execute(update(RECORD).where(RECORD.c.id == row.id).values({column: values[column]}))
    report = rebuild.check(any_office.ledger)
    assert not report.same
    assert "1 of" in report.sentences[0]
    assert "DAMAGED (kiosk-1/" in report.sentences[0]
