"""Who may use each route of the touchscreen, and which requests are let in at all.

Every route is registered here with its mode; a test walks the map so that none is without one.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

CITIZEN = "citizen"  # anybody who stands before the kiosk
STAFF = "staff"  # somebody who has signed in
DEMO = "demo"  # the virtual bench: exists only when the kiosk was composed with one

MODES = "screen_modes"  # app.extensions key: {endpoint: mode}

# The pages are for the browser on this very machine. A foreign name in Host is DNS rebinding, a foreign Origin is
# another page's form; both are refused before any route runs.
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_FORM_BYTES = 64 * 1024  # the longest form is a screening with notes, 8 KB; the bench sends 3 KB payloads

_CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


def register(app: Flask, method: str, rule: str, mode: str, handler: Callable[..., Any], *, endpoint: str) -> None:
    """Add one route; `mode` is CITIZEN, STAFF or DEMO."""
    app.add_url_rule(rule, endpoint=endpoint, view_func=handler, methods=[method])
    app.extensions.setdefault(MODES, {})[endpoint] = mode


def guard(app: Flask) -> None:
    """Let only this machine's own pages in, and tell the browser to load nothing from elsewhere."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_FORM_BYTES
    app.before_request(_refuse_foreign)
    app.after_request(harden)


def _refuse_foreign() -> None:
    if urlsplit("//" + request.host).hostname not in LOOPBACK:
        abort(403)
    origin = request.headers.get("Origin")
    # A client without Origin is not a page: browsers send it with every POST.
    if request.method == "POST" and origin is not None and urlsplit(origin).netloc != request.host:
        abort(403)


def harden(response: Response) -> Response:
    """Headers of every answer: nothing from elsewhere, nothing kept."""
    response.headers["Content-Security-Policy"] = _CONTENT_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    # A page may carry a person's name: the browser keeps no copy for its back button.
    response.headers.setdefault("Cache-Control", "no-store")
    return response
