"""The sending of messages: recorded once, never twice to a phone, tried again with patience."""

import pytest

from server import audit, contacts, messages, one_time, reference
from server.config import ConfigError
from server.crypto import Signer
from server.db import METADATA, Database
from server.ledger.ledger import Ledger
from server.worker import ATTEMPTS, RETRY_FIRST_MS, FileProvider, Sent, Worker, make_provider, read_outbox
from tests.server import made

NOW = 1_633_230_000_000


class FakeClock:
    boot = "b1"

    def __init__(self):
        self.now = NOW

    def wall_ms(self):
        return self.now

    def mono_ms(self):
        return self.now - NOW


class FakeProvider:
    """Levers: `result` of the next sends; `after` is run between the sending and its record."""

    name = "fake"

    def __init__(self):
        self.result = "sent"
        self.sent = []
        self.after = lambda: None

    def send(self, message, to, text):
        self.sent.append((message, to, text))
        self.after()
        return Sent(self.result, "x")


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def ledger(tmp_path, clock):
    db = Database(f"sqlite:///{tmp_path / 'tram.db'}")
    METADATA.create_all(db.engine)
    made = Ledger(db, features=(messages.feature(),), clock=clock, signer=Signer.generate(), shard="centre")
    made.open_desk(now=NOW)
    yield made
    db.close()


def make_worker(**given):
    return Worker(portal="https://tiemchung.test/", deadlines=made.deadlines(), say=made.say, **given)


def queue_message(ledger, message="m-1", text="TIEMCHUNG: Da nhan phan anh"):
    body = {"message": message, "to": "0901234567", "template": "complaint_received", "text": text}
    ledger.transact(lambda conn: ledger.append(conn, "message.queued", body, who="a-1", now=NOW))


def row(ledger, message="m-1"):
    with ledger.db.read() as conn:
        return messages.by_id(conn, message)


def test_a_queued_message_is_sent_once_and_recorded(ledger, clock, tmp_path):
    outbox = tmp_path / "out" / "outbox.jsonl"
    worker = make_worker(ledger=ledger, provider=FileProvider(outbox), clock=clock)
    queue_message(ledger)
    assert worker.step() == 1
    assert worker.step() == 0
    assert read_outbox(outbox) == [{"message": "m-1", "to": "0901234567", "text": "TIEMCHUNG: Da nhan phan anh"}]
    assert (row(ledger)["state"], row(ledger)["attempts"]) == ("sent", 1)


def test_a_crash_between_sending_and_recording_does_not_send_twice(ledger, clock, tmp_path):
    outbox = tmp_path / "outbox.jsonl"
    queue_message(ledger)
    # The crash: sent, and no record of it. The provider of the next process knows only the file.
    FileProvider(outbox).send("m-1", "0901234567", "TIEMCHUNG: Da nhan phan anh")
    worker = make_worker(ledger=ledger, provider=FileProvider(outbox), clock=clock)
    assert worker.step() == 1
    assert len(read_outbox(outbox)) == 1
    assert row(ledger)["state"] == "sent"


def test_a_line_torn_by_a_crash_does_not_swallow_the_next(tmp_path):
    outbox = tmp_path / "outbox.jsonl"
    provider = FileProvider(outbox)
    provider.send("m-1", "0901234567", "a")
    with outbox.open("a") as file:
        file.write('{"message": "m-2", "to"')
    FileProvider(outbox).send("m-2", "0901234567", "b")
    assert [line["message"] for line in read_outbox(outbox)] == ["m-1", "m-2"]
    assert outbox.stat().st_mode & 0o077 == 0


def test_a_failure_is_recorded_and_tried_again_after_a_growing_wait(ledger, clock):
    provider = FakeProvider()
    provider.result = "failed"
    worker = make_worker(ledger=ledger, provider=provider, clock=clock)
    queue_message(ledger)
    for attempt in range(1, ATTEMPTS + 1):
        assert worker.step() == 1
        assert worker.step() == 0
        assert row(ledger)["attempts"] == attempt
        clock.now += (RETRY_FIRST_MS << (attempt - 1)) - 1
        assert worker.step() == 0
        clock.now += 1
    assert worker.step() == 0
    assert len(provider.sent) == ATTEMPTS
    assert row(ledger)["state"] == "failed"


def test_a_message_that_failed_first_ends_sent(ledger, clock):
    provider = FakeProvider()
    provider.result = "failed"
    worker = make_worker(ledger=ledger, provider=provider, clock=clock)
    queue_message(ledger)
    worker.step()
    provider.result = "sent"
    clock.now += RETRY_FIRST_MS
    assert worker.step() == 1
    assert row(ledger)["state"] == "sent"


def test_two_workers_record_one_sending(ledger, clock):
    first, second = FakeProvider(), FakeProvider()
    other = make_worker(ledger=ledger, provider=second, clock=clock)
    first.after = other.step
    queue_message(ledger)
    assert make_worker(ledger=ledger, provider=first, clock=clock).step() == 0
    assert row(ledger)["attempts"] == 1


def test_a_full_disk_is_a_failed_attempt(ledger, clock, tmp_path):
    (tmp_path / "outbox").mkdir()
    worker = make_worker(ledger=ledger, provider=FileProvider(tmp_path / "outbox"), clock=clock)
    queue_message(ledger)
    assert worker.step() == 1
    assert row(ledger)["state"] == "failed"


def test_a_one_time_code_is_sent_and_leaves_no_record(ledger, clock):
    provider = FakeProvider()
    with ledger.db.write() as conn:
        code = one_time.issue(conn, key=b"k" * 32, session="s", phone="0901234567", send=True, now=NOW)
    worker = make_worker(ledger=ledger, provider=provider, clock=clock)
    assert worker.step() == 0
    assert worker.step() == 0
    [(_, to, text)] = provider.sent
    assert (to, code in text) == ("0901234567", True)


def test_no_log_holds_a_phone_or_a_text(ledger, clock, tmp_path, caplog):
    caplog.set_level("DEBUG")
    queue_message(ledger)
    make_worker(ledger=ledger, provider=FileProvider(tmp_path / "o"), clock=clock).step()
    assert "message_attempted" in caplog.text
    assert "0901234567" not in caplog.text
    assert "phan anh" not in caplog.text


def test_an_unknown_provider_is_named(tmp_path):
    with pytest.raises(ConfigError, match="no such provider: 'sms'; there is file"):
        make_provider("sms", outbox=tmp_path / "o")
    assert make_provider("file", outbox=tmp_path / "o").name == "file"


def test_the_days_head_of_the_audit_goes_to_the_unit_above_once(ledger, clock):
    """Kept on a telephone elsewhere, it shows later that the chain was cut (ASVS 16.4.3)."""
    provider = FakeProvider()
    worker = make_worker(ledger=ledger, provider=provider, clock=clock)
    with ledger.db.write() as conn:
        audit.note(conn, at=NOW, account="lan", act="view_person", object="p-1")
    assert worker.tell_head(NOW) == 0, "nobody is named"
    with ledger.db.write() as conn:
        contacts.put(conn, unit="75", duty="audit", phone="0251000111")
        contacts.put(conn, unit="75", duty="aefi", phone="0251000222")
    worker.step()
    worker.step()
    ((_, to, text),) = provider.sent
    head = text.rpartition(" ")[2]
    assert to == "0251000111"
    assert text == f"TIEMCHUNG: So kiem toan ngay 03/10/2021: 1 dong, dau {head}"
    clock.now += 86_400_000
    with ledger.db.write() as conn:
        assert audit.holds(conn, head)
        audit.note(conn, at=NOW, account="lan", act="view_person", object="p-2")
    worker.step()
    assert [sent[2].rpartition(" ")[2] == head for sent in provider.sent] == [True, False]
    with ledger.db.write() as conn:
        conn.execute(audit.AUDIT.delete())
        assert audit.broken_at(conn) is None, "the chain alone shows nothing"
        assert not audit.holds(conn, head)


def test_the_head_waits_for_the_morning(ledger, clock):
    provider = FakeProvider()
    worker = make_worker(
        ledger=ledger, provider=provider, clock=clock, quiet=reference.read_data("quiet_hours")["periods"]
    )
    with ledger.db.write() as conn:
        contacts.put(conn, unit="75", duty="audit", phone="0251000111")
    clock.now = NOW - NOW % 86_400_000 + 17 * 3_600_000  # midnight in Viet Nam
    worker.step()
    assert provider.sent == []
    clock.now += 7 * 3_600_000
    worker.step()
    assert len(provider.sent) == 1
