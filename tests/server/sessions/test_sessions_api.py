"""Sessions for programs: figures of those in care, nobody's name."""

import pytest

from server import accounts, recipients
from tests.server.made import SITE, identity
from tests.server.sessions.scenes import plan, recipient
from tests.server.web_office import WebOffice


@pytest.fixture
def office(db):
    made = WebOffice(db)
    with db.write() as conn:
        recipients.put(conn, [recipient(n) for n in range(11, 14)])
    return made


def token(office, unit="75"):
    with office.db.write() as conn:
        made = accounts.issue_token(conn, name=f"sở {unit}", now=1, unit=unit, unit_from="2021-07-01")
    return {"Authorization": f"Bearer {made}"}


def test_a_program_reads_the_sessions_in_its_care_and_no_name(office):
    plan(office.browser("manager"))
    answer = office.browser().get("/api/v1/sessions", headers=token(office))
    (row,) = answer.json["rows"]
    assert (row["session"], row["site"], row["day"], row["state"], row["people"]) == (
        "ss-1", SITE, "2021-10-06", "planned", 3,
    )  # fmt: skip
    assert row["hours"] == [{"hour": 7, "room": 2, "people": 2}, {"hour": 8, "room": 2, "people": 1}]
    assert not any(identity(n)["name"] in answer.text or identity(n)["doc_no"] in answer.text for n in range(11, 14))
    assert office.browser().get("/api/v1/sessions?place=elsewhere", headers=token(office, "731")).json["rows"] == []
