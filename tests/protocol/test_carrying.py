"""Which copies of a dead neighbour's records the centre may lack, and when they are offered."""

from protocol.carrying import Carrier, Said
from protocol.delivery import WINDOW
from protocol.inbox import MAX_STATUS

ROWS = [(seq, "p%d" % seq, "p%d" % (seq - 1)) for seq in range(1, 11)]


def said(**changes):
    ack = {"committed": 4, "head": "p4", "need": [], "status": []}
    return Said(dict(ack, **changes))


def numbers(found):
    return [seq for seq, _ in found]


def test_the_contiguous_mark_is_safe_and_the_rest_is_not():
    assert numbers(said().unsafe(ROWS)) == [5, 6, 7, 8, 9, 10]


def test_behind_a_hole_top_says_what_is_covered():
    """A carrier that lacks the hole's records must not offer all that stands behind it for ever."""
    assert numbers(said(need=[[5, 6]], top=9).unsafe(ROWS)) == [5, 6, 10]
    # An older server does not say; a list of holes that was cut short does not either.
    assert numbers(said(need=[[5, 6]]).unsafe(ROWS)) == [5, 6, 7, 8, 9, 10]
    many = [[5 + 2 * each, 5 + 2 * each] for each in range(32)]
    assert numbers(said(need=many, top=99).unsafe(ROWS)) == [5, 6, 7, 8, 9, 10]


def test_a_damaged_copy_at_the_centre_covers_nothing():
    """F52, DECISIONS 14."""
    assert 2 in numbers(said(status=[["2", "quarantined", "bad_signature"]]).unsafe(ROWS))
    assert 2 not in numbers(said(status=[["2", "quarantined", "future"]]).unsafe(ROWS))
    assert 2 not in numbers(said(status=[["", "quarantined", "not_json"]]).unsafe(ROWS))


def test_a_head_that_is_not_ours_proves_nothing_of_our_branch():
    """F31, F44: the card forgot what it had shown and wrote other records under the same numbers."""
    assert numbers(said(head="q4").unsafe(ROWS)) == list(range(1, 11))
    forks = [["3", "fork", "other_bytes"], ["4", "fork", "other_bytes"]]
    assert numbers(said(head="q4", status=forks).unsafe(ROWS)) == list(range(1, 11))
    assert numbers(said(head="q4", status=forks, here=["p3", "p4"]).unsafe(ROWS)) == [1, 2, 5, 6, 7, 8, 9, 10]


def test_that_a_number_is_a_forks_says_nothing_of_a_third_branch():
    """Found by the simulation (schedules 166,619 and 177,251): a dose of a burnt card was held for safe, and its copy was given up."""
    rows = sorted(ROWS + [(3, "q3", "p2"), (4, "q4", "q3"), (3, "r3", "p2"), (4, "r4", "r3")])
    forks = [["3", "fork", "other_bytes"], ["4", "fork", "other_bytes"]]
    lacking = said(status=forks, here=["q3", "q4"]).unsafe(rows)
    assert {(3, "r3"), (4, "r4")} <= set(lacking)
    assert not {(3, "q3"), (4, "q4"), (3, "p3"), (4, "p4")} & set(lacking)


def test_of_two_branches_the_chain_from_the_head_is_safe():
    rows = sorted(ROWS + [(3, "q3", "p2"), (4, "q4", "q3")])
    assert (3, "q3") in said().unsafe(rows)
    assert not {(1, "p1"), (2, "p2"), (3, "p3"), (4, "p4")} & set(said().unsafe(rows))
    assert {(3, "p3"), (4, "p4")} <= set(said(head="q4").unsafe(rows))


def test_where_the_chain_has_a_gap_the_centres_word_on_the_very_bytes_is_enough():
    """Found by the simulation: what lay below a gap of a forked log was carried for ever, and its people kept."""
    rows = [row for row in ROWS if row[0] != 5]
    fork = [["6", "fork", "other_bytes"]]
    marks = {"committed": 8, "head": "p8", "status": fork}
    first = said(**marks)
    assert numbers(first.unsafe(rows)) == [1, 2, 3, 4, 9, 10]
    told = said(here=["p2", "p3", "q4"], **marks)
    assert numbers(told.unsafe(rows)) == [1, 4, 9, 10]
    # The next acknowledgement, of another message, takes nothing back.
    later = Said(dict(marks, need=[], here=["p1", "p9"]), told)
    assert numbers(later.unsafe(rows)) == [4, 9, 10], "9 is named and not covered: the centre was put back meanwhile"
    # A mark that fell does: the centre was put back, and what it had named may be gone.
    fallen = Said(dict(marks, need=[], committed=7, head="p7"), later)
    assert numbers(fallen.unsafe(rows)) == [1, 2, 3, 4, 8, 9, 10]


def test_of_a_branch_that_nobody_has_told_of_a_number_proves_nothing():
    """Only what the centre has byte for byte may be put away: the card may have been copied, and the copy burnt."""
    rows = [row for row in ROWS if row[0] in (1, 2, 3, 9, 10)]
    word = said(committed=10, head="p10")
    assert (word.suspects(rows), word.unsafe(rows)) == (False, [])
    assert word.proven(rows) == {(9, "p9"), (10, "p10")}
    # It was asked with the end of that run, and has it as a record: then it has what its chain names.
    assert word.proven(ROWS) == {row[:2] for row in ROWS}
    assert said(committed=10, head="p10", here=["p3"]).proven(rows) == {row[:2] for row in rows}
    # It has it beside another: the rest is to be named one by one.
    for one in (["3", "fork", "other_bytes"], ["3", "quarantined", "future"]):
        told = said(committed=10, head="p10", here=["p3"], status=[one])
        assert told.proven(rows) == {(3, "p3"), (9, "p9"), (10, "p10")}
    assert said(committed=10, head="").proven(rows) == set()


def test_where_records_stand_aside_each_is_asked_for_and_elsewhere_the_end_of_a_run():
    """Found by the simulation (schedule 16,105): a revoked kiosk's people stood open on its neighbour's card for ever."""
    rows = [row for row in ROWS if row[0] in (1, 2, 3, 9, 10)]
    assert numbers(said(committed=10, head="p10").asks(rows)) == [3]
    assert said(committed=10, head="p10").asks(ROWS) == []
    # The third may be named and says nothing of the second; the second, being a record, speaks for the first.
    third = ["3", "quarantined", "revoked"]
    assert numbers(said(committed=10, head="p10", status=[third]).asks(rows)) == [2, 3]
    assert numbers(said(committed=10, head="p10", status=[third], here=["p3"]).asks(rows)) == [2]
    assert said(committed=10, head="p10", status=[third], here=["p2", "p3"]).asks(rows) == []
    # Where two logs are known under this name, nothing speaks for another.
    assert numbers(said(committed=10, head="q10").asks(rows)) == [1, 2, 3, 9, 10]


def test_below_the_last_status_that_is_told_anything_may_stand_aside():
    status = [[str(seq), "quarantined", "revoked"] for seq in range(11, 11 + MAX_STATUS)]
    rows = ROWS[:3]
    told = said(committed=300, head="", status=status, here=["p3"])
    assert (numbers(told.proven(rows)), numbers(told.asks(rows))) == ([3], [1, 2])
    assert said(committed=300, head="", status=status[1:], here=["p3"]).asks(rows) == []


def test_a_number_whose_record_does_not_name_the_one_before_speaks_of_two_branches():
    rows = ROWS[:3] + [(4, "q4", "q3")]
    assert said(committed=9, head="p9").suspects(rows)
    assert not said(committed=9, head="p9").suspects(ROWS[:3] + ROWS[4:])


def test_all_is_offered_window_by_window_then_again_after_a_growing_pause():
    carrier = Carrier()
    wanted = list(range(1, 2 * WINDOW + 11))
    offered = []
    times = []
    for now in range(0, 30000, 250):
        part = carrier.poll(now, wanted)
        if part:
            times.append(now)
            offered.extend(part)
    assert offered[: len(wanted)] == wanted
    assert max([times[at + 1] - times[at] for at in range(len(times) - 1)]) >= 4000
    assert carrier.poll(40000, []) == []


def test_progress_and_the_leads_word_shorten_the_pause():
    carrier = Carrier()
    for now in range(0, 60000, 500):
        carrier.poll(now, [1, 2, 3])
    assert carrier.poll(60100, [1, 2, 3]) == []
    carrier.hurry(60100)
    assert carrier.poll(60100, [1, 2, 3]) == [1, 2, 3]
