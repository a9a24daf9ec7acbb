"""A whole day as records: visits, an undone dose, corrections, a late entry, complaints, stock. And ways to send it to an office."""

import random

from sqlalchemy import delete, select, text

from server.db import plain
from server.ledger.derive import spelled
from server.ledger.tables import ANCHOR, COUNTER, COVERAGE, FORK, FORK_TOUCH, QUARANTINE, RECORD, TOUCH
from tests.server import made
from tests.server.made import MINUTE, MORNING, Kiosk, Office


def a_day(kiosks: list[Kiosk]) -> list[tuple[Kiosk, made.Pair]]:
    """Two kiosks and a tablet at the centre, a day: visits, an undone dose, one deferred, a reaction, complaints, stock."""
    first, second, centre = kiosks
    told: list[tuple[Kiosk, made.Pair]] = [(first, first.opened()), (second, second.opened())]

    def add(kiosk: Kiosk, *pairs: made.Pair) -> None:
        told.extend((kiosk, pair) for pair in pairs)

    add(centre, centre.write(*made.receipt(1)), centre.write(*made.receipt(2, lot="AB777", vaccine="astrazeneca")))
    day = {"site_day": f"{made.SITE}:2021-10-05", "day": "2021-10-05", "differs": [], "reason": ""}
    add(first, first.write("site.opened", {**day, "team": [], "lots": [], "drill": {"offline": "ok"}}))
    add(second, second.write("site.drilled", {"site_day": day["site_day"], "drill": {"printer": "ok"}}))
    team = [{"id": "nv-1009", "role": "lead"}]
    add(second, second.write("team.changed", {"site_day": day["site_day"], "team": team}, MORNING + MINUTE))
    vial = {"vial": "vl-1", "vaccine": "pfizer", "lot": "FF1234"}
    add(first, first.write("vial.opened", {**vial, "expiry": "2021-12-31", "doses_per_vial": 6}))
    for n in range(4):
        kiosk, drawn = (first, second)[n % 2], {"vial": "vl-1"} if n == 0 else {}
        add(kiosk, *kiosk.visit(n, MORNING + n * 5 * MINUTE, lot=("FF1234", "AB777")[n // 2], **drawn))
    late = MORNING + 120 * MINUTE
    add(first, first.undone(0, late), first.reacted(2, late), first.printed(2, late, result="no_paper"))
    add(first, first.printed(2, late + 1, copy=2))
    add(second, second.write("site.closed", {**day, "figures": {"doses": 4}}, late + 2))
    put_away = {**vial, "given": 1, "waste": 5, "reason": "open_too_long"}
    add(first, first.write("vial.closed", put_away, late), first.struck(3, late), first.seen(3, late + 1))
    add(second, second.checked_in(5, late), second.screened(5, late + MINUTE, "defer"))
    add(
        second,
        second.checked_in(6, late),
        second.write("visit.ended", {"visit": "v-6", "person": made.person(6), "why": "absent"}, late),
    )
    # Person 1 comes back to the other kiosk, whose clock runs behind: an older identity and a second dose.
    add(first, first.checked_in(1, MORNING - MINUTE, phone=""), first.dosed(7, late + 3 * MINUTE, dose_no=2))
    add(centre, *complaint_life(centre, late))
    # In the afternoon the second kiosk wakes in 1970, gives a dose that somebody misses, and learns the time later.
    second.wake("boot-2", MORNING + 300 * MINUTE)
    add(second, *second.visit(8, MORNING + 310 * MINUTE))
    add(second, second.learn(MORNING + 400 * MINUTE))
    add(centre, *missing_dose(centre, 8, MORNING + 330 * MINUTE))
    told_to = {"command": "cm-1", "k": first.k, "n": 1, "what": "message", "text": "Xin chào", "about": ""}
    add(centre, centre.write("command.issued", {**told_to, "until": late + 3 * made.DAY}, late))
    for number, result in enumerate(("reached", "done"), 1):
        answered = {"command": "cm-1", "result": result, "reason": ""}
        add(first, first.write("command.answered", answered, late + number))
    add(centre, *pairs_decided(centre, MORNING + 500 * MINUTE))
    return told


def pairs_decided(centre: Kiosk, at: int) -> list[made.Pair]:
    """Three numbers of one person, a link that was taken back, and two who only look alike."""
    said = (("linked", 1, 3), ("linked", 9, 1), ("linked", 5, 6), ("unlinked", 6, 5), ("told_apart", 2, 8))
    return [
        centre.write(
            f"person.{word}", {"person": made.person(one), "other": made.person(other), "reason": "x"}, at + number
        )
        for number, (word, one, other) in enumerate(said)
    ]


def missing_dose(centre: Kiosk, n: int, at: int) -> list[made.Pair]:
    """A complaint about a missing dose: rejected without knowing it, and reopened for it."""
    filed = {
        "complaint": "PA-2", "person": made.person(n), "category": "missing_dose", "identity": made.identity(n),
        "wants": {"given_on": "2021-10-05"}, "content": "Thiếu mũi", "photos": [],
    }  # fmt: skip
    decided = {"complaint": "PA-2", "decision": "rejected", "reason_code": "1", "reason": "x", "known": []}
    reopened = {"complaint": "PA-2", "person": made.person(n), "dose": f"d-{n}"}
    return [
        centre.write("complaint.filed", filed, at),
        centre.write("complaint.decided", decided, at + 1),
        centre.write("complaint.reopened", reopened, at + 2),
    ]


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
    decided = {"decision": "corrected", "reason_code": "", "reason": "x"}
    return [
        centre.write("complaint.filed", filed, at),
        centre.write("dose.corrected", {**about, "complaint": "PA-1", "changes": {"lot": "FF1234", "vaccine": "pfizer"}}, at + 1),
        centre.write("dose.corrected", {**about, "changes": {"dose_no": 2}}, at + 2),
        # It saw nothing of the person's records, so what changed is a task.
        centre.write("complaint.decided", {"complaint": "PA-1", **decided, "person": made.person(2), "saw": []}, at + 3),
        centre.write("message.queued", message, at + 3),
        centre.write("message.sent", {"message": "m-1", "provider": "file", "result": "failed", "detail": ""}, at + 4),
        centre.write("message.sent", {"message": "m-1", "provider": "file", "result": "sent", "detail": ""}, at + 5),
        centre.write("person.corrected", {"person": made.person(3), "changes": {"name": "Trần Thị Ánh Nguyệt"}, "reason": "z"}, at + 6),
        centre.write("dose.entered_late", entered, at + 7),
    ]  # fmt: skip


def dump(office: Office) -> dict[str, list[str]]:
    """Every derived table, spelled; of coverage not which branch of a cloned card's log came first."""
    tables = [*office.ledger.deriver.tables(), ANCHOR, COUNTER, COVERAGE]
    with office.db.read() as conn:
        rows = {table: [plain(row) for row in conn.execute(select(table))] for table in tables}
    for row in rows[COVERAGE]:
        row.update(tip=0, tip_digest="")
    return {table.name: spelled(table, found) for table, found in rows.items()}


def clear(office: Office) -> None:
    """Empty the ledger as nobody but a test may: the triggers are put aside."""
    with office.db.write() as conn:
        if office.db.dialect == "sqlite":
            for row in conn.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all():
                conn.execute(text(f"DROP TRIGGER {row.name}"))
        else:
            conn.execute(text("ALTER TABLE record DISABLE TRIGGER ALL"))
            conn.execute(text("ALTER TABLE fork DISABLE TRIGGER ALL"))
        for table in (
            RECORD,
            FORK,
            TOUCH,
            FORK_TOUCH,
            ANCHOR,
            COVERAGE,
            QUARANTINE,
            *office.ledger.deriver.tables(),
            COUNTER,
        ):
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
