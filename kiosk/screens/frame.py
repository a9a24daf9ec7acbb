"""What the frame around every screen says: station, clock and truth about sync above; devices and person below."""

import gettext
from collections.abc import Mapping
from typing import Any

from kiosk.screens.sentences import (
    BOARD_TROUBLE,
    CAMERA_TROUBLE,
    COLD_BOX,
    COLD_BOX_ALARMS,
    PRINTER_TROUBLE,
    PRINTERS,
    READER_TROUBLE,
    ROLES,
    STATIONS,
    SYNC,
    WEEKDAYS,
    clash_sentence,
    line_sentence,
)
from kiosk.screens.status_words import POWER_TROUBLE, SAYS

# A station is never told by its hue alone: each has a symbol (static/icons.svg) and a letter too.
MARKS = {
    "reception": ("desk", "A"),
    "screening": ("clipboard", "B"),
    "injection": ("syringe", "C"),
    "observation": ("watch", "D"),
    "leaving": ("door", "E"),
}
CITIZENS_MARK = ("heart", "")

# After so long without a touch the page gives the kiosk back to the next citizen (look.md: 20 s with a ticket).
# Where people still read or type they get longer. The desk has its own limit for a page that died.
IDLE_S = {"ticket": 20, "confirm": 40, "type_id": 90, "sign_in": 40, "status": 60}
# What giving up is called on each of them.
IDLE_ACTS = {"ticket": "done", "confirm": "no", "type_id": "back", "sign_in": "back", "status": "back"}
# What a person can do something about; a cut cable alone is told by the top line.
NETWORK_TROUBLE = frozenset({"login_page", "stranger", "expired", "refused"})
# Where looking at the machine's state loses nobody's work.
ASKS_STATE = frozenset({"welcome", "sign_in", "station", "queue", "observation"})

# Where a form is open, a page without scripts must not reload under the person's hands.
STILL = frozenset({"type_id", "confirm", "sign_in", "screening", "conclusion", "read_back", "undo", "reaction"})
STILL |= {"needle", "release_early", "keeper", "follow_up", "closing_why", "closing_pin"}
STILL |= {"late_who", "late_vaccine", "late_dose", "late_photo", "late_check"}
STILL |= {"opening_count", "opening_why", "opening_pin"}


def idle_s(view: Mapping[str, Any]) -> int:
    """Seconds without a touch until the page gives up this screen; 0 for never."""
    return int(view.get("idle_s") or IDLE_S.get(view["screen"], 0))


def menu(view: Mapping[str, Any]) -> tuple[str, ...]:
    """The acts behind the staff's name: moving about is offered where no person's work is open."""
    lead = bool(view["staff"]) and view["staff"]["role"] == "lead"
    keeper = ("keeper",) if lead and view["line"]["may_take"] else ()
    site = (*keeper, "neighbours", "day") if lead else ("day",)
    if view["screen"] == "queue":
        table = ("vials",) if view["station"] == "injection" else ()
        paper = ("late",) if view["staff"] and view["staff"]["role"] in ("injector", "lead") else ()
        return ("change_station", "observation", *table, *paper, *site, "citizen", "sign_out")
    if view["screen"] == "observation":
        return ("change_station", "queue", *site, "citizen", "sign_out")
    return ("sign_out",)


def frame(view: Mapping[str, Any], words: gettext.NullTranslations) -> dict[str, Any]:
    """The frame's words in the reader's language; see layout.html for where each stands."""
    say = words.gettext
    station = view["station"] if view["staff"] else None
    symbol, letter = MARKS.get(station or "", CITIZENS_MARK)
    clock = view["clock"]
    return {
        "hue": station or "citizen",
        "symbol": symbol,
        "letter": letter,
        "station": say(STATIONS[station]) if station in STATIONS else view["site"]["name"],
        "site": view["site"]["name"] if station in STATIONS else "",
        "weekday": say(WEEKDAYS[clock["weekday"]]),
        "sync": sync_words(view["sync"], words),
        "trouble": trouble(view, words),
        "line": line_sentence(view["line"], words),
        "alone": view["line"]["mode"] == "own",
        "clashes": [clash_sentence(one, words) for one in view["line"]["clashes"]] if station else [],
        "cold_box": cold_box_words(view, words),
        "printer": say(PRINTERS.get(view["devices"]["printer"], view["devices"]["printer"])),
        "desk": view.get("desk", ""),
        "menu": menu(view),
        "asks_state": view["screen"] in ASKS_STATE,
        "idle_act": IDLE_ACTS.get(view["screen"], ""),
        "role": role(view["staff"], words),
        "refresh_s": 0 if view["screen"] in STILL else 5,
    }


def sync_words(sync: Mapping[str, Any], words: gettext.NullTranslations) -> dict[str, str]:
    """The truth about sending: `{"symbol", "long", "text"}`; `long` is left out where the line is narrow.

    A confirmed act is on this machine's disk before it is shown, hence "saved here".
    """
    say = words.gettext
    symbol = "cloud-off" if not sync["online"] else "check" if sync["waiting"] else "cloud"
    if sync["quarantined"]:
        long = say(SYNC["call_support"])
        return {"symbol": "warn", "long": long, "text": say(SYNC["quarantined"]) % {"count": sync["quarantined"]}}
    if sync["waiting"]:
        if sync["beside"] and symbol == "check":
            symbol = "check-check"
        return {
            "symbol": symbol,
            "long": say(SYNC["beside" if sync["beside"] else "here"]),
            "text": say(SYNC["to_send"]) % {"count": sync["waiting"]},
        }
    # With a kit of an earlier release names of past days stay readable on the card: support brings a new one.
    long = "" if sync.get("sealing", True) else say(SYNC["not_sealed"])
    return {"symbol": symbol, "long": long, "text": say(SYNC["at_centre" if sync["online"] else "saved"])}


def trouble(view: Mapping[str, Any], words: gettext.NullTranslations) -> dict[str, str] | None:
    """The gravest device trouble as `{"symbol", "text", "act"}`: cold box, printer, power, network, camera, hand scanner, board."""
    devices = view["devices"]
    say = words.gettext
    box = view.get("cold_box")
    if box and box["alarm"]:
        values = {"minutes": box["minutes"], "degrees": degrees(box["tenths_c"])}
        return {"symbol": "vial", "text": say(COLD_BOX_ALARMS[box["state"]]) % values, "act": ""}
    if devices["printer"] in PRINTER_TROUBLE:
        return {"symbol": "printer", "text": say(PRINTER_TROUBLE[devices["printer"]]), "act": "resume_printing"}
    if view.get("power") in POWER_TROUBLE:
        return {"symbol": "bolt", "text": say(POWER_TROUBLE[view["power"]]), "act": ""}
    if view.get("network") in NETWORK_TROUBLE:
        return {"symbol": "cloud-off", "text": say(SAYS["network." + view["network"]]), "act": ""}
    if devices["camera"] in CAMERA_TROUBLE:
        return {"symbol": "camera", "text": say(CAMERA_TROUBLE[devices["camera"]]), "act": ""}
    if devices["reader"] in READER_TROUBLE:
        return {"symbol": "scanner", "text": say(READER_TROUBLE[devices["reader"]]), "act": ""}
    if devices.get("board") in BOARD_TROUBLE:
        return {"symbol": "warn", "text": say(BOARD_TROUBLE[devices["board"]]), "act": ""}
    return None


def degrees(tenths_c: int | None) -> str:
    """Tenths of a degree as people write them, `4,5`; a dash without data."""
    return "–" if tenths_c is None else f"{tenths_c / 10:.1f}".replace(".", ",").replace("-", "−")


def cold_box_words(view: Mapping[str, Any], words: gettext.NullTranslations) -> str:
    """The cold box in a few words; nothing at a kiosk without a board."""
    box = view.get("cold_box")
    return words.gettext(COLD_BOX[box["state"]]) % {"degrees": degrees(box["tenths_c"])} if box else ""


def role(staff: Mapping[str, Any] | None, words: gettext.NullTranslations) -> str:
    """The signed-in person's role in the reader's language; the desk's own word when the table has none."""
    if staff is None:
        return ""
    return (
        words.gettext(ROLES[staff["role"]]) if staff["role"] in ROLES else str(staff.get("role_word") or staff["role"])
    )
