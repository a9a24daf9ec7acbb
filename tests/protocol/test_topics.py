"""Topic names: built, read back, and nothing else let through."""

from protocol import topics
from protocol.errors import ProtocolError
from tests.protocol.raising import raises


def test_a_writer_topic_reads_back():
    for leaf in (topics.UP, topics.DOWN, topics.STATE, topics.HELD):
        name = topics.writer("ha-giang", "yen-minh-01", "kiosk-01", leaf)
        assert name == "tram/1/ha-giang/yen-minh-01/kiosk-01/" + leaf
        assert topics.read(name) == ("ha-giang", "yen-minh-01", "kiosk-01", leaf)


def test_reference_topics():
    assert topics.reference("ha-giang", "yen-minh-01") == "tram/1/ha-giang/yen-minh-01/ref"
    assert topics.reference("ha-giang", "yen-minh-01", "lots") == "tram/1/ha-giang/yen-minh-01/ref/lots"


def test_the_topic_of_claims():
    assert topics.claims("ha-giang", "yen-minh-01") == "tram/1/ha-giang/yen-minh-01/claims"


def test_the_subscription_of_the_server():
    assert topics.every(topics.UP) == "tram/1/+/+/+/up"
    assert topics.every(topics.STATE, "ha-giang") == "tram/1/ha-giang/+/+/state"


def test_a_kiosk_subscribes_to_its_own_site_only():
    assert topics.neighbours(topics.UP, "ha-giang", "yen-minh-01") == "tram/1/ha-giang/yen-minh-01/+/up"
    assert raises(ProtocolError, topics.neighbours, topics.UP, "+", "yen-minh-01").field == "topic"


def test_a_level_is_short_and_plain():
    for value in ("a", "0", "kiosk-01", "x" * 32):
        assert topics.check_level(value) == value
    for value in ("", "x" * 33, None, 7):
        assert raises(ProtocolError, topics.check_level, value).code == "bad_length"
    for value in ("+", "#", "a/b", "A", "a b", "đ", "a\x00", "$sys", "a_b", "a.b"):
        assert raises(ProtocolError, topics.check_level, value).code == "bad_character"


def test_wildcards_and_personal_words_cannot_be_smuggled_in():
    assert raises(ProtocolError, topics.writer, "+", "s", "k", topics.UP).field == "topic"
    assert raises(ProtocolError, topics.writer, "s", "s", "#", topics.UP).field == "topic"
    assert raises(ProtocolError, topics.reference, "s", "s/k", "lots").field == "topic"
    assert raises(ProtocolError, topics.reference, "s", "s", "+").field == "topic"


def test_a_leaf_is_one_of_a_closed_set():
    for leaf in ("ref", "claims", "", "up/x"):
        assert raises(ProtocolError, topics.writer, "s", "s", "k", leaf).code == "unknown_word"


def test_other_topics_are_refused():
    for topic in (
        "",
        "tram/1",
        "tram/2/s/s/k/up",
        "x/1/s/s/k/up",
        "tram/1/s/s/k/ref",
        "tram/1/s/s/k/up/x",
        "/tram/1/s/s/k/up",
    ):
        assert raises(ProtocolError, topics.read, topic).code == "bad_topic", topic
    for topic in ("tram/1/+/s/k/up", "tram/1/s//k/up", "tram/1/s/s/K/up"):
        assert raises(ProtocolError, topics.read, topic).field == "topic"
