"""The desk's side of closing the day: the site's books from all records held here, the lead's PIN, the record."""

from __future__ import annotations

from typing import Any

from kiosk import closing, signin
from kiosk.desk import reading
from kiosk.desk.loop import Desk
from kiosk.outcome import Outcome, say

Form = dict[str, Any]


def lines(desk: Desk) -> tuple[closing.Line, ...]:
    """The day's books as far as this kiosk holds them."""
    return closing.books(
        desk.visits_today(), opened=_of_today(desk, "vial.opened"), closed=_of_today(desk, "vial.closed")
    )


def shown(desk: Desk) -> dict[str, Any]:
    """`lines` with `name`, `found`, `due`, `agrees`; `balanced`; `waiting`: records not yet at the centre; `closed` today?"""
    books = lines(desk)
    rows = [{"name": one.name, "found": one.found, "due": one.due, "agrees": one.agrees} for one in books]
    waiting = desk.log.seq - desk.committed + desk.owed[0] + sum(row["unsafe"] for row in desk.neighbours)
    return {
        "lines": sorted(rows, key=lambda row: bool(row["agrees"])),
        "balanced": all(one.agrees for one in books),
        "waiting": waiting,
        "closed": bool(_of_today(desk, "site.closed")),
    }


def open_books(desk: Desk, _form: Form) -> Outcome:
    """The lead looks at the books."""
    return Outcome(screen="closing") if _lead(desk) else say("not_allowed", "warn")


def to_close(desk: Desk, _form: Form) -> Outcome:
    """Balanced books need the PIN; others the reason first."""
    balanced = all(one.agrees for one in lines(desk))
    return Outcome(screen="closing_pin" if balanced else "closing_why", pending={"reason": ""})


def why(_desk: Desk, form: Form) -> Outcome:
    """The lead said why the books differ."""
    reason = str(form.get("reason", "")).strip()
    return Outcome(screen="closing_pin", pending={"reason": reason}) if reason else say("reason_needed", "warn")


def close_day(desk: Desk, form: Form) -> Outcome:
    """The lead's PIN closes the day; the books are read once more at this very moment."""
    front, now = desk.front, desk.clock.ticks()
    if not _lead(desk) or front.staff is None:
        return say("not_allowed", "warn")
    if front.wait_until > now:
        return say("locked", "warn", wait_s=-(-(front.wait_until - now) // 1000))
    if not signin.proved(front.staff, str(form.get("pin", ""))):
        front.wrong += 1
        front.wait_until = now + signin.wait_s(front.wrong) * 1000
        return say("wrong_pin", "warn", left=max(3 - front.wrong, 0))
    front.wrong = 0
    doses = len([one for one in desk.visits_today() if "dose" in one])
    return closing.close(lines(desk), doses=doses, reason=str(front.pending.get("reason", "")))


def _lead(desk: Desk) -> bool:
    return desk.front.staff is not None and desk.front.staff["role"] == "lead"


def _of_today(desk: Desk, kind: str) -> list[dict[str, Any]]:
    today = desk.today()
    return [record.body for record in reading.told(desk.store, kind) if record.session == today]
