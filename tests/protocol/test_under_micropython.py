"""The protocol's tests on MicroPython: none is silently left out of the run that is a stage of `make test`."""

import importlib
import inspect
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
RUNNER = HERE / "run_micropython.mjs"

pytestmark = pytest.mark.integration


def run(*arguments):
    node = shutil.which("node")
    assert node, "node is missing: `make setup` installs it"
    assert (HERE / "node_modules").is_dir(), "MicroPython is missing: `make setup` installs it"
    return subprocess.run(
        [node, str(RUNNER), *arguments], capture_output=True, text=True, timeout=300, check=False, env=dict(os.environ)
    )


def plain_tests():
    """Names of the plain tests that CPython's own import finds, in modules that MicroPython is to run."""
    names = set()
    for path in HERE.rglob("test_*.py"):
        if "node_modules" in path.parts or path.stem.startswith("test_property_") or path == Path(__file__).resolve():
            continue
        module = importlib.import_module(".".join(path.relative_to(HERE.parent.parent).with_suffix("").parts))
        names |= {
            f"{module.__name__}.{name}"
            for name, function in inspect.getmembers(module, inspect.isfunction)
            if name.startswith("test_") and not inspect.signature(function).parameters
        }
    return names


def test_no_plain_test_is_left_out_on_micropython():
    """The run itself is a stage of `make test` and fails with any of these."""
    expected = plain_tests()
    assert expected, "no test of the protocol found"
    assert set(run("--list").stdout.split()) == expected


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_failing_test_fails_the_run(tmp_path):
    write(tmp_path, "protocol/one.py", "ONE = 1\n")
    text = "from protocol.one import ONE\ndef test_good():\n    assert ONE == 1\ndef test_bad():\n    assert ONE == 2\n"
    write(tmp_path, "tests/protocol/test_one.py", text)
    write(tmp_path, "tests/protocol/test_two.py", "import dataclasses\ndef test_x():\n    pass\n")
    ran = run(str(tmp_path))
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (1, "1 passed, 2 failed")


def test_a_run_of_nothing_fails(tmp_path):
    write(tmp_path, "protocol/one.py", "ONE = 1\n")
    write(tmp_path, "tests/protocol/test_one.py", "def test_with_fixture(tmp_path):\n    pass\n")
    assert run(str(tmp_path)).returncode == 1
