"""LOGS.md lists every event of the program log, and the code knows no other (ASVS 5.0 16.1.1, 16.2.3)."""

import ast
import re
from functools import cache

from server.pages import terms
from tests.consistency.sources import REPOSITORY

HOME = REPOSITORY / "server"
PAPER = (HOME / "LOGS.md").read_text("utf-8")
LEVELS = {"info", "warning", "error", "exception"}
# A word first, then values by name: what machines read back (logbook.fields_of).
SHAPE = re.compile(r"(?:%s_)?[a-z]+(?:_[a-z]+)*(?: [a-z_]+=(?:(?:0x)?%[.\d]*[a-z]|[a-z_]+))*")


@cache
def calls():
    """(module, method of a logger, its text) of every line that the server logs."""
    found = []
    for place in HOME.rglob("*.py"):
        text = place.read_text("utf-8")
        # Reading the syntax of everything takes seconds; most modules log nothing.
        for node in ast.walk(ast.parse(text)) if "logg" in text else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                by = getattr(node.func.value, "id", "")
                if by in ("logger", "logging") and node.func.attr not in ("getLogger", "StreamHandler"):
                    text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
                    found.append((place.relative_to(HOME).as_posix(), by, node.func.attr, text))
    return found


def test_every_event_is_listed_with_its_level():
    said = dict(re.findall(r"^\| `([^`]+)` \| (\w+) \| .{10,} \|$", PAPER, re.MULTILINE))
    found = {}
    for _, by, method, text in calls():
        if by == "logger":
            found[text.partition(" ")[0].replace("%s", "…")] = "error" if method == "exception" else method
    assert {event: said.get(event) for event in found} == found
    assert set(said) - set(found) == set()


def test_every_line_is_an_event_with_named_values_and_goes_one_way():
    for place, by, method, text in calls():
        if by == "logging":
            assert place == "logbook.py", f"{place}: logging.{method}"
        else:
            assert method in LEVELS, f"{place}: {method}"
            assert SHAPE.fullmatch(text), f"{place}: {text}"


def test_the_acts_of_the_audit_are_one_table_that_is_named():
    said = PAPER.partition("## Acts of the audit")[2]
    assert "`ACTS` in `server/pages/terms.py`" in said
    assert len(terms.ACTS) > 50


def test_it_says_of_every_log_where_it_goes_and_how_long_it_is_kept():
    logs = re.findall(r"^\| ([a-z' ]+) \|(.+)\|(.+)\|(.+)\|(.+)\|$", PAPER.partition("## Events")[0], re.MULTILINE)
    assert {name for name, *_ in logs} >= {"audit", "program log", "broker's log", "the kiosks' logs"}
    assert all(len(cell.strip()) > 2 for _, *cells in logs for cell in cells)
