"""The lists around kiosks as tables: the fleet and what stands in quarantine, column by column."""

from collections.abc import Mapping
from typing import Any

from server.pages import shown, terms
from server.pages.tables import Choice, Column, Table
from server.pages.words import mark, tr

# How a kiosk is, in the order in which a page asks.
REVOKED, NEVER, QUIET, AWAY, CONNECTED = "revoked", "never", "quiet", "away", "connected"
STATES = {
    CONNECTED: mark("connected"),
    AWAY: mark("away"),
    QUIET: mark("quiet"),
    NEVER: mark("never heard"),
    REVOKED: mark("revoked"),
}


def state_of(row: Mapping[str, Any]) -> str:
    """The state of one of `fleet.ordered`."""
    if row["revoked_at"]:
        return REVOKED
    if not row["heard_at"]:
        return NEVER
    if row["quiet"]:
        return QUIET
    return AWAY if row["box"]["state"].get("state") == "offline" else CONNECTED


def fleet_table(sites: Mapping[str, str]) -> Table:
    """The list of kiosks, rows of `fleet.ordered`."""
    return Table(
        name="kiosks",
        find=mark("Kiosk or injection site"),
        columns=(
            Column(name="kiosk", heading=mark("Kiosk"), text=lambda row: str(row["k"])),
            Column(name="site", heading=mark("Injection site"), listed=False, text=lambda row: shown.place(row["site"], sites)),
            Column(name="state", heading=mark("State"), text=lambda row: tr(STATES[state_of(row)])),
            Column(
                name="heard", heading=mark("Last word"), text=lambda row: shown.moment(row["heard_at"] or None),
                by=lambda row: row["heard_at"],
            ),
            Column(name="printer", heading=mark("Printer"), text=lambda row: _said(terms.PRINTER_STATES, row, "printer")),
            Column(name="clock", heading=mark("Clock"), text=lambda row: _said(terms.CLOCK_STATES, row, "sure")),
            Column(
                name="waits", heading=mark("Waits there"), number=True, text=_counted,
                by=lambda row: _counted(row) or -1,
            ),
            Column(name="owes", heading=mark("Still missing"), number=True, text=lambda row: int(row["owes"])),
            Column(name="version", heading=mark("Version"), text=lambda row: str(row["box"]["state"].get("app") or "")),
        ),
        choices=(
            Choice(
                name="state", label=mark("State"), blank=mark("all"), of=state_of,
                options=[(code, tr(text)) for code, text in STATES.items()],
            ),
            Choice(
                name="place", label=mark("Injection site"), blank=mark("All sites"), of=lambda row: str(row["site"]),
                options=list(sites.items()),
            ),
        ),
    )  # fmt: skip


def quarantine_table(reasons: Mapping[str, int]) -> Table:
    """What stands in quarantine, rows of `fleet.quarantine`; `reasons` that there are."""
    return Table(
        name="quarantine",
        columns=(
            Column(
                name="when", heading=mark("When"), text=lambda row: shown.moment(row["received_at"]),
                by=lambda row: row["received_at"],
            ),
            Column(name="kiosk", heading=mark("Kiosk"), text=lambda row: str(row["k"] or "")),
            Column(
                name="record", heading=mark("Record"), number=True, text=lambda row: row["seq"] or "",
                by=lambda row: row["seq"] or 0,
            ),
            Column(name="reason", heading=mark("Reason"), text=lambda row: str(row["reason"])),
        ),
        choices=(
            Choice(
                name="reason", label=mark("Reason"), blank=mark("All reasons"), options=[(name, name) for name in sorted(reasons)]
            ),
        ),
    )  # fmt: skip


def _said(words: Mapping[str, str], row: Mapping[str, Any], name: str) -> str:
    said = row["box"]["state"].get(name)
    return tr(words[said]) if isinstance(said, str) and said in words else ""


def _counted(row: Mapping[str, Any]) -> int | str:
    waiting = row["box"]["state"].get("waiting")
    return waiting if isinstance(waiting, int) and not isinstance(waiting, bool) else ""
