"""Ready or not, and the figures for Prometheus: read by its own parser, true to the ledger, nobody's data in them."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from server import accounts
from server.fleet import SILENT_MS
from server.web import create_web
from tests.server.made import MORNING, SITE, identity
from tests.server.test_api import ask
from tests.server.test_portal_complain import filled
from tests.server.web_office import HOST, WebOffice


@pytest.fixture
def office(db):
    return WebOffice(db)


@pytest.fixture
def token(office):
    with office.db.write() as conn:
        return accounts.issue_token(conn, name="giám sát", now=1)


def figures(office, token):
    """`{(name, labels…): value}`."""
    answer = ask(office, "/api/v1/metrics", token)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }, answer.text


def test_figures_are_those_of_the_ledger(office, token):
    office.clock.now = MORNING + 60_000
    before, _ = figures(office, token)
    assert before["tram_kiosks", SITE, "heard"] == 1
    held = before["tram_records_held", SITE]
    assert held > 0
    assert before["tram_complaints", "open"] == 0
    office.kiosk("kiosk-2")
    filled(office).send("/complain/4", content="bí mật")
    office.accept(office.nurse, *office.nurse.visit(2, vaccine="PFIZER"))
    office.clock.now += SILENT_MS + 60_000
    after, text = figures(office, token)
    assert after["tram_records_held", SITE] > held
    assert (after["tram_kiosks", SITE, "silent"], after["tram_kiosks", SITE, "never_heard"]) == (1, 1)
    assert after["tram_complaints", "open"] == 1
    for told in (identity(1)["name"], identity(1)["doc_no"], identity(2)["name"], "bí mật"):
        assert told not in text


def test_a_unit_sees_its_own_figures_only(office):
    with office.db.write() as conn:
        token = accounts.issue_token(conn, name="xa", now=1, unit="75", unit_from="2021-07-01")
    seen, _ = figures(office, token)
    assert seen["tram_kiosks", SITE, "silent"] == 1
    assert not [key for key in seen if key[0] == "tram_messages"]


def test_ready_names_the_part_that_is_away(office):
    works = {"broker": False, "worker": True}
    app = create_web(
        config=office.app.extensions["tram"].config, db=office.db, clock=office.clock, ledger=office.ledger,
        key=b"k" * 32, watched={name: lambda name=name: works[name] for name in works},
    )  # fmt: skip
    client = app.test_client()
    answer = client.get("/api/v1/ready", base_url=HOST)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (503, "not_ready", "broker")
    works["broker"] = True
    answer = client.get("/api/v1/ready", base_url=HOST)
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "parts": ["database", "broker", "worker"]})
