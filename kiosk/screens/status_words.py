"""What each tile of the machine's state is called, says, and asks for: English; words/vi.po holds the Vietnamese.

Keys are `what.state` of `kiosk.status`. A state without a "what to do" needs nothing done.
"""

import gettext
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

TITLES = {
    "paper": "Paper",
    "printer": "Printer",
    "reader": "Hand scanner",
    "camera": "Camera",
    "board": "Lamp and cold-box board",
    "disk": "Memory card",
    "clock": "Clock",
    "network": "Network",
    "backlog": "To send",
    "list": "List",
    "power": "Power",
    "wear": "Card’s life",
    "heat": "Warmth",
    "version": "Program",
}

SYMBOLS = {
    "paper": "paper",
    "printer": "printer",
    "reader": "scanner",
    "camera": "camera",
    "board": "vial",
    "disk": "disk",
    "clock": "clock",
    "network": "cloud",
    "backlog": "send",
    "list": "clipboard",
    "power": "bolt",
    "wear": "restart",
    "heat": "heat",
    "version": "info",
}

# The cloud with a tick would say that all is well.
CUT_OFF = frozenset(f"network.{word}" for word in ("cut", "no_name", "login_page", "stranger", "expired", "refused"))

# A level is never told by its colour alone.
MARKS = {"bad": "stop", "watch": "warn", "good": "check", "none": "minus"}

LEVEL_WORDS = {"bad": "Needs a hand", "watch": "Keep an eye on it", "good": "All right", "none": "Not in use"}

SAYS = {
    "paper.there": "There is paper.",
    "paper.out": "The roll has ended.",
    "paper.unknown": "Not known while the printer does not answer.",
    "paper.unused": "This kiosk has no printer.",
    "printer.ready": "Ready.",
    "printer.busy": "Printing…",
    "printer.no_paper": "Waits for paper.",
    "printer.cover_open": "Its cover is open.",
    "printer.disconnected": "Not connected.",
    "printer.unknown": "Does not answer.",
    "printer.unused": "This kiosk has none.",
    "reader.ready": "Ready.",
    "reader.check_settings": "Reads, but not as text.",
    "reader.disconnected": "Not connected.",
    "reader.unknown": "Says something unknown.",
    "reader.unused": "This kiosk has none.",
    "camera.ready": "Ready.",
    "camera.dark": "Sees nothing.",
    "camera.resting": "Switched off to save power.",
    "camera.frozen": "Stuck on one picture.",
    "camera.absent": "Not found.",
    "camera.unknown": "Says something unknown.",
    "camera.unused": "This kiosk has none.",
    "board.ready": "Ready.",
    "board.disconnected": "Not connected.",
    "board.silent": "Does not answer.",
    "board.wrong_key": "Belongs to another kiosk.",
    "board.unknown": "Says something unknown.",
    "board.unused": "This kiosk has none.",
    "disk.roomy": "%(free)s free.",
    "disk.filling": "Filling up: %(free)s free.",
    "disk.full": "Nearly full: %(free)s free.",
    "disk.refuses": "Refused the last act.",
    "disk.rotten": "%(count)s old records are damaged.",
    "disk.salvaged": "Was damaged; what could be read is back.",
    "disk.mended": "%(count)s damaged records were put right.",
    "disk.unknown": "Free space cannot be read.",
    "clock.synced": "Exact.",
    "clock.holdover": "Right to about %(seconds)s s.",
    "clock.drifting": "May be wrong by %(seconds)s s.",
    "clock.unknown": "Nobody has told the time yet.",
    "network.online": "The centre is reached.",
    "network.cut": "The centre is not reached.",
    "network.no_name": "The centre’s name is not found.",
    "network.login_page": "The network asks for a login.",
    "network.stranger": "Somebody else answers as the centre.",
    "network.expired": "A certificate has expired.",
    "network.refused": "The centre refuses this kiosk.",
    "backlog.none": "Everything is at the centre.",
    "backlog.moving": "%(count)s records on their way.",
    "backlog.waiting": "%(count)s records wait, the oldest for %(age)s.",
    "backlog.old": "%(count)s records wait, the oldest for %(age)s.",
    "backlog.quarantined": "The centre cannot read %(count)s records.",
    "list.fresh": "%(list)s: %(age)s old.",
    "list.ageing": "%(list)s: %(age)s old.",
    "list.old": "%(list)s: %(age)s old.",
    "list.missing": "%(list)s: not here yet.",
    "power.good": "Enough.",
    "power.was_poor": "Was too weak at times.",
    "power.poor": "Too weak now.",
    "power.unknown": "Cannot be measured here.",
    "wear.fresh": "Good.",
    "wear.worn": "Nearly used up.",
    "wear.spent": "Used up.",
    "wear.unknown": "This card does not tell.",
    "heat.cool": "%(degrees)s °C.",
    "heat.warm": "Warm: %(degrees)s °C.",
    "heat.hot": "Too hot: %(degrees)s °C.",
    "heat.unknown": "Cannot be measured here.",
    "version.running": "%(app)s, SQLite %(sqlite)s",
    "version.stopped": "Not running (%(app)s).",
}

TO_DO = {
    "paper.out": "Change the roll, close the cover, touch Resume.",
    "printer.cover_open": "Close it until it clicks.",
    "printer.disconnected": "Check power and cable. Slips follow by themselves.",
    "printer.unknown": "Switch it off and on again.",
    "reader.check_settings": "Scan the setup sheet of the scanner, or call support.",
    "reader.disconnected": "Check its cable. The camera reads cards meanwhile.",
    "reader.unknown": "Pull its cable out and plug it in again.",
    "camera.dark": "Uncover its lens, or switch on a light.",
    "camera.resting": "Use the hand scanner until the power is good.",
    "camera.frozen": "Use the hand scanner; restart the machine in a pause.",
    "camera.absent": "Use the hand scanner; check the flat cable in a pause.",
    "camera.unknown": "Use the hand scanner and call support.",
    "board.disconnected": "Check its cable. Read the cold box’s own thermometer.",
    "board.silent": "Plug it in again. Read the cold box’s own thermometer.",
    "board.wrong_key": "Call support. Its readings do not count.",
    "board.unknown": "Plug it in again.",
    "disk.filling": "Nothing today; tell support this week.",
    "disk.full": "No new check-ins here; doses go on. Call support now.",
    "disk.refuses": "Use a paper form and call support now.",
    "disk.rotten": "Work on and call support: the memory card is failing.",
    "disk.salvaged": "Work on. Support looks at it and changes the card.",
    "disk.mended": "Work on. Support changes the card this week.",
    "clock.drifting": "Connect the network for a minute.",
    "clock.unknown": "Work on. Connect the network for a minute when you can.",
    "network.cut": "Work on. Check the cable or the router in a pause.",
    "network.no_name": "Work on. Restart the router; tell support if it stays.",
    "network.login_page": "Log in to this network with a phone, or use another.",
    "network.stranger": "Nothing was sent. Use another network, call support.",
    "network.expired": "Work on; all is saved here. Call support.",
    "network.refused": "It was revoked. All is saved here. Call support.",
    "backlog.waiting": "Work on. They go by themselves once the network is back.",
    "backlog.old": "Bring the kiosk to a network today, or call support.",
    "backlog.quarantined": "They are kept. Call support.",
    "list.ageing": "Connect the network when you can.",
    "list.old": "Ask the lead before using an unknown lot; connect the network.",
    "list.missing": "Connect the network until the list has come.",
    "power.was_poor": "Use the machine’s own power supply and a short cable.",
    "power.poor": "Unplug what is not needed; use the machine’s own supply.",
    "wear.worn": "Work on. Support changes the card this month.",
    "wear.spent": "Work on. Support changes the card tonight.",
    "heat.warm": "Keep its openings free and out of the sun.",
    "heat.hot": "Move it into the shade, free its openings.",
    "version.stopped": "Switch the machine off and on; call support if it stays.",
}

LISTS = {
    "staff": "Staff",
    "lots": "Lots",
    "rules": "Dose rules",
    "forms": "Screening forms",
    "appointments": "Appointments",
    "texts": "Texts of the centre",
}

POWER_TROUBLE = {"poor": "Power too weak. Use the machine’s own supply; unplug what is not needed."}

AGES = {"minutes": "%(count)s min", "hours": "%(count)s h", "days": "%(count)s days"}

TABLES: dict[str, Mapping[Any, str]] = {
    "tile_titles": TITLES,
    "tile_levels": LEVEL_WORDS,
    "tile_says": SAYS,
    "tile_to_do": TO_DO,
    "tile_lists": LISTS,
    "tile_ages": AGES,
    "power_trouble": POWER_TROUBLE,
}
FEW_MB = 2_000
HOUR_MIN, DAY_MIN = 60, 24 * 60


def tile_words(tile: Mapping[str, Any], words: gettext.NullTranslations) -> dict[str, str]:
    """One tile in the reader's language: `title`, `says`, `to_do` (may be empty), `symbol`, `mark`, `level`."""
    values = defaultdict(lambda: "…", tile["values"])
    if "list" in values:
        values["list"] = words.gettext(LISTS.get(values["list"], str(values["list"])))
    if "free" in values:
        free = int(values["free"])
        values["free"] = f"{free} MB" if free < FEW_MB else f"{free // 1000} GB"
    if "minutes" in values:
        values["age"] = age(int(values["minutes"]), words)
    key = f"{tile['what']}.{tile['state']}"
    return {
        "title": words.gettext(TITLES[tile["what"]]),
        "says": words.gettext(SAYS[key]) % values,
        "to_do": words.gettext(TO_DO[key]) if key in TO_DO else "",
        "symbol": "cloud-off" if key in CUT_OFF else SYMBOLS[tile["what"]],
        "mark": MARKS[tile["level"]],
        "level": words.gettext(LEVEL_WORDS[tile["level"]]),
    }


def age(minutes: int, words: gettext.NullTranslations) -> str:
    """A span as people say it: minutes up to two hours, hours up to two days, then days."""
    if minutes < 2 * HOUR_MIN:
        return words.gettext(AGES["minutes"]) % {"count": minutes}
    unit, length = ("hours", HOUR_MIN) if minutes < 2 * DAY_MIN else ("days", DAY_MIN)
    return words.gettext(AGES[unit]) % {"count": minutes // length}
