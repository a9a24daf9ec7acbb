"""What the centre tells this kiosk to do: kept with its receipt in one transaction, done once, answered by records.

A lot stopped so is stopped at once and stays so until a list issued later says otherwise. A restart waits for the welcome.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from kiosk.desk.front import WELCOME
from kiosk.desk.lists import STOPS
from kiosk.desk.loop import MACHINE, Desk
from kiosk.errors import NotWritten
from kiosk.outcome import Fact, Outcome, Print, say
from kiosk.store import Batch

log = logging.getLogger(__name__)
# One key for all: id to what is known of it. The oldest go when more were told.
KEPT = "commands"
MOST_KEPT = 200
RESTARTING = "restarting"


def receive(desk: Desk, command: dict[str, Any]) -> None:
    """Take a command whose signature is the centre's. One that was taken before, or is another's, is nothing new."""
    held = _held(desk)
    if command["k"] != desk.log.k or command["command"] in held:
        return
    moment = desk.moment()
    if moment.sure != "unknown" and moment.wall > command["until"]:
        outcome = _answered(held, command, "refused", "expired")
    else:
        outcome = _DO[command["what"]](desk, held, command)
    try:
        desk.write(outcome, who=MACHINE)
    except NotWritten:
        # Not taken: the centre says it again at the next hello.
        log.exception("command_not_written")
        return
    log.info("command_taken what=%s n=%d", command["what"], command["n"])
    if command["what"] == "stop_lot":
        desk.lists.reload()
    desk.front.changed()


def messages(desk: Desk) -> list[dict[str, str]]:
    """The centre's messages that nobody here has read yet, the oldest first: `command`, `text`."""
    found = [one for one in _held(desk).values() if one["what"] == "message" and one["result"] == "reached"]
    return [{"command": one["command"], "text": one["text"]} for one in sorted(found, key=lambda one: int(one["n"]))]


def read_message(desk: Desk, form: dict[str, Any]) -> Outcome:
    """Somebody on duty has read a message."""
    held = _held(desk)
    one = held.get(str(form.get("command", "")))
    if one is None or one["what"] != "message" or one["result"] != "reached":
        return say("wrong_state", "warn")
    return _answered(held, one, "done")


def tick(desk: Desk, *, restart: Callable[[], None]) -> None:
    """Restart where nobody's work is open: `restart` ends the program, systemd begins it anew."""
    front = desk.front
    if front.screen != WELCOME or front.staff is not None:
        return
    held = _held(desk)
    waiting = [one for one in held.values() if one["what"] == "restart" and one["result"] == "reached"]
    if waiting:
        for one in waiting:
            held[one["command"]] = {**one, "result": RESTARTING}
        desk.store.commit(Batch(meta=((KEPT, json.dumps(held, ensure_ascii=False)),)))
        log.warning("command_restart")
        restart()


def started(desk: Desk) -> None:
    """The program has begun: a restart that was ordered is done."""
    held = _held(desk)
    for one in [one for one in held.values() if one["result"] == RESTARTING]:
        desk.write(_answered(held, one, "done"), who=MACHINE)


def _held(desk: Desk) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(desk.store.meta(KEPT, "{}"))
    return found


def _answered(
    held: dict[str, dict[str, Any]], command: dict[str, Any], result: str, reason: str = "", **more: Any
) -> Outcome:
    held[command["command"]] = {
        **{name: command[name] for name in ("command", "n", "what", "text", "about")}, "result": result,
    }  # fmt: skip
    kept = dict(list(held.items())[-MOST_KEPT:])
    body = {"command": command["command"], "result": result, "reason": reason}
    meta = ((KEPT, json.dumps(kept, ensure_ascii=False)), *more.get("meta", ()))
    return Outcome(facts=(Fact("command.answered", body),), meta=meta, prints=more.get("prints", ()))


def _reached(_desk: Desk, held: dict[str, dict[str, Any]], command: dict[str, Any]) -> Outcome:
    return _answered(held, command, "reached")


def _stop_lot(desk: Desk, held: dict[str, dict[str, Any]], command: dict[str, Any]) -> Outcome:
    stops = json.loads(desk.store.meta(STOPS, "{}"))
    stops[command["about"]] = max(int(command["issued"]), int(stops.get(command["about"], 0)))
    return _answered(held, command, "done", meta=((STOPS, json.dumps(stops)),))


def _reprint(desk: Desk, held: dict[str, dict[str, Any]], command: dict[str, Any]) -> Outcome:
    last = desk.store.last_copy(command["about"])
    if last is None:
        return _answered(held, command, "refused", "unknown_slip")
    if last["state"] in ("waiting", "sending"):
        return _answered(held, command, "refused", "slip_waiting")
    again = Print(slip=last["slip"], visit=last["visit"], what=last["what"], copy=int(last["copy"]) + 1)
    return _answered(held, command, "done", prints=(again,))


_DO: dict[str, Callable[[Desk, dict[str, dict[str, Any]], dict[str, Any]], Outcome]] = {
    "message": _reached,
    "restart": _reached,
    "stop_lot": _stop_lot,
    "reprint": _reprint,
}
