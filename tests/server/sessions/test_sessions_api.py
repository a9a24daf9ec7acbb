"""Sessions for programs: figures of those in care, nobody's name; writes that happen once under their key."""

import json

import pytest
from sqlalchemy import func, select

from server import accounts, audit, idempotency, recipients
from server.messages import MESSAGE
from tests.server.made import SITE, identity
from tests.server.sessions.scenes import plan, recipient
from tests.server.web_office import WebOffice


@pytest.fixture
def office(db):
    made = WebOffice(db)
    with db.write() as conn:
        recipients.put(conn, [recipient(n) for n in range(11, 14)])
    return made


def token(office, unit="75", may=()):
    with office.db.write() as conn:
        made = accounts.issue_token(conn, name=f"sở {unit}", now=1, unit=unit, unit_from="2021-07-01", may=may)
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


ASKED = {
    "site": SITE,
    "day": "2021-10-06",
    "vaccine": "PFIZER",
    "hours": [{"hour": 8, "room": 2}, {"hour": 7, "room": 2}],
}
PLAN = "/api/v1/sessions"


def ask(office, held, path=PLAN, key="k-1", body=ASKED):
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {**held, "Idempotency-Key": key} if key else held
    return office.browser().client.post(path, data=sent, headers=headers)


def sent(office):
    with office.db.read() as conn:
        return conn.execute(select(func.count()).select_from(MESSAGE)).scalar_one()


def test_a_session_is_planned_invited_and_cancelled_each_once(office):
    held = token(office, may=accounts.WRITES)
    first, again = ask(office, held), ask(office, held)
    assert (first.status_code, first.json["state"], first.json["people"]) == (201, "planned", 3)
    assert [hour["hour"] for hour in first.json["hours"]] == [7, 8]
    assert (again.status_code, again.data, again.headers["Idempotent-Replayed"]) == (201, first.data, "true")
    path = f"{PLAN}/{first.json['session']}"
    for _ in range(2):
        assert ask(office, held, f"{path}/invitations", "k-2", {}).json["state"] == "invited"
    assert sent(office) == 3
    assert ask(office, held, f"{path}/invitations", "k-3", {}).json["version"] == 2
    gone = ask(office, held, f"{path}/cancellation", "k-4", {"reason": "Mất\x07điện"})
    assert (gone.json["state"], gone.json["people"], sent(office)) == ("cancelled", 0, 6)
    with office.db.read() as conn:
        assert audit.entries(conn, limit=1)[0].account == "api:sở 75"
    assert ask(office, held, f"{path}/invitations", "k-5", {}).json["code"] == "over"


def test_a_key_stands_for_one_request_of_one_program(office):
    held = token(office, may=accounts.WRITES)
    ask(office, held)
    other = ask(office, held, body={**ASKED, "day": "2021-10-07"})
    assert (other.status_code, other.json["code"], other.json["field"]) == (409, "key_used", "Idempotency-Key")
    elsewhere = ask(office, token(office, "731", may=accounts.WRITES), body={**ASKED, "day": "2021-10-07"})
    assert elsewhere.status_code == 201
    office.clock.now += idempotency.KEPT_MS
    assert ask(office, held).json["code"] == "over"


WRONG = (
    ({"hours": []}, 400, "hours"), ({"hours": [{"hour": 8, "room": "x"}]}, 400, "hours[0].room"),
    ({"nobody": 1}, 400, ""), ({"day": "2021-02-30"}, 400, "day"), ({"day": "2021-10-04"}, 409, ""),
    ({"site": "elsewhere"}, 404, ""), ({"vaccine": "NOPE"}, 404, ""),
)  # fmt: skip


def test_what_cannot_be_is_refused_and_its_key_is_free(office):
    held = token(office, may=accounts.WRITES)
    for changes, status, field in WRONG:
        answer = ask(office, held, body={**ASKED, **changes})
        assert (answer.status_code, answer.json["field"]) == (status, field), changes
    assert ask(office, held).status_code == 201


def test_who_may_not_write_writes_nothing(office):
    assert ask(office, token(office)).status_code == 403
    held = token(office, may=accounts.WRITES)
    assert ask(office, held, key="").json["field"] == "Idempotency-Key"
    assert ask(office, held, body=b"{").json["field"] == "body"
    assert ask(office, held, body=b"x" * 70_000).status_code == 413
    assert ask(office, {}).status_code == 401
    assert ask(office, held, f"{PLAN}/ss-1/invitations", body={}).status_code == 404
    plan(office.browser("manager"))
    with office.db.write() as conn:
        strange = accounts.issue_token(
            conn, name="sở 79", now=1, unit="79", unit_from="2021-07-01", may=accounts.WRITES
        )
    far = {"Authorization": f"Bearer {strange}"}
    assert ask(office, far, f"{PLAN}/ss-1/cancellation", body={"reason": "x"}).status_code == 404
