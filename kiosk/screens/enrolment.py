"""The one page of a kiosk that is not enrolled: it asks for the QR, says what became of it. Decides nothing."""

from typing import Any, Protocol

from flask import Flask, Response, current_app, g, jsonify, render_template
from werkzeug.exceptions import HTTPException

from kiosk.screens import bench as bench_page
from kiosk.screens.access import CITIZEN, guard, register
from kiosk.screens.enrolment_words import FAILED, SAYS
from kiosk.screens.parts import add_files, install_words
from kiosk.screens.preferences import add_preferences
from kiosk.screens.sentences import CAMERA_TROUBLE, READER_TROUBLE


class State(Protocol):
    """What the page needs of the kiosk."""

    def view(self) -> dict[str, Any]:
        """What to show."""


def create_enrolment(*, state: State, bench: bench_page.Bench | None = None) -> Flask:
    """The Flask application of a kiosk that is not enrolled; with a `bench` its levers too."""
    app = Flask(__name__, static_folder=None)
    install_words(app)
    guard(app)
    app.extensions["state"] = state
    register(app, "GET", "/", CITIZEN, show, endpoint="show")
    register(app, "GET", "/pulse", CITIZEN, pulse, endpoint="pulse")
    add_files(app)
    add_preferences(app)
    if bench is not None:
        bench_page.add_bench(app, bench=bench)
    app.register_error_handler(HTTPException, lambda error: (error.name, error.code or 500))
    return app


def show() -> str:
    """The page."""
    view = _state().view()
    tone, said = SAYS.get(view["word"], FAILED) if view["word"] else ("", "")
    devices = view["devices"]
    trouble = ""
    if devices["camera"] in CAMERA_TROUBLE and devices["reader"] != "ready":
        trouble = CAMERA_TROUBLE[devices["camera"]]
    elif devices["reader"] in READER_TROUBLE and devices["camera"] != "ready":
        trouble = READER_TROUBLE[devices["reader"]]
    say = g.words.gettext
    return render_template(
        "enrolment.html", view=view, tone=tone, said=say(said) if said else "", trouble=say(trouble) if trouble else ""
    )


def pulse() -> Response:
    """`{"version": n}`: the page compares it with the version it shows."""
    return jsonify(version=_state().view()["version"])


def _state() -> State:
    state: State = current_app.extensions["state"]
    return state
