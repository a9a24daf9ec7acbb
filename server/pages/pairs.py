"""What a page shows of one record of a pair: all of it in the own care, initials and year of birth in another's."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from server import people, scope

_SHOWN_OF_STRANGERS = ("sex",)


def seen(conn: Connection, care: scope.Scope, key: str) -> dict[str, Any]:
    """The row of whoever speaks for `key` now, with `ref` of the very record and `cared`: is it in care?"""
    own = people.own_row(conn, key)
    row = people.by_key(conn, key) or own
    if row is None:
        return {"ref": "", "name": "", "dob": "", "doc_no": "", "cared": False}
    cared = scope.sees_person(conn, care, key)
    return {**(row if cared else masked(row)), "ref": (own or row)["ref"], "cared": cared}


def masked(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is seen of somebody in another unit's care: the initials, the year of birth, the sex."""
    initials = " ".join(f"{word[0]}." for word in str(row["name"]).split())
    kept = {name: row[name] for name in _SHOWN_OF_STRANGERS}
    return {**dict.fromkeys(row, ""), **kept, "name": initials, "dob": str(row["dob"])[:4]}
