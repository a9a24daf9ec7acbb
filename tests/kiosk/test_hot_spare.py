"""A kiosk burns; a new one is put in its place by the site's lead and serves its people from the neighbours' copies (F31, F33)."""

from pathlib import Path

import pytest

from protocol import envelope, topics, wanting
from tests.kiosk.made import CARD, OTHER_CARD
from tests.kiosk.site import Site

DEAD, NEIGHBOUR, SPARE = "kiosk-01", "kiosk-02", "kiosk-03"


@pytest.fixture
def site(quick_folder: Path):
    made = Site(quick_folder, 3)
    # The spare lies in the cupboard.
    made.unplug(SPARE)
    yield made
    made.close()


def burn_after_check_in(site: Site) -> None:
    dead, neighbour, _spare = site.kiosks
    dead.check_in(CARD)
    neighbour.check_in(OTHER_CARD)
    site.run(4)
    assert len(neighbour.desk.visits_today()) == 2
    site.unplug(DEAD)
    site.plug_in(site.kiosks[2])
    site.run(6)


def to_board(kiosk) -> dict:
    kiosk.sign_in("1009", "screening")
    return kiosk.act("neighbours")


def test_a_new_kiosk_takes_a_dead_ones_place(site: Site):
    burn_after_check_in(site)
    _dead, neighbour, spare = site.kiosks
    rows = {row["k"]: row for row in to_board(spare)["data"]["kiosks"]}
    assert rows[DEAD]["missing"] > 0
    assert not rows.get(NEIGHBOUR, {"missing": 0})["missing"], "who speaks for itself is no candidate"
    assert [one["ticket"] for one in spare.desk.visits_today()] == ["B-001"]
    assert spare.act("take_lane", k=DEAD)["notice"]["code"] == "lane_taken"
    site.run(6)
    assert [one["ticket"] for one in spare.desk.visits_today()] == ["A-001", "B-001"]
    spare.act("back")
    assert spare.act("call_next")["data"]["person"]["ticket"] == "A-001"
    site.run(4)
    # Nobody else calls the dead one's people, nor does the spare call the neighbour's.
    neighbour.sign_in("1002")
    assert neighbour.act("call_next")["data"]["person"]["ticket"] == "B-001"
    assert spare.records()[-1].kind == "visit.called"
    assert any(record.kind == "lane.taken" for record in spare.records())


def test_the_dead_ones_records_are_sent_from_its_stand_in_too(site: Site):
    burn_after_check_in(site)
    spare = site.kiosks[2]
    to_board(spare)
    spare.act("take_lane", k=DEAD)
    site.run(12)
    sent = set()
    for k, leaf, payload in site.sent:
        if k == SPARE and leaf == topics.UP:
            sent |= {envelope.parse(line).k for line, _ in envelope.unpack(payload)}
    assert DEAD in sent


def test_what_it_took_outlives_a_restart_and_a_neighbour_may_take_it_over(site: Site):
    burn_after_check_in(site)
    _dead, neighbour, spare = site.kiosks
    to_board(spare)
    spare.act("take_lane", k=DEAD)
    site.run(6)
    site.unplug(SPARE)
    spare.restart()
    assert spare.desk.led == {"", DEAD}
    site.plug_in(spare)
    site.run(4)
    # The lead changes their mind: the last word counts, at every kiosk alike.
    neighbour.clock.pass_s(60)
    neighbour.desk.set_neighbours([{"k": DEAD, "unsafe": 0, "carried": 0, "silent_min": 5, "missing": 0}])
    to_board(neighbour)
    neighbour.act("take_lane", k=DEAD)
    site.run(6)
    assert neighbour.desk.led == {"", DEAD}
    assert spare.desk.led == {""}


def test_one_that_was_not_dead_learns_it_and_takes_its_own_back(site: Site):
    burn_after_check_in(site)
    dead, _neighbour, spare = site.kiosks
    to_board(spare)
    spare.act("take_lane", k=DEAD)
    site.run(4)
    site.plug_in(dead)
    site.run(8)
    assert dead.desk.led == frozenset()
    dead.sign_in("1002")
    assert dead.act("call_next")["notice"]["code"] == "nobody_waiting"
    dead.clock.pass_s(60)
    (own,) = [row for row in to_board(dead)["data"]["kiosks"] if row["own"]]
    dead.act("take_lane", k=own["k"])
    site.run(6)
    assert dead.desk.led == {""}
    assert spare.desk.led == {""}


def test_only_the_lead_may(site: Site):
    burn_after_check_in(site)
    spare = site.kiosks[2]
    spare.sign_in("1002")
    assert spare.act("neighbours")["notice"]["code"] == "not_allowed"


def test_a_stand_in_of_yesterday_leads_its_own_lane_only(site: Site):
    burn_after_check_in(site)
    spare = site.kiosks[2]
    to_board(spare)
    spare.act("take_lane", k=DEAD)
    spare.clock.pass_s(86_400)
    spare.desk.call(spare.desk.lead)
    assert spare.desk.led == {""}


def test_a_forged_question_is_not_answered(site: Site):
    burn_after_check_in(site)
    neighbour = site.ends[NEIGHBOUR]
    inc = site.kiosks[0].desk.log.inc
    line = wanting.make_want(SPARE, (NEIGHBOUR, DEAD, inc, 1, 5))
    bad = envelope.pack([(line, site.kiosks[1].desk.log.sign(line))])
    site.hear(neighbour, SPARE, topics.HELD, bad)
    assert not neighbour.hood._carriage._questions
    good = envelope.pack([(line, site.kiosks[2].desk.log.sign(line))])
    site.hear(neighbour, SPARE, topics.HELD, good)
    assert neighbour.hood._carriage._questions
    # Somebody else's question under one's own name.
    refused = neighbour.hood.refused
    other = wanting.make_want("kiosk-09", (NEIGHBOUR, DEAD, inc, 1, 5))
    site.hear(neighbour, SPARE, topics.HELD, envelope.pack([(other, site.kiosks[2].desk.log.sign(other))]))
    assert neighbour.hood.refused == refused + 1
