"""Who of many people belongs into a session: rules of the next dose, the plan's own choice, the order. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from protocol import fields, rules
from protocol.errors import ProtocolError

OTHER_DOSES = 3
# The rank of whoever is in no group.
LAST = 1000
_READABLE = (
    ("person", fields.word, True),
    ("name", fields.text(fields.MAX_NAME, empty=False), True),
    ("dob", fields.day, True),
    ("sex", fields.one_of("M", "F", "U"), True),
    ("phone", fields.text(32), True),
)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody who could be invited. `commune`: its code or empty; `group`: the priority group, 0 for none.

    `history`: earlier doses `{"vaccine", "given_on", "dose_no"}`; `busy`: has an appointment elsewhere already;
    `barred`: a screening found that they must not be vaccinated; `off`: taken off the list of recipients.
    """

    person: str
    name: str
    dob: str
    sex: str
    phone: str
    commune: str = ""
    group: int = 0
    history: Sequence[dict[str, Any]] = ()
    busy: bool = False
    barred: bool = False
    off: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Whom a session is for. Empty means everybody. `doses`: numbers of the next dose (3: the third or a later one).

    `due_by`: only whose next dose fell due by this day; a first dose is due at once.
    """

    groups: tuple[int, ...] = ()
    communes: tuple[str, ...] = ()
    doses: tuple[int, ...] = ()
    due_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The people of a session in their order, each with the number and the due day of the next dose; why others are not in it."""

    people: list[tuple[Candidate, int, str]] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)


def judge(
    candidates: Iterable[Candidate],
    *,
    vaccine: str,
    day: str,
    choice: Choice,
    facts: dict[str, Any],
) -> Judged:
    """Who may have `vaccine` on `day` and is chosen. `facts`: rule data.

    The order: by priority group (who is in none comes last), then next doses before first ones and the longest due
    first, then the oldest; of two who are alike in all that the person's key decides.
    """
    found: list[tuple[Candidate, int, str]] = []
    left_out: dict[str, int] = {}
    for one in candidates:
        because = _because(one, vaccine=vaccine, day=day, choice=choice, facts=facts)
        if because:
            left_out[because] = left_out.get(because, 0) + 1
            continue
        history = list(one.history)
        due = rules.due_on(vaccine=vaccine, history=history, today=day, rules=facts)
        found.append((one, rules.next_dose_no(history), due))
    found.sort(key=lambda row: (row[0].group or LAST, row[2] or "9999", row[0].dob or "9999", row[0].person))
    return Judged(people=found, left_out=dict(sorted(left_out.items())))


def _because(one: Candidate, *, vaccine: str, day: str, choice: Choice, facts: dict[str, Any]) -> str:
    """Why somebody is not in the session, as a word; empty for who is."""
    history = list(one.history)
    number = rules.next_dose_no(history)
    due = rules.due_on(vaccine=vaccine, history=history, today=day, rules=facts)
    because = {
        "off_list": one.off,
        "commune": bool(choice.communes) and one.commune not in choice.communes,
        "group": bool(choice.groups) and one.group not in choice.groups,
        "busy": one.busy,
        "contraindicated": one.barred,
        "dose": bool(choice.doses) and min(number, OTHER_DOSES) not in choice.doses,
        "due_later": bool(choice.due_by) and due > choice.due_by,
    }
    for word, holds in because.items():
        if holds:
            return word
    # A lot is chosen on the day itself.
    lot = {"vaccine": vaccine, "lot": "", "expiry": "", "stopped": False}
    findings = rules.judge_dose(vaccine=vaccine, lot=lot, dob=one.dob, history=history, today=day, rules=facts)
    if findings:
        return str(findings[0].rule)
    return "" if _readable(one) else "unreadable"


def _readable(one: Candidate) -> bool:
    # One row that the kiosks cannot read would keep the whole list from them.
    try:
        fields.check_table({row[0]: getattr(one, row[0]) for row in _READABLE}, _READABLE, "candidate")
    except ProtocolError:
        return False
    return True
