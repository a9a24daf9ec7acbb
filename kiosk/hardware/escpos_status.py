"""Reads an ESC/POS printer's status bytes as words. Pure; knows the answers, not the connection.

Epson's DLE EOT table. Only answers that a sound printer can give count: one wrong bit makes the whole "unknown" (F6).
"""

# Every DLE EOT answer has bits 7..0 = 0xx1xx10; a GS r answer has bit 4 and bit 7 clear, so the two cannot be mixed up.
_REALTIME_MASK, _REALTIME_BITS = 0x93, 0x12
_IN_ORDER_MASK = 0x90

_OFFLINE = 0x08
_RECOVERING_OR_FEEDING = 0x60
_COVER_OPEN = 0x04
_FEED_BUTTON = 0x08
_STOPPED_FOR_PAPER = 0x20
_FAULT = 0x40
_NEAR_END = 0x0C
_PAPER_END = 0x60


def is_realtime(answer: int) -> bool:
    """Whether the byte has the form of a DLE EOT answer."""
    return answer & _REALTIME_MASK == _REALTIME_BITS


def is_in_order(answer: int) -> bool:
    """Whether the byte has the form of a GS r answer."""
    return answer & _IN_ORDER_MASK == 0


def status_of(printer: int, cause: int, paper: int) -> str:
    """Return the status that the answers to DLE EOT 1, 2 and 4 tell, one of PRINTER_STATUSES without "disconnected"."""
    if not all(map(is_realtime, (printer, cause, paper))):
        return "unknown"
    # The sensor bits come in pairs; half a pair is noise.
    if paper & _NEAR_END not in (0, _NEAR_END) or paper & _PAPER_END not in (0, _PAPER_END):
        return "unknown"
    # What the shop floor can mend comes first: with the cover open the paper sensor says "no paper" as well.
    if cause & _COVER_OPEN:
        return "cover_open" if printer & _OFFLINE else "unknown"
    if paper & _PAPER_END or cause & _STOPPED_FOR_PAPER:
        return "no_paper"
    if printer & (_OFFLINE | _RECOVERING_OR_FEEDING) or cause & (_FAULT | _FEED_BUTTON):
        return "unknown"
    return "ready"
