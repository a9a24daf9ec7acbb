"""What a session's plan comes to: who stands on it at which time, who is told what. Pure; writing is `keeping`'s affair.

Rules:
1. Nobody who was told a time gets another one as long as their hour is open and has room.
2. Whoever was told and is not on the plan any more is taken back, and told so; who was not told simply is not there.
3. The same plan over the same people gives the same rows: saving twice changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from protocol.clocktext import DAY_MS, day_number
from server.sessions import spread
from server.sessions.judging import Judged
from server.sessions.tables import STANDS, TAKEN_BACK

MINUTE_MS = 60_000


@dataclass(frozen=True, kw_only=True)
class Planned:
    """`rows`: of table `appointment`, in the order of their numbers; `waiting`: how many found no place; `left_out`: why others not."""

    rows: list[dict[str, Any]]
    waiting: int
    left_out: Mapping[str, int]

    @property
    def standing(self) -> list[dict[str, Any]]:
        """Who is expected."""
        return [row for row in self.rows if row["state"] == STANDS]


def decide(
    session: Mapping[str, Any], judged: Judged, *, held: Sequence[Mapping[str, Any]], day_offset_min: int
) -> Planned:
    """The appointments of `session` (a row of `planned_session`) for the people of `judged`. `held`: as they stand."""
    known = {row["person"]: row for row in held}
    kept = {
        row["person"]: (row["told_at"] + day_offset_min * MINUTE_MS) % DAY_MS // MINUTE_MS
        for row in held
        if row["told_at"] is not None
    }
    # Who was told comes before all others: a place that was promised is not given away.
    order = sorted((one.person for one, _, _ in judged.people), key=lambda person: person not in kept)
    places = {person: place for place, person in enumerate(order)}
    minutes = spread.spread(order, hours=session["hours"], kept=kept)
    begins = day_number(session["day"]) * DAY_MS - day_offset_min * MINUTE_MS
    found = {one.person: (one, dose_no) for one, dose_no, _ in judged.people}
    rows = []
    for number, person in enumerate(sorted(minutes, key=lambda person: (minutes[person], places[person])), start=1):
        one, dose_no = found[person]
        told = known[person] if person in kept else {"told_at": None, "told_site": ""}
        rows.append(
            {
                "session": session["session"], "person": person, "n": number, "at": begins + minutes[person] * MINUTE_MS,
                "dose_no": dose_no, "grp": one.group, "name": one.name, "dob": one.dob, "sex": one.sex,
                "phone": one.phone, "state": STANDS, "told_at": told["told_at"], "told_site": told["told_site"],
            }
        )  # fmt: skip
    gone = [
        row for row in held if row["person"] not in minutes and (row["person"] in kept or row["state"] == TAKEN_BACK)
    ]
    for number, row in enumerate(sorted(gone, key=lambda row: str(row["person"])), start=len(rows) + 1):
        rows.append({**row, "n": number, "state": TAKEN_BACK})
    return Planned(rows=rows, waiting=len(order) - len(minutes), left_out=judged.left_out)


def cancelled(held: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The appointments of a session that does not take place: whoever was told of one is taken back."""
    known = [row for row in held if row["told_at"] is not None or row["state"] == TAKEN_BACK]
    return [{**row, "state": TAKEN_BACK} for row in known]
