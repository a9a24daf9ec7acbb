"""Past days are sealed to the centre's key and deleted a month after they are archived; today goes on untouched (I10, I20, F105)."""

import json
from pathlib import Path

import pytest

from kiosk.desk import anew, copies, reading
from kiosk.desk.retention import AT_ONCE, Retention
from kiosk.neighbours import copy_of
from kiosk.retention import Away, Mark
from kiosk.store import Batch, Store
from kiosk.visitbook import NIGHT_MS
from protocol import canon, envelope
from protocol.clocktext import DAY_MS
from tests.kiosk.made import CARD, MORNING, OTHER_CARD, Made
from tests.kiosk.past import SECRETS, THIRD_CARD, Kiosk, found_in_files, opened


@pytest.fixture
def kiosk(made: Made) -> Kiosk:
    # The centre's list holds people too: of today and to come. Here it is empty, to see all the rest.
    rows = json.dumps({"items": []}).encode()
    made.desk.call(
        lambda: made.desk.lists_arrived(
            [
                {
                    "name": "appointments", "version": 8, "sha256": canon.digest(rows), "body": rows, "issued": 2,
                    "received_at": MORNING,
                }
            ]
        )
    )  # fmt: skip
    return Kiosk(made)


def test_a_thief_of_the_next_day_finds_nobody(kiosk: Kiosk):
    """F105, I20: after the day is past nothing in the card's files names anybody; every record is still there, sealed."""
    kiosk.day()
    kiosk.day(OTHER_CARD)
    lines = set(kiosk.made.store.lines())
    assert found_in_files(kiosk.made.folder) == set(SECRETS)
    kiosk.acked()
    kiosk.night()
    kiosk.acked()
    kiosk.work()
    assert found_in_files(kiosk.made.folder) == set()
    assert (kiosk.count("visit"), kiosk.count("print_job"), kiosk.count("slip_code")) == (0, 0, 0)
    held = {line for line, _ in opened(kiosk)} | set(kiosk.made.store.lines())
    assert lines <= held


def test_nothing_is_left_after_weeks_of_work_and_a_restart(kiosk: Kiosk):
    """Cells that moved between pages, WAL frames and free pages too: the file is written anew."""
    for card in (CARD, OTHER_CARD) * 6:
        kiosk.day(card)
        kiosk.acked()
        kiosk.night()
        kiosk.acked()
        kiosk.work(6)
    kiosk.again()
    kiosk.acked()
    kiosk.work()
    assert found_in_files(kiosk.made.folder) == set()


def test_today_and_the_unsent_stay_open_and_all_screens_go_on(kiosk: Kiosk):
    kiosk.day()
    kiosk.acked()
    kiosk.night()
    visit = kiosk.made.check_in(OTHER_CARD)
    before = kiosk.made.desk.log.seq
    kiosk.acked(upto=before - 1)
    kiosk.work()
    view = kiosk.made.touch.view()
    assert view["sync"]["waiting"] == 1
    assert [one["visit"] for one in kiosk.made.desk.call(kiosk.made.desk.visits_today)] == [visit]
    again = kiosk.made.scan(OTHER_CARD)
    assert again["screen"] == "confirm"
    assert kiosk.made.act("yes")["data"]["again"]
    kiosk.made.act("done")
    kiosk.made.screen()
    kiosk.made.dose()
    kiosk.again()
    assert kiosk.made.store.head(kiosk.made.desk.log.inc)[0] == kiosk.made.desk.log.seq
    assert reading.rebuilt(kiosk.made.store)[visit]["state"] == "observing"
    assert not found_in_files(kiosk.made.folder) & {b"075079001234"}


def test_unsent_records_of_a_past_day_stay_open(kiosk: Kiosk):
    kiosk.day()
    kiosk.acked(upto=4)
    kiosk.night(3)
    kiosk.acked(upto=4)
    kiosk.work()
    assert kiosk.count("visit") == 1
    kinds = [envelope.parse(line).kind for line, _ in opened(kiosk)]
    assert kinds == ["log.opened", "staff.signed_in"], "the visit is not complete at the centre"


def test_the_last_record_stays_open_and_names_nobody(kiosk: Kiosk):
    """Any release, also the one before, goes on behind the log's head."""
    kiosk.day()
    kiosk.acked()
    kiosk.night()
    kiosk.acked()
    kiosk.work()
    records = kiosk.made.records()
    assert [record.kind for record in records][-1] == "log.sealed"
    assert records[-1].body["upto"] == records[-1].seq - 1
    seq, head = kiosk.made.store.head(kiosk.made.desk.log.inc)
    kiosk.made.check_in(OTHER_CARD)
    fresh = kiosk.made.records()[-1]
    assert (fresh.seq, fresh.prev) == (seq + 1, head)
    kiosk.night(2)
    kiosk.acked()
    kiosk.work()
    assert kiosk.made.kinds().count("log.sealed") == 1, "the one before is sealed itself by now"


@pytest.mark.parametrize("jump_s", [86_400, 40 * 86_400, 400 * 86_400, -60 * 365 * 86_400])
def test_the_wall_clock_alone_seals_and_deletes_nothing(kiosk: Kiosk, jump_s: int):
    """F35: a clock that jumps, or wakes in 1970, while the centre says that it is still today."""
    kiosk.day()
    kiosk.acked(archived=kiosk.made.desk.log.seq)
    true = kiosk.made.clock.wall
    before = kiosk.made.store.kept.plain(420)
    kiosk.made.clock.wall = max(true + jump_s * 1000, 0)
    kiosk.acked(archived=kiosk.made.desk.log.seq, now=true + 60_000)
    kiosk.work()
    assert kiosk.made.store.kept.plain(420) == before
    kiosk.made.clock.wall = true
    assert kiosk.made.desk.call(kiosk.made.desk.visits_today)


def test_the_centre_s_clock_alone_seals_and_deletes_nothing(kiosk: Kiosk):
    kiosk.day()
    kiosk.acked(archived=kiosk.made.desk.log.seq, now=kiosk.made.clock.wall + 400 * DAY_MS)
    kiosk.work()
    assert kiosk.count("sealed_record") == 0


def test_nothing_happens_while_nobody_vouches_for_the_clock(kiosk: Kiosk):
    kiosk.day()
    kiosk.acked()
    kiosk.night()
    kiosk.acked()
    kiosk.made.clock.sure = "unknown"
    kiosk.work()
    assert kiosk.count("sealed_record") == 0


def test_a_session_past_midnight_is_not_sealed_under_its_people(kiosk: Kiosk):
    kiosk.made.clock.pass_s(13 * 3600)
    kiosk.day()
    kiosk.made.clock.pass_s(2 * 3600)
    kiosk.acked()
    kiosk.work()
    assert kiosk.count("visit") == 1
    kiosk.made.clock.pass_s(NIGHT_MS // 1000)
    kiosk.acked()
    kiosk.work()
    assert kiosk.count("visit") == 0


def test_deleted_a_month_after_archived_and_never_before(kiosk: Kiosk):
    kiosk.day()
    last = kiosk.made.desk.log.seq
    kiosk.acked()
    kiosk.night()
    kiosk.acked()
    kiosk.work()
    sealed_now = kiosk.count("sealed_record")
    assert sealed_now == last
    kiosk.night(60)
    kiosk.acked()
    kiosk.work()
    assert kiosk.count("sealed_record") == sealed_now, "two months, and in no backup"
    kiosk.acked(archived=last - 3)
    kiosk.night(29)
    kiosk.acked(archived=last - 3)
    kiosk.work()
    assert kiosk.count("sealed_record") == sealed_now, "archived for 29 days"
    kiosk.night()
    kiosk.acked(archived=last - 3)
    kiosk.work()
    assert kiosk.made.store.kept.gone(kiosk.made.desk.log.inc) == last - 3
    assert kiosk.made.store.head(kiosk.made.desk.log.inc)[0] == kiosk.made.desk.log.seq


def test_a_lower_mark_is_believed_and_its_month_begins_anew(kiosk: Kiosk):
    """The centre was put back from an older backup: what only the newer one held is archived no more."""
    kiosk.day()
    last = kiosk.made.desk.log.seq
    kiosk.acked(archived=last)
    kiosk.night(20)
    kiosk.acked(archived=2)
    kiosk.work()
    kiosk.night(15)
    kiosk.acked(archived=2)
    kiosk.work()
    assert kiosk.made.store.kept.gone(kiosk.made.desk.log.inc) == 0
    kiosk.night(16)
    kiosk.acked(archived=2)
    kiosk.work()
    assert kiosk.made.store.kept.gone(kiosk.made.desk.log.inc) == 2


def test_an_overtaken_word_of_the_centre_raises_no_mark(kiosk: Kiosk):
    kiosk.day()
    early = kiosk.made.clock.wall
    kiosk.made.clock.pass_s(60)
    kiosk.acked(archived=1)
    kiosk.acked(archived=5, now=early)
    assert [mark.upto for mark in kiosk.made.store.kept.marks(kiosk.made.desk.log.inc)] == [1]


@pytest.mark.parametrize(("centre", "own"), [(400 * DAY_MS, 0), (0, 400 * DAY_MS)])
def test_a_mark_from_the_future_begins_its_month_now(kiosk: Kiosk, centre: int, own: int):
    kiosk.day()
    kiosk.acked()
    kiosk.night()
    inc, wall = kiosk.made.desk.log.inc, kiosk.made.clock.wall
    mark = Mark(inc, 5, wall + centre, wall + own)
    kiosk.made.desk.call(lambda: kiosk.made.store.commit(Batch(away=Away(marks=((inc, (mark,)),)))))
    kiosk.acked(archived=5)
    kiosk.work()
    kiosk.night(31)
    kiosk.acked(archived=5)
    kiosk.work()
    assert kiosk.made.store.kept.gone(inc) == 5


def test_without_the_centre_s_key_nothing_is_sealed_and_the_view_says_so(made: Made):
    kiosk = Kiosk(made)
    kiosk.retention = Retention(made.desk, None)
    assert not made.touch.view()["sync"]["sealing"]
    kiosk.day()
    kiosk.acked()
    kiosk.night()
    kiosk.acked()
    kiosk.work()
    assert kiosk.count("sealed_record") == 0
    assert Kiosk(made).made.touch.view()["sync"]["sealing"]


def test_an_old_log_is_sealed_when_the_centre_holds_all_of_it(kiosk: Kiosk):
    kiosk.day()
    old, new = kiosk.made.desk.log.inc, "00000000000000f2"
    kiosk.made.desk.call(lambda: anew.begin(kiosk.made.desk, forked=old, inc=new, why="cloned", app="x"))
    kiosk.night()
    kiosk.acked()
    kiosk.work()
    assert kiosk.made.store.kept.pairs(old, 1, 99) == []
    kiosk.made.desk.call(lambda: anew.held(kiosk.made.desk, inc=old, whole=True))
    kiosk.made.clock.pass_s(60)
    kiosk.acked()
    kiosk.work()
    seq = kiosk.made.store.head(old)[0]
    assert len(kiosk.made.store.kept.pairs(old, 1, 99)) == seq
    kiosk.made.desk.call(lambda: kiosk.retention.heard(old, seq, kiosk.made.clock.wall + 1))
    kiosk.night(31)
    kiosk.acked()
    kiosk.work()
    assert kiosk.made.store.head(old) == (0, "")
    assert kiosk.made.store.kept.held_logs() == [], "of a log that is gone nobody is asked any more"


def test_a_power_cut_at_any_batch_loses_nothing_and_goes_on(kiosk: Kiosk):
    for card in (CARD, OTHER_CARD, THIRD_CARD):
        kiosk.day(card)
    lines = set(kiosk.made.store.lines())
    assert len(lines) > AT_ONCE
    kiosk.acked()
    kiosk.night()
    for _ in range(8):
        kiosk.acked()
        kiosk.work(2)
        kiosk.again()
        assert lines <= {line for line, _ in opened(kiosk)} | set(kiosk.made.store.lines())
        assert [one["state"] for one in reading.rebuilt(kiosk.made.store).values()] == [
            row[0] for row in kiosk.made.store.db.conn.execute("SELECT state FROM visit")
        ]
    kiosk.acked()
    kiosk.work()
    assert kiosk.count("visit") == 0


def test_a_visit_that_neighbours_served_too_goes_with_their_copies(kiosk: Kiosk):
    """Ours are sealed; a neighbour's unsent records stay, this may be their only copy, and go when their writer is safe."""
    kiosk.day()
    ours = kiosk.made.records()
    inc, copied = "00000000000000b2", []
    for body in (ours[1].body, {**ours[1].body, "visit": "v-theirs", "ticket": "B-001"}):
        seq = len(copied) + 1
        line = envelope.seal(
            k="kiosk-02", inc=inc, seq=seq, prev=envelope.GENESIS, t=ours[1].t, site="trang-dai",
            session=ours[1].session, who=ours[1].who, ref={}, kind="visit.checked_in", body=body,
        )  # fmt: skip
        copied.append(copy_of(envelope.parse(line), b"es256 x", boot="b", mono=1))
    desk = kiosk.made.desk
    assert desk.call(lambda: copies.arrived(desk, tuple(copied)))
    kiosk.acked()
    kiosk.night()
    kiosk.acked()
    kiosk.work()
    assert (kiosk.count("neighbour_record"), kiosk.count("visit")) == (2, 2)
    assert kiosk.made.kinds() == ["log.sealed"]
    live = {visit: kiosk.made.store.visit(visit) for visit in kiosk.made.store.kept.visits()}
    assert live == json.loads(json.dumps(reading.rebuilt(kiosk.made.store)))
    assert len(desk.call(lambda: copies.spend(desk, [copy.name for copy in copied], {}))) == 2
    kiosk.work()
    assert (kiosk.count("neighbour_record"), kiosk.count("visit")) == (0, 0)
    assert found_in_files(kiosk.made.folder) == set()


def test_a_sealed_record_takes_so_many_bytes(kiosk: Kiosk):
    kiosk.day()
    plain = sum(len(line) for line in kiosk.made.store.lines())
    kiosk.acked()
    kiosk.night()
    kiosk.acked()
    kiosk.work()
    count, size = kiosk.made.store.kept.counts()
    assert size < plain * 2.2
    assert size / count < 1_600


def test_records_of_an_earlier_release_are_sealed_by_their_wall_clock(kiosk: Kiosk, tmp_path: Path):
    kiosk.day()
    conn = kiosk.made.store.db.conn
    conn.execute("DROP TRIGGER record_no_update")
    conn.execute("UPDATE record SET session = NULL")
    conn.commit()
    kiosk.acked()
    kiosk.work()
    assert kiosk.count("sealed_record") == 0
    kiosk.night()
    kiosk.acked()
    kiosk.work()
    assert kiosk.count("visit") == 0


def test_scrubbing_a_locked_store_is_tried_again(kiosk: Kiosk):
    kiosk.day()
    kiosk.acked()
    kiosk.night()
    kiosk.acked()
    kiosk.work(3)
    blocker = Store(kiosk.made.folder / "kiosk.db")
    reader = blocker.db.conn.execute("SELECT * FROM meta")
    reader.fetchone()
    kiosk.work(4)
    reader.close()
    blocker.close()
    kiosk.work()
    assert found_in_files(kiosk.made.folder) == set()
