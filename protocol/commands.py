"""What the centre tells one kiosk to do: one canonical line, signed by the centre, numbered, with an end. Does nothing itself.

The kiosk answers by records (`command.answered`): reached, done, or refused with a word.
"""

from protocol import canon, fields

ORDER = ("command", "v", "k", "n")
# A message on the screen; a slip once more; the program anew; a lot that nobody may draw from.
WHATS = ("message", "reprint", "restart", "stop_lot")
RESULTS = ("reached", "done", "refused")
MAX_TEXT = 300

FIELDS = (
    ("command", fields.word, True),
    ("v", fields.integer(1, 1000), True),
    ("k", fields.word, True),
    # Counts a kiosk's commands from 1; its id is what makes it one.
    ("n", fields.integer(1), True),
    ("what", fields.one_of(*WHATS), True),
    # The words of a message; the number of a slip or lot.
    ("text", fields.text(MAX_TEXT, lines=True), True),
    ("about", fields.text(64), True),
    ("issued", fields.integer(0), True),
    # Not to be done after this, UTC ms.
    ("until", fields.integer(0), True),
)
# The record at the centre's desk; `n` counts the commands of kiosk `k`.
ISSUED = (
    ("command", fields.word, True),
    ("k", fields.word, True),
    ("n", fields.integer(1), True),
    ("what", fields.one_of(*WHATS), True),
    ("text", fields.text(MAX_TEXT, lines=True), True),
    ("about", fields.text(64), True),
    ("until", fields.integer(0), True),
)
# The kiosk's receipt: on its disk (a message: on its screen), done (a message: read), or refused, and why.
ANSWERED = (
    ("command", fields.word, True),
    ("result", fields.one_of(*RESULTS), True),
    ("reason", fields.text(40), True),
)


def make(value: dict) -> bytes:
    """The line of a command, `command` being its id. What `read` would refuse is refused here."""
    whole = {"v": 1}
    whole.update(value)
    fields.check_table(whole, FIELDS, "command")
    return canon.write(whole, ORDER)


def read(line: bytes) -> dict:
    """The command that `line` spells, or `ProtocolError`."""
    value = canon.read(line, ORDER)
    fields.check_table(value, FIELDS, "command")
    return value


def is_command(line: bytes) -> bool:
    """Is this line of a message on `down` a command's?"""
    return line.startswith(b'{"command":')
