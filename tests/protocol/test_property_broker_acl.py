"""The broker's ACL names the same words as protocol/topics.py (CPython only: it reads the server's and real files)."""

from pathlib import Path

import pytest

from protocol import topics

EXAMPLE = Path(__file__).resolve().parents[2] / "provisioning" / "mosquitto" / "acl.example"


def rules():
    """`(user, access, topic)` of every line of the example ACL."""
    if not EXAMPLE.exists():
        pytest.skip("no ACL is provisioned yet")
    user = None
    for line in EXAMPLE.read_text(encoding="ascii").splitlines():
        words = line.split()
        if words[:1] == ["user"]:
            user = words[1]
        elif words[:1] == ["topic"]:
            yield user, words[1], words[2]


def test_a_writer_writes_its_own_topics_and_reads_its_own_site():
    by_user = {}
    for user, access, topic in rules():
        if user != "server":
            by_user.setdefault(user, set()).add((access, topic))
    assert by_user
    for user, granted in by_user.items():
        shard, site, k = user.split("/")
        assert granted == {
            ("write", topics.writer(shard, site, k, topics.UP)),
            ("write", topics.writer(shard, site, k, topics.STATE)),
            ("write", topics.writer(shard, site, k, topics.HELD)),
            ("read", topics.neighbours(topics.UP, shard, site)),
            ("read", topics.neighbours(topics.DOWN, shard, site)),
            ("read", topics.neighbours(topics.HELD, shard, site)),
            ("read", topics.reference(shard, site) + "/#"),
            ("readwrite", f"{topics.ROOT}/{shard}/{site}/{topics.CLAIMS}"),
        }


def test_the_server_reads_what_writers_write_and_writes_what_they_read():
    assert {(access, topic) for user, access, topic in rules() if user == "server"} == {
        ("read", topics.every(topics.UP)),
        ("read", topics.every(topics.STATE)),
        ("write", topics.every(topics.DOWN)),
        ("write", f"{topics.ROOT}/+/+/{topics.REF}/#"),
        ("read", f"{topics.ROOT}/+/+/{topics.CLAIMS}"),
    }
