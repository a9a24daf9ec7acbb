"""The end of what listens, for the kiosk's screens and for the centre's pages: both have waitress on a thread of its own."""

import os
import time

import pytest
from flask import Flask
from waitress.trigger import trigger

from kiosk.screens.serving import serve
from server.web_server import WebServer


def of_the_kiosk():
    return serve(Flask(__name__), 0)[1]


def of_the_centre():
    server = WebServer(Flask(__name__), host="127.0.0.1", port=0, threads=1)
    server.start()
    return server.stop


@pytest.mark.parametrize("begin", [of_the_kiosk, of_the_centre])
def test_the_end_writes_into_no_file_that_another_has_opened_meanwhile(monkeypatch, begin):
    """The loop is awake already when it is told to end: what wakes it must still be open when we write to it."""
    pull, shut = trigger._physical_pull, []

    def late(self):
        os.write(self.trigger, b"x")
        time.sleep(0.2)
        shut.append(self._closed)
        if not self._closed:
            pull(self)

    stop = begin()
    monkeypatch.setattr(trigger, "_physical_pull", late)
    stop()
    assert shut == [False]
