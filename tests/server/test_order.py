"""Order-free (I6) and rebuilt equal (I9): any permutation of a day's records gives the same tables, byte for byte."""

import random

import pytest
from sqlalchemy import delete, insert, select, text, update

from server.db import plain
from server.ledger import rebuild
from server.ledger.derive import spelled
from server.ledger.tables import COUNTER, COVERAGE, FORK, FORK_TOUCH, QUARANTINE, RECORD, TOUCH
from server.vaccinations import VACCINATION
from tests.server import made
from tests.server.made import MINUTE, MORNING, Kiosk, Office

SHUFFLES = 12


def a_day(kiosks: list[Kiosk]) -> list[tuple[Kiosk, made.Pair]]:
    """Two kiosks and a tablet at the centre, a day: visits, an undone dose, one deferred, a reaction, complaints, stock."""
    first, second, centre = kiosks
    told: list[tuple[Kiosk, made.Pair]] = [(first, first.opened()), (second, second.opened())]

    def add(kiosk: Kiosk, *pairs: made.Pair) -> None:
        told.extend((kiosk, pair) for pair in pairs)

    add(centre, centre.write(*made.receipt(1)), centre.write(*made.receipt(2, lot="AB777", vaccine="astrazeneca")))
    for n in range(4):
        kiosk = (first, second)[n % 2]
        add(kiosk, *kiosk.visit(n, MORNING + n * 5 * MINUTE, lot=("FF1234", "AB777")[n // 2]))
    late = MORNING + 120 * MINUTE
    add(first, first.undone(0, late), first.reacted(2, late), first.printed(2, late, result="no_paper"))
    add(first, first.printed(2, late + 1, copy=2))
    add(second, second.checked_in(5, late), second.screened(5, late + MINUTE, "defer"))
    add(
        second,
        second.checked_in(6, late),
        second.write("visit.ended", {"visit": "v-6", "person": made.person(6), "why": "absent"}, late),
    )
    # Person 1 comes back to the other kiosk, whose clock runs behind: an older identity and a second dose.
    add(first, first.checked_in(1, MORNING - MINUTE, phone=""), first.dosed(7, late + 3 * MINUTE, dose_no=2))
    add(centre, *complaint_life(centre, late))
    return told


def complaint_life(centre: Kiosk, at: int) -> list[made.Pair]:
    who = made.identity(2)
    filed = {
        "complaint": "PA-1", "person": made.person(2), "dose": "d-2", "category": "wrong_dose", "identity": who,
        "wants": {"lot": "FF1234"}, "content": "Sai số lô", "photos": [],
    }  # fmt: skip
    entered = {
        "dose": "d-late", "person": made.person(9), "identity": made.identity(9), "vaccine": "pfizer", "lot": "FF1234",
        "dose_no": 1, "given_on": "2021-09-01", "place": made.SITE, "slip": "s-late", "photos": [], "reason": "Giấy",
    }  # fmt: skip
    message = {
        "message": "m-1",
        "complaint": "PA-1",
        "to": "0912345678",
        "template": "complaint_corrected",
        "text": "x",
    }
    about = {"dose": "d-2", "person": made.person(2), "reason": "x"}
    return [
        centre.write("complaint.filed", filed, at),
        centre.write("dose.corrected", {**about, "complaint": "PA-1", "changes": {"lot": "FF1234", "vaccine": "pfizer"}}, at + 1),
        centre.write("dose.corrected", {**about, "changes": {"dose_no": 2}}, at + 2),
        centre.write("complaint.decided", {"complaint": "PA-1", "decision": "corrected", "reason_code": "", "reason": "x"}, at + 3),
        centre.write("message.queued", message, at + 3),
        centre.write("message.sent", {"message": "m-1", "provider": "file", "result": "failed", "detail": ""}, at + 4),
        centre.write("message.sent", {"message": "m-1", "provider": "file", "result": "sent", "detail": ""}, at + 5),
        centre.write("person.corrected", {"person": made.person(3), "changes": {"name": "Trần Thị Ánh Nguyệt"}, "reason": "z"}, at + 6),
        centre.write("dose.entered_late", entered, at + 7),
    ]  # fmt: skip


def dump(office: Office) -> dict[str, list[str]]:
    tables = [*office.ledger.deriver.tables(), COUNTER, COVERAGE]
    with office.db.read() as conn:
        return {table.name: spelled(table, (plain(row) for row in conn.execute(select(table)))) for table in tables}


def clear(office: Office) -> None:
    """Empty the ledger as nobody but a test may: the triggers are put aside."""
    with office.db.write() as conn:
        if office.db.dialect == "sqlite":
            for row in conn.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all():
                conn.execute(text(f"DROP TRIGGER {row.name}"))
        else:
            conn.execute(text("ALTER TABLE record DISABLE TRIGGER ALL"))
            conn.execute(text("ALTER TABLE fork DISABLE TRIGGER ALL"))
        for table in (RECORD, FORK, TOUCH, FORK_TOUCH, COVERAGE, QUARANTINE, *office.ledger.deriver.tables(), COUNTER):
            conn.execute(delete(table))


def send(office: Office, told: list[tuple[Kiosk, made.Pair]], chance: random.Random) -> None:
    """Send in messages of one to five records, some of them twice."""
    at = 0
    while at < len(told):
        kiosk = told[at][0]
        pairs = []
        while at < len(told) and told[at][0] is kiosk and len(pairs) < chance.randint(1, 5):
            pairs.append(told[at][1])
            at += 1
        office.accept(kiosk, *pairs)
        if chance.random() < 0.2:
            office.accept(kiosk, *pairs)


def kiosks_of(office: Office) -> list[Kiosk]:
    return [office.kiosk("kiosk-1"), office.kiosk("kiosk-2"), office.kiosk("centre-1", inc="00000000000000cc")]


def test_any_order_of_arrival_gives_the_same_tables(any_office):
    chance = random.Random(2021)
    told = a_day(kiosks_of(any_office))
    send(any_office, told, chance)
    wanted = dump(any_office)
    assert {name for name, rows in wanted.items() if not rows} == set(), "every table is used"
    for _ in range(SHUFFLES):
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
    assert "vaccination: 6 rows, identical." in report.sentences
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
