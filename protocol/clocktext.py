"""Days and times as text from UTC milliseconds, without `datetime` (MicroPython boards lack it).

Also the hybrid logical clock of a record: `[physical ms, logical]`.
"""

# Asia/Ho_Chi_Minh has kept UTC+7 without daylight saving since 1975; other countries pass their own offset.
VIETNAM_OFFSET_MIN = 420
DAY_MS = 86400000
# A remote clock further ahead than this is not adopted (protocol.md, Clocks).
MAX_AHEAD_MS = 300000


def civil(days: int) -> tuple:
    """`(year, month, day)` of a day number counted from 1970-01-01 (Hinnant's civil_from_days)."""
    days += 719468
    era = days // 146097
    of_era = days - era * 146097
    year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    number = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return (year_of_era + era * 400 + (1 if month <= 2 else 0), month, number)


def day_number(text: str) -> int:
    """The day number of `YYYY-MM-DD`, counted from 1970-01-01. The text must have passed `fields.is_day`."""
    year, month, number = int(text[:4]), int(text[5:7]), int(text[8:])
    if month <= 2:
        year -= 1
    era = year // 400
    year_of_era = year - era * 400
    shifted = month - 3 if month > 2 else month + 9
    of_year = (153 * shifted + 2) // 5 + number - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + of_year - 719468


def day_of(wall_ms: int, offset_min: int = VIETNAM_OFFSET_MIN) -> str:
    """The campaign day `YYYY-MM-DD` on which `wall_ms` falls at the site."""
    return "%04d-%02d-%02d" % civil((wall_ms + offset_min * 60000) // DAY_MS)


def time_of(wall_ms: int, offset_min: int = VIETNAM_OFFSET_MIN) -> str:
    """The time of day `HH:MM` at the site."""
    minutes = ((wall_ms + offset_min * 60000) // 60000) % 1440
    return "%02d:%02d" % (minutes // 60, minutes % 60)


def day_shown(text: str) -> str:
    """A day as people here write it: `14/04/1979`; a bare year stays `1950`; unknown stays empty."""
    if len(text) == 10:
        return text[8:] + "/" + text[5:7] + "/" + text[:4]
    return text


def hlc_next(last, wall_ms: int) -> tuple:
    """The hybrid clock's value for a new record (there a list): after `last`, never behind the wall clock."""
    if wall_ms > last[0]:
        return (wall_ms, 0)
    return (last[0], last[1] + 1)


def hlc_meet(last, remote, wall_ms: int, sure: str) -> tuple:
    """The hybrid clock after seeing a remote one; a remote far ahead or of unknown certainty is not adopted."""
    if sure == "unknown" or remote[0] > wall_ms + MAX_AHEAD_MS:
        return tuple(last)
    return max(tuple(last), tuple(remote))
