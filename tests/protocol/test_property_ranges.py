"""Ranges under any order of arrival, and both ends over more bad lines than the plain tests try (invariants I3, I6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.inbox import Ranges, make_ack, read_ack
from tests.protocol import test_inbox, test_outbox_inbox
from tests.protocol.examples import HASH, INC

NUMBERS = st.lists(st.integers(1, 80), max_size=100)


@given(NUMBERS, st.integers(0, 100))
def test_ranges_are_a_set(numbers, last):
    ranges, seen = Ranges(), set()
    for number in numbers:
        assert ranges.add(number) == (number not in seen)
        seen.add(number)
    assert (ranges.committed(), ranges.missing(last), ranges.spans) == test_inbox.model(seen, last)


@given(st.permutations(range(1, 41)))
def test_order_does_not_matter(numbers):
    ranges = Ranges()
    for number in numbers:
        ranges.add(number)
    assert ranges.spans == [[1, 40]]


@given(NUMBERS, st.data())
def test_ranges_survive_their_store(numbers, data):
    cut = data.draw(st.integers(0, len(numbers)))
    one, two = Ranges(), Ranges()
    for at, number in enumerate(numbers):
        if at == cut:
            two = Ranges([tuple(span) for span in two.spans])
        assert one.add(number) == two.add(number)
    assert one.spans == two.spans


@given(
    NUMBERS, st.integers(0, 100), st.lists(st.tuples(st.text("0123456789", min_size=1), st.just("fork")), max_size=300)
)
def test_an_acknowledgement_made_is_read(numbers, last, status):
    covered = Ranges()
    for number in numbers:
        covered.add(number)
    rows = [[seq[:64], word, ""] for seq, word in status]
    line = make_ack(k="k", inc=INC, covered=covered, last=last, status=rows, archived=0, now=0, head=HASH)
    value = read_ack(line)
    assert value["committed"] == covered.committed()
    for first, end in value["need"]:
        assert first > value["committed"]
        assert not set(range(first, end + 1)) & set(numbers)


@pytest.mark.parametrize("seed", range(100, 120))
def test_both_ends_over_a_bad_line(seed):
    server, _sent = test_outbox_inbox.exchange(seed, total=100, loss=0.4)
    assert server.taken == server.covered.committed() >= 100


@pytest.mark.parametrize("seed", range(200, 210))
def test_both_ends_and_a_forgetful_server(seed):
    server, _sent = test_outbox_inbox.exchange(seed, total=100, amnesia_at=100)
    assert server.forgot > 0
    assert server.covered.committed() >= 100
