"""Commands: issued from the console, sent until their kiosk has them, their state read from that kiosk's own receipts."""

import pytest

from protocol import commands as wire
from protocol import envelope
from server import audit, commands, crypto, reference
from server.features import Feature
from server.ledger import rebuild
from tests.server.made import MINUTE, MORNING, SITE, Kiosk
from tests.server.web_office import WebOffice


@pytest.fixture
def office(db):
    made = WebOffice(db)
    made.accept(made.nurse, *made.nurse.visit(2), now=MORNING)
    return made


def told(office) -> list[dict]:
    with office.db.read() as conn:
        return commands.of_kiosk(conn, "kiosk-1")


def answer(office, kiosk: Kiosk, command: str, result: str, reason: str = "") -> None:
    body = {"command": command, "result": result, "reason": reason}
    office.accept(kiosk, kiosk.write("command.answered", body, MORNING + MINUTE), now=MORNING + MINUTE)


def test_a_message_goes_down_until_its_kiosk_has_it_and_its_state_is_shown(office):
    browser = office.browser("manager")
    assert browser.send("/console/kiosks/of/kiosk-1/commands", what="message", text="").status_code == 422
    sent = browser.send("/console/kiosks/of/kiosk-1/commands", what="message", text="Đoàn kiểm tra đến lúc 14 giờ.")
    assert sent.status_code == 303
    (row,) = told(office)
    post = commands.Post(db=office.db, signer=office.signer)
    ((topic, payload),) = post.due(office.clock.now)
    assert topic == f"tram/1/dong-nai/{SITE}/kiosk-1/down"
    ((line, signature),) = envelope.unpack(payload)
    assert crypto.verify(office.signer.public, line, signature)
    assert wire.read(line)["text"] == "Đoàn kiểm tra đến lúc 14 giờ."
    assert post.due(office.clock.now) == []
    post.again("kiosk-2")
    assert post.due(office.clock.now) == []
    post.again("kiosk-1")  # it has greeted and not answered yet
    assert len(post.due(office.clock.now)) == 1
    answer(office, office.nurse, row["command"], "reached")
    post.again()
    assert post.due(office.clock.now) == []
    assert "đã đến" in browser.get("/console/kiosks/of/kiosk-1/commands").text
    answer(office, office.nurse, row["command"], "done")
    assert "đã làm" in browser.get("/console/kiosks/of/kiosk-1/commands").text
    assert told(office)[0]["answered_at"] == MORNING + MINUTE
    with office.db.read() as conn:
        assert audit.entries(conn, limit=1)[0].act == "command_message"


def test_only_its_own_kiosk_answers_in_any_order_and_a_rebuild_is_the_same(office):
    browser = office.browser("admin")
    browser.send("/console/kiosks/of/kiosk-1/commands", what="restart")
    browser.send("/console/kiosks/of/kiosk-1/commands", what="reprint", slip="A-1")
    newest, first = told(office)
    assert (newest["n"], first["n"]) == (2, 1)
    stranger = office.kiosk("kiosk-2")
    answer(office, stranger, first["command"], "done")
    answer(office, office.nurse, first["command"], "done")
    answer(office, office.nurse, first["command"], "reached")
    answer(office, office.nurse, newest["command"], "refused", "unknown_slip")
    assert [row["state"] for row in told(office)] == ["refused", "done"]
    assert "kiosk không có phiếu này" in browser.get("/console/kiosks/of/kiosk-1/commands").text
    assert rebuild.check(office.ledger).same


def test_a_lot_is_stopped_at_every_site_in_care_for_every_kiosk(office):
    office.kiosk("kiosk-8", site="elsewhere")
    with office.db.write() as conn:
        lot = {"entity": "receipt:r-1", "place": SITE, "lot": "FF1234", "vaccine": "PFIZER", "expiry": "2021-12-31"}
        conn.execute(reference.SITE_LOT.insert().values(**lot, doses_per_vial=6, received_at=MORNING))
    browser = office.browser("manager")
    assert "FF1234" in browser.get("/console/kiosks/stop-lot").text
    assert browser.send("/console/kiosks/stop-lot", lot="NOT-OURS").status_code == 422
    assert browser.send("/console/kiosks/stop-lot", lot="FF1234").status_code == 303
    assert [(row["what"], row["about"], row["state"]) for row in told(office)] == [("stop_lot", "FF1234", "sent")]
    with office.db.read() as conn:
        assert [row["stopped"] for row in reference.lots(conn, site=SITE, held={}) if row["lot"] == "FF1234"] == [True]
        assert commands.of_kiosk(conn, "kiosk-8") == []


def test_who_may_only_look_tells_nothing(office):
    path = "/console/kiosks/of/kiosk-1/commands"
    assert "<textarea" not in office.browser("auditor").get(path).text
    browser = office.browser("admin")
    token = browser.get(path).text.split('name="csrf" value="')[1].split('"')[0]
    assert browser.post(path, csrf=token, what="explode").status_code == 400
    assert office.browser("officer").get(path).status_code == 403


def test_a_command_past_its_time_or_to_a_revoked_kiosk_is_not_sent(office):
    browser = office.browser("admin")
    browser.send("/console/kiosks/of/kiosk-1/commands", what="restart")
    post = commands.Post(db=office.db, signer=office.signer)
    assert post.due(office.clock.now + commands.LASTS_MS["restart"]) == []
    with office.db.write() as conn:
        office.ledger.revoke(conn, k="kiosk-1", now=MORNING)
    assert post.due(MORNING + 61 * MINUTE) == []


def test_the_feature_owns_its_table():
    made = commands.feature()
    assert isinstance(made, Feature)
    assert made.tables == (commands.COMMAND,)
