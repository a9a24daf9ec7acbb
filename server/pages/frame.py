"""What stands around every page: navigation by role, whose data it is, languages, addresses of assets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request, url_for
from sqlalchemy import Connection, select

from server import aefi, reference, scope
from server.accounts import ADMIN, AUDITOR, MANAGER, OFFICER, Account
from server.pages import looks, picking, shown, terms, words
from server.pages.access import me, staff
from server.pages.services import services
from server.pages.words import mark
from server.scope import Scope

# Endpoint, icon, word, and who finds the door: the roles on the registration lines decide who may pass it.
SECTIONS = (
    ("today.today", "today", mark("Today"), (OFFICER, MANAGER, AUDITOR, ADMIN)),
    ("complaints.queue", "complaints", mark("Complaints"), (OFFICER, AUDITOR, ADMIN)),
    ("reactions.reactions", "alert", mark("Reactions"), (OFFICER, MANAGER, AUDITOR, ADMIN)),
    ("people.search", "people", mark("People"), (OFFICER, AUDITOR, ADMIN)),
    ("duplicates.listing", "copies", mark("Duplicates"), (OFFICER, AUDITOR, ADMIN)),
    ("sessions.listing", "sessions", mark("Sessions"), (MANAGER, AUDITOR, ADMIN)),
    ("stock.stock", "stock", mark("Stock"), (MANAGER, AUDITOR, ADMIN)),
    ("imports.listing", "lists", mark("Lists"), (MANAGER, AUDITOR, ADMIN)),
    ("progress.progress", "progress", mark("Progress"), (OFFICER, MANAGER, AUDITOR, ADMIN)),
    ("kiosks.kiosks", "kiosks", mark("Kiosks"), (MANAGER, AUDITOR, ADMIN)),
    ("accounts.listing", "people", mark("Accounts"), (ADMIN,)),
    ("audit_log.entries", "audit", mark("Who looked"), (AUDITOR, ADMIN)),
)


# An alarm of yesterday calls nobody any more; it stands in the list of reactions.
ALARMS_MS = 24 * aefi.HOUR_MS


@dataclass(frozen=True, kw_only=True)
class Section:
    """One door in the navigation."""

    url: str
    icon: str
    text: str
    here: bool


def install(app: Flask, *, version: str) -> None:
    """Give the templates what the frame shows."""
    app.jinja_env.globals.update(
        menu=picking.MENU,
        asset=_asset(version), sections=sections, alarms=alarms, unit_name=unit_name, hotline=hotline, language=words.language,
        all_languages=words.LANGUAGES, in_language=in_language, role_words=terms.ROLES, terms=terms,
        look=looks.look, all_looks=looks.LOOKS, in_look=in_look, dark_media=looks.dark_media, as_of=as_of,
    )  # fmt: skip


def sections() -> list[Section]:
    """The doors that the signed-in account finds."""
    who = me()
    if who is None:
        return []
    here = request.blueprint
    return [
        Section(url=url_for(endpoint), icon=icon, text=text, here=endpoint.split(".")[0] == here)
        for endpoint, icon, text, roles in SECTIONS
        if who.role in roles
    ]


def unit_name() -> str:
    """The name of the unit whose data the signed-in account sees; empty where it does not stand today."""
    with services().db.read() as conn:
        unit = care(conn, staff()).unit
    return unit.name if unit is not None else ""


def hotline() -> str:
    """The number to call, of the first site that has one; empty when none is known."""
    with services().db.read() as conn:
        query = select(reference.SITE.c.hotline).where(reference.SITE.c.hotline != "").order_by(reference.SITE.c.site)
        return conn.execute(query.limit(1)).scalar() or ""


def place_names(conn: Connection) -> dict[str, str]:
    """The name of every site by its code."""
    return {row.site: row.name for row in conn.execute(select(reference.SITE.c.site, reference.SITE.c.name))}


def alarms() -> list[dict[str, Any]]:
    """Severe reactions of the last day at the sites in care that nobody there has seen: `site` (its name), `reported_at`."""
    parts = services()
    with parts.db.read() as conn:
        sites = sites_of(conn, staff())
        rows = aefi.calling(conn, since=parts.clock.wall_ms() - ALARMS_MS, places=list(sites))
    return [{**row, "site": sites[row["site"]]} for row in rows if aefi.unseen(row)]


def care(conn: Connection, who: Account) -> Scope:
    """What is in the care of the account's unit today."""
    return scope.of(conn, who, day=shown.today())


def sites_of(conn: Connection, who: Account) -> dict[str, str]:
    """The sites in the care of the account's unit: code to name, by name."""
    return care(conn, who).sites


def in_language(code: str) -> str:
    """The address of this page in another language; of the start page where this one was the answer to a form."""
    return _here(lang=code)


def in_look(code: str) -> str:
    """The address of this page in other colours."""
    return _here(look=code)


def as_of() -> str:
    """The moment for which a page's figures stand, as a printed one says it."""
    return shown.moment(services().clock.wall_ms())


def _here(**changes: str) -> str:
    if request.endpoint is None:
        return "/?" + urlencode(changes)
    return url_for(request.endpoint, **{**request.args.to_dict(), **(request.view_args or {}), **changes})


def _asset(version: str) -> Callable[[str], str]:
    def asset(name: str) -> str:
        """The address of a static file."""
        return url_for("assets.asset", _version=version, name=name)

    return asset
