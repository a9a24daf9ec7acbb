"""Reopening a rejected complaint when a dose comes to light that its decision did not know (I22). Pure; writes nothing."""

from collections.abc import Mapping
from typing import Any

from protocol.clocktext import day_of, day_shown
from server.complaints.deadlines import Deadlines, due_at
from server.complaints.decide import answer
from server.complaints.filing import Fact, Say
from server.complaints.tables import unknown_to


def reopen(
    complaint: Mapping[str, Any],
    bearing: Mapping[str, Any],
    *,
    message: str,
    deadlines: Deadlines,
    now: int,
    say: Say,
    url: str,
) -> list[Fact]:
    """The facts of a reopening and of the message to the citizen; none when there is nothing to reopen any more.

    `complaint`, `bearing`: their rows now; `message`: the name of the message; `url`: where the citizen follows it.
    """
    if not unknown_to(complaint, bearing["dose"]):
        return []
    body = {"complaint": complaint["complaint"], "person": bearing["person"], "dose": bearing["dose"]}
    due = day_shown(day_of(due_at(now, deadlines)))
    values = {"code": complaint["complaint"], "dmy": due, "url": url}
    told = answer(complaint, message, "complaint_reopened", values, person=bearing["person"], say=say)
    return [("complaint.reopened", body), *told]
