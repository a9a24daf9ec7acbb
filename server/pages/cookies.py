"""The names of our cookies: where they travel over https only, with the prefix that ties them to this very host."""

from flask import current_app, request

_HOST = "__Host-"


def name_of(plain: str, *, secure: bool) -> str:
    """A cookie's full name. Browsers take one with the prefix from this host alone, over https, for all paths (RFC 6265bis)."""
    return _HOST + plain if secure else plain


def said(plain: str) -> str:
    """What the browser's cookie of this name says; empty for none."""
    return request.cookies.get(name_of(plain, secure=bool(current_app.config["SESSION_COOKIE_SECURE"])), "")
