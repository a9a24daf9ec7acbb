"""Who may import whom: the contracts in pyproject.toml hold, and each outside library is imported in its one place."""

import subprocess
import sys

import pytest

from tests.consistency.sources import PRODUCT, REPOSITORY, imported, modules, name

# Library: the places that may import it, as beginnings of paths.
# A device's library stands in its driver only, so that a laptop without it still imports the rest.
PLACES = {
    "serial": ("kiosk/hardware/", "provisioning/"),
    "escpos": ("kiosk/hardware/",),
    "usb": ("kiosk/hardware/",),
    "picamera2": ("kiosk/hardware/",),
    "libcamera": ("kiosk/hardware/",),
    "zxingcpp": ("kiosk/hardware/", "server/slip_photos"),
    "pyzbar": ("kiosk/hardware/",),
    "paho": ("kiosk/sync", "server/ingest", "server/broker_link", "provisioning/"),
    "sqlite_utils": ("kiosk/store", "kiosk/migrations", "kiosk/__main__", "provisioning/"),
    "sqlalchemy": ("server/",),
    "alembic": ("server/",),
    "waitress": ("kiosk/app", "kiosk/screens", "server/web_server"),
    "gunicorn": ("server/__main__", "server/app"),
}


def test_import_contracts_hold():
    contracts = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert contracts.returncode == 0, contracts.stdout + contracts.stderr


@pytest.mark.parametrize("library", sorted(PLACES))
def test_library_is_imported_in_its_place_only(library):
    elsewhere = [
        name(path)
        for path in modules(*PRODUCT)
        if library in {module.split(".")[0] for module in imported(path)} and not name(path).startswith(PLACES[library])
    ]
    assert elsewhere == []


def test_protocol_does_no_io():
    forbidden = {
        "socket", "os", "pathlib", "io", "time", "datetime", "random", "secrets", "threading", "logging", "subprocess",
        "dataclasses", "typing", "enum", "contextlib", "uuid", "decimal", "unicodedata", "re", "cryptography", "hmac",
    }  # fmt: skip
    wrong = {
        name(path): {module.split(".")[0] for module in imported(path)} & forbidden for path in modules("protocol")
    }
    assert wrong
    assert {path: found for path, found in wrong.items() if found} == {}


def test_nothing_of_ours_is_mocked():
    """Use the fake that ships with the product."""
    assert [name(path) for path in modules() if {"mock", "unittest.mock"} & imported(path)] == []
