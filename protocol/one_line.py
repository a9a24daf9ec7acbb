"""Any text on one line, for the logs of both sides: what could end a line, move a cursor or turn the writing is spelled out.

Repairs nothing and refuses nothing; `fields` does that at the door.
"""

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}
# Beside the control characters: marks of direction, ends of lines and of paragraphs, marks without width.
_HIDDEN = tuple(range(0x200B, 0x2010)) + tuple(range(0x2028, 0x202F)) + tuple(range(0x2060, 0x2070)) + (0x61C, 0xFEFF)


def encoded(text: str) -> str:
    r"""`text` with each such sign as `\n` or `\u202e`; a text without any stays as it is, backslashes too."""
    if not any(_hides(sign) for sign in text):
        return text
    # Only where something is spelled out: then a backslash must not look like it.
    return "".join([_NAMED.get(sign) or ("\\u%04x" % ord(sign) if _hides(sign) else sign) for sign in text])


def _hides(sign):
    code = ord(sign)
    return code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in _HIDDEN
