"""Every module: small, with a docstring first, named by its subject; `__init__.py` says what the package is."""

import ast

from tests.consistency.sources import FIRMWARE, PACKAGES, REPOSITORY, modules, name, tree

LINES = 400  # style.md 3: past this a reader no longer holds the module in mind
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "base"}
WITH_CODE = {"kiosk/hardware/__init__.py"}  # the one table that names each device's drivers


def test_all_packages_are_there():
    assert [package for package in PACKAGES if not (REPOSITORY / package / "__init__.py").is_file()] == []


def test_modules_are_short():
    lengths = {name(path): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert len(lengths) > 100
    assert {path: lines for path, lines in lengths.items() if lines > LINES} == {}, "make it a folder of the same name"


def test_modules_say_what_they_own():
    assert [name(path) for path in modules() if not (ast.get_docstring(tree(path)) or "").strip()] == []


def test_modules_are_named_by_their_subject():
    words = {name(path): {*name(path).removesuffix(".py").split("/"), *path.stem.split("_")} for path in modules()}
    assert [path for path, said in words.items() if said & VAGUE] == []


def test_init_holds_a_docstring_only():
    packages = [path for path in modules() if path.name == "__init__.py" and name(path) not in WITH_CODE]
    assert packages
    assert [name(path) for path in packages if len(tree(path).body) > 1] == []


def test_imports_are_absolute():
    relative = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_no_import_only_for_types():
    """A TYPE_CHECKING block hides a cycle or a layer; MicroPython's boards have no typing."""
    hidden = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        if not name(path).startswith(FIRMWARE)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
    ]
    assert hidden == []
