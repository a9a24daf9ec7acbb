"""Every module: small, with a docstring first, named by its subject; `__init__.py` says what the package is."""

import ast

import pytest

from tests.consistency.sources import FIRMWARE, PACKAGES, REPOSITORY, modules, name, tree

LINES = 400  # style.md 3: past this a reader no longer holds the module in mind
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "base"}
WITH_CODE = {"kiosk/hardware/__init__.py"}  # the one table that names each device's drivers

every_module = pytest.mark.parametrize("path", modules(), ids=name)


def test_all_packages_are_there():
    assert [package for package in PACKAGES if not (REPOSITORY / package / "__init__.py").is_file()] == []


@every_module
def test_module_is_short(path):
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= LINES, f"{name(path)} has {lines} lines; make it a folder of the same name"


@every_module
def test_module_says_what_it_owns(path):
    assert (ast.get_docstring(tree(path)) or "").strip(), f"{name(path)} does not open with a docstring"


@every_module
def test_module_is_named_by_its_subject(path):
    words = set(name(path).removesuffix(".py").split("/")) | set(path.stem.split("_"))
    assert not words & VAGUE, f"{name(path)}: name it by what it is about"


@pytest.mark.parametrize("path", [path for path in modules() if path.name == "__init__.py"], ids=name)
def test_init_holds_a_docstring_only(path):
    if name(path) in WITH_CODE:
        pytest.skip("holds the table of drivers")
    assert len(tree(path).body) <= 1, f"{name(path)} holds more than a docstring"


@every_module
def test_imports_are_absolute(path):
    relative = [node.lineno for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) and node.level]
    assert relative == [], f"{name(path)}, lines {relative}"


@every_module
def test_no_import_only_for_types(path):
    if name(path).startswith(FIRMWARE):
        pytest.skip("MicroPython's boards have no typing")
    hidden = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
    ]
    assert hidden == [], f"{name(path)}, lines {hidden}: a TYPE_CHECKING block hides a cycle or a layer"
