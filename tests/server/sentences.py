"""Every sentence that the pages say: taken from the templates and the code, for comparing with the catalogues."""

import ast
from pathlib import Path

from jinja2.ext import babel_extract

from server import errors, pages

PAGES = Path(pages.__file__).parent
SERVER = PAGES.parent
CALLS = {"tr", "mark"}


def of_templates() -> set[str]:
    """The sentences in `_("…")` of all templates."""
    found = set()
    for path in PAGES.rglob("*.html"):
        with path.open("rb") as source:
            for _line, _function, message, _comments in babel_extract(source, ["_", "gettext"], [], {}):
                # Not text: `_(a variable)`, whose words stand in a table of the code.
                parts = message if isinstance(message, tuple) else (message,)
                found |= {part for part in parts[:1] if part}
    return found


def of_code() -> set[str]:
    """The sentences in `tr("…")` and `mark("…")`, those of refusals, and those in tables of sentences."""
    found = set()
    for path in SERVER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found |= _called(node)
            elif isinstance(node, ast.Assign) and any(
                getattr(name, "id", "") in ("sentence", "WEAK") for name in node.targets
            ):
                found |= {text.value for text in ast.walk(node.value) if _is_sentence(text)}
    return found - {errors.ServerError.sentence}


def _called(node: ast.Call) -> set[str]:
    name = getattr(node.func, "id", "")
    if name in CALLS:
        return {node.args[0].value} if node.args and isinstance(node.args[0], ast.Constant) else set()
    if name == "_span":
        return {word.value.value for word in node.keywords}
    if name == "Refused" and len(node.args) > 1:
        return {node.args[1].value}
    return set()


def _is_sentence(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
