"""Whose rows somebody may see: the subtree of their unit on a day. Applied here for pages, API and exports alike.

Only reads. Every question about a row that belongs to a place, a person or a complaint is asked here, nowhere else.
"""

from dataclasses import dataclass

from sqlalchemy import Column, Connection, Select, and_, exists, false, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from server import links, units
from server.accounts import ACCOUNT, Account, Client
from server.audit import AUDIT
from server.complaints.tables import COMPLAINT
from server.duplicates import PROPOSAL
from server.people import PERSON
from server.recipients import RECIPIENT
from server.reference import SITE
from server.units import UNIT, Unit
from server.vaccinations import VACCINATION
from server.visits import VISIT

# Where a complaint names no place that stands on a list, these levels share it out (CV 9458 routes it to the province).
SHARES_OUT = ("country", "region", "province")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is in somebody's care on `day` (`YYYY-MM-DD`).

    `unit` is None where their unit does not stand on that day: then nothing is. `whole` is the country's care: also
    what belongs to no place. `sites` is code to name, by name.
    """

    unit: Unit | None
    day: str
    whole: bool
    sites: dict[str, str]

    def holds(self, place: str) -> bool:
        """Is this injection site in care?"""
        return place in self.sites


def of(conn: Connection, who: Account | Client, *, day: str) -> Scope:
    """The scope of an account or of a program's token on `day`."""
    if not who.unit:  # only a token of an earlier release
        return Scope(unit=None, day=day, whole=True, sites=_sites(conn, true()))
    unit = units.period(conn, who.unit, who.unit_from) if who.unit_from else units.find(conn, who.unit, day=day)
    if unit is None or not unit.valid_from <= day or (unit.valid_to and unit.valid_to <= day):
        return Scope(unit=None, day=day, whole=False, sites={})
    if not unit.parent:
        return Scope(unit=unit, day=day, whole=True, sites=_sites(conn, true()))
    return Scope(unit=unit, day=day, whole=False, sites=_sites(conn, _in_care(unit, day)))


def covers(conn: Connection, scope: Scope, unit: Unit | None) -> bool:
    """Does `unit` lie in the scope's subtree, the top included?"""
    if scope.unit is None or unit is None:
        return False
    held = select(UNIT.c.code).where(UNIT.c.code == unit.code, UNIT.c.valid_from == unit.valid_from)
    return conn.execute(held.where(UNIT.c.code.in_(units.tree(scope.unit, day=scope.day)))).first() is not None


def people(scope: Scope) -> ColumnElement[bool]:
    """The condition for rows of `person`: somebody with a visit, a dose or a complaint in care."""
    return true() if scope.whole else _cared_for(scope, PERSON.c.person)


def recipients(scope: Scope) -> ColumnElement[bool]:
    """The condition for rows of `recipient`: whose commune is in care; without one known they are the country's."""
    if scope.whole:
        return true()
    return false() if scope.unit is None else RECIPIENT.c.commune.in_(units.tree(scope.unit, day=scope.day))


def proposals(scope: Scope) -> ColumnElement[bool]:
    """The condition for rows of `proposal`: pairs with at least one of the two in care."""
    if scope.whole:
        return true()
    return or_(_cared_for(scope, PROPOSAL.c.one), _cared_for(scope, PROPOSAL.c.other))


def complaints(scope: Scope) -> ColumnElement[bool]:
    """The condition for rows of `complaint`: about a place or a person in care; those that lead nowhere, for a province."""
    if scope.whole:
        return true()
    hit = or_(COMPLAINT.c.place.in_(list(scope.sites)), _was_here(scope, COMPLAINT.c.person))
    if scope.unit is not None and scope.unit.level in SHARES_OUT:
        hit = or_(hit, and_(~COMPLAINT.c.place.in_(select(SITE.c.site)), ~_was_anywhere(COMPLAINT.c.person)))
    return hit


def accounts(scope: Scope) -> ColumnElement[bool]:
    """The condition for rows of `account`: those of the unit in care and of all below it."""
    if scope.whole:
        return true()  # also of units that have ended: no tree holds them, and somebody has to move their people
    if scope.unit is None:
        return false()
    at = UNIT.alias("at")  # whoever asks may have joined the units' names
    return exists().where(
        at.c.code == ACCOUNT.c.unit,
        or_(ACCOUNT.c.unit_from == "", at.c.valid_from == ACCOUNT.c.unit_from),
        at.c.code.in_(units.tree(scope.unit, day=scope.day)),
    )


def of_unit(scope: Scope, code: Column[str], valid_from: Column[str]) -> ColumnElement[bool]:
    """The condition for rows that a unit answers for, named by its code and first day: those of the unit in care and below."""
    if scope.unit is None:
        return false()
    at = UNIT.alias("at")
    named = exists().where(
        at.c.code == code, at.c.valid_from == valid_from, at.c.code.in_(units.tree(scope.unit, day=scope.day))
    )
    return true() if scope.whole else named


def looks(scope: Scope) -> ColumnElement[bool]:
    """The condition for rows of `audit`: what accounts in care did; what citizens and operators did is the country's."""
    if scope.whole:
        return true()
    return AUDIT.c.account.in_(select(ACCOUNT.c.login).where(accounts(scope)))


def unit_codes(scope: Scope) -> ColumnElement[bool]:
    """The condition for rows of `unit`: those in care on that day."""
    if scope.unit is None:
        return false()
    stands = and_(UNIT.c.valid_from <= scope.day, or_(UNIT.c.valid_to == "", UNIT.c.valid_to > scope.day))
    return and_(UNIT.c.code.in_(units.tree(scope.unit, day=scope.day)), stands)


def sees_person(conn: Connection, scope: Scope, person: str) -> bool:
    """Is this person in care?"""
    return _any(conn, select(PERSON.c.person).where(PERSON.c.person == person, people(scope)))


def sees_complaint(conn: Connection, scope: Scope, complaint: str) -> bool:
    """Is this complaint in care?"""
    return _any(conn, select(COMPLAINT.c.complaint).where(COMPLAINT.c.complaint == complaint, complaints(scope)))


def narrowed(scope: Scope, place: str) -> list[str]:
    """The sites in care, or only `place` where it is one of them; a foreign place gives none."""
    if not place:
        return list(scope.sites)
    return [place] if scope.holds(place) else []


def _in_care(unit: Unit, day: str) -> ColumnElement[bool]:
    codes = units.tree(unit, day=day)
    # A site that the tree knows hangs where its own row says; one that only has an address hangs under that.
    own = exists().where(UNIT.c.code == SITE.c.site)
    return or_(SITE.c.site.in_(codes), and_(~own, SITE.c.unit.in_(codes)))


def _sites(conn: Connection, condition: ColumnElement[bool]) -> dict[str, str]:
    query = select(SITE.c.site, SITE.c.name).where(condition).order_by(SITE.c.name, SITE.c.site)
    return {str(row.site): str(row.name) for row in conn.execute(query)}


def _cared_for(scope: Scope, person: Column[str]) -> ColumnElement[bool]:
    complained = exists().where(links.name_of(COMPLAINT.c.person) == links.name_of(person), complaints(scope))
    return or_(_was_here(scope, person), complained)


def _was_here(scope: Scope, person: Column[str]) -> ColumnElement[bool]:
    places = list(scope.sites)
    # Who is one with somebody that was here, was here (server.links); hardly anybody is, so that is looked up last.
    also = links.keys_of(person)
    return or_(
        exists().where(VISIT.c.person == person, VISIT.c.site.in_(places)),
        exists().where(VACCINATION.c.person == person, VACCINATION.c.place.in_(places)),
        exists().where(VISIT.c.person.in_(also), VISIT.c.site.in_(places)),
        exists().where(VACCINATION.c.person.in_(also), VACCINATION.c.place.in_(places)),
    )


def _was_anywhere(person: Column[str]) -> ColumnElement[bool]:
    return or_(exists().where(VISIT.c.person == person), exists().where(VACCINATION.c.person == person))


def _any(conn: Connection, query: Select[tuple[str]]) -> bool:
    return conn.execute(query).first() is not None
