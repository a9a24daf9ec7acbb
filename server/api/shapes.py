"""The shapes of the API's answers. Days are `YYYY-MM-DD`, times UTC milliseconds. No shape holds a person's data."""

from typing import Annotated

import msgspec
from msgspec import Meta

# A NUL is refused at the door: see server/web.py.
A_TEXT = r"^[^\x00]*$"


class Problem(msgspec.Struct, frozen=True):
    """What went wrong: a stable code, a sentence, and the parameter it is about (empty for none)."""

    code: str
    message: str
    field: str


class Health(msgspec.Struct, frozen=True):
    """The server answers and so does its database."""

    status: str
    now: int


class Ready(msgspec.Struct, frozen=True):
    """Every part that this process needs works now."""

    status: str
    parts: list[str]


class DayFigures(msgspec.Struct, frozen=True):
    """How many people and doses. `people`: who had their first dose, each once, however many numbers they have."""

    checked_in: int
    screened: int
    doses: int
    left: int
    aefi: int
    people: int


class DosesOfDay(msgspec.Struct, frozen=True):
    """Doses of one day."""

    day: str
    doses: int


class DosesOfItem(msgspec.Struct, frozen=True):
    """Doses at a place, by vaccine and dose number."""

    place: str
    vaccine: str
    dose_no: int
    doses: int


class Progress(msgspec.Struct, frozen=True):
    """Figures of a day and from the beginning to it, as received by `now`."""

    day: str
    now: int
    today: DayFigures
    so_far: DayFigures
    by_day: list[DosesOfDay]
    by_item: list[DosesOfItem]


class StockRow(msgspec.Struct, frozen=True):
    """A lot at a place, in doses; `vaccine` and `expiry` are empty for a lot nobody ever received."""

    place: str
    lot: str
    vaccine: str
    expiry: str
    received: int
    used: int
    wasted: int
    extra: int
    on_hand: int
    negative: bool


class Stock(msgspec.Struct, frozen=True):
    """Stock as received by `now`."""

    now: int
    rows: list[StockRow]


class Concern(msgspec.Struct, frozen=True):
    """What of a kiosk needs a person: `owes` (`gaps`: first and last number), `silent`, `forked` or `quarantined` (`n`).

    `since` is 0 where nobody noted it.
    """

    k: str
    site: str
    what: str
    since: int
    gaps: list[tuple[int, int]]
    n: int


class KioskLog(msgspec.Struct, frozen=True):
    """One log of a kiosk: `gaps` are first number, last number and since when they are known to be missing."""

    inc: str
    committed: int
    last_said: int
    heard_at: int
    gaps: list[tuple[int, int, int]]


class KioskRow(msgspec.Struct, frozen=True):
    """A kiosk as the centre sees it; `heard_at` is 0 if never, `revoked_at` null while it is trusted."""

    k: str
    site: str
    heard_at: int
    revoked_at: int | None
    owes: int
    quarantined: int
    forks: int
    logs: list[KioskLog]


class Kiosks(msgspec.Struct, frozen=True):
    """The kiosks by `now`, what of them needs a look first, and how much stands in quarantine for which reason."""

    now: int
    concerns: list[Concern]
    rows: list[KioskRow]
    quarantine: dict[str, int]


class ComplaintRow(msgspec.Struct, frozen=True):
    """A complaint without its citizen; `decided_at` is null until it is decided."""

    complaint: str
    category: str
    state: str
    filed_at: int
    due_at: int
    decided_at: int | None


class Complaints(msgspec.Struct, frozen=True):
    """How many complaints are open and overdue, and a page of those asked for, soonest due first."""

    now: int
    open: int
    overdue: int
    rows: list[ComplaintRow]


class DuplicateRow(msgspec.Struct, frozen=True):
    """Two records that may be one person, by reference; `because` names what speaks for and against it."""

    one: str
    other: str
    score: int
    because: list[str]
    found_at: int


class Duplicates(msgspec.Struct, frozen=True):
    """How many pairs wait for a decision, and a page of them, the likeliest first."""

    now: int
    open: int
    rows: list[DuplicateRow]


class SessionHour(msgspec.Struct, frozen=True):
    """How many people may come in the hour that begins at `hour` (0 to 23), and how many are to."""

    hour: int
    room: int
    people: int


class SessionRow(msgspec.Struct, frozen=True):
    """A planned session. `state`: planned, invited or cancelled; `invited_at` is null until people were invited.

    `version` rises with each change.
    """

    session: str
    site: str
    day: str
    vaccine: str
    state: str
    version: int
    people: int
    hours: list[SessionHour]
    team: int
    invited_at: int | None


class Sessions(msgspec.Struct, frozen=True):
    """Sessions from today on, by day."""

    now: int
    rows: list[SessionRow]


# A day as JSON Schema can say it; whether there is such a day is asked besides.
Day = Annotated[
    str,
    Meta(
        pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$",
        min_length=10,
        max_length=10,
        extra_json_schema={"format": "date"},
    ),
]
Word = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}$", max_length=64)]


class HourAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many people the hour that begins at `hour` holds."""

    hour: Annotated[int, Meta(ge=0, le=23)]
    room: Annotated[int, Meta(ge=1, le=500)]


class SessionAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A session to plan. Of an hour said twice the last word holds; what is left empty narrows nothing."""

    site: Word
    day: Day
    vaccine: Word
    hours: Annotated[list[HourAsked], Meta(min_length=1, max_length=24)]
    groups: Annotated[list[Annotated[int, Meta(ge=1, le=16)]], Meta(max_length=16)] = []
    communes: Annotated[list[Word], Meta(max_length=200)] = []
    doses: Annotated[list[Annotated[int, Meta(ge=1, le=3)]], Meta(max_length=3)] = []
    due_by: Day | None = None


class Invitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Invite everybody of a session who has not been told; nothing more is to be said."""


class Cancellation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A session does not take place; signs of the reason that nobody can read become blanks."""

    reason: Annotated[str, Meta(min_length=1, max_length=200, pattern=A_TEXT)]
