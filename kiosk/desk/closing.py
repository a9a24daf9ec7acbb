"""The desk's side of closing the day: the site's books from all records held here, the lead's PIN, the record."""

from __future__ import annotations

from typing import Any

from kiosk import closing
from kiosk.desk import proof, reading, site_day
from kiosk.desk.loop import Desk
from kiosk.outcome import Outcome, say
from kiosk.visitbook import NIGHT_MS
from protocol.clocktext import day_of, day_shown
from protocol.site_day import name_of

Form = dict[str, Any]
Body = dict[str, Any]


def day(desk: Desk) -> str:
    """Whose books: a site that closes after midnight sees the day it opened."""
    today = desk.today()
    before = site_day.day_before(today)
    since = _since(desk, today)
    shut = {one for one in (today, before) if site_day.closings(desk, one)}
    return closing.day_of_books(
        today,
        before,
        night=day_of(desk.moment().wall - NIGHT_MS, desk.lists.offset_min) < today,
        opened={one for one in (today, before) if site_day.told(desk, one).opened_at},
        closed=shut,
        served={
            one["day"]
            for one in desk.store.visits_about(today, before)
            if one["day"] != today or one["checked_in"]["wall"] > since
        },
    )


def people(desk: Desk, of: str) -> list[Body]:
    """The visits in the books of day `of`: from its beginning, or from where the day before was closed, until now."""
    since = _since(desk, of)
    return [one for one in desk.visits_about(of) if one["day"] >= of and one["checked_in"]["wall"] > since]


def lines(desk: Desk, of: str) -> tuple[closing.Line, ...]:
    """The books of day `of` as far as this kiosk holds them."""
    return closing.books(people(desk, of), opened=_of(desk, of, "vial.opened"), closed=_of(desk, of, "vial.closed"))


def shown(desk: Desk) -> dict[str, Any]:
    """`lines` with `name`, `found`, `due`, `agrees`; `balanced`; `waiting`: records not yet at the centre; `closed`?

    `day`: whose books, empty for today's; `opened`: was that day?
    """
    of = day(desk)
    books = lines(desk, of)
    rows = [{"name": one.name, "found": one.found, "due": one.due, "agrees": one.agrees} for one in books]
    waiting = desk.log.seq - desk.committed + desk.owed[0] + sum(row["unsafe"] for row in desk.neighbours)
    return {
        "lines": sorted(rows, key=lambda row: bool(row["agrees"])),
        "balanced": all(one.agrees for one in books),
        "waiting": waiting,
        "closed": bool(site_day.closings(desk, of)),
        "day": "" if of == desk.today() else day_shown(of),
        "opened": bool(site_day.told(desk, of).opened_at),
    }


def open_books(desk: Desk, _form: Form) -> Outcome:
    """The lead looks at the books."""
    return Outcome(screen="closing") if _lead(desk) else say("not_allowed", "warn")


def to_close(desk: Desk, _form: Form) -> Outcome:
    """Balanced books need the PIN; others the reason first."""
    balanced = all(one.agrees for one in lines(desk, day(desk)))
    return Outcome(screen="closing_pin" if balanced else "closing_why", pending={"reason": ""})


def why(_desk: Desk, form: Form) -> Outcome:
    """The lead said why the books differ."""
    reason = str(form.get("reason", "")).strip()
    return Outcome(screen="closing_pin", pending={"reason": reason}) if reason else say("reason_needed", "warn")


def close_day(desk: Desk, form: Form) -> Outcome | None:
    """The lead's PIN closes the day; the books are read once more at this very moment."""
    if not _lead(desk) or desk.front.staff is None:
        return say("not_allowed", "warn")
    if refused := proof.refused(desk, str(form.get("pin", ""))):
        return refused
    of = day(desk)
    doses = len([one for one in people(desk, of) if "dose" in one])
    outcome = closing.close(
        lines(desk, of),
        site_day=name_of(desk.log.site, of),
        day=of,
        doses=doses,
        reason=str(desk.front.pending.get("reason", "")),
    )
    if outcome.facts and desk.take(outcome):
        site_day.read(desk)
        return None
    return outcome


def _lead(desk: Desk) -> bool:
    return desk.front.staff is not None and desk.front.staff["role"] == "lead"


def _since(desk: Desk, of: str) -> int:
    """When the day before was closed, if that was after midnight: what came before belongs to its books."""
    before = site_day.closings(desk, site_day.day_before(of))
    return max((one.t["wall"] for one in before), default=0)


def _of(desk: Desk, of: str, kind: str) -> list[Body]:
    since = _since(desk, of)
    told = reading.told(desk.store, kind)
    return [one.body for one in told if one.session >= of and one.t["wall"] > since]
