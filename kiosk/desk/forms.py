"""What was typed on a page, made plain before any decision reads it. Decides nothing, refuses nothing.

Unicode normalisation is the writer's duty at the device's edge (`protocol.fields`): NFC, a browser's line ends as line
feeds, and none of the marks that show nothing but make a text read as another one (fault F16).
"""

from __future__ import annotations

import unicodedata
from typing import Any

# Categories: control, format (bidi overrides, zero-width marks), lone surrogate, line and paragraph separator.
_HIDDEN = ("Cc", "Cf", "Cs")
_BREAKS = ("Zl", "Zp")


def plain(text: str) -> str:
    """`text` in NFC with line feeds only, without control and zero-width characters; a tab becomes a blank."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = []
    for char in lines:
        category = unicodedata.category(char)
        if char == "\n" or category in _BREAKS:
            kept.append("\n")
        elif category not in _HIDDEN:
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def plain_form(fields: dict[str, Any]) -> dict[str, Any]:
    """Every text of a form made plain; lists item by item."""
    return {
        name: [plain(str(item)) for item in value] if isinstance(value, list) else plain(str(value))
        for name, value in fields.items()
    }
