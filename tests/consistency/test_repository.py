"""What must never stand in the repository: private keys, addresses of package registries, paths of one machine."""

import json
import re
import tomllib

import pytest

from tests.consistency.sources import REPOSITORY, files, name

# Written in pieces, so that this file does not contain what it forbids.
REGISTRIES = ["py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs", "deb." + "debian.org", "npm" + "mirror"]
MACHINES = ["/wo" + "rk/", "/ro" + "ot/", "/opt/" + "wheels", "/opt/" + "pypi", "/tm" + "p/v/", "bash" + "_jobs"]
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE" + rb" KEY-----\s+[A-Za-z0-9+/=]{20}")
PINS = ["requirements/run.txt", "requirements/dev.txt"]


def test_there_are_files_to_look_at():
    assert len(files()) > 20


def test_no_secret_and_no_address_of_one_machine():
    contents = {name(path): path.read_bytes() for path in files()}
    assert [path for path, content in contents.items() if PRIVATE_KEY.search(content)] == []
    forbidden = [word.encode() for word in REGISTRIES + MACHINES]
    assert {path: word for path, content in contents.items() for word in forbidden if word in content} == {}


@pytest.mark.parametrize("pins", PINS)
def test_pinned_requirements_carry_hashes_and_no_address(pins):
    text = (REPOSITORY / pins).read_text("utf-8")
    blocks = [block for block in re.split(r"\n(?=\S)", text) if block.strip() and not block.startswith("#")]
    assert blocks
    for block in blocks:
        assert re.match(r"[a-z0-9][a-z0-9._-]*==\S+ \\\n", block), f"not an exact version: {block[:60]}"
        assert "--hash=sha256:" in block, f"no hash: {block[:60]}"
    assert not re.search(r"https?:|file:/|--find-links|--index-url|--extra-index|--trusted-host| @ ", text)


def test_every_direct_dependency_is_pinned():
    pinned = {line.split("==")[0] for line in (REPOSITORY / PINS[0]).read_text("utf-8").splitlines() if "==" in line}
    chosen = {
        line.split("[")[0].strip()
        for line in (REPOSITORY / "requirements/run.in").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    }
    assert chosen <= pinned


def test_pyproject_and_run_in_name_the_same_dependencies():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[>=<\[]", dependency)[0] for dependency in project["dependencies"]}
    chosen = {
        line.split("[")[0].strip()
        for line in (REPOSITORY / "requirements/run.in").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    }
    assert declared == chosen


@pytest.mark.parametrize("path", [path for path in files() if path.name == "package-lock.json"], ids=name)
def test_npm_lock_carries_digests_and_no_address(path):
    packages = json.loads(path.read_text("utf-8"))["packages"]
    for place, package in packages.items():
        if place:
            assert "integrity" in package, place
            assert "resolved" not in package, place
    assert "http" not in path.read_text("utf-8")
