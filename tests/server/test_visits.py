"""Visits are folded whatever comes: a fact is never refused, an irregular visit is only marked."""

import random

from server import reporting, visits
from tests.server import made
from tests.server.made import MINUTE, MORNING


def test_each_step_is_seen(office):
    kiosk = office.kiosk()
    states = []
    for pair in kiosk.visit(1):
        office.accept(kiosk, pair)
        with office.db.read() as conn:
            states.append(visits.by_id(conn, "v-1")["state"])
    assert states == ["waiting", "called", "cleared", "ready", "observing", "observing", "left"]


def test_a_deferred_person_stays_out_of_the_doses(office):
    kiosk = office.kiosk()
    office.accept(
        kiosk, kiosk.checked_in(1), kiosk.called(1, "screening", MORNING), kiosk.screened(1, MORNING, "defer")
    )
    with office.db.read() as conn:
        row = visits.by_id(conn, "v-1")
        assert (row["state"], row["conclusion"], row["form"]) == ("deferred", "defer", "4355/QĐ-BYT")
        assert reporting.at_sites(conn, "2021-10-05")[0]["screened"] == {"defer": 1}


def test_any_subset_of_a_visit_gives_one_row(office):
    chance = random.Random(7)
    for n in range(40):
        kiosk = office.kiosk(f"kiosk-{n + 10}", inc=f"{n:016x}")
        pairs = kiosk.visit(n, MORNING + n * MINUTE)
        office.accept(kiosk, *chance.sample(pairs, chance.randint(1, len(pairs))))
    with office.db.read() as conn:
        assert len(visits.at_site(conn, made.SITE, "2021-10-05")) == 40
        assert len(visits.at_site(conn, made.SITE, "2021-10-05", limit=10, offset=35)) == 5
        assert visits.at_site(conn, made.SITE, "2021-10-06") == []


def test_a_persons_visits_newest_first(office):
    kiosk = office.kiosk()
    office.accept(kiosk, *kiosk.visit(1), *kiosk.visit(2))
    with office.db.read() as conn:
        assert [row["visit"] for row in visits.of_person(conn, made.person(1))] == ["v-1"]


def outcomes(office):
    """The day's one row of the report, without the columns that are 0."""
    with office.db.read() as conn:
        [row] = reporting.outcomes(conn, "2021-10-05", places=[made.SITE])
    assert row["targets"] == sum(row[name] for name in (*reporting.OUTCOMES, "open"))
    return {name: value for name, value in row.items() if value and name != "place"}


def test_each_outcome_has_its_own_column_and_they_add_up(office):
    """The daily report of QĐ 3588, Phụ lục 5: nobody is counted twice, nobody falls out."""
    kiosk = office.kiosk()
    office.accept(kiosk, *kiosk.visit(1))
    for n, conclusion in enumerate(("defer", "contraindicated", "refer_hospital", "refused", "eligible"), 2):
        at = MORNING + n * MINUTE
        pairs = [kiosk.checked_in(n, at), kiosk.called(n, "screening", at)]
        office.accept(kiosk, *pairs, kiosk.screened(n, at, conclusion))
    office.accept(kiosk, kiosk.checked_in(7, MORNING))
    assert outcomes(office) == {
        "targets": 7, "injected": 1, "deferred": 1, "contraindicated": 1, "referred": 1, "refused": 1, "open": 2,
    }  # fmt: skip


def test_screened_anew_the_same_day_counts_once_as_what_came_last(office):
    kiosk = office.kiosk()
    later = MORNING + 90 * MINUTE
    office.accept(
        kiosk, kiosk.checked_in(1), kiosk.called(1, "screening", MORNING), kiosk.screened(1, MORNING, "defer")
    )
    assert outcomes(office) == {"targets": 1, "deferred": 1}
    office.accept(kiosk, kiosk.called(1, "screening", later), kiosk.screened(1, later, "eligible"))
    assert outcomes(office) == {"targets": 1, "open": 1}
    with office.db.read() as conn:
        row = visits.by_id(conn, "v-1")
        assert (row["state"], row["conclusion"], row["irregular"]) == ("cleared", "eligible", False)
        assert reporting.at_sites(conn, "2021-10-05")[0]["screened"] == {"eligible": 1}
