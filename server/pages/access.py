"""The door of every page: registration with its roles, sessions, the CSRF and Origin checks, security headers.

A route is registered by `page(blueprint, rule, roles=…)` and in no other way; one without roles answers nobody.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from server import accounts, second_factor
from server.accounts import PUBLIC, ROLES, Account, Session
from server.pages import cookies, hosts, looks, words
from server.pages.services import services

SAFE = ("GET", "HEAD", "OPTIONS")
FORM_BYTES = 256 * 1024
CITIZEN_SESSION_MS = 3_600_000
# Between the password and the second factor, and between two notes that a session is in use.
HALF_MS = 600_000
SEEN_EVERY_MS = 300_000
# What opens before the second factor, the first password and the setting up of the second factor are done.
HALF_OPEN = ("second_factor.code", "sign_in.sign_out")
FIRST_OPEN = ("sign_in.password", "sign_in.sign_out")
SETTING_UP_OPEN = ("second_factor.set_up", *FIRST_OPEN)
ANY_ROLE = ROLES
ROLES_OF_ROUTE = "tram_roles"
# A view with a door of its own, such as the API's: programs with tokens carry no cookies and send no forms.
DOOR_OF_ROUTE = "tram_door"

View = Callable[..., Any]
HSTS = "max-age=31536000; includeSubDomains"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # The address of a complaint names its number: other sites do not learn it.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def page(
    blueprint: Blueprint, rule: str, *, roles: tuple[str, ...], post: bool = False, max_bytes: int = FORM_BYTES
) -> Callable[[View], View]:
    """Register a view under `rule` for `roles` (or PUBLIC). `post`: it takes forms too, of at most `max_bytes`."""

    def register(view: View) -> View:
        setattr(view, ROLES_OF_ROUTE, roles)
        view.tram_max_bytes = max_bytes  # type: ignore[attr-defined]
        blueprint.add_url_rule(rule, view_func=view, methods=["GET", "POST"] if post else ["GET"])
        return view

    return register


def install(app: Flask) -> None:
    """Put the door before every view of `app`."""
    app.before_request(_enter)
    app.after_request(_leave)
    app.jinja_env.globals["csrf"] = csrf
    app.jinja_env.globals["me"] = me


def me() -> Account | None:
    """Who is signed in, if anybody."""
    held: Session | None = g.get("session")
    return held.account if held is not None else None


def staff() -> Account:
    """Who is signed in; only for views whose roles ask for an account."""
    who = me()
    if who is None:
        abort(403)
    return who


def csrf() -> str:
    """The token that this browser's forms carry."""
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


def begin(account: Account, *, half: bool = False) -> None:
    """Begin a staff session in this browser: whatever cookie it had before opens nothing now.

    `half`: only the password was right; nothing but the page of the second factor opens.
    """
    parts = services()
    now = parts.clock.wall_ms()
    old: Session | None = g.get("session")
    lasts_ms = parts.config.session_hours * 3_600_000
    with parts.db.write() as conn:
        if old is not None:
            accounts.close_session(conn, session=old)
        agent = str(request.user_agent)
        lasts_ms = HALF_MS if half else lasts_ms
        secret = accounts.open_session(
            conn, account_id=account.id, data={}, now=now, lasts_ms=lasts_ms, half=half, agent=agent
        )
    session.clear()
    session["sid"] = secret


def end() -> None:
    """End this browser's session."""
    held: Session | None = g.get("session")
    if held is not None:
        with services().db.write() as conn:
            accounts.close_session(conn, session=held)
    session.clear()


def current() -> Session:
    """This browser's session; only for views whose roles ask for an account."""
    held: Session = g.session
    return held


def recall() -> dict[str, Any]:
    """What this browser's session remembers; empty when there is none."""
    held: Session | None = g.get("session")
    return dict(held.data) if held is not None else {}


def session_id() -> str:
    """The name of this browser's session; one is begun when there is none."""
    if g.get("session") is None:
        keep({})
    return str(g.session.id)


def keep(data: dict[str, Any]) -> None:
    """Let this browser's session remember `data` instead of what it did; a citizen's session lasts an hour more."""
    parts = services()
    now = parts.clock.wall_ms()
    held: Session | None = g.get("session")
    with parts.db.write() as conn:
        if held is None:
            secret = accounts.open_session(conn, account_id=None, data=data, now=now, lasts_ms=CITIZEN_SESSION_MS)
            session["sid"] = secret
            g.session = accounts.read_session(conn, secret=secret, now=now)
            return
        until = now + CITIZEN_SESSION_MS if held.account is None else None
        accounts.remember(conn, session=held, data=data, expires_at=until)
    g.session = replace(held, data=data)


def _enter() -> AnyResponse | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None  # Flask answers 404 or 405 itself
    roles: tuple[str, ...] = getattr(view, ROLES_OF_ROUTE, ())
    if getattr(view, DOOR_OF_ROUTE, ""):
        return None
    if not roles:
        abort(403)
    request.max_content_length = getattr(view, "tram_max_bytes", FORM_BYTES)
    request.max_form_memory_size = FORM_BYTES
    secret = session.get("sid")
    if secret:
        parts = services()
        now = parts.clock.wall_ms()
        with parts.db.read() as conn:
            g.session = held = accounts.read_session(conn, secret=secret, now=now)
        if held is not None and held.account is not None and now - held.seen_at >= SEEN_EVERY_MS:
            with parts.db.write() as conn:
                accounts.saw(conn, session=held, now=now)
    if PUBLIC not in roles:
        turned_away = _admit(roles)
        if turned_away is not None:
            return turned_away
    if request.method not in SAFE:
        _check_origin()
        _check_token()
        if any("\x00" in text for _, text in request.form.items(multi=True)):
            abort(400)  # as in addresses: see server/web.py
    return None


def _admit(roles: tuple[str, ...]) -> AnyResponse | None:
    who = me()
    if who is None:
        back = request.full_path.rstrip("?") if request.method in SAFE else None
        return redirect(url_for("sign_in.sign_in", next=back), code=303)
    if g.session.half:
        return _first("second_factor.code", HALF_OPEN)
    if who.must_change:
        return _first("sign_in.password", FIRST_OPEN)
    if not who.second_factor and second_factor.required(who.role, of=services().config.second_factor_roles):
        turned = _first("second_factor.set_up", SETTING_UP_OPEN)
        if turned is not None:
            return turned
    if who.role not in roles:
        abort(403)
    return None


def _first(endpoint: str, open_: tuple[str, ...]) -> AnyResponse | None:
    return None if request.endpoint in open_ else redirect(url_for(endpoint), code=303)


def _check_origin() -> None:
    # A token could leak; the browser's own word about where a form came from is the second lock.
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    parts = urlsplit(said)
    origin = f"{parts.scheme}://{parts.netloc}"
    public = urlsplit(services().config.public_url)
    allowed = {request.host_url.rstrip("/")}
    if not hosts.is_console():  # where it has a name of its own, the portal is another site
        allowed.add(f"{public.scheme}://{public.netloc}")
    if origin not in allowed:
        abort(403)


def _check_token() -> None:
    sent, held = request.form.get("csrf", ""), session.get("csrf", "")
    if not held or not hmac.compare_digest(sent.encode(), str(held).encode()):
        g.stale_form = True
        abort(403)


def _leave(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if services().config.cookie_secure:
        # A certificate stands in front: browsers are to come by https only from now on.
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    secure = services().config.cookie_secure
    for name, known, age_s in (
        (words.COOKIE, words.LANGUAGES, words.COOKIE_AGE_S),
        (looks.COOKIE, looks.LOOKS, looks.COOKIE_AGE_S),
    ):
        asked = request.args.get(name, "")
        if asked in known:
            full = cookies.name_of(name, secure=secure)
            response.set_cookie(full, asked, max_age=age_s, samesite="Lax", httponly=True, secure=secure)
    return response
