"""The API's description in OpenAPI 3.1, made from the routes themselves and the shapes of their answers."""

from typing import Any

import msgspec
from flask import Blueprint, Flask, current_app

from server.accounts import PUBLIC
from server.api.access import PROBLEMS, endpoint
from server.api.shapes import Problem

SCHEME = "client"
blueprint = Blueprint("openapi", __name__, url_prefix="/api/v1")


@endpoint(blueprint, "/openapi.json", roles=(PUBLIC,), answer=dict[str, Any])
def openapi() -> dict[str, Any]:
    """This description."""
    return describe(current_app)


def describe(app: Flask) -> dict[str, Any]:
    """The description of every route registered with `endpoint`."""
    views: dict[str, Any] = {
        rule.rule: app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        if hasattr(app.view_functions[rule.endpoint], "tram_answer")
    }
    answers = [view.tram_answer for view in views.values()]
    schemas, components = msgspec.json.schema_components(
        [*answers, Problem], ref_template="#/components/schemas/{name}"
    )
    paths = {
        path: {"get": _operation(view, schema, schemas[-1])}
        for (path, view), schema in sorted(zip(views.items(), schemas, strict=False), key=lambda pair: pair[0][0])
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trạm",
            "version": "1",
            "description": "Figures of a vaccination campaign. Days are YYYY-MM-DD, times UTC milliseconds.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {SCHEME: {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(view: Any, schema: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    public = PUBLIC in view.tram_roles
    errors = (500, 503) if public else (400, 401, 429, 500)
    told = {
        str(status): {"description": PROBLEMS[status][1], "content": {"application/json": {"schema": problem}}}
        for status in errors
    }
    return {
        "operationId": view.__name__,
        "summary": view.__doc__,
        "parameters": [
            {"name": each.name, "in": "query", "required": False, "description": each.help, "schema": each.schema}
            for each in view.tram_parameters
        ],
        "security": [] if public else [{SCHEME: []}],
        "responses": {"200": {"description": "OK", "content": {view.tram_media: {"schema": schema}}}, **told},
    }
