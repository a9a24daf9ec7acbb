"""Who is one person after everything that was said of pairs: the last word holds, and no order of arrival shows."""

from protocol import links


class Said:
    """A record as far as links read it."""

    def __init__(self, kind, person, other):
        self.kind = "person." + kind
        self.body = {"person": person, "other": other}


CHAIN = [Said("linked", "b", "a"), Said("linked", "c", "b"), Said("told_apart", "a", "d")]


def test_whoever_is_linked_is_one_and_the_last_link_names_them():
    for person in ("a", "b", "c"):
        assert links.together(person, CHAIN) == ["a", "b", "c"]
        assert links.kept(person, CHAIN) == "c"
    assert links.together("d", CHAIN) == ["d"]
    assert links.kept("d", CHAIN) == "d"
    assert links.beside("b", CHAIN) == ["a", "c"]


def test_the_last_word_about_a_pair_holds_whoever_stands_first_in_it():
    parted = CHAIN + [Said("unlinked", "b", "c")]
    assert links.together("a", parted) == ["a", "b"]
    assert links.kept("a", parted) == "b"
    again = parted + [Said("linked", "a", "b")]
    assert links.kept("b", again) == "a"
    assert links.together("b", again + [Said("told_apart", "b", "a")]) == ["b"]


def test_nobody_is_linked_with_themselves():
    assert links.last_words([Said("linked", "a", "a")]) == []
    assert links.together("a", [Said("linked", "a", "a")]) == ["a"]


def test_own_records_are_those_that_name_the_person_and_say_nothing_of_pairs():
    checked_in = Said("corrected", "a", "")
    assert links.own("a", CHAIN + [checked_in]) == [checked_in]
