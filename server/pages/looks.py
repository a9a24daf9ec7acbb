"""Light or dark: what somebody chose for the console, else what their machine says. Paper and the portal are always light."""

from flask import g, has_request_context, request

from server.pages import cookies
from server.pages.words import mark

COOKIE = "look"
COOKIE_AGE_S = 365 * 86400
AUTO, LIGHT, DARK = "auto", "light", "dark"
LOOKS = {AUTO: mark("automatic"), LIGHT: mark("light"), DARK: mark("dark")}
# Where the dark style holds; none: it is not even loaded.
_MEDIA = {AUTO: "screen and (prefers-color-scheme: dark)", LIGHT: "", DARK: "screen"}


def look() -> str:
    """The look chosen for the current request: one of LOOKS."""
    if not has_request_context():
        return AUTO
    if "look" not in g:
        said = (request.args.get("look", ""), cookies.said(COOKIE))
        g.look = next((word for word in said if word in LOOKS), AUTO)
    return str(g.look)


def dark_media() -> str:
    """The media query under which the dark style holds; empty for never."""
    return _MEDIA[look()]
