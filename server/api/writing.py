"""Writes through the API: a JSON body of a known shape, a token that may, a key under which it happens once.

Rules:
1. The write and its answer are kept in one transaction: there is none without the other.
2. The same key with the same request gets the answer that was kept; with another request 409, and nothing happens.
3. What was refused is not kept: the key is free for another try.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from flask import Blueprint, Response, abort, g, request
from sqlalchemy import Connection

from protocol import fields
from protocol.errors import ProtocolError
from server import idempotency
from server.accounts import CLIENT
from server.api.access import JSON, BadParameter, Clash, admit, parts, understood
from server.errors import NotFound, Refused

KEY = "Idempotency-Key"
AGAIN = "Idempotent-Replayed"
MOST_BYTES = 64 * 1024
KEY_PATTERN = "^[A-Za-z0-9._:/-]{1,64}$"
View = Callable[..., Any]
_Body = TypeVar("_Body")


def writes(
    blueprint: Blueprint, rule: str, *, may: str, body: Any, answer: Any, before: Callable[[Any], Any] | None = None
) -> Callable[[View], View]:
    """Register `view(conn, body, …)` under POST for tokens that may write `may`; it returns an `answer` Struct.

    `body`: a Struct that refuses unknown members. The view works in the write's transaction, which holds the desk; what
    takes long is read by `before` from the body, and its answer given to the view instead.
    """

    def register(view: View) -> View:
        def answered(**values: Any) -> Response:
            admit((CLIENT,))
            understood(())
            if may not in g.client.may:
                abort(403)
            return _once(view, body, before, values)

        answered.__name__, answered.__doc__ = view.__name__, view.__doc__
        for name, value in (
            ("tram_roles", (CLIENT,)),
            ("tram_door", "token"),
            ("tram_answer", answer),
            ("tram_body", body),
            ("tram_media", JSON),
            ("tram_parameters", ()),
        ):
            setattr(answered, name, value)
        blueprint.add_url_rule(rule, view_func=answered, methods=["POST"])
        return view

    return register


def _once(view: View, shape: Any, before: Callable[[Any], Any] | None, values: dict[str, Any]) -> Response:
    key = request.headers.get(KEY, "")
    try:
        fields.word(key, KEY)
    except ProtocolError as wrong:
        raise BadParameter(KEY) from wrong
    request.max_content_length = MOST_BYTES
    sent = request.get_data()
    body = _read(sent, shape)
    client, now = g.client.name, parts().clock.wall_ms()
    digest = idempotency.digest_of(request.method, request.path, sent)

    def kept(conn: Connection) -> tuple[int, str, bool] | None:
        held = idempotency.answered(conn, client=client, key=key, now=now)
        if held is None:
            return None
        if held["digest"] != digest:
            raise Clash("key_used", "This key stood with another request.", field=KEY)
        return int(str(held["status"])), str(held["answer"]), True

    def work(conn: Connection) -> tuple[int, str, bool]:
        held = kept(conn)
        if held is not None:
            return held
        text = msgspec.json.encode(view(conn, given, **values)).decode()
        idempotency.keep(conn, client=client, key=key, digest=digest, status=201, answer=text, now=now)
        return 201, text, False

    try:
        with parts().db.read() as conn:
            known = kept(conn)
        given = before(body) if before and known is None else body
        status, text, again = known or parts().ledger.transact(work)
    except NotFound:
        abort(404)
    except Refused as refused:
        raise Clash(refused.code, refused.sentence, field=refused.field) from refused
    answer = Response(text, status=status, mimetype=JSON)
    if again:
        answer.headers[AGAIN] = "true"
    return answer


def _read(sent: bytes, shape: type[_Body]) -> _Body:
    try:
        return msgspec.convert(_whole(msgspec.json.decode(sent)), type=shape)
    except msgspec.ValidationError as wrong:
        # It ends in the place: "… - at `$.hours[0].room`". What was sent there is not said back.
        _, _, place = str(wrong).partition(" - at `$.")
        raise BadParameter(place.rstrip("`")[: fields.MAX_WORD]) from wrong
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise BadParameter("body") from wrong


def _whole(value: Any) -> Any:
    """JSON knows no integers beside numbers: `1.0` is 1 to whoever wrote it. A text with a NUL is none that can be kept."""
    if isinstance(value, str) and "\x00" in value:
        raise msgspec.DecodeError
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list) else value
