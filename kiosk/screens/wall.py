"""The wall display: a page for a large screen that shows which ticket goes to which desk. Read-only, names nobody.

It is at /wall of the touchscreen's own port, and, where the settings say so, on an address of its own for the site's LAN.
"""

import logging
from contextlib import ExitStack
from typing import Any, Protocol

from flask import Flask, Response, current_app, jsonify, render_template
from werkzeug.exceptions import HTTPException

from kiosk.screens.access import CITIZEN, harden, register
from kiosk.screens.parts import add_files, install_words
from kiosk.screens.serving import serve

log = logging.getLogger(__name__)


class Hall(Protocol):
    """What the wall needs of the desk."""

    @property
    def version(self) -> int:
        """Rises with every change of what is to be shown."""

    def wall(self) -> dict[str, Any]:
        """Tickets and desks (`kiosk.desk.wall.shown`)."""


def create_wall(*, hall: Hall) -> Flask:
    """The wall display alone: no form, no act, nothing that could change a thing, so any Host may ask for it."""
    app = Flask(__name__, static_folder=None)
    install_words(app)
    app.after_request(harden)
    register(app, "GET", "/", CITIZEN, show_wall, endpoint="root")
    add_files(app)
    add_wall(app, hall=hall)
    app.register_error_handler(HTTPException, lambda error: (error.name, error.code or 500))
    return app


def serve_wall(stack: ExitStack, hall: Hall, addresses: tuple[tuple[str, int], ...]) -> str:
    """Serve the wall display on the first of `addresses` until `stack` closes; its URL, or empty when that is not ours."""
    host, port = addresses[0]
    try:
        taken, stop = serve(create_wall(hall=hall), port, host=host, name="wall")
    except OSError:
        # An address this machine does not have (yet) costs the hall its display, never the site its kiosk.
        log.exception("wall_not_started")
        return ""
    stack.callback(stop)
    return f"http://{host}:{taken}/"


def add_wall(app: Flask, *, hall: Hall) -> None:
    """Add the wall's two routes."""
    app.extensions["hall"] = hall
    register(app, "GET", "/wall", CITIZEN, show_wall, endpoint="wall")
    register(app, "GET", "/wall/pulse", CITIZEN, wall_pulse, endpoint="wall_pulse")


def show_wall() -> str:
    """The page."""
    return render_template("wall.html", hall=_hall().wall())


def wall_pulse() -> Response:
    """`{"version": n}`: the page compares it with the version it shows."""
    return jsonify(version=_hall().version)


def _hall() -> Hall:
    hall: Hall = current_app.extensions["hall"]
    return hall
