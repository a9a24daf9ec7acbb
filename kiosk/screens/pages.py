"""The touchscreen's web application: shows the desk's view, hands acts to the desk, and tells when the view changed.

It decides nothing about people or doses and keeps no state of its own but the reader's preferences (cookies).
"""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

from flask import Flask, abort, current_app, g, jsonify, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from kiosk.screens import bench as bench_page
from kiosk.screens.access import CITIZEN, STAFF, guard, register
from kiosk.screens.acts import ACTS, LISTS
from kiosk.screens.frame import frame, idle_s
from kiosk.screens.parts import add_files, install_words
from kiosk.screens.preferences import add_preferences
from kiosk.screens.sentences import sentence
from kiosk.screens.wall import Hall, add_wall
from kiosk.screens.words import FOLDER

SCREENS = (
    *("welcome", "type_id", "confirm", "ticket", "sign_in", "station", "queue", "screening", "conclusion", "dosing"),
    *("read_back", "dosed", "undo", "observation", "release_early", "reaction", "released", "keeper", "neighbours"),
    *("needle", "follow_up", "recovery", "status", "vials", "vial_end", "trouble", "closing", "closing_why"),
    *("closing_pin", "day", "opening", "opening_team", "opening_lots", "opening_count", "opening_drill", "opening_why"),
    *("opening_pin", "late_who", "late_vaccine", "late_dose", "late_photo", "late_check"),
)


class Desk(Protocol):
    """What the touchscreen needs of the desk."""

    @property
    def version(self) -> int:
        """Rises with every change of what is to be shown."""

    def view(self) -> dict[str, Any]:
        """A snapshot of what to show: `screen`, `token`, the frame's members, and the screen's own `data`."""

    def status(self) -> dict[str, Any]:
        """How this machine is: `tiles` and `worst`."""

    def act(self, name: str, fields: dict[str, str | list[str]], token: str) -> object:
        """Do one act, durably, before returning. A stale or foreign token changes nothing."""


def create_screens(
    *,
    desk: Desk,
    bench: bench_page.Bench | None = None,
    demo: bool = False,
    hall: Hall | None = None,
    catalogues: Path = FOLDER,
) -> Flask:
    """The Flask application of one touchscreen. `catalogues`: the folder of the languages' `.po` files.

    With a `bench`, `/bench` holds the levers of the fake devices; with a `hall`, `/wall` is the wall display.
    """
    app = Flask(__name__, static_folder=None)
    install_words(app, catalogues)
    guard(app)
    app.extensions["desk"] = desk
    app.extensions["demo"] = demo
    _register_errors(app)
    register(app, "GET", "/", CITIZEN, show, endpoint="show")
    register(app, "GET", "/pulse", CITIZEN, pulse, endpoint="pulse")
    register(app, "GET", "/status.json", CITIZEN, status, endpoint="status")
    for name, mode in ACTS.items():
        register(app, "POST", f"/act/{name}", mode, act_as(mode, name), endpoint=f"act_{name}")
    add_files(app)
    add_preferences(app)
    if bench is not None:
        bench_page.add_bench(app, bench=bench)
    if hall is not None:
        add_wall(app, hall=hall)
    return app


def show() -> str:
    """The screen the desk is at."""
    view = _desk().view()
    if view["screen"] not in SCREENS:
        abort(500)
    said = sentence(view["notice"], view, g.words) if view["notice"] else ""
    return render_template(
        f"{view['screen']}.html",
        view=view,
        data=view["data"],
        said=said,
        frame=frame(view, g.words),
        idle_s=idle_s(view),
    )


def pulse() -> Response:
    """`{"version": n}`: the page compares it with the version it shows."""
    return jsonify(version=_desk().version)


def status() -> Response:
    """How this machine is, for the terminal: `{"tiles": [...], "worst": level}`. Nothing of a person is in it."""
    return jsonify(_desk().status())


def act_as(mode: str, name: str) -> Callable[[], Response]:
    """The handler of one act. Somebody whose sign-in has ended meanwhile is shown where the desk is now."""

    def act() -> Response:
        desk = _desk()
        if mode != STAFF or desk.view()["staff"] is not None:
            desk.act(name, fields_of(request.form), request.form.get("token", ""))
        return redirect("/", code=303)

    return act


def fields_of(form: MultiDict[str, str]) -> dict[str, str | list[str]]:
    """A form's fields without the token: texts, and lists for the fields named in LISTS."""
    fields: dict[str, str | list[str]] = {name: form[name] for name in form if name not in LISTS and name != "token"}
    fields.update({name: form.getlist(name) for name in LISTS if name in form})
    return fields


def _desk() -> Desk:
    desk: Desk = current_app.extensions["desk"]
    return desk


def _register_errors(app: Flask) -> None:
    """Every HTTP error is one calm sentence with the way back; the code stays in the status line."""

    def wrong(error: HTTPException) -> tuple[str, int]:
        status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        return render_template("error.html", status=status), status

    app.register_error_handler(HTTPException, wrong)
