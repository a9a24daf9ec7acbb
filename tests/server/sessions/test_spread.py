"""People over the hours: never more than an hour holds, who comes first the earliest, a promised time stays."""

from hypothesis import given, settings
from hypothesis import strategies as st

from server.sessions import spread

HOURS = st.lists(st.tuples(st.integers(6, 20), st.integers(0, 30)), max_size=8, unique_by=lambda pair: pair[0]).map(
    sorted
)
PEOPLE = st.integers(0, 120).map(lambda n: [f"p-{number}" for number in range(n)])


def test_people_are_parted_in_proportion_to_what_the_hours_hold():
    assert spread.share(30, [20, 20, 20]) == [10, 10, 10]
    assert spread.share(7, [20, 10, 5]) == [4, 2, 1]
    assert spread.share(1, [5, 5]) == [1, 0]
    assert spread.share(99, [20, 10]) == [20, 10]
    assert spread.share(3, [0, 0]) == [0, 0]


def test_within_an_hour_they_come_one_after_the_other():
    found = spread.spread(["a", "b", "c", "d"], hours=[(7, 2), (8, 2)], kept={})
    assert found == {"a": 420, "b": 450, "c": 480, "d": 510}


def test_a_promised_time_stays_while_its_hour_has_room():
    found = spread.spread(["told", "new"], hours=[(7, 1), (8, 1)], kept={"told": 485})
    assert found == {"told": 485, "new": 420}
    assert spread.spread(["told"], hours=[(7, 1)], kept={"told": 485}) == {"told": 420}
    assert spread.spread(["one", "two"], hours=[(8, 1), (9, 1)], kept={"one": 480, "two": 490}) == {
        "one": 480,
        "two": 540,
    }


@settings(max_examples=40)
@given(people=PEOPLE, hours=HOURS, data=st.data())
def test_no_hour_holds_more_than_it_may_and_nobody_is_left_out_who_fits(people, hours, data):
    kept = data.draw(st.dictionaries(st.sampled_from(people), st.integers(360, 1259)) if people else st.just({}))
    found = spread.spread(people, hours=hours, kept=kept)
    room = dict(hours)
    assert all(n <= room[hour] for hour, n in spread.load(found).items())
    assert len(found) == min(len(people), sum(room.values()))
    assert found == spread.spread(people, hours=hours, kept=kept)
    # Whoever stands before another in the list, neither with a promise, comes no later.
    fresh = [found[person] for person in people if person in found and person not in kept]
    assert fresh == sorted(fresh)
    assert spread.spread(people, hours=hours, kept=found) == found
