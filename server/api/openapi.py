"""The API's description in OpenAPI 3.1, made from the routes themselves and the shapes of their answers."""

import re
from typing import Any

import msgspec
from flask import Blueprint, Flask, current_app

from server.accounts import PUBLIC
from server.api.access import PROBLEMS, endpoint
from server.api.shapes import Problem
from server.api.writing import KEY, KEY_PATTERN

SCHEME = "client"
blueprint = Blueprint("openapi", __name__, url_prefix="/api/v1")


@endpoint(blueprint, "/openapi.json", roles=(PUBLIC,), answer=dict[str, Any])
def openapi() -> dict[str, Any]:
    """This description."""
    return describe(current_app)


def describe(app: Flask) -> dict[str, Any]:
    """The description of every route registered with `endpoint` or `writing.writes`."""
    routes: list[tuple[str, str, Any]] = sorted(
        (_path(rule.rule), "post" if "POST" in (rule.methods or ()) else "get", app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        if hasattr(app.view_functions[rule.endpoint], "tram_answer")
    )
    shapes = [view.tram_answer for _, _, view in routes]
    bodies = [view.tram_body for _, _, view in routes if hasattr(view, "tram_body")]
    schemas, components = msgspec.json.schema_components(
        [*shapes, *bodies, Problem], ref_template="#/components/schemas/{name}"
    )
    of_bodies = iter(schemas[len(shapes) :])
    paths: dict[str, Any] = {}
    for (path, method, view), schema in zip(routes, schemas, strict=False):
        told = _operation(view, schema, schemas[-1])
        told["parameters"] += [_in_path(name) for name in _NAMES.findall(path)]
        if method == "post":
            told["parameters"].append(_KEY)
            told["requestBody"] = {"required": True, "content": {"application/json": {"schema": next(of_bodies)}}}
        paths.setdefault(path, {})[method] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trạm",
            "version": "1",
            "description": "Figures of a vaccination campaign, and its sessions. Days are YYYY-MM-DD, times UTC milliseconds.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {SCHEME: {"type": "http", "scheme": "bearer"}},
        },
    }


_NAMES = re.compile(r"{(\w+)}")
_KEY = {
    "name": KEY, "in": "header", "required": True, "schema": {"type": "string", "pattern": KEY_PATTERN},
    "description": "A name of your own for this write: sent again under it, it happens once and is answered alike.",
}  # fmt: skip


def _path(rule: str) -> str:
    """An address as OpenAPI writes it: `{session}` for `<session>`."""
    return rule.replace("<", "{").replace(">", "}")


def _in_path(name: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$"}
    return {"name": name, "in": "path", "required": True, "description": f"Which {name}.", "schema": schema}


def _operation(view: Any, schema: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    public, writing = PUBLIC in view.tram_roles, hasattr(view, "tram_body")
    errors = (500, 503) if public else (400, 401, 403, 404, 409, 413, 429, 500) if writing else (400, 401, 429, 500)
    told = {
        str(status): {"description": PROBLEMS[status][1], "content": {"application/json": {"schema": problem}}}
        for status in errors
    }
    good = {"description": "Done" if writing else "OK", "content": {view.tram_media: {"schema": schema}}}
    return {
        "operationId": view.__name__,
        "summary": view.__doc__,
        "parameters": [
            {"name": each.name, "in": "query", "required": False, "description": each.help, "schema": each.schema}
            for each in view.tram_parameters
        ],
        "security": [] if public else [{SCHEME: []}],
        "responses": {"201" if writing else "200": good, **told},
    }
