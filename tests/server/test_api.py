"""The API: tokens, figures without anybody's data, errors of one shape, a description that is valid OpenAPI 3.1."""

import json

import pytest
from openapi_spec_validator import validate
from sqlalchemy import update

from server import accounts, limits
from server.api.access import CALLS
from server.api.openapi import describe
from tests.server.made import identity
from tests.server.test_portal_complain import filled
from tests.server.web_office import WebOffice

METRICS = "/api/v1/metrics"
CLOSED = ("/api/v1/progress", "/api/v1/stock", "/api/v1/complaints", "/api/v1/kiosks", METRICS)


@pytest.fixture
def office(db):
    return WebOffice(db)


@pytest.fixture
def token(office):
    with office.db.write() as conn:
        return accounts.issue_token(conn, name="sở y tế", now=1)


def ask(office, path, token=""):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return office.browser().get(path, headers=headers)


def test_health_answers_everybody(office):
    answer = ask(office, "/api/v1/health")
    assert answer.json == {"status": "ok", "now": office.clock.now}


@pytest.mark.parametrize("path", CLOSED)
def test_the_rest_needs_a_token(office, token, path):
    for wrong in ("", "tram_wrong", token[:-1]):
        answer = ask(office, path, wrong)
        assert (answer.status_code, answer.json["code"]) == (401, "token_missing")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert ask(office, path, token).status_code == 200
    with office.db.write() as conn:
        conn.execute(update(accounts.CLIENT_TOKEN).values(revoked_at=1))
    assert ask(office, path, token).status_code == 401


def test_a_program_that_asks_without_end_is_told_when_to_come_again(office, token):
    with office.db.write() as conn:
        for _asked in range(CALLS.most - 1):
            limits.take(conn, CALLS, who="sở y tế", now=office.clock.now)
    assert ask(office, "/api/v1/stock", token).status_code == 200
    answer = ask(office, "/api/v1/progress", token)
    assert (answer.status_code, answer.json["code"]) == (429, "too_many_requests")
    office.clock.now += int(answer.headers["Retry-After"]) * 1000
    assert ask(office, "/api/v1/progress", token).status_code == 200


def test_a_session_of_the_console_opens_nothing_here(office):
    assert office.browser("admin").get("/api/v1/stock").status_code == 401


def test_progress_and_stock_are_those_of_the_pages(office, token):
    progress = ask(office, "/api/v1/progress", token).json
    assert progress["today"] == {"checked_in": 1, "screened": 1, "doses": 1, "left": 1, "aefi": 0, "people": 1}
    assert progress["by_item"] == [{"place": "tt-trang-dai", "vaccine": "PFIZER", "dose_no": 1, "doses": 1}]
    assert ask(office, "/api/v1/progress?day=2021-10-04", token).json["so_far"]["doses"] == 0
    (row,) = ask(office, "/api/v1/stock", token).json["rows"]
    assert (row["lot"], row["on_hand"], row["negative"]) == ("FF1234", 59, False)
    assert ask(office, "/api/v1/stock?place=nowhere", token).json["rows"] == []


def test_complaints_are_listed_without_their_citizens(office, token):
    number = filled(office).send("/complain/4", content="bí mật").location.split("/")[-1]
    answer = ask(office, "/api/v1/complaints?state=new", token)
    assert (answer.json["open"], answer.json["overdue"], answer.json["rows"][0]["complaint"]) == (1, 0, number)
    for told in (identity(1)["name"], identity(1)["doc_no"], "0912000001", "bí mật"):
        assert told not in json.dumps(answer.json, ensure_ascii=False)
    assert ask(office, "/api/v1/complaints?state=rejected", token).json["rows"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [("progress?day=today", "day"), ("complaints?state=x", "state"), ("complaints?limit=0", "limit"),
     ("complaints?limit=201", "limit"), ("complaints?offset=-1", "offset"),
     ("stock?plaec=tt-trang-dai", "plaec"), ("stock?place=a&place=b", "place")],
)  # fmt: skip
def test_a_bad_parameter_is_named(office, token, query, field):
    answer = ask(office, f"/api/v1/{query}", token)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (400, "bad_request", field)


def test_errors_have_one_shape_even_where_no_route_is(office):
    for answer in (ask(office, "/api/v1/nowhere"), office.browser().post("/api/v1/stock")):
        assert set(answer.json) == {"code", "message", "field"}
    assert ask(office, "/api/v1/nowhere").status_code == 404


def test_the_description_is_valid_and_complete(office):
    described = ask(office, "/api/v1/openapi.json").json
    validate(described)
    assert described == json.loads(json.dumps(describe(office.app)))
    assert set(described["paths"]) == {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in office.app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
    }
    for path in CLOSED:
        assert described["paths"][path]["get"]["security"] == [{"client": []}]


@pytest.mark.parametrize("path", [*(path for path in CLOSED if path != METRICS), "/api/v1/health", "/api/v1/ready"])
def test_answers_have_the_described_shape(office, token, path):
    described = describe(office.app)
    schema = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    shape = described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    answer = ask(office, path, token).json
    assert set(answer) == set(shape["properties"])
