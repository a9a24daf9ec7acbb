"""The ACL's text, and that template, ACL and protocol speak of the same topics and sizes."""

import re
from dataclasses import replace
from pathlib import Path

from protocol import canon, envelope, topics
from provisioning.broker import TEMPLATE, broker_config
from server.broker_acl import acl_text
from server.pki import Writer

EXAMPLE = TEMPLATE.with_name("acl.example")
KIOSKS = tuple(
    Writer(k=k, shard="ha-giang", site="yen-minh-01", public_key_pem="", enrolled_at=0)
    for k in ("kiosk-01", "kiosk-02")
)


def test_the_example_is_what_we_write():
    assert EXAMPLE.read_text("ascii") == acl_text(KIOSKS)


def test_order_of_writers_does_not_matter():
    assert acl_text(reversed(KIOSKS)) == acl_text(KIOSKS)


def test_revoked_writer_has_no_line():
    text = acl_text((KIOSKS[0], replace(KIOSKS[1], revoked_at=1)))
    assert "kiosk-01" in text
    assert "kiosk-02" not in text


def test_nothing_is_allowed_to_everybody():
    """Lines above the first `user` hold for anonymous clients, `pattern` lines for all: neither may appear."""
    text = acl_text(KIOSKS)
    assert "pattern" not in text
    assert "topic" not in text[: text.index("\nuser ")]


def test_no_kiosk_line_reaches_beyond_its_site_nor_writes_with_a_wildcard():
    own = acl_text(KIOSKS).split("\nuser ")[2:]
    for line in "\n".join(own).splitlines():
        if line.startswith("topic"):
            assert line.split()[2].startswith("tram/1/ha-giang/yen-minh-01/")
            assert "+" not in line or (line.startswith("topic read ") and "/yen-minh-01/+/" in line)


def test_each_process_of_the_centre_is_named():
    text = acl_text((), processes=("server", "ingest-1"))
    assert re.findall(r"^user (\S+)$", text, re.MULTILINE) == ["server", "ingest-1"]


def test_every_topic_of_the_protocol_has_a_line():
    text = acl_text(KIOSKS[:1])
    for leaf in (topics.UP, topics.STATE, topics.HELD):
        assert f"write {topics.writer('ha-giang', 'yen-minh-01', 'kiosk-01', leaf)}" in text
    for leaf in (topics.UP, topics.DOWN, topics.HELD):
        assert f"read {topics.neighbours(leaf, 'ha-giang', 'yen-minh-01')}" in text
    for leaf in (topics.UP, topics.DOWN, topics.STATE):
        assert topics.every(leaf) in text


def test_the_largest_batch_fits_the_packet_limit():
    pair = canon.MAX_RECORD + envelope.MAX_SIGNATURE + 2
    assert setting("max_packet_size") > envelope.MAX_PAIRS * pair + 1024


def test_template_has_no_unknown_word_and_refuses_the_unknown():
    text = broker_config(folder=Path("/keys"), port=8883, bind="0.0.0.0", user="mosquitto", log="stderr")  # noqa: S104
    lines = set(text.splitlines())
    assert "$" not in text
    assert {
        "listener 8883 0.0.0.0",
        "require_certificate true",
        "use_identity_as_username true",
        "use_username_as_clientid true",
        "allow_anonymous false",
        "acl_file /keys/acl",
        "persistence false",
    } <= lines


def setting(name):
    return int(re.search(rf"^{name} (\d+)$", TEMPLATE.read_text("ascii"), re.MULTILINE).group(1))
