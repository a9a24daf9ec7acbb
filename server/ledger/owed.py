"""Since when a writer owes which numbers: a hole keeps the hour at which any part of it was first known. Pure."""

import json
from collections.abc import Sequence

# `[first, last, since]`: numbers not here, and when that was first known (UTC ms).
Gap = list[int]


def noted(before: str | None, missing: Sequence[Sequence[int]], *, now: int) -> str:
    """The gaps as column `owed` keeps them. `before`: the column; `missing`: the holes now, `[first, last]` each.

    What a hello has told of a moment ago is under way rather than missing: the reader of `since` judges that.
    """
    known = read(before)
    return json.dumps([[first, last, _since(known, first, last, now)] for first, last in missing])


def read(column: str | None) -> list[Gap]:
    """The gaps of column `owed`; none for a row that an earlier release left."""
    return [list(map(int, gap)) for gap in json.loads(column or "[]")]


def _since(known: Sequence[Gap], first: int, last: int, now: int) -> int:
    return min((since for begin, end, since in known if begin <= last and first <= end), default=now)
