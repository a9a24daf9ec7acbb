"""How much two rows of people are alike: reasons and their weight. Pure; finds no pairs and decides nothing.

A telephone is shared by a family, so it is one small reason among others and never an identity (domain.md 5.8).
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from server.facts import fold_name

# Folded names with their words in order are near from here on, of 100: one letter of a name of twelve.
NEAR_NAME = 88.0
_DAY = 10
_YEAR = 4
# What stands before the name of a unit in an address, and what never is one.
_KINDS = (
    "thi tran ", "thanh pho ", "phuong ", "xa ", "quan ", "huyen ", "thi xa ", "tinh ", "tp. ", "tp ", "p. ", "x. ", "q. ", "h. ",
)  # fmt: skip
# The papers whose numbers tell who somebody is; a passport's and a card's may agree by chance, so each has its kind.
PAPERS = ("cccd", "cmnd", "passport")
# Commune, district, province stand last in an address.
_LAST = 3


@dataclass(frozen=True, slots=True)
class Person:
    """What is compared of a person. `numbers`: identity numbers by the kind of paper; `name_key`: the name's folded words, sorted."""

    person: str
    name: str
    folded: str
    name_key: str
    dob: str
    sex: str
    phone: str
    health_no: str
    commune: str
    numbers: tuple[tuple[str, str], ...]


def person_of(row: Mapping[str, str]) -> Person:
    """A row of table `person` as it is compared."""
    key_papers, _, key_number = row["person"].partition(":")
    numbers = {(row["doc_type"], row["doc_no"]), (key_papers, key_number), (_papers(row["old_no"]), row["old_no"])}
    return Person(
        person=row["person"],
        name=_spelled(row["name"]),
        folded=row["folded"],
        name_key=" ".join(sorted(row["folded"].split())),
        dob=row["dob"],
        sex=row["sex"],
        phone=row["phone"],
        health_no=row["health_no"],
        commune=_commune(row["address"]),
        numbers=tuple(sorted((papers, number) for papers, number in numbers if number and papers in PAPERS)),
    )


def near_names(one: str, other: str) -> bool:
    """Are two `name_key`s nearly the same?"""
    return fuzz.ratio(one, other, score_cutoff=NEAR_NAME) > 0


def reasons(one: Person, other: Person) -> list[str]:
    """The words for what speaks for and against the two being one, in the order of the table of weights."""
    found = [_numbers(one, other)]
    if one.health_no and one.health_no == other.health_no:
        found.append("same_health_no")
    found.append(_names(one, other))
    found.append(_births(one.dob, other.dob))
    if one.phone and one.phone == other.phone:
        found.append("same_phone")
    if one.commune and one.commune == other.commune:
        found.append("same_commune")
    if {one.sex, other.sex} == {"M", "F"}:
        found.append("other_sex")
    return [word for word in found if word]


def score(words: Sequence[str], weights: Mapping[str, int]) -> int:
    """The points of the reasons together."""
    return sum(weights[word] for word in words)


def _numbers(one: Person, other: Person) -> str:
    # An old number stands on the new card: whatever kind it was taken for, the same digits are the same number.
    if {number for _, number in one.numbers} & {number for _, number in other.numbers}:
        return "same_number"
    pairs = [(mine, theirs) for papers, mine in one.numbers for also, theirs in other.numbers if papers == also]
    if any(OSA.distance(mine, theirs, score_cutoff=1) <= 1 for mine, theirs in pairs):
        return "near_number"
    return "other_number" if pairs else ""


def _names(one: Person, other: Person) -> str:
    if one.name == other.name:
        return "same_name"
    if one.folded == other.folded:
        return "alike_name"
    return "near_name" if near_names(one.name_key, other.name_key) else ""


def _births(one: str, other: str) -> str:
    if not one or not other:
        return ""
    if one == other:
        return "same_dob" if len(one) == _DAY else "same_year"
    if _YEAR in (len(one), len(other)):
        return "same_year" if one[:_YEAR] == other[:_YEAR] else "other_year"
    swapped = f"{other[:5]}{other[8:]}-{other[5:7]}"
    if one == swapped or sum(mine != theirs for mine, theirs in zip(one, other, strict=False)) == 1:
        return "near_dob"
    return "same_year" if one[:_YEAR] == other[:_YEAR] else "other_year"


def _papers(number: str) -> str:
    return {12: "cccd", 9: "cmnd"}.get(len(number), "")


def _spelled(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


@lru_cache(maxsize=65536)
def _commune(address: str) -> str:
    """The last three parts of an address, folded, without the words for what kind of unit they are."""
    parts = [fold_name(part) for part in address.split(",")]
    if len(parts) < _LAST:
        return ""
    return ", ".join(_bare(part) for part in parts[-_LAST:])


def _bare(part: str) -> str:
    for kind in _KINDS:
        if part.startswith(kind):
            return part[len(kind) :]
    return part
