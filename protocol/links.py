"""Links between two persons: the kinds of record that say "one person" or "two", and who is one after all of them.

Rules:
1. Of all that was said of a pair the last word holds, in the order of the hybrid clock. Nothing is ever rewritten.
2. Persons connected by links that stand are one whole; its name is the person that the last standing link kept.
"""

from protocol import fields

LINKED = "person.linked"
UNLINKED = "person.unlinked"
TOLD_APART = "person.told_apart"
# The second person of a record about two of them.
OTHER = "other"

_reason = fields.text(fields.MAX_TEXT, empty=False, lines=True)
_because = fields.list_of(fields.word, 20)
KINDS = {
    # Two numbers, one person: `person` is the one that stands, `other` joins it. `because`: what spoke for it.
    LINKED: (
        ("person", fields.word, True),
        (OTHER, fields.word, True),
        ("reason", _reason, True),
        ("because", _because, False),
    ),
    UNLINKED: (
        ("person", fields.word, True),
        (OTHER, fields.word, True),
        ("reason", _reason, True),
    ),
    # They look alike and are two people: nobody is to be asked again.
    TOLD_APART: (
        ("person", fields.word, True),
        (OTHER, fields.word, True),
        ("reason", _reason, True),
        ("because", _because, False),
    ),
}


def last_words(records) -> list:
    """`((lower key, higher key), the last record about it)` of every pair, in the order of those last words.

    `records`: in `sort_key()` order; others are passed over.
    """
    found = {}
    for number, record in enumerate(records):
        if record.kind in KINDS:
            person, other = record.body["person"], record.body[OTHER]
            if person != other:
                found[(person, other) if person < other else (other, person)] = (number, record)
    # A table keeps no order on every board.
    return [(pair, record) for number, pair, record in sorted((said[0], pair, said[1]) for pair, said in found.items())]


def beside(person: str, records) -> list:
    """The persons directly linked with `person` by these records (all that name it), sorted."""
    found = []
    for pair, record in last_words(records):
        if record.kind == LINKED and person in pair:
            found.append(pair[1] if pair[0] == person else pair[0])
    return sorted(found)


def together(person: str, records) -> list:
    """Everybody who is one with `person`, itself included, sorted. `records`: all that name any of them, in order."""
    found = [person]
    standing = [pair for pair, record in last_words(records) if record.kind == LINKED]
    grew = True
    while grew:
        grew = False
        for one, other in standing:
            if (one in found) != (other in found):
                found.append(other if one in found else one)
                grew = True
    return sorted(found)


def kept(person: str, records) -> str:
    """The name of the whole that `person` belongs to; its own where it stands alone. `records` as for `together`."""
    members = together(person, records)
    name = person
    for _pair, record in last_words(records):
        if record.kind == LINKED and record.body["person"] in members:
            name = record.body["person"]
    return name


def own(person: str, records) -> list:
    """Of the records of a whole those that speak of `person` by name, without what was said of pairs."""
    return [record for record in records if record.body.get("person") == person and record.kind not in KINDS]
