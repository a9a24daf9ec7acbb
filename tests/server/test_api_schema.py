"""The whole API against its own description: whatever schemathesis asks, known and unknown, the answer is as described."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
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
        token = accounts.issue_token(conn, name="sở y tế", now=1)
    asked = set()
    for found in schemathesis.openapi.from_wsgi("/api/v1/openapi.json", office.app).get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not operation.query:
            continue

        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            asked.add(case.path)
            office.clock.now += 1000  # at the pace the API allows
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"})

        ask()
    described = describe(office.app)["paths"]
    wanted = {path for path, what in described.items() if what["get"]["parameters"] or mode is GenerationMode.POSITIVE}
    assert asked == wanted - {"/api/v1/openapi.json"}  # where schemathesis read it
