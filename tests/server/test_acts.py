"""What the audit notes has words: whoever reads it, or chooses an act in it, reads no code's own names (C13)."""

import ast
from pathlib import Path

import server
from server.pages import commands as command_pages
from server.pages import terms, waves

HOME = Path(server.__file__).parent


def noted():
    """Every act that stands in the code as it is noted, and the composed ones."""
    found = {f"wave_{act}" for act in waves.ACTS}
    found |= {f"command_{what}" for what in (*command_pages.WHATS, "stop_lot")}
    for place in HOME.rglob("*.py"):
        text = place.read_text("utf-8")
        for node in ast.walk(ast.parse(text)) if "act=" in text else ():
            given = node.keywords if isinstance(node, ast.Call) else ()
            found |= {one.value.value for one in given if one.arg == "act" and isinstance(one.value, ast.Constant)}
    return found - {""}


def test_every_act_in_the_audit_has_words():
    assert len(noted()) > len(terms.ACTS) / 2
    assert noted() - terms.ACTS.keys() == set()
