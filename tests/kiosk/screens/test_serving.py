"""The end of what listens, for the kiosk's screens and for the centre's pages: both have waitress on a thread of its own.

Its threads wake each other through a pipe. Whoever writes to one that is closed writes into the file opened under its number.
"""

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
def test_a_loop_that_is_awake_already_closes_nothing_that_wakes_it(monkeypatch, begin):
    """At the end the pipe is closed all the same."""
    pull, shut, pulled = trigger._physical_pull, [], []

    def late(self):
        os.write(self.trigger, b"x")
        time.sleep(0.2)
        pulled.append(self)
        shut.append(self._closed)
        if not self._closed:
            pull(self)

    stop = begin()
    monkeypatch.setattr(trigger, "_physical_pull", late)
    stop()
    assert shut == [False]
    assert pulled[0]._closed
