"""When a day of the site is past for the copies at the neighbours (I20), and when it is not: whoever stands in line stays."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlite_utils import Database

from kiosk import migrations
from kiosk.carriage import DOUBT_MS, LOOK_EVERY_MS, Carriage
from kiosk.neighbours import Copies, Copy, Dawn
from protocol import envelope, inbox, topics
from tests.kiosk.made import MORNING, OTHER_CARD, Made
from tests.kiosk.site import SILENT_MS, Site

HOUR_S = 3_600


@pytest.fixture
def copies() -> Iterator[Copies]:
    db = Database(memory=True)
    migrations.upgrade(db)
    yield Copies(db.conn)
    db.close()


# Four o'clock of two mornings, and how long the boot "b" had run by then.
FIRST = Dawn("2021-10-03", 1_633_208_400_000, "b", 0)
SECOND = Dawn("2021-10-04", 1_633_294_800_000, "b", 86_400_000)
ACK = {"k": "kiosk-01", "inc": "00000000000000a1", "need": [], "status": [], "archived": 0, "now": FIRST.wall}


def copy(seq: int, digest: str, prev: str, *, mono: int = 1) -> Copy:
    """A copy of a record to which a clock a year ahead gave its day."""
    return Copy(
        k=ACK["k"], inc=ACK["inc"], seq=seq, digest=digest, prev=prev, kind="log.opened", visit=None,
        session="2022-10-03", line=b"", signature=b"", boot="b", mono=mono,
    )  # fmt: skip


def round_of(carriage: Carriage, now: int) -> tuple[int, set[str]]:
    """How many are put away at `now`, and which are offered: by their lines, which here are their digests."""
    carriage.heard(ACK["k"], ACK["inc"], now)
    carriage.look(now, ())
    forget, seal = carriage.spent(SECOND, now)
    return len(forget) + len(seal), {line.decode() for one in carriage.carry(now) for line, _ in envelope.unpack(one)}


def say(site: Site, writer: Made, *, now: int) -> None:
    """The centre has all of a writer's log, and says at which time."""
    log = writer.desk.log
    covered = inbox.Ranges([[1, log.seq]])
    ack = site.ack(log.inc, log.k, now=now, covered=covered, head=log.head)
    for k, end in site.ends.items():
        if k != writer.k:
            site.hear(end, writer.k, topics.DOWN, ack)


def test_a_branch_from_a_clock_that_ran_ahead_goes_when_its_day_is_over(copies: Copies):
    """Found by the simulation, I20: what was here before the day began is past, on whichever of two branches it stands."""
    copies.write(copy(*row) for row in [(1, "a1", ""), (2, "a2", "a1"), (3, "a3", "a2"), (2, "b2", "a1")])
    carriage = Carriage(k="kiosk-02", copies=copies, silent_ms=SILENT_MS)
    ack = {**ACK, "committed": 3, "head": "a3"}
    carriage.acknowledged({**ack, "here": ["b2"], "status": [["2", "fork", "other_bytes"]]}, 0)
    assert carriage.spent(FIRST, 0) == ([], [])
    names = carriage.spent(SECOND, 0)[1]
    assert sorted(name[3] for name in names) == ["a1", "a2", "a3", "b2"]
    again = next(copies.every())
    copies.remove(names)
    carriage.dropped(names)
    copies.write([again])
    carriage.kept((again,), 0)
    carriage.acknowledged({**ack, "here": [again.digest]}, 0)
    assert carriage.spent(SECOND, 0) == ([], [again.name]), "its writer, whose clock runs ahead, offers it once more"


def test_a_copy_that_only_shares_its_number_with_the_centres_record_is_carried_before_it_goes(copies: Copies):
    """A card was copied, the copy burnt where nobody heard it but us, and the other machine's records went on at the centre (I1)."""
    ours = [copy(1, "a1", ""), copy(2, "b2", "a1"), copy(3, "b3", "b2")]
    copies.write([replace(one, line=one.digest.encode()) for one in ours])
    carriage = Carriage(k="kiosk-02", copies=copies, silent_ms=SILENT_MS)
    word = {**ACK, "now": SECOND.wall, "committed": 9, "head": "a9", "archived": 9}

    carriage.acknowledged(word, 0)
    assert round_of(carriage, 0) == (0, set()), "the rest may be under way"
    carriage.acknowledged(word, DOUBT_MS)
    assert round_of(carriage, DOUBT_MS) == (0, {"b3"})
    assert round_of(carriage, DOUBT_MS + LOOK_EVERY_MS) == (0, set()), "once in five minutes"
    fork = {**word, "status": [["3", "fork", "other_bytes"]]}
    carriage.acknowledged({**fork, "here": ["b3"]}, DOUBT_MS + 2 * LOOK_EVERY_MS)
    assert round_of(carriage, DOUBT_MS + 2 * LOOK_EVERY_MS) == (1, {"a1", "b2"})
    carriage.acknowledged({**fork, "here": ["a1", "b2"]}, DOUBT_MS + 3 * LOOK_EVERY_MS)
    assert round_of(carriage, DOUBT_MS + 3 * LOOK_EVERY_MS) == (3, set())


def test_of_a_revoked_kiosk_each_record_below_a_gap_is_asked_for(copies: Copies):
    """Found by the simulation (schedule 16,105, I20): the centre, put back, had put its whole log aside, where a chain proves nothing."""
    theirs = [copy(seq, f"a{seq}", f"a{seq - 1}") for seq in (2, 3, 4, 8)]
    copies.write([replace(one, line=one.digest.encode()) for one in theirs])
    carriage = Carriage(k="kiosk-02", copies=copies, silent_ms=SILENT_MS)
    aside = [[str(seq), "quarantined", "revoked"] for seq in range(1, 9)]
    word = {**ACK, "now": SECOND.wall, "committed": 8, "head": "a8", "status": aside}
    carriage.acknowledged(word, 0)
    assert round_of(carriage, 0) == (1, set())
    carriage.acknowledged(word, DOUBT_MS)
    assert round_of(carriage, DOUBT_MS)[1] == {"a2", "a3", "a4", "a8"}
    carriage.acknowledged({**word, "here": ["a2", "a3", "a4", "a8"]}, DOUBT_MS + LOOK_EVERY_MS)
    assert round_of(carriage, DOUBT_MS + LOOK_EVERY_MS) == (4, set())


def test_a_run_behind_a_gap_goes_when_the_centre_has_named_its_end(copies: Copies):
    """Who was away for an hour does not keep the records before it for ever (I20)."""
    copies.write(copy(seq, f"a{seq}", f"a{seq - 1}") for seq in (2, 3, 7, 8))
    carriage = Carriage(k="kiosk-02", copies=copies, silent_ms=SILENT_MS)
    word = {**ACK, "now": SECOND.wall, "committed": 8, "head": "a8"}
    carriage.acknowledged(word, 0)
    assert [name[2] for name in carriage.spent(SECOND, 0)[1]] == [7, 8]
    carriage.acknowledged({**word, "here": ["a3"]}, 0)
    assert [name[2] for name in carriage.spent(SECOND, 0)[1]] == [2, 3, 7, 8]
    # What proves the rest may be the first to go.
    copies.remove([copy(3, "a3", "a2").name])
    carriage.dropped([copy(3, "a3", "a2").name])
    assert [name[2] for name in carriage.spent(SECOND, 0)[1]] == [2, 7, 8]


def test_what_a_mad_clock_offers_late_is_of_the_past_if_the_centre_had_it_before_the_day(copies: Copies):
    """Found by the simulation, I20 (schedule 111,499): its own kiosk was about to seal it; here it stayed a day longer."""
    carriage = Carriage(k="kiosk-02", copies=copies, silent_ms=SILENT_MS)
    carriage.acknowledged({**ACK, "committed": 2, "head": "a2"}, 0, dawn=FIRST.wall)
    late, fresh = (copy(*row, mono=SECOND.mono + 1) for row in [(2, "a2", "a1"), (3, "a3", "a2")])
    copies.write([late, fresh])
    carriage.kept((late, fresh), 0)
    word = {**ACK, "committed": 3, "head": "a3", "now": SECOND.wall + 1}
    carriage.acknowledged(word, 0, dawn=SECOND.wall)
    assert carriage.spent(FIRST, 0) == ([], []), "not before our own clock agrees that this day is over"
    assert carriage.spent(SECOND, 0) == ([], [late.name])


@pytest.mark.parametrize("status", [[], [["3", "fork", "other_bytes"]]])
def test_whoever_came_today_stays_though_another_branch_had_their_number_yesterday(copies: Copies, status):
    """Found by the simulation (schedules 6,337 and 9,017): a card was copied, and its copy checks in one day later."""
    came = [copy(1, "a1", ""), copy(2, "a2", "a1"), copy(3, "a3", "a2")]
    copies.write(came)
    carriage = Carriage(k="kiosk-02", copies=copies, silent_ms=SILENT_MS)
    carriage.acknowledged({**ACK, "committed": 3, "head": "a3"}, 0, dawn=FIRST.wall)
    carriage.acknowledged(
        {**ACK, "committed": 3, "head": "a3", "now": SECOND.wall, "status": status}, 0, dawn=SECOND.wall
    )
    assert carriage.spent(SECOND, 0)[1] == [one.name for one in came]
    copies.remove([one.name for one in came])
    carriage.dropped([one.name for one in came])
    today = replace(copy(2, "b2", "a1", mono=SECOND.mono + 1), session=SECOND.day)
    copies.write([today])
    carriage.kept((today,), 0)
    carriage.acknowledged({**ACK, "committed": 3, "head": "a3", "here": ["b2"], "status": status}, 0, dawn=SECOND.wall)
    assert carriage.spent(SECOND, 0) == ([], [])


@pytest.mark.parametrize(
    ("boot", "came", "dawn", "past"),
    [("b", 4, 5, True), ("b", 5, 5, False), ("b", 4, -5, False), ("a", 4, 5, True), ("a", 4, -5, False)],
)
def test_what_came_before_the_day_is_past_though_its_session_is_to_come(copies, boot, came, dawn, past):
    """By this boot's own clock; of an earlier boot only when this one ran already as the day began."""
    one = replace(copy(1, "a1", "", mono=came), boot=boot)
    copies.write([one])
    assert bool(copies.before(one.k, one.inc, replace(SECOND, mono=dawn), 0, archived=0)) == past


def test_a_morning_without_the_centre_stays_in_line_when_it_is_back(site: Site):
    """For the copies the day begins with the centre's word, perhaps at noon; for the people it began when they came."""
    first, second = site.kiosks
    first.check_in()
    say(site, first, now=MORNING)
    site.run(15)
    site.pass_s(24 * HOUR_S)
    site.run(15)
    visit = first.check_in(OTHER_CARD)
    site.run(5)
    site.pass_s(3 * HOUR_S)
    say(site, first, now=MORNING + 27 * HOUR_S * 1000)
    site.run(60)
    assert [one["visit"] for one in second.desk.call(second.desk.visits_today)] == [visit]


def test_what_a_backup_holds_and_was_put_away_neither_comes_back_nor_is_asked_for(copies: Copies):
    """Found by the simulation, I20 (schedule 23,110): kiosks that probe for a dead one gave each other its past for ever."""
    first = copy(1, "a1", "")
    copies.write([first])
    carriage = Carriage(k="kiosk-02", copies=copies, silent_ms=SILENT_MS)
    log = (ACK["k"], ACK["inc"])
    carriage.acknowledged({**ACK, "committed": 1, "head": "a1", "archived": 1}, 0)
    assert not carriage.done_with(first.name)
    copies.remove([first.name])
    carriage.dropped([first.name])
    assert carriage.done_with(first.name)
    assert carriage.lacking() == {log: [[1, 1]]}
    carriage.acknowledged({**ACK, "committed": 1, "head": "a1", "archived": 0}, 0)
    assert not carriage.done_with(first.name), "the centre was put back to an older backup"
    assert carriage.lacking() == {log: [[1, 0]]}
