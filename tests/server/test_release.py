"""Another program: replay of the quarantine, and everything derived again (I16, F72), once, by itself at the start."""

import pytest
from sqlalchemy import select, update

from protocol import records
from server import fleet, people, vaccinations
from server.db import rows_of
from server.ledger import rebuild, release
from server.ledger.tables import RECORD, RELEASE
from tests.server import made
from tests.server.made import MORNING, Office


class Older:
    """An earlier release: it does not know `kind`."""

    def __init__(self, office: Office, kind: str) -> None:
        self.office, self.kind = office, kind

    def __enter__(self) -> Office:
        self._table = records.KINDS.pop(self.kind)
        # A program of another release begins with nothing in its memory.
        return Office(self.office.db, signer=self.office.signer)

    def __exit__(self, *_: object) -> None:
        records.KINDS[self.kind] = self._table


def settled(office: Office, mark: str) -> int | None:
    return release.settle(office.ledger, now=MORNING, mark=mark)


def test_the_stamp_is_that_of_the_sources(tmp_path):
    assert release.stamp() == release.stamp()
    (tmp_path / "pages").mkdir()
    (tmp_path / "rule.py").write_text("a = 1")
    (tmp_path / "pages" / "page.py").write_text("a = 1")
    first = release.stamp((tmp_path,))
    (tmp_path / "pages" / "page.py").write_text("a = 2")
    assert release.stamp((tmp_path,)) == first
    (tmp_path / "rule.py").write_text("a = 2")
    assert release.stamp((tmp_path,)) != first


def test_the_same_program_does_nothing_and_another_derives_again(any_office):
    assert settled(any_office, "one") == 0
    kiosk = any_office.kiosk()
    any_office.accept(kiosk, *kiosk.visit(1))
    assert settled(any_office, "one") is None
    with any_office.db.write() as conn:
        conn.execute(update(vaccinations.VACCINATION).values(lot="XX"))
    assert settled(any_office, "two") == 7
    assert rebuild.check(any_office.ledger).same
    with any_office.db.read() as conn:
        assert [row["stamp"] for row in rows_of(conn, select(RELEASE))] == ["two"]


def test_what_an_older_release_could_not_read_comes_back_after_the_upgrade(any_office):
    """The older one derives without the records it does not know; nothing but a rebuild brings their rows back."""
    kiosk = any_office.kiosk()
    visit = kiosk.visit(1)
    any_office.accept(kiosk, *visit)
    settled(any_office, "new")
    printed, waiting = kiosk.printed(1, MORNING), kiosk.dosed(2, MORNING)
    with Older(any_office, "dose.given") as old:
        settled(old, "old")
        assert old.accept(kiosk, printed, waiting).quarantined == 1
        with old.db.read() as conn:
            assert vaccinations.by_id(conn, "d-1") is None
    back = Office(any_office.db, signer=any_office.signer)
    assert settled(back, "new") == 9
    with back.db.read() as conn:
        assert vaccinations.by_id(conn, "d-1")["lot"] == "FF1234"
        assert vaccinations.by_id(conn, "d-2")["status"] == "given"
        assert fleet.reasons(conn) == {}
        names = [(row["k"], row["seq"]) for row in rows_of(conn, select(RECORD))]
    assert len(names) == len(set(names)) == 9
    assert rebuild.check(back.ledger).same


def test_a_replay_takes_all_that_is_readable_now_and_leaves_the_rest(any_office, monkeypatch):
    kiosk = any_office.kiosk()
    first, second = kiosk.checked_in(1), kiosk.checked_in(2)
    broken = any_office.ledger.deriver.features[0]

    def dies(*_: object) -> None:
        raise LookupError

    monkeypatch.setitem(broken.derives, "person", dies)
    assert any_office.accept(kiosk, first, (second[0], first[1]), (b"x", b"y")).quarantined == 3
    # Not yet: the same program dies of it again, and nothing else is held up.
    assert any_office.ledger.replay(now=MORNING) == 0
    monkeypatch.undo()
    with any_office.db.read() as conn:
        assert sum(fleet.reasons(conn).values()) == 3
        assert fleet.reasons(conn)["underivable"] == 1
    assert any_office.ledger.replay(now=MORNING) == 1
    assert any_office.ledger.replay(now=MORNING) == 0
    with any_office.db.read() as conn:
        assert people.by_key(conn, made.person(1)) is not None
        assert "underivable" not in fleet.reasons(conn)
        assert len(fleet.quarantine(conn)) == 2
    assert rebuild.check(any_office.ledger).same


@pytest.mark.parametrize("mark", ["a", ""])
def test_an_empty_ledger_is_stamped_without_work(any_office, mark):
    assert settled(any_office, mark) == 0
    assert settled(any_office, mark) is None
