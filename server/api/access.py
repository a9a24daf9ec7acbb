"""The door of the API: registration with roles and shapes, tokens, answers and errors as JSON.

A route is registered by `endpoint(blueprint, rule, roles=…, answer=…)` and in no other way. Cookies mean nothing here.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import msgspec
from flask import Blueprint, Flask, Response, abort, current_app, g, request
from sqlalchemy import Connection
from werkzeug.exceptions import HTTPException

from protocol import clocktext
from server import accounts, limits, scope
from server.accounts import CLIENT, PUBLIC, Client
from server.api.shapes import Problem
from server.clock import Clock
from server.db import Database
from server.ledger.ledger import Ledger
from server.scope import Scope

logger = logging.getLogger(__name__)
EXTENSION = "tram_api"
PREFIX = "/api/"
JSON = "application/json"
View = Callable[..., Any]
# What a parameter may hold if its description says nothing, and how much of a wrong name is said back.
LONGEST, LONGEST_NAME = 256, 64
# Status: code and sentence of the one shape of errors.
PROBLEMS = {
    400: ("bad_request", "A parameter is not what it should be."),
    401: ("token_missing", "This needs a token: Authorization: Bearer …"),
    403: ("not_allowed", "This token may not do that."),
    404: ("not_found", "There is no such thing."),
    405: ("method_not_allowed", "This can not be done here."),
    409: ("clash", "This cannot be done as things stand; the code says why."),
    413: ("too_large", "What was sent is too large."),
    429: ("too_many_requests", "Too many requests in a short time. Please wait as long as Retry-After says."),
    500: ("server_error", "The server made a mistake."),
    503: ("not_ready", "A part that this server needs is away."),
}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the API works with. `day_offset_min`: the campaign's day, minutes ahead of UTC.

    `watched`: the other parts of this process by name, each with the question whether it works now.
    """

    db: Database
    clock: Clock
    ledger: Ledger
    day_offset_min: int
    watched: Mapping[str, Callable[[], bool]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of an address, for reading and for the description."""

    name: str
    help: str
    schema: dict[str, Any]


# One program asks about once a second at most, measured over ten minutes: a figure is no fresher than that.
CALLS = limits.Limit(name="api", most=600, window_ms=600_000)


class BadParameter(HTTPException):
    """A parameter that cannot be read; `field` names it."""

    code = 400

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


class Clash(HTTPException):
    """What was asked for is well said and cannot be done; `word` and `sentence` say why."""

    code = 409

    def __init__(self, word: str, sentence: str, *, field: str = "") -> None:
        super().__init__()
        self.word = word
        self.sentence = sentence
        self.field = field


class TooManyRequests(HTTPException):
    """This program has asked as often as it may; `wait_s`: seconds until it may again."""

    code = 429

    def __init__(self, wait_s: int) -> None:
        super().__init__()
        self.wait_s = wait_s


class NotReady(HTTPException):
    """Something this server needs is away; `field` names it."""

    code = 503

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


def endpoint(
    blueprint: Blueprint,
    rule: str,
    *,
    roles: tuple[str, ...],
    answer: Any,
    parameters: tuple[Parameter, ...] = (),
    media: str = JSON,
) -> Callable[[View], View]:
    """Register a view that returns `answer` (a Struct or a list of them) for `roles`: CLIENT or PUBLIC.

    `media`: another type than JSON, for a view that returns its text.
    """

    def register(view: View) -> View:
        def answered(**values: Any) -> Response:
            admit(roles)
            if CLIENT in roles:
                understood(parameters)
            return reply(view(**values)) if media == JSON else Response(view(**values), content_type=media)

        answered.__name__, answered.__doc__ = view.__name__, view.__doc__
        # The pages' door reads the first two: a program with a token carries no form and no cookie.
        for name, value in (
            ("tram_roles", roles),
            ("tram_door", "token"),
            ("tram_answer", answer),
            ("tram_media", media),
        ):
            setattr(answered, name, value)
        answered.tram_parameters = parameters  # type: ignore[attr-defined]
        blueprint.add_url_rule(rule, view_func=answered, methods=["GET"])
        return view

    return register


def install(app: Flask, parts: Parts) -> None:
    """Let the API's views find their parts."""
    app.extensions[EXTENSION] = parts


def parts() -> Parts:
    """The parts of the application that handles the current request."""
    return cast("Parts", current_app.extensions[EXTENSION])


def care(conn: Connection) -> Scope:
    """What the program that asks may read; only for endpoints that ask for a token."""
    client: Client = g.client
    return scope.of(conn, client, day=clocktext.day_of(parts().clock.wall_ms(), parts().day_offset_min))


def reply(value: Any, status: int = 200) -> Response:
    """A value as a JSON answer."""
    return Response(msgspec.json.encode(value), status=status, mimetype=JSON)


def problem(error: HTTPException) -> Response:
    """An error in the API's one shape."""
    status = error.code or 500
    code, sentence = PROBLEMS.get(status, PROBLEMS[500 if status >= 500 else 400])
    if isinstance(error, Clash):
        code, sentence = error.word, error.sentence
    if status in (401, 403):
        logger.info("api_refused operation=%s status=%d", request.endpoint, status)
    answer = reply(Problem(code=code, message=sentence, field=getattr(error, "field", "")), status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests):
        answer.headers["Retry-After"] = str(error.wait_s)
    return answer


def admit(roles: tuple[str, ...]) -> None:
    """Let in whom a route is for; 401 for others, 429 for who asks too often."""
    if PUBLIC in roles:
        return
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if CLIENT in roles and kind == "Bearer" and token:
        now = parts().clock.wall_ms()
        g.client, free = parts().db.transact(partial(_counted, token=token.strip(), now=now))
        if not free:
            raise TooManyRequests(-(-limits.wait_ms(CALLS, now=now) // 1000))
        if g.client is not None:
            return
    abort(401)


def understood(parameters: tuple[Parameter, ...]) -> None:
    """Refuse parameters that the description does not know. Raises `BadParameter`."""
    # A filter that is misspelt must not answer with everything.
    longest = {each.name: each.schema.get("maxLength", LONGEST) for each in parameters}
    for name, values in request.args.lists():
        if len(values) > 1 or not 0 < len(values[0]) <= longest.get(name, 0):
            raise BadParameter(name[:LONGEST_NAME])


def _counted(conn: Connection, *, token: str, now: int) -> tuple[Client | None, bool]:
    client = accounts.client_of(conn, token=token)
    return client, client is None or limits.take(conn, CALLS, who=client.name, now=now)
