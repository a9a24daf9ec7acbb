"""Papers that say what the code holds: which fields must agree (ASVS 2.1.2), what costs much (15.1.3), times of mending (15.1.1)."""

import re

from server import attachments, door, duplicates, logbook
from server.api import access as api_access
from server.imports import reading
from server.pages import lookup, sign_in, tables
from tests.consistency.sources import REPOSITORY

FIELDS = (REPOSITORY / "server" / "FIELDS.md").read_text("utf-8")
SECURITY = (REPOSITORY / "SECURITY.md").read_text("utf-8")


def test_every_rule_over_several_fields_is_listed_and_stands_where_it_says():
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \| `([^`]+)` \| (.+) \|$", FIELDS, re.MULTILINE)
    assert len(rows) > 25
    for word, _, place, _ in rows:
        assert word in (REPOSITORY / place).read_text("utf-8"), (word, place)
    listed = {word for word, _, place, _ in rows if place == "protocol/rules.py"}
    assert listed == set(re.findall(r'Finding\("(\w+)"', (REPOSITORY / "protocol" / "rules.py").read_text("utf-8")))


def test_what_costs_much_is_bounded_as_the_paper_says():
    said = SECURITY.partition("## What costs much")[2]
    for bound in (
        f"{sign_in.TRIES.most} tries an address in {sign_in.TRIES.window_ms // 60_000} minutes",
        f"{reading.MOST_BYTES // 1024**2} MB, {reading.MOST_ROWS:,} rows, {reading.MOST_UNPACKED // 1024**3} GB",
        f"{attachments.MAX_BYTES // 1024**2} MB and {attachments.MAX_PIXELS:,} pixels",
        f"{tables.MOST:,} rows",
        f"{lookup.SLIP_TRIES.most} slips, {lookup.CODES_PER_ADDRESS.most} codes an address in {lookup.QUARTER_HOUR_MS // 60_000} minutes",
        f"{lookup.CODES_PER_PHONE.most} messages a telephone",
        f"{api_access.CALLS.most} an account in {api_access.CALLS.window_ms // 60_000} minutes",
        f"{door.MOST_AT_ONCE} at once, {door.PATIENCE_S:.0f} s each, {door.MOST_BYTES:,} bytes",
        f"{duplicates.MOST_IN_A_BLOCK} people of one block",
        f"{logbook.MOST_A_MINUTE} lines a minute",
    ):
        assert bound in said, bound


def test_times_of_mending_are_promised_and_their_commands_exist():
    table = SECURITY.partition("## In which time")[2].partition("## ")[0]
    days = [int(number) for number in re.findall(r"\| (\d+) days \|", table)]
    assert days == sorted(days)
    assert len(days) == 4
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    for target in re.findall(r"`make (\w+)`", table):
        assert re.search(rf"^{target}:.*##", makefile, re.MULTILINE), target
