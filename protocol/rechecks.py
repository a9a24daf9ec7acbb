"""A decided complaint looked at again: what a decision saw of the person's records, and the word that a later change was seen.

Rows as in `protocol.records`, which holds them too.
"""

from protocol import fields

# The first digits of a record's digest: enough to tell a person's few records apart.
SEEN_SIGNS = 16
MOST_SEEN = 60

_seen = fields.list_of(fields.hexadecimal(SEEN_SIGNS), MOST_SEEN)
# Of `complaint.decided`: the records that change doses and persons, as the officer saw them (fault F93).
SAW = (("saw", _seen, False),)
KINDS = {
    # An officer has looked at what changed since the decision: it stands.
    "complaint.rechecked": (
        ("complaint", fields.word, True),
        ("person", fields.word, True),
        ("saw", _seen, True),
        ("reason", fields.text(fields.MAX_TEXT, lines=True), True),
    ),
}


def mark_of(digest: str) -> str:
    """How a record is named in `saw`."""
    return digest[:SEEN_SIGNS]
