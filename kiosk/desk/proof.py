"""PINs asked for at an act: how long the next try has to wait, whose PIN it is. Decides nothing else."""

from __future__ import annotations

from typing import Any

from kiosk import signin
from kiosk.desk.loop import Desk
from kiosk.outcome import Outcome, say


def wait_s(desk: Desk) -> int:
    """Seconds until a PIN may be tried again."""
    return max(-(-(desk.front.wait_until - desk.clock.ticks()) // 1000), 0)


def wrong(desk: Desk) -> int:
    """One more wrong PIN in a row; gives the seconds to wait."""
    desk.front.wrong += 1
    wait = signin.wait_s(desk.front.wrong)
    desk.front.wait_until = desk.clock.ticks() + wait * 1000
    return wait


def refused(desk: Desk, pin: str) -> Outcome | None:
    """Why whoever is signed in has not proved it with this PIN; None when they have."""
    if wait := wait_s(desk):
        return say("locked", "warn", wait_s=wait)
    if not signin.proved(desk.front.staff, pin):
        wrong(desk)
        return say("wrong_pin", "warn", left=max(3 - desk.front.wrong, 0))
    desk.front.wrong = 0
    return None


def lead(desk: Desk, form: dict[str, Any]) -> dict[str, str] | Outcome | None:
    """The lead whose code and PIN stand in the form; None when they prove nobody; a sentence while tries are locked."""
    code = str(form.get("override_code", ""))
    if wait := wait_s(desk):
        return say("locked", "warn", wait_s=wait)
    candidate = signin.by_code(desk.lists.staff, code)
    if candidate and candidate["role"] == "lead" and signin.proved(candidate, str(form.get("override_pin", ""))):
        return {"id": candidate["id"], "by": "pin"}
    if code:
        # A lead's PIN is not to be guessed here either.
        wrong(desk)
    return None


def member(desk: Desk, form: dict[str, Any], *, station: str) -> dict[str, str] | Outcome:
    """Who the code and PIN in the form prove, if their role may work at `station`; else the sentence why not."""
    if wait := wait_s(desk):
        return say("locked", "warn", wait_s=wait)
    found = signin.by_code(desk.lists.staff, str(form.get("code", "")))
    if found is None or not signin.proved(found, str(form.get("pin", ""))):
        wait = wrong(desk)
        return (
            say("locked", "warn", wait_s=wait) if wait else say("wrong_pin", "warn", left=max(3 - desk.front.wrong, 0))
        )
    desk.front.wrong = 0
    if not signin.may(found["role"], station):
        return say("not_allowed", "warn")
    return {"id": found["id"], "by": "pin"}
