"""The machine has what the slower tests stand on: a broker that starts, a database that initialises, a browser."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest


def _listens(port):
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _found(name, *places):
    path = shutil.which(name) or next((str(place) for pattern in places for place in Path("/").glob(pattern)), None)
    assert path, f"{name} is missing: `make setup` installs it"
    return path


@pytest.mark.integration
def test_mosquitto_starts_and_listens(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    with subprocess.Popen(
        [_found("mosquitto", "usr/sbin/mosquitto"), "-c", str(config)], stderr=subprocess.DEVNULL
    ) as broker:
        try:
            until = time.monotonic() + 10
            while not _listens(port):
                assert time.monotonic() < until, "mosquitto does not listen"
                time.sleep(0.05)
        finally:
            broker.terminate()


@pytest.mark.integration
def test_postgresql_can_make_a_database():
    initdb = _found("initdb", "usr/lib/postgresql/*/bin/initdb")
    assert "PostgreSQL" in subprocess.run([initdb, "--version"], capture_output=True, text=True, check=True).stdout


@pytest.mark.browser
def test_chromium_writes_vietnamese(chromium, artefacts):
    page = chromium.new_page(viewport={"width": 800, "height": 480})
    page.set_content("<h1 style='font-size:64px'>Trạm tiêm chủng — Nguyễn Thị Hồng Ế Ữ Ặ</h1>")
    assert page.inner_text("h1").startswith("Trạm tiêm chủng")
    assert page.screenshot(path=artefacts / "chromium.png").startswith(b"\x89PNG")
    page.close()
