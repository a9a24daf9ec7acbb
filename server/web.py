"""Composes the Flask application: the pages for people and the API for programs, over parts handed in."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from flask import Flask, abort, request
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.response import Response

from server.accounts import ROLES, Passwords
from server.api import access as api_access
from server.api import figures, openapi, watch
from server.api import sessions as sessions_api
from server.api.access import Parts
from server.clock import Clock
from server.config import Config, ConfigError
from server.db import Database
from server.enrolment import Enrolment
from server.ledger.ledger import Ledger
from server.pages import (
    access,
    accounts,
    assets,
    audit_log,
    cold_box,
    complain,
    complaints,
    cookies,
    duplicates,
    failures,
    follow,
    frame,
    hosts,
    imports,
    kiosk_map,
    kiosks,
    lookup,
    paper,
    people,
    portal,
    progress,
    reactions,
    refusals,
    second_factor,
    sessions,
    shown,
    sign_in,
    staff_watch,
    stock,
    texts,
    today,
    waves,
    words,
)
from server.pages import commands as commands_page
from server.pages import enrolment as enrolment_page
from server.pages import services as pages_services
from server.pages.services import Services

PAGES = (
    assets, portal, lookup, complain, follow,
    sign_in, today, complaints, reactions, people, duplicates, paper, sessions, stock, imports, progress,
    kiosks, enrolment_page, commands_page, waves, kiosk_map, staff_watch, cold_box, texts,
    accounts, second_factor, audit_log,
)  # fmt: skip
API = (figures, sessions_api, watch, openapi)


def create_web(
    *,
    config: Config,
    db: Database,
    clock: Clock,
    ledger: Ledger,
    key: bytes,
    passwords: Passwords | None = None,
    watched: Mapping[str, Callable[[], bool]] | None = None,
    enrolment: Enrolment | None = None,
) -> Flask:
    """The application. `key`: at least 32 secret bytes, the same in every process of one server.

    `enrolment`: who enrols kiosks, where this process may.

    `watched`: the process's other parts and whether each works now, for whoever asks if the server is ready.

    `db` must be at the newest schema and `ledger.open_desk` done. Starts no thread and opens no socket.
    """
    unknown = set(config.second_factor_roles.split()) - set(ROLES)
    if unknown:
        raise ConfigError(f"setting 'second_factor_roles': {', '.join(sorted(unknown))} is none of {', '.join(ROLES)}")
    app = Flask("server.pages", static_folder=None)
    app.secret_key = key
    app.config.update(
        SESSION_COOKIE_NAME=cookies.name_of("tram", secure=config.cookie_secure),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.cookie_secure,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=config.session_hours),
    )
    catalogues = words.Words()
    app.extensions[words.EXTENSION] = catalogues
    app.extensions[pages_services.EXTENSION] = Services(
        config=config, db=db, clock=clock, ledger=ledger, passwords=passwords or Passwords(),
        words=catalogues, key=key, enrolment=enrolment,
    )  # fmt: skip
    app.jinja_env.add_extension("jinja2.ext.i18n")
    # The method comes with the extension, so its name is unknown to types.
    install: Callable[..., None] = getattr(app.jinja_env, "install_gettext_callables")  # noqa: B009
    install(
        lambda text: words.catalogue().gettext(text),
        lambda one, many, n: words.catalogue().ngettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(_refuse_nul)
    hosts.install(app)
    access.install(app)
    shown.install(app)
    app.register_error_handler(HTTPException, _failure)
    api_parts = Parts(db=db, clock=clock, ledger=ledger, day_offset_min=config.day_offset_min, watched=watched or {})
    api_access.install(app, api_parts)
    frame.install(app, version=assets.version_of())
    for part in (*PAGES, *API):
        app.register_blueprint(part.blueprint)
    return app


def _refuse_nul() -> None:
    # PostgreSQL's texts hold none, no person writes one, and a question with one would end as a fault of ours.
    asked = (request.path, *(text for pair in request.args.items(multi=True) for text in pair))
    if any("\x00" in text for text in asked):
        abort(400)


def _failure(error: HTTPException) -> Response | tuple[str, int]:
    # A program gets its error as JSON even under an address that no route has.
    if request.path.startswith(api_access.PREFIX):
        return api_access.problem(error)
    refusals.note(error.code or 500)
    return failures.page(error)
