"""The screens' application over a desk with sample views, in memory and on a real port for Chromium."""

import threading

import pytest
from werkzeug.serving import make_server

from kiosk.screens.pages import create_screens
from tests.kiosk.screens.shown_desk import ShownBench, ShownDesk
from tests.templates import COMPILED


@pytest.fixture
def desk():
    return ShownDesk()


@pytest.fixture
def bench():
    return ShownBench()


@pytest.fixture
def app(desk):
    made = create_screens(desk=desk)
    made.jinja_env.bytecode_cache = COMPILED
    return made


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def bench_client(desk, bench):
    return create_screens(desk=desk, bench=bench, demo=True).test_client()


@pytest.fixture
def address(app):
    """The screens on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="tram-screens-test")
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
