"""A broad `except` stands only at a loop's edge, says so, and logs what it caught; bugs elsewhere end the unit."""

import ast

import pytest

from tests.consistency.sources import PRODUCT, modules, name, tree

BROAD = {"Exception", "BaseException"}
MARK = "# loop edge"


def broad_handlers(module):
    """Handlers of a bare `except`, of Exception or BaseException, alone or inside a tuple."""
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(one is None or (isinstance(one, ast.Name) and one.id in BROAD) for one in caught):
                yield node


def logs_it(handler):
    """Whether the handler calls something's `.exception(...)`, as logger.exception."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "exception"
        for node in ast.walk(handler)
    )


def test_broad_except_only_at_loop_edges():
    """Catch narrowly, or mark the line `# loop edge` and call logger.exception."""
    wrong = [
        f"{name(path)}:{handler.lineno}"
        for path in modules(*PRODUCT)
        for handler in broad_handlers(tree(path))
        if MARK not in path.read_text("utf-8").splitlines()[handler.lineno - 1] or not logs_it(handler)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "broad", "logged"),
    [
        ("try: f()\nexcept: pass", 1, 0),
        ("try: f()\nexcept (OSError, Exception): logger.exception('x')", 1, 1),
        ("try: f()\nexcept ValueError: pass", 0, 0),
    ],
)
def test_the_detector_itself(code, broad, logged):
    found = list(broad_handlers(ast.parse(code)))
    assert (len(found), sum(map(logs_it, found))) == (broad, logged)
