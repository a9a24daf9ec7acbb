"""The paper list of a site's day: who was expected, who came, how far, which dose of which lot when. Pure; draws nothing.

What a site goes on with when every machine is dark. It says its own cut-off; without names it holds tickets only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from protocol.clocktext import day_of, day_shown, time_of

# As staff say them; the list is read by Vietnamese nurses in a hurry.
STATES = {
    "expected": "có hẹn",
    "waiting": "chờ khám",
    "called": "đang khám",
    "cleared": "chờ tiêm",
    "ready": "đang tiêm",
    "observing": "theo dõi",
    "left": "đã về",
    "deferred": "trì hoãn",
    "contraindicated": "chống chỉ định",
    "referred": "chuyển viện",
    "refused": "không đồng ý",
    "gone": "vắng mặt",
}
COLUMNS = ("Số / No.", "Họ và tên / Name", "Năm / Born", "Hẹn / Appt", "Tình trạng / State", "Mũi tiêm / Dose")
TITLE = ("Danh sách trong ngày", "List of the day")


@dataclass(frozen=True)
class Row:
    """One person. Empty: no ticket yet, no appointment, no dose."""

    ticket: str
    name: str
    year: str
    appointment: str
    state: str
    dose: str

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of COLUMNS."""
        return (self.ticket, self.name, self.year, self.appointment, self.state, self.dose)


@dataclass(frozen=True)
class DayList:
    """The list as it was at `cutoff`, HH:MM. `came`, `dosed`: people."""

    site: str
    day: str
    cutoff: str
    rows: tuple[Row, ...]
    came: int
    dosed: int
    demo: bool = False

    @property
    def heading(self) -> str:
        """Day and cut-off: nothing after it is on the paper."""
        return f"{day_shown(self.day)} · đến / until {self.cutoff}"

    @property
    def sums(self) -> tuple[str, str]:
        """How many came and got a dose, both languages."""
        return (f"{self.came} người đến, {self.dosed} mũi tiêm", f"{self.came} came, {self.dosed} doses")


def of_day(
    visits: Iterable[Mapping[str, Any]], appointments: Iterable[Mapping[str, Any]], *, site: str, day: str, wall: int,
    offset_min: int, vaccine_name: Callable[[str], str], demo: bool = False,
) -> DayList:  # fmt: skip
    """The list of `day` at `wall` (UTC ms): who came in ticket order, then who has an appointment and has not come."""
    came = list(visits)
    times = {one["person"]: one["at"] for one in appointments if _is_on(one.get("at"), day, offset_min)}
    rows = [_came(one, times.get(one["person"]), offset_min, vaccine_name) for one in came]
    here = {one["person"] for one in came}
    due = [one for one in appointments if one["person"] in times and one["person"] not in here]
    due.sort(key=lambda row: (row["at"], row.get("name", "")))
    rows += [
        Row("", str(one.get("name", "")), "", time_of(one["at"], offset_min), STATES["expected"], "") for one in due
    ]
    dosed = len([one for one in came if "dose" in one])
    return DayList(site, day, time_of(wall, offset_min), tuple(rows), len(came), dosed, demo)


def without_names(one: DayList) -> DayList:
    """The same for a place where nobody's name may stand: tickets, states and doses only."""
    kept = tuple(Row(row.ticket, "", "", row.appointment, row.state, row.dose) for row in one.rows if row.ticket)
    return DayList(one.site, one.day, one.cutoff, kept, one.came, one.dosed, one.demo)


def _came(one: Mapping[str, Any], at: int | None, offset_min: int, vaccine_name: Callable[[str], str]) -> Row:
    dose = one.get("dose")
    told = (
        f"{dose['dose_no']} {vaccine_name(dose['vaccine'])} · {dose['lot']} · {time_of(dose['wall'], offset_min)}"
        if dose
        else ""
    )
    identity = one["identity"]
    return Row(
        one["ticket"],
        identity["name"],
        identity["dob"][:4],
        time_of(at, offset_min) if at is not None else "",
        STATES.get(one["state"], one["state"]),
        told,
    )


def _is_on(at: object, day: str, offset_min: int) -> bool:
    return isinstance(at, int) and day_of(at, offset_min) == day
