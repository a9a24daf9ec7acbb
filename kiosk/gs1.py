"""What a code on a vial or its box says: GTIN, lot, expiry, serial number. Pure; `biip` parses GS1, this module names.

Read are GS1 DataMatrix, QR and 128 with FNC1 as GS (or as readers spell it), a bare EAN/GTIN, our own lot code, and plain text.
"""

from __future__ import annotations

from dataclasses import dataclass

import biip

from protocol import cccd

_GS = "\x1d"
# How serial readers spell FNC1 when they are set to send only what can be printed (Honeywell, Zebra, Newland guides).
_SPELLED = ("<GS>", "{GS}", "[GS]", "<FNC1>", "{FNC1}", "␝", "^]")
_MOST_LOT = 32


@dataclass(frozen=True)
class Marking:
    """One code as read; what it does not say is empty.

    `gtin`: 14 digits; `expiry`: YYYY-MM-DD; `text`: the whole code, which may be a bare lot or a national product code.
    """

    gtin: str = ""
    lot: str = ""
    expiry: str = ""
    serial: str = ""
    text: str = ""


def read(text: str) -> Marking:
    """What a scanned code says. Never fails: what nobody can parse is `text`."""
    if text.startswith(cccd.LOT_PREFIX):
        return Marking(lot=text.removeprefix(cccd.LOT_PREFIX)[:_MOST_LOT], text=text)
    plain = text
    for spelled in _SPELLED:
        plain = plain.replace(spelled, _GS)
    # A leading or doubled FNC1 says nothing; a reader may send it all the same.
    plain = plain.strip(_GS)
    while _GS * 2 in plain:
        plain = plain.replace(_GS * 2, _GS)
    try:
        parsed = biip.parse(plain)
    except (biip.ParseError, ValueError, IndexError):
        # biip 5.2.0 raises IndexError at a lone "]", ValueError at some impossible dates.
        return Marking(text=text)
    message, gtin = parsed.gs1_message, parsed.gtin
    number = gtin.as_gtin_14() if gtin else ""
    if message is None:
        return Marking(gtin=number, text=text)
    held = {one.ai.ai: one for one in message.element_strings}
    if "10" not in held and "01" not in held:
        # "17" or "21" alone: a lot number that only looks like GS1. An EAN may look so too (400… is an identifier).
        return Marking(gtin=number, text=text)
    date = held["17"].date if "17" in held else None
    return Marking(
        gtin=number,
        lot=held["10"].value[:_MOST_LOT] if "10" in held else "",
        expiry=date.isoformat() if date else "",
        serial=held["21"].value if "21" in held else "",
        text=text,
    )
