"""The queue keeper: compare and set, leases, epochs, lives; fault F84, invariant I5."""

from protocol import claims
from protocol.claims import (
    ASK_MS,
    CONTACT_MS,
    LANE_MS,
    LEARN_MS,
    LEASE_MS,
    MAX_HELD,
    MAX_SEATS,
    SAY_MS,
    Keeper,
    Seats,
)
from protocol.errors import ProtocolError
from tests.protocol.examples import changed, desk_word, keeper_word
from tests.protocol.raising import raises
from tests.protocol.site import INCS, keeper


def word(k="kiosk-02", n=1, epoch=1, **members):
    """What a desk says to the keeper of `site.keeper()`."""
    value = {
        "claims": "desk", "v": 1, "k": k, "inc": INCS[k], "life": 1, "n": n, "epoch": epoch, "keeper": "kiosk-01",
        "to": {"inc": INCS["kiosk-01"], "life": 1}, "lane": "B", "desk": "2", "holds": [],
    }  # fmt: skip
    value.update(members)
    return value


def wants(visit, lane="B", hand=False):
    return {"visit": visit, "lane": lane, "hand": hand}


def test_messages_read_back():
    for value in (desk_word(), keeper_word()):
        assert claims.read(claims.make(value)) == value
    short = desk_word()
    del short["to"], short["wants"]
    assert claims.read(claims.make(short)) == short


def test_what_is_no_message_is_refused():
    for value, code in (
        (desk_word(claims="dose"), "unknown_word"),
        (desk_word(n=0), "out_of_range"),
        (desk_word(wants={"visit": "v-02"}), "missing"),
        (desk_word(holds=["v"] * (MAX_HELD + 1)), "too_many"),
        (keeper_word(held=[["v-01", "kiosk-02", "2"]]), "not_object"),
        (keeper_word(claims="desk"), "missing"),
    ):
        assert raises(ProtocolError, claims.make, value).code == code


def test_the_longest_word_of_a_keeper_fits():
    most = Keeper(k="k" * 64, inc=INCS["kiosk-01"], life=9007199254740990, epoch=9007199254740990, now=0, held=())
    longest = "v" * 62
    for number in range(MAX_HELD):
        assert most.claim(longest + "%02d" % number, k="k" * 64, desk="d" * 16, epoch=most.epoch, now=0)[0]
    assert most.claim("one-more", k="k" * 64, desk="d" * 16, epoch=most.epoch, now=0) == (False, None)
    for number in range(MAX_SEATS + 1):
        said = changed(
            word(n=9007199254740990, epoch=most.epoch, keeper=most.k, to={"inc": most.inc, "life": most.life}),
            k="w" * 62 + "%02d" % number, lane="L" * 8, desk="d" * 16, holds=[longest + "%02d" % number],
        )  # fmt: skip
        most.take(said, 0)
    said = claims.read(most.poll(0))
    assert len(said["held"]) == MAX_HELD
    assert len(said["heard"]) == MAX_SEATS
    assert len(said["clashes"]) == claims.MAX_CLASHES


def test_the_first_gets_it_and_nobody_else():
    one = keeper()
    assert one.claim("v-1", k="kiosk-02", desk="2", epoch=1, now=0) == (True, ("kiosk-02", "2"))
    assert one.claim("v-1", k="kiosk-03", desk="3", epoch=1, now=0) == (False, ("kiosk-02", "2"))
    assert one.claim("v-1", k="kiosk-02", desk="2", epoch=1, now=0) == (True, ("kiosk-02", "2"))
    assert one.claim("v-2", k="kiosk-03", desk="3", epoch=1, now=0)[0]
    assert one.held() == [("v-1", "kiosk-02", "2"), ("v-2", "kiosk-03", "3")]


def test_a_claim_of_an_older_epoch_is_refused():
    one = keeper(epoch=3)
    assert one.claim("v-1", k="kiosk-02", desk="2", epoch=2, now=0) == (False, None)
    assert one.claim("v-1", k="kiosk-02", desk="2", epoch=3, now=0)[0]
    assert one.claim("v-1", k="kiosk-03", desk="3", epoch=2, now=0) == (False, ("kiosk-02", "2"))


def test_only_its_holder_releases():
    one = keeper()
    one.claim("v-1", k="kiosk-02", desk="2", epoch=1, now=0)
    assert not one.release("v-1", k="kiosk-03")
    assert not one.release("v-2", k="kiosk-02")
    assert one.release("v-1", k="kiosk-02")
    assert one.claim("v-1", k="kiosk-03", desk="3", epoch=1, now=0)[0]


def test_a_lease_ends_after_three_minutes_and_a_renewal_begins_it_anew():
    one = keeper()
    one.claim("v-1", k="kiosk-02", desk="2", epoch=1, now=0)
    one.claim("v-1", k="kiosk-02", desk="2", epoch=1, now=1000)
    assert not one.tick(LEASE_MS)
    assert not one.claim("v-1", k="kiosk-03", desk="3", epoch=1, now=LEASE_MS + 999)[0]
    assert one.tick(LEASE_MS + 1000)
    assert one.held() == []


def test_what_a_desk_wants_is_granted_and_told():
    one = keeper()
    assert one.take(word(wants=wants("v-1")), 10)
    said = claims.read(one.poll(10))
    assert said["held"] == [{"visit": "v-1", "k": "kiosk-02", "desk": "2"}]
    assert [(seat["k"], seat["n"], seat["lane"]) for seat in said["heard"]] == [("kiosk-02", 1, "B")]
    assert not one.take(word("kiosk-03", wants=wants("v-1"), lane="C", desk="3"), 20)
    assert claims.read(one.poll(20))["held"][0]["k"] == "kiosk-02"


def test_what_a_desk_holds_no_longer_is_free():
    one = keeper()
    one.take(word(wants=wants("v-1")), 0)
    assert not one.take(word(n=2, holds=["v-1"]), 10)
    assert one.take(word(n=3), 20)
    assert one.held() == []


def test_messages_that_are_old_doubled_or_meant_for_another_life_say_nothing():
    one = keeper(life=1)
    assert one.take(word(n=5, holds=["v-1"]), 0)
    assert not one.take(word(n=5), 1)
    assert not one.take(word(n=4), 2)
    assert not one.take(word(n=6, to={"inc": INCS["kiosk-01"], "life": 2}), 3)
    assert not one.take(word(n=6, to={"inc": INCS["kiosk-02"], "life": 1}), 3)
    unknowing = word(n=6)
    del unknowing["to"]
    assert not one.take(unknowing, 3)
    assert one.held() == [("v-1", "kiosk-02", "2")]
    # It is told at once whom to speak to.
    assert one.poll(3)


def test_a_new_card_is_heard_and_its_old_one_never_again():
    seats = Seats()
    old, new = word(n=9), changed(word(n=1), inc="d" * 16)
    assert seats.fresh(old)
    assert seats.fresh(new)
    assert not seats.fresh(word(n=99))
    assert seats.fresh(changed(new, life=2))
    assert not seats.fresh(changed(new, n=50))


def test_a_lane_whose_kiosk_is_out_of_contact_is_left_alone():
    one = keeper()
    assert not one.take(word(wants=wants("v-1", lane="C")), 0)
    assert one.held() == []
    assert one.take(word(n=2, wants=wants("v-1", lane="C", hand=True)), 0)
    assert one.take(word("kiosk-03", lane="C", holds=["v-9"]), 0)
    assert one.lanes(LANE_MS) == ["B", "C"]
    assert one.take(word(n=3, holds=["v-1"], wants=wants("v-2", lane="C")), LANE_MS)
    assert not one.take(word(n=4, holds=["v-1", "v-2"], wants=wants("v-3", lane="C")), LANE_MS + 1)


def test_a_keeper_without_memory_listens_first():
    one = keeper(held=None, now=100)
    assert one.learning(100)
    assert not one.take(word(wants=wants("v-1")), 200)
    assert claims.read(one.poll(200))["learning"]
    assert one.take(word("kiosk-03", lane="C", holds=["v-1"]), 300)
    later = 100 + LEARN_MS
    assert not one.learning(later)
    assert not one.take(word(n=2, wants=wants("v-1")), later)
    assert one.take(word(n=3, wants=wants("v-2")), later)


def test_saved_claims_get_a_whole_lease_at_a_restart():
    one = keeper(held=[("v-1", "kiosk-03", "3")], now=50)
    assert not one.learning(50)
    assert not one.take(word(wants=wants("v-1")), 50 + LEASE_MS - 1)
    assert one.take(word(n=2, wants=wants("v-1")), 50 + LEASE_MS)


def test_a_keeper_that_hears_of_a_higher_epoch_stands_down_for_good():
    for news in (
        lambda one: one.take(word(epoch=2, keeper="kiosk-03"), 0),
        lambda one: one.met(keeper_word(k="kiosk-03", epoch=2)),
        # Two leads at two kiosks in one epoch: the higher name, everywhere.
        lambda one: one.met(keeper_word(k="kiosk-03", epoch=1)),
    ):
        one = keeper()
        one.met(keeper_word(k="kiosk-01", epoch=1))
        one.met(keeper_word(k="kiosk-00", epoch=1))
        assert one.poll(0)
        news(one)
        assert one.stood_down
        assert one.poll(SAY_MS) is None
        assert not one.take(word(wants=wants("v-1")), SAY_MS)
        assert one.claim("v-1", k="kiosk-02", desk="2", epoch=1, now=0) == (False, None)


def test_a_word_of_an_older_epoch_is_not_taken():
    one = keeper(epoch=2)
    assert not one.take(word(epoch=1, holds=["v-1"]), 0)
    assert not one.take(word(epoch=0, keeper="", holds=["v-1"]), 0)
    assert one.held() == []


def test_two_with_one_visit_are_a_clash_until_one_lets_go():
    one = keeper()
    one.take(word(holds=["v-1"]), 0)
    assert not one.take(word("kiosk-03", lane="C", desk="3", holds=["v-1"]), 0)
    assert claims.read(one.poll(0))["clashes"] == [{"visit": "v-1", "k": "kiosk-03", "desk": "3"}]
    assert one.take(word(n=2), 100)
    assert claims.read(one.poll(100))["clashes"] == []
    assert one.held() == [("v-1", "kiosk-03", "3")], "not free: somebody else would call them"
    assert not one.take(word("kiosk-03", n=2, lane="C", desk="3", holds=["v-1"]), 200)
    one.take(word(n=3, holds=["v-1"]), 300)
    one.take(word(n=4), 400)
    assert claims.read(one.poll(400))["clashes"] == []


def test_a_desk_not_heard_for_a_lease_is_forgotten():
    one = keeper()
    one.take(word(holds=["v-1"]), 0)
    one.take(word("kiosk-03", lane="C", holds=["v-1"]), 0)
    assert one.tick(LEASE_MS + 1)
    said = claims.read(one.poll(LEASE_MS + 1))
    assert (said["held"], said["heard"], said["clashes"]) == ([], [], [])


def test_it_speaks_by_itself():
    one = keeper()
    assert one.poll(0)
    assert one.poll(SAY_MS - 1) is None
    assert one.poll(SAY_MS)
    assert ASK_MS < SAY_MS < LANE_MS < CONTACT_MS < LEASE_MS


def test_the_lane_of_a_ticket():
    assert claims.lane_of("A-017") == "A"
    assert claims.lane_of("") == ""
