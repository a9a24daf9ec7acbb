"""Under which host name what opens: where the operator names one for the console, it opens there alone and the portal elsewhere.

Then a browser keeps two sets of cookies, and a fault in a citizens' page reaches no officer's session (ASVS 3.5.4).
"""

from flask import Flask, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from server.pages.services import services

CONSOLE, SHARED = "/console", "/assets/"


def install(app: Flask) -> None:
    """Put the choice before every view of `app`."""
    app.before_request(_enter)
    app.jinja_env.globals["portal_home"] = portal_home


def portal_home() -> str:
    """The address of the portal's front, from wherever it is linked."""
    return services().config.public_url if services().config.console_host else url_for("portal.doors")


def is_console() -> bool:
    """Does the request come under the console's own name?"""
    # A host name is the same in any case, and a name may end with a dot.
    return request.host.lower().rstrip(".") == services().config.console_host.lower()


def _enter() -> Response | None:
    if not services().config.console_host or request.path.startswith(SHARED):
        return None
    asked = request.path == CONSOLE or request.path.startswith(CONSOLE + "/")
    if is_console() and request.path == "/":
        return redirect(url_for("today.today"), code=303)
    if asked != is_console():
        abort(404)
    return None
