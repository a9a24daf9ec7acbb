"""Copies at the neighbours: stated when durable, shown as ✔✔, carried for the dead, forgotten when safe (flow points 5 and 6, F31)."""

from kiosk.status import Machine
from protocol import canon, envelope, held, inbox, sealed, topics
from protocol.delivery import WINDOW
from server.ledger import intake
from server.sealing import Unsealer
from tests.kiosk.made import CARD, MORNING, Made
from tests.kiosk.site import SEALING, SILENT_MS, Site


def kept(made: Made, k: str) -> int:
    query = "SELECT count(*) FROM neighbour_record WHERE k = ?"
    return made.store.db.conn.execute(query, (k,)).fetchone()[0]


def carried(site: Site, by: str, k: str) -> list[bytes]:
    """The lines of `k` that `by` has published on its own `up`."""
    pairs = [
        pair for who, leaf, payload in site.sent if (who, leaf) == (by, topics.UP) for pair in envelope.unpack(payload)
    ]
    return [line for line, _ in pairs if not inbox.is_hello(line) and envelope.parse(line).k == k]


def up_to(mark: int) -> inbox.Ranges:
    return inbox.Ranges([[1, mark]] if mark else [])


def shut(made: Made) -> list[tuple[bytes, bytes]]:
    """The boxes on a kiosk's disk."""
    rows = made.store.db.conn.execute("SELECT name, box FROM neighbour_box ORDER BY k, inc, seq")
    return [(bytes(row[0]), bytes(row[1])) for row in rows]


def test_a_copy_next_door_is_shown_only_after_it_is_durable_there(site: Site):
    """Flow point 6: ✔ here, ✔✔ on another box too, ☁ at the centre; nothing of it on anybody's word but a signed one."""
    first, second = site.kiosks
    first.check_in()
    assert first.sign_in("1002")["last"]["where"] == "here"
    second.desk.call(lambda: second.store.db.conn.execute("PRAGMA query_only = ON"))
    site.run(20)
    assert (kept(second, "kiosk-01"), first.touch.view()["last"]["where"]) == (0, "here")
    assert not first.touch.view()["sync"]["beside"]
    second.desk.call(lambda: second.store.db.conn.execute("PRAGMA query_only = OFF"))
    site.run(70)
    assert kept(second, "kiosk-01") == first.desk.log.seq
    assert first.touch.view()["last"]["where"] == "beside"
    assert first.touch.view()["sync"]["beside"]
    first.desk.call(lambda: first.desk.safe(first.desk.log.seq, []))
    assert first.touch.view()["last"]["where"] == "centre"


def test_a_statement_that_is_not_its_writers_moves_nothing(site: Site):
    first, second = site.kiosks
    first.check_in()
    log = first.desk.log
    line = held.make_held("kiosk-02", [(log.k, log.inc, 1, log.seq, log.head)])
    lie = held.make_held("kiosk-02", [(log.k, log.inc, 1, log.seq, "a" * 64)])
    sign = second.desk.log._signer.line
    for who, pair in (
        ("kiosk-02", (line, first.desk.log._signer.line(line))),
        ("kiosk-03", (line, sign(line))),
        ("kiosk-02", (lie, sign(lie))),
        ("kiosk-02", (line[:-1], sign(line[:-1]))),
    ):
        site.hear(site.ends["kiosk-01"], who, topics.HELD, envelope.pack([pair]))
        site.step("kiosk-01")
        assert first.desk.beside == 0
    site.hear(site.ends["kiosk-01"], "kiosk-02", topics.HELD, envelope.pack([(line, sign(line))]))
    site.step("kiosk-01")
    assert first.desk.beside == log.seq


def test_with_the_centre_away_neighbours_get_more_than_a_window(site: Site):
    """The outbox stops at 64 unacknowledged records; the site goes on all day."""
    first, second = site.kiosks
    site.run(3)
    for _ in range(12):
        first.sign_in("1002")
        first.sign_in("1009", "screening")
        site.run(1)
    for _ in range(WINDOW):
        first.sign_in("1002")
    site.run(30)
    assert kept(second, "kiosk-01") == first.desk.log.seq > WINDOW
    assert first.desk.beside == first.desk.log.seq


def test_a_neighbour_that_was_away_is_given_the_day(site: Site):
    first, second = site.kiosks
    first.check_in()
    # At the centre already: for recovery nobody needs it, for the site's queue everybody does.
    end = site.ends["kiosk-01"]
    end.outbox.acked({"k": "kiosk-01", "inc": first.desk.log.inc, "committed": first.desk.log.seq, "need": []}, 0)
    site.plug_in(second)
    site.run(10)
    assert [one["ticket"] for one in second.desk.call(second.desk.visits_today)] == ["A-001"]


def test_what_a_dead_neighbour_never_sent_is_carried_as_it_was_signed(site: Site):
    """I1, flow point 5: after its silence, from the neighbour's own topic, until the centre says that it is there."""
    first, _second = site.kiosks
    first.check_in()
    site.run(5)
    pairs = site.pairs(first)
    site.unplug("kiosk-01")
    site.run(60)
    assert carried(site, "kiosk-02", "kiosk-01") == []
    site.now += SILENT_MS
    site.run(30)
    assert set(carried(site, "kiosk-02", "kiosk-01")) == {line for line, _ in pairs}
    sent = [
        pair
        for who, leaf, payload in site.sent
        if (who, leaf) == ("kiosk-02", topics.UP)
        for pair in envelope.unpack(payload)
    ]
    assert set(pairs) <= set(sent)
    ack = site.ack(first.desk.log.inc, "kiosk-01", covered=up_to(len(pairs)), head=first.desk.log.head)
    site.ends["kiosk-02"].hood.acknowledged(inbox.read_ack(ack.split(b"\n")[0]), site.now)
    site.run(15)
    site.sent.clear()
    site.run(120)
    assert carried(site, "kiosk-02", "kiosk-01") == []


def test_the_leads_word_begins_at_once_and_survives_a_restart(site: Site):
    first, second = site.kiosks
    first.check_in()
    site.run(5)
    site.unplug("kiosk-01")
    site.run(15)
    view = second.sign_in("1009", "screening")
    second.act("neighbours")
    view = second.touch.view()
    [row] = view["data"]["kiosks"]
    assert (view["screen"], row["k"], row["unsafe"], row["carried"]) == ("neighbours", "kiosk-01", 2, 0)
    assert second.act("carry", k="kiosk-01")["notice"]["code"] == "carrying"
    site.run(5)
    assert len(set(carried(site, "kiosk-02", "kiosk-01"))) == 2
    second.restart()
    site.sent.clear()
    site.plug_in(second)
    site.run(15)
    assert len(set(carried(site, "kiosk-02", "kiosk-01"))) == 2
    second.sign_in("1009", "screening")
    second.act("neighbours")
    assert second.act("rest", k="kiosk-01")["notice"]["code"] == "carrying_ended"


def test_only_the_lead_may_say_so(site: Site):
    first, second = site.kiosks
    first.check_in()
    site.run(15)
    second.sign_in("1002")
    assert second.act("neighbours")["notice"]["code"] == "not_allowed"
    second.desk.call(lambda: second.desk.front.show("neighbours"))
    assert second.act("carry", k="kiosk-01")["notice"]["code"] == "not_allowed"
    assert second.desk.carried == frozenset()


def test_a_neighbour_that_speaks_is_never_spoken_for(site: Site):
    first, _second = site.kiosks
    first.check_in()
    site.run(5)
    for _ in range(30):
        site.now += 60_000
        log = first.desk.log
        [newest] = site.pairs(first)[-1:]
        site.hear(site.ends["kiosk-02"], "kiosk-01", topics.UP, envelope.pack([newest]))
        site.run(1)
        assert log.seq
    assert carried(site, "kiosk-02", "kiosk-01") == []


def test_the_branch_a_lying_card_forgot_is_carried_though_its_kiosk_lives(site: Site):
    """F31: after the power cut the card shows an older state and writes on under names that its neighbour knows."""
    first, second = site.kiosks
    image = first.folder / "image.db"
    first.store.db.conn.execute("VACUUM INTO ?", (str(image),))
    first.check_in()
    site.run(5)
    lost = {line for line, _ in site.pairs(first)[1:]}
    site.unplug("kiosk-01")
    first.close()
    for name in ("kiosk.db", "kiosk.db-wal", "kiosk.db-shm"):
        (first.folder / name).unlink(missing_ok=True)
    image.rename(first.folder / "kiosk.db")
    first.open()
    site.plug_in(first)
    first.sign_in("1002")
    site.run(5)
    log = first.desk.log
    assert kept(second, "kiosk-01") > log.seq
    ack = site.ack(log.inc, log.k, covered=up_to(log.seq), head=log.head)
    site.hear(site.ends["kiosk-02"], "kiosk-01", topics.DOWN, ack)
    site.run(15)
    assert lost <= set(carried(site, "kiosk-02", "kiosk-01"))


def test_copies_go_when_they_are_safe_and_of_a_day_gone_by(site: Site):
    """I20: yesterday's people are on no neighbour's disk; what the centre lacks stays, whatever the day."""
    first, second = site.kiosks
    first.check_in()
    site.run(5)
    opened = canon.digest(next(first.store.lines()))
    ack = site.ack(first.desk.log.inc, "kiosk-01", now=MORNING, covered=up_to(1), head=opened)
    site.hear(site.ends["kiosk-02"], "kiosk-01", topics.DOWN, ack)
    site.run(30)
    assert kept(second, "kiosk-01") == 2, "today's stay, safe or not"
    site.pass_s(86_400)
    site.run(30)
    assert kept(second, "kiosk-01") == 2, "our clock alone ends no day"
    marks = {"now": MORNING + 86_400_000, "covered": up_to(1), "head": opened, "archived": 1}
    late = site.ack(first.desk.log.inc, "kiosk-01", **marks)
    site.hear(site.ends["kiosk-02"], "kiosk-01", topics.DOWN, late)
    site.run(30)
    assert kept(second, "kiosk-01") == 1, "yesterday's that is not at the centre stays"
    marks = {"now": MORNING + 86_400_000, "covered": up_to(2), "head": first.desk.log.head, "archived": 2}
    whole = site.ack(first.desk.log.inc, "kiosk-01", **marks)
    site.hear(site.ends["kiosk-02"], "kiosk-01", topics.DOWN, whole)
    site.run(30)
    assert kept(second, "kiosk-01") == 0
    assert second.store.db.conn.execute("SELECT count(*) FROM visit").fetchone()[0] == 0


def test_on_an_old_word_nothing_is_forgotten(site: Site):
    """Found by the simulation, I1: the centre was put back that night, and the dead kiosk's records went by its word of before."""
    first, second = site.kiosks
    first.check_in()
    site.run(5)
    log, end, day = first.desk.log, site.ends["kiosk-02"], MORNING + 86_400_000
    site.unplug("kiosk-01")
    word = {"covered": up_to(log.seq), "head": log.head}
    site.hear(end, "kiosk-01", topics.DOWN, site.ack(log.inc, log.k, now=MORNING, **word))
    site.run(5)
    site.pass_s(86_400)
    site.now += 300_000
    site.hear(end, "kiosk-09", topics.DOWN, site.ack("00000000000000c9", "kiosk-09", now=day))
    site.run(15)
    assert kept(second, "kiosk-01") == log.seq
    site.hear(end, "kiosk-01", topics.DOWN, site.ack(log.inc, log.k, now=day, archived=log.seq, **word))
    site.run(15)
    assert kept(second, "kiosk-01") == 0


def test_copies_that_no_backup_holds_are_sealed_and_come_back_out_of_their_boxes(site: Site):
    """Found by the simulation, I1: nobody else had them, and the centre was put back to a backup older than their day."""
    first, second = site.kiosks
    first.check_in()
    site.run(5)
    log, end, day = first.desk.log, site.ends["kiosk-02"], MORNING + 86_400_000
    pairs = site.pairs(first)
    site.unplug("kiosk-01")
    word = {"covered": up_to(log.seq), "head": log.head, "now": day}
    site.pass_s(86_400)
    site.hear(end, "kiosk-01", topics.DOWN, site.ack(log.inc, log.k, **word, archived=1))
    site.run(15)
    assert (kept(second, "kiosk-01"), len(shut(second))) == (0, log.seq - 1)
    assert second.store.db.conn.execute("SELECT count(*) FROM visit").fetchone()[0] == 0
    assert not any("Nguyễn Văn An".encode() in line + box for line, box in shut(second)), "I20"
    # A restart forgets no box; weeks later the centre is put back to its first day.
    second.restart()
    end = site.plug_in(second)
    site.pass_s(40 * 86_400)
    site.tell(second, pairs[1:], by="kiosk-09")
    assert kept(second, "kiosk-01") == 0, "who offers it again does not open it again"
    site.run(SILENT_MS / 1000)
    site.sent.clear()
    site.hear(end, "kiosk-01", topics.DOWN, site.ack(log.inc, log.k, now=day + 40 * 86_400_000, covered=up_to(1)))
    site.run(15)
    sent = {
        pair
        for who, leaf, payload in site.sent
        if (who, leaf) == ("kiosk-02", topics.UP)
        for pair in intake.split(payload)
        if sealed.is_sealed(pair[0])
    }
    unsealer = Unsealer([SEALING])
    assert {intake.opened(pair, unsealer) for pair in sent} == {(pair, "") for pair in pairs[1:]}
    site.hear(end, "kiosk-01", topics.DOWN, site.ack(log.inc, log.k, **word, archived=log.seq))
    site.run(15)
    assert shut(second) == []


def test_on_a_full_card_boxes_that_the_centre_has_make_room(site: Site):
    first, second = site.kiosks
    first.check_in()
    site.run(5)
    log, end = first.desk.log, site.ends["kiosk-02"]
    site.unplug("kiosk-01")
    site.pass_s(86_400)
    whole = site.ack(log.inc, log.k, covered=up_to(log.seq), head=log.head, now=MORNING + 86_400_000)
    site.hear(end, "kiosk-01", topics.DOWN, whole)
    site.run(15)
    assert len(shut(second)) == log.seq
    second.desk.condition.machine = Machine(free_mb=50)
    site.run(15)
    assert shut(second) == []


def test_many_copies_are_put_away_a_few_at_a_time_and_whole_visits_at_once(site: Site):
    """A touch does not wait for them, and no visit is read from a half."""
    first, second = site.kiosks
    first.check_in()
    site.run(5)
    log, copies = first.desk.log, second.store.copies
    names = [(log.k, log.inc, seq, digest) for seq, digest, _ in copies.rows(log.k, log.inc)]
    visits = [copies.visit_of(name) for name in names]
    assert visits[0] is None
    assert copies.whole(names, 1) == names[:1]
    assert sorted(copies.whole(names, 2)) == names
    assert copies.whole(names[1:], 1) == names[1:]
    second.sign_in("1002")
    second.scan(CARD)
    assert copies.whole(names, 9) == names[:1], "a visit with records of our own stays"


def test_below_a_gap_of_a_forked_log_the_centres_word_on_each_record_sets_free(site: Site):
    """Found by the simulation, I20: copies that no chain proves were carried for ever, and their people kept."""
    first, second = site.kiosks
    first.check_in()
    first.sign_in("1002")
    lines = [line for line, _ in site.pairs(first)]
    site.tell(second, site.pairs(first)[:-2], by="kiosk-01")
    site.unplug("kiosk-01")
    log, last = first.desk.log, len(lines)
    end, day = site.ends["kiosk-02"], MORNING + 86_400_000
    marks = {"now": day, "covered": up_to(last), "head": log.head, "status": [[str(last), "fork", "other_bytes"]]}
    marks["archived"] = last
    site.hear(end, "kiosk-01", topics.DOWN, site.ack(log.inc, log.k, **marks))
    site.pass_s(86_400)
    site.run(30)
    held = kept(second, "kiosk-01")
    assert held == last - 2
    assert set(carried(site, "kiosk-02", "kiosk-01")) == set(lines[:held]), "the number before the fork was never here"
    told = [canon.digest(line) for line in lines[:held]]
    site.hear(end, "kiosk-02", topics.DOWN, site.ack(log.inc, log.k, **marks, here=told))
    site.run(30)
    assert kept(second, "kiosk-01") == 0
    site.sent.clear()
    site.run(60)
    assert carried(site, "kiosk-02", "kiosk-01") == []


def test_a_visit_of_which_we_have_records_keeps_its_neighbours(site: Site):
    first, second = site.kiosks
    first.check_in()
    site.run(5)
    second.sign_in("1002")
    second.scan(CARD)
    marks = {"now": MORNING + 86_400_000, "covered": up_to(2), "head": first.desk.log.head, "archived": 2}
    site.hear(site.ends["kiosk-02"], "kiosk-01", topics.DOWN, site.ack(first.desk.log.inc, "kiosk-01", **marks))
    site.pass_s(86_400)
    site.run(30)
    assert kept(second, "kiosk-01") == 1
    assert second.store.db.conn.execute("SELECT count(*) FROM visit").fetchone()[0] == 1


def test_a_wire_that_comes_and_goes_does_not_put_it_off_for_ever(site: Site):
    """Found by the simulation: the silence was counted anew at each connection."""
    first, _second = site.kiosks
    first.check_in()
    site.run(5)
    site.unplug("kiosk-01")
    end = site.ends["kiosk-02"]
    for number in range(11):
        site.run(1)
        site.now += 59_000
        site.run(1)
        # Deaf for an hour: that does not count.
        site.now += 3_600_000
        end.hood.connected(site.now)
        if number == 3:
            assert carried(site, "kiosk-02", "kiosk-01") == []
    site.run(15)
    assert carried(site, "kiosk-02", "kiosk-01")
