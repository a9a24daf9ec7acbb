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
