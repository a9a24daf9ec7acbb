"""A cloned card's two branches: both count, whichever came first, and each kiosk learns when its own is here (I1, I4, F77)."""

import random

import pytest
from sqlalchemy import func, select, text

from protocol import canon, inbox
from server import fleet, inventory, reporting, vaccinations
from server.ledger import rebuild
from server.ledger.tables import FORK, FORK_TOUCH, RECORD
from tests.server import made
from tests.server.a_day import clear, dump, send
from tests.server.made import MINUTE, MORNING, Kiosk, Office

LATER = MORNING + 60 * MINUTE


def branches(office: Office) -> tuple[Kiosk, Kiosk, list[made.Pair], list[made.Pair], list[made.Pair]]:
    """A log, copied after a check-in: `(kiosk, clone, before, the kiosk's pairs, the clone's pairs)`."""
    kiosk = office.kiosk()
    clone = Kiosk(signer=kiosk.signer)
    before = [kiosk.opened(), kiosk.checked_in(1)]
    clone.seq, clone.prev, clone.hlc = kiosk.seq, kiosk.prev, kiosk.hlc
    # Both go on with the person who stood in line, at the same minute, and with one of their own.
    ours = [kiosk.screened(1, LATER), *kiosk.visit(2, LATER)]
    theirs = [clone.screened(1, LATER, "defer"), *clone.visit(3, LATER)]
    return kiosk, clone, before, ours, theirs


def stock(office: Office) -> None:
    office.append(made.receipt(1))


def test_both_branches_count_whichever_comes_first(any_office):
    stock(any_office)
    kiosk, clone, before, ours, theirs = branches(any_office)
    any_office.accept(kiosk, *before, *ours)
    outcome = any_office.accept(clone, *theirs)
    assert (outcome.taken, outcome.forks) == (0, len(theirs)), "as long as each other: all are forks"
    with any_office.db.read() as conn:
        assert [vaccinations.by_id(conn, dose)["status"] for dose in ("d-2", "d-3")] == ["given", "given"]
        assert reporting.total(conn, "doses") == 2
        assert [(row["received"], row["used"]) for row in inventory.on_hand(conn) if row["received"]] == [(60, 2)]
        assert fleet.writers(conn, site=made.SITE)[0]["forks"] == len(theirs)
    report = rebuild.check(any_office.ledger)
    assert report.same, report.sentences
    assert f"fork: {len(theirs)} records, every digest and signature is good." in report.sentences
    wanted = dump(any_office)
    assert any_office.accept(clone, *theirs).duplicates == len(theirs), "again: nothing"
    assert dump(any_office) == wanted
    rebuild.rebuild(any_office.ledger)
    assert dump(any_office) == wanted


def test_any_order_of_two_branches_gives_the_same_tables(any_office):
    kiosk, clone, before, ours, theirs = branches(any_office)
    told = [(kiosk, pair) for pair in (*before, *ours)] + [(clone, pair) for pair in theirs]
    chance = random.Random(77)
    send(any_office, told, chance)
    wanted = dump(any_office)
    split = set()
    for _ in range(10):
        clear(any_office)
        send(any_office, chance.sample(told, len(told)), chance)
        assert dump(any_office) == wanted
        with any_office.db.read() as conn:
            split.add(tuple(conn.execute(select(FORK.c.digest).order_by(FORK.c.digest)).scalars()))
            held = [conn.execute(select(func.count()).select_from(table)).scalar_one() for table in (RECORD, FORK)]
            assert sum(held) == len(told), "each is here, in the one or the other"
    assert len(split) > 1, "which branch came first did differ"


def test_a_lost_index_of_forks_is_found_and_rebuilt(office):
    kiosk, clone, before, ours, theirs = branches(office)
    office.accept(kiosk, *before, *ours)
    office.accept(clone, *theirs)
    wanted = dump(office)
    with office.db.write() as conn:
        conn.execute(text("DELETE FROM fork_touch"))
    report = rebuild.check(office.ledger)
    assert any(sentence.startswith("fork_touch: DIFFERS") for sentence in report.sentences)
    rebuild.rebuild(office.ledger)
    assert dump(office) == wanted
    with office.db.read() as conn:
        assert conn.execute(select(func.count()).select_from(FORK_TOUCH)).scalar_one() > 0


def whole(office: Office, kiosk: Kiosk, **hello: int) -> str | None:
    line, signature = kiosk.hello(**hello)
    said = office.ledger.hear(line, signature, k=kiosk.k, now=MORNING)
    return inbox.read_ack(office.ledger.ack(kiosk.k, kiosk.inc, now=MORNING, hello=said).split(b"\n")[0]).get("whole")


def test_a_writer_that_knows_of_nothing_learns_whether_its_chain_is_here(any_office):
    kiosk, clone, before, ours, theirs = branches(any_office)
    any_office.accept(kiosk, *before, *ours)
    assert whole(any_office, kiosk) == kiosk.prev
    any_office.accept(clone, *theirs[:1], *theirs[2:])
    assert whole(any_office, clone) == "", "one is missing, though its number is covered"
    any_office.accept(clone, theirs[1])
    assert whole(any_office, clone) == clone.prev
    assert whole(any_office, kiosk) == kiosk.prev
    told = inbox.read_ack(any_office.ledger.ack(kiosk.k, kiosk.inc, now=MORNING).split(b"\n")[0])
    assert "whole" not in told, "only a hello is answered so"


@pytest.mark.parametrize("many", [2000])
def test_the_question_about_a_long_chain_is_quick(office, many):
    kiosk = office.kiosk()
    pairs = [kiosk.write("staff.signed_in", {"station": "reception"}) for _ in range(many)]
    for at in range(0, many, 64):
        office.accept(kiosk, *pairs[at : at + 64])
    assert whole(office, kiosk) == kiosk.prev


CALLED = {"visit": "v-1", "station": "screening", "desk": "d"}


@pytest.mark.parametrize("together", [True, False])
def test_a_record_that_does_not_go_on_with_what_stands_here_is_of_another_branch(any_office, together):
    """Else it would be the head of a mark, and a copied card would believe that all before it is here."""
    kiosk = any_office.kiosk()
    pairs = [kiosk.checked_in(1), kiosk.write("visit.called", CALLED, prev="1" * 64)]
    outcomes = [any_office.accept(kiosk, *part) for part in ((pairs,) if together else (pairs[:1], pairs[1:]))]
    assert (sum(one.taken for one in outcomes), sum(one.forks for one in outcomes)) == (1, 1)
    assert acknowledged(any_office, kiosk)["status"] == [["2", "fork", "other_bytes"]]
    assert any_office.accept(kiosk, *pairs).duplicates == 2
    assert rebuild.check(any_office.ledger).same


def test_also_of_another_branch_is_what_comes_late_into_a_gap(any_office):
    kiosk = any_office.kiosk()
    pairs = kiosk.visit(1)
    any_office.accept(kiosk, *pairs[:2], *pairs[3:])
    clone = Kiosk(signer=kiosk.signer)
    clone.seq, clone.prev = 2, canon.digest(pairs[1][0])
    assert any_office.accept(clone, clone.write("visit.called", CALLED)).forks == 1
    assert any_office.accept(kiosk, pairs[2]).taken == 1
    assert acknowledged(any_office, kiosk)["committed"] == 7


def test_a_log_of_an_earlier_release_learns_its_end(any_office):
    kiosk = any_office.kiosk()
    pairs = kiosk.visit(1)
    any_office.accept(kiosk, *pairs[:4])
    with any_office.db.write() as conn:
        conn.execute(text("UPDATE coverage SET tip = 0, tip_digest = ''"))
    assert any_office.accept(kiosk, *pairs[4:]).taken == 3
    with any_office.db.read() as conn:
        assert conn.execute(text("SELECT tip, tip_digest FROM coverage")).one() == (7, canon.digest(pairs[6][0]))
    clone = Kiosk(signer=kiosk.signer)
    clone.seq, clone.prev = 7, "1" * 64
    assert any_office.accept(clone, clone.write("visit.called", CALLED)).forks == 1


def acknowledged(office: Office, kiosk: Kiosk) -> dict:
    line = office.ledger.ack(kiosk.k, kiosk.inc, now=MORNING).split(b"\n")[0]
    return inbox.read_ack(line)
