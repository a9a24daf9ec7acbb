"""How values look on a page: days, moments, deadlines in words, counts, masked numbers. Pure but for the language."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from babel.dates import format_datetime
from flask import Flask

from protocol import cccd, clocktext, fields, slip_code
from server.pages import rulebook
from server.pages.services import services
from server.pages.words import language, tr

HOUR_MS = 3_600_000
DAY_MS = 86_400_000
MINUTE_S = 60
# A weekday alone says which day it was, as long as it did not come round again.
NEAR_MS = 6 * DAY_MS
# A deadline this near is shown as a warning.
SOON_MS = DAY_MS


def install(app: Flask) -> None:
    """Give the templates these readings as filters."""
    for name, reading in {
        "day": day, "moment": moment, "hour": hour, "count": count, "due": due, "since": since,
        "masked": cccd.mask, "masked_phone": masked_phone, "vaccine": vaccine, "slip_number": slip_code.show_number,
        "place": place, "symptom": symptom, "treatment": treatment, "near": near, "certainty": certainty, "numbers": numbers,
        "group": group,
    }.items():  # fmt: skip
        app.jinja_env.filters[name] = reading


def day(text: str) -> str:
    """`2021-10-03` as people here write it, `03/10/2021`; anything else (a year, what was typed) stays."""
    return str(clocktext.day_shown(text)) if text and fields.is_day(text) else text or ""


def moment(wall_ms: int | None) -> str:
    """A moment as day and time at the site: `03/10/2021 09:42`; empty for none."""
    if wall_ms is None:
        return ""
    offset = services().config.day_offset_min
    return f"{day(clocktext.day_of(wall_ms, offset))} {clocktext.time_of(wall_ms, offset)}"


def hour(wall_ms: int | None) -> str:
    """A moment's time of day, `09:42`; empty for none."""
    return "" if wall_ms is None else str(clocktext.time_of(wall_ms, services().config.day_offset_min))


def near(wall_ms: int) -> str:
    """A moment of the last days by its weekday, `thứ Ba 15:02`; an earlier one as `moment`."""
    parts = services()
    if not 0 <= parts.clock.wall_ms() - wall_ms < NEAR_MS:
        return moment(wall_ms)
    local = datetime.fromtimestamp(wall_ms / 1000, UTC) + timedelta(minutes=parts.config.day_offset_min)
    said = format_datetime(
        local.replace(tzinfo=None), "EEEE HH:mm" if language() == "vi" else "EEE HH:mm", locale=language()
    )
    # CLDR writes the weekday as at the beginning of a sentence; within one, Vietnamese has a small letter.
    return said[:1].lower() + said[1:] if language() == "vi" else said


def certainty(sure: str, err_ms: int) -> str:
    """How certain a time is, in words: empty for one that the clock knew or that was taken from paper."""
    if sure == "repaired":
        seconds = -(-err_ms // 1000)
        return (
            tr("dated later, to %(n)s seconds", n=seconds)
            if seconds < MINUTE_S
            else tr("dated later, to %(n)s minutes", n=-(-seconds // MINUTE_S))
        )
    return {"unknown": tr("the time is not certain"), "holdover": tr("the clock was not checked")}.get(sure, "")


def numbers(gaps: Iterable[Sequence[int]]) -> str:
    """Numbers of records as spans: `118–140, 150`."""
    return ", ".join(f"{gap[0]}–{gap[1]}" if gap[1] != gap[0] else str(gap[0]) for gap in gaps)


def today() -> str:
    """The campaign's day now, `YYYY-MM-DD`."""
    return str(clocktext.day_of(services().clock.wall_ms(), services().config.day_offset_min))


def count(number: int) -> str:
    """A count with its thousands parted the reader's way: `1.234` in Vietnamese, `1,234` in English."""
    text = f"{number:,}"
    return text.replace(",", ".") if language() == "vi" else text


def due(due_at: int, now: int | None = None) -> dict[str, str]:
    """A deadline in words: `text` (`còn 2 ngày`, `quá hạn 5 giờ`), `look` (class of the tag) and `icon`."""
    left = due_at - (services().clock.wall_ms() if now is None else now)
    if left < 0:
        text = _span(-left, mark_day="%(n)s days overdue", mark_hour="%(n)s hours overdue")
        return {"text": text, "look": "danger", "icon": "alert"}
    text = _span(left, mark_day="%(n)s days left", mark_hour="%(n)s hours left")
    return {"text": text, "look": "warning" if left <= SOON_MS else "good", "icon": "clock"}


def since(wall_ms: int | None) -> str:
    """How long ago: `5 minutes ago`; a dash for never."""
    if wall_ms is None:
        return "–"
    gone = max(0, services().clock.wall_ms() - wall_ms)
    if gone < HOUR_MS:
        return tr("%(n)s minutes ago", n=gone // 60_000)
    return _span(gone, mark_day="%(n)s days ago", mark_hour="%(n)s hours ago")


def masked_phone(number: str) -> str:
    """A phone by its last three digits: `•••••••567`."""
    return "•" * max(0, len(number) - 3) + number[-3:]


def vaccine(code: str) -> str:
    """A vaccine's name for its code; the code itself where the list does not know it."""
    return rulebook.vaccines().get(code, code)


def symptom(code: str) -> str:
    """A symptom in the reader's words; the code itself where the list does not know it."""
    return rulebook.symptoms().get(code, {}).get(language(), code)


def treatment(code: str) -> str:
    """What was done against a reaction, in the reader's words; the code itself where the list does not know it."""
    return rulebook.treatments().get(code, {}).get(language(), code)


def group(code: int, on: str = "") -> str:
    """A priority group by number and name as on day `on` (today's); the number alone where none of that day bears it."""
    found = next((row for row in rulebook.groups(on or today()) if row["code"] == code), None)
    return f"{code} · {found[language()]}" if found else tr("Group %(n)s", n=code)


def place(code: str, names: Mapping[str, str]) -> str:
    """A place's name; its code where no unit or site of that code is known."""
    return names.get(code, code)


def _span(ms: int, *, mark_day: str, mark_hour: str) -> str:
    # Whole days from 48 hours on: "1 day left" would hide whether it is 25 hours or 47.
    if ms >= 2 * DAY_MS:
        return tr(mark_day, n=ms // DAY_MS)
    return tr(mark_hour, n=ms // HOUR_MS)
