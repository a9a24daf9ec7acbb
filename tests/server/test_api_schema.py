"""The whole API against its own description: whatever schemathesis asks, known and unknown, the answer is as described."""

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from schemathesis import GenerationMode

from server import accounts
from server.api.openapi import describe
from tests.server.web_office import WebOffice

EXAMPLES = 12


@pytest.fixture
def office(db):
    return WebOffice(db)


@pytest.mark.parametrize("mode", [*GenerationMode], ids=[mode.value for mode in GenerationMode])
def test_every_operation_answers_as_it_is_described(office, mode):
    """`negative`: parameters that are not as described, and such as nobody described, are refused."""
    with office.db.write() as conn:
        token = accounts.issue_token(conn, name="sở y tế", now=1, may=accounts.WRITES)
    asked = set()
    for found in schemathesis.openapi.from_wsgi("/api/v1/openapi.json", office.app).get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
            continue

        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            # A name with an empty list is not sent at all: nothing is wrong with such a question.
            assume(mode is not GenerationMode.NEGATIVE or [] not in (case.query or {}).values())
            asked.add((case.method.lower(), case.path))
            office.clock.now += 1000  # at the pace the API allows
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"})

        ask()
    wanted = {
        (method, path)
        for path, methods in describe(office.app)["paths"].items()
        for method, what in methods.items()
        if what["parameters"] or mode is GenerationMode.POSITIVE
    }
    assert asked == wanted - {("get", "/api/v1/openapi.json")}  # where schemathesis read it
