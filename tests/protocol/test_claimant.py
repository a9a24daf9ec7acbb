"""A desk's side: asking, contact, falling back to its own lane, clashes; fault F45, F84, invariant I5."""

from protocol import claims
from protocol.claims import ASK_MS, CONTACT_MS, LEASE_MS, SAY_MS
from tests.protocol.examples import changed
from tests.protocol.site import Site, desk, keeper


def met(**members):
    """A site that has spoken long enough for everybody to be in contact."""
    site = Site(keeper=members.get("keeper") or keeper(), desks=[desk("kiosk-01"), desk("kiosk-02"), desk("kiosk-03")])
    site.run(3000)
    assert all(one.in_contact(site.now) for one in site.desks)
    return site


def test_both_want_the_same_person_and_one_gets_them():
    site = met()
    _, second, third = site.desks
    second.want("v-1", lane="A", hand=False, now=site.now)
    third.want("v-1", lane="A", hand=False, now=site.now)
    assert second.asking() == "v-1"
    answers = site.run(500)
    assert answers == [("kiosk-02", "granted", "v-1", "B"), ("kiosk-03", "refused", "v-1", "B")]
    assert second.asking() == ""
    assert third.holder("v-1", site.now) == ("kiosk-02", "B")
    assert second.holder("v-1", site.now) is None


def test_a_desk_without_contact_knows_its_own_lane_only():
    one = desk("kiosk-02")
    assert not one.in_contact(0)
    assert one.may_call_alone("v-1", "B", 0)
    assert not one.may_call_alone("v-1", "A", 0)


def test_a_site_without_a_keeper_says_nothing():
    assert desk("kiosk-02", epoch=0, of="").poll(0) is None


def test_nobody_waits_longer_than_a_second():
    site = met()
    second = site.desks[1]
    site.cut.add("kiosk-02")
    second.want("v-1", lane="A", hand=False, now=site.now)
    assert site.run(ASK_MS - 100) == []
    assert second.in_contact(site.now)
    assert site.run(100) == [("kiosk-02", "late", "v-1", "")]
    assert not second.in_contact(site.now)
    site.cut.clear()
    site.run(2 * SAY_MS)
    assert second.in_contact(site.now)


def test_contact_is_lost_by_silence_too():
    site = met()
    site.cut.add("kiosk-02")
    site.run(CONTACT_MS + SAY_MS)
    assert not site.desks[1].in_contact(site.now)
    assert site.desks[2].in_contact(site.now)
    assert "B" not in site.desks[2].lanes


def test_who_was_granted_before_the_cut_stays_until_the_lease_ends():
    site = met()
    first, second, _ = site.desks
    second.want("v-1", lane="A", hand=False, now=site.now)
    site.run(300)
    second.holding(["v-1"], site.now)
    site.run(2 * SAY_MS)
    site.cut |= {"kiosk-01", "kiosk-02"}
    cut_at = site.now
    site.run(LEASE_MS - 2 * SAY_MS)
    assert second.may_call_alone("v-1", "A", site.now)
    assert not first.may_call_alone("v-1", "A", site.now)
    assert first.may_call_alone("v-2", "A", site.now)
    site.run(3 * SAY_MS)
    assert not second.may_call_alone("v-1", "A", cut_at + LEASE_MS)
    assert first.may_call_alone("v-1", "A", cut_at + LEASE_MS + SAY_MS)


def test_what_is_dropped_is_given_back():
    site = met()
    second, third = site.desks[1], site.desks[2]
    second.want("v-1", lane="A", hand=False, now=site.now)
    line = second.poll(site.now)
    site.keeper.take(claims.read(line), site.now)
    second.drop(site.now)
    second.drop(site.now)
    site.run(500)
    assert site.keeper.held() == []
    assert not second.may_call_alone("v-1", "A", site.now)
    third.want("v-1", lane="A", hand=False, now=site.now)
    assert site.run(300) == [("kiosk-03", "granted", "v-1", "C")]


def test_a_word_long_on_its_way_makes_no_contact_and_no_grant():
    site = met()
    second = site.desks[1]
    second.want("v-1", lane="A", hand=False, now=site.now)
    site.keeper.take(claims.read(second.poll(site.now)), site.now)
    late = claims.read(site.keeper.poll(site.now + 100))
    assert second.heard(late, site.now + CONTACT_MS + 1) is None
    assert not second.in_contact(site.now + CONTACT_MS + 1)


def test_an_overtaken_word_and_one_of_an_older_epoch_say_nothing():
    site = met()
    second = site.desks[1]
    old = claims.read(site.keeper.poll(site.now + SAY_MS))
    new = claims.read(site.keeper.poll(site.now + 2 * SAY_MS))
    second.heard(new, site.now)
    held = changed(old, held=[{"visit": "v-1", "k": "kiosk-03", "desk": "C"}])
    assert second.heard(held, site.now) is None
    assert second.heard(changed(held, n=new["n"] + 1, epoch=0), site.now) is None
    assert second.holder("v-1", site.now) is None
    second.heard(changed(held, n=new["n"] + 2), site.now)
    assert second.holder("v-1", site.now) == ("kiosk-03", "C")
    assert second.holder("v-1", site.now + LEASE_MS) is None


def test_a_keeper_that_begins_again_learns_who_is_held():
    site = met()
    second, third = site.desks[1], site.desks[2]
    second.holding(["v-1"], site.now)
    second.holding(["v-1"], site.now)
    site.run(SAY_MS)
    site.keeper = keeper(held=None, now=site.now, life=2)
    site.run(100)
    assert not second.in_contact(site.now)
    site.run(300)
    assert site.keeper.held() == [("v-1", "kiosk-02", "B")]
    assert third.learning
    third.want("v-2", lane="A", hand=False, now=site.now)
    assert site.run(300) == [("kiosk-03", "refused", "v-2", "")]


def test_a_question_meets_a_new_life_of_the_keeper_and_is_asked_again():
    site = met()
    third = site.desks[2]
    site.keeper = keeper(held=[], now=site.now, life=2)
    third.want("v-2", lane="C", hand=False, now=site.now)
    assert site.run(600) == [("kiosk-03", "granted", "v-2", "C")]


def test_the_role_moves_and_the_old_keeper_learns_of_it():
    site = met()
    first, second, third = site.desks
    assert third.moved(2, "kiosk-03", site.now)
    assert not third.moved(2, "kiosk-03", site.now)
    assert not third.moved(1, "kiosk-09", site.now)
    old, site.keeper = site.keeper, keeper("kiosk-03", epoch=2, held=None, now=site.now)
    third.want("v-1", lane="A", hand=False, now=site.now)
    site.run(300)
    assert (first.epoch, first.keeper) == (2, "kiosk-03")
    assert second.in_contact(site.now)
    old.take(claims.read(second.poll(site.now + SAY_MS)), site.now)
    assert old.stood_down


def test_a_clash_is_known_to_both():
    site = met()
    first, second, third = site.desks
    second.holding(["v-1"], site.now)
    third.holding(["v-1"], site.now)
    site.run(300)
    assert (first.clashes, second.clashes, third.clashes) == ([], [("v-1", "C")], [("v-1", "B")])
    third.holding([], site.now)
    site.run(300)
    assert (second.clashes, third.clashes) == ([], [])


def test_sent_messages_are_remembered_in_a_bounded_list():
    one = desk("kiosk-02")
    for number in range(100):
        assert one.poll(number * SAY_MS)
    assert len(one._sent) == 32
