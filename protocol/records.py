"""Every kind of record and its table of fields. A kind, once released, is accepted for ever; fields are only added.

Rows are `(field, check, required)`. Members that name an entity (`visit`, `person`, `dose`, `complaint`,
`receipt`, `message`, `slip`, `vial`, `photo`, `site_day`; `other` is a person too) tell the server what to derive again.
"""

from protocol import commands, fields, links, papers, rechecks, site_day, slip_code
from protocol.errors import NotOurs, ProtocolError

CONCLUSIONS = ("eligible", "caution", "defer", "contraindicated", "refer_hospital", "refused")
COMPLAINT_CATEGORIES = ("missing_dose", "wrong_dose", "wrong_person", "duplicate", "not_mine", "other")
PRINT_RESULTS = ("printed", "no_paper", "cover_open", "disconnected", "unknown")
STATIONS = ("reception", "screening", "injection", "observation")
COLD_BOX_STATES = ("in_range", "too_warm", "too_cold", "no_data")
SEVERITIES = ("common", "severe")
# Grades of anaphylaxis (TT 51/2017/TT-BYT); what each looks like is data of the forms list.
GRADES = ("I", "II", "III", "IV")
# What became of a person after a reaction (TT 34/2018/TT-BYT); the first is not the end of it yet.
REACTION_OUTCOMES = ("treating", "recovered", "hospital", "sequelae", "died")
# Why there is no reading: the board does not answer, its sensor does not, or what the sensor says cannot be.
COLD_BOX_FAULTS = ("", "board", "absent", "garbage")
ENTITY_FIELDS = (
    "visit",
    "person",
    "dose",
    "complaint",
    "receipt",
    "message",
    "slip",
    "aefi",
    "vial",
    "photo",
    "site_day",
    "command",
)
# Why an opened vial was put away (WHO, open-vial wastage; domain.md 7). The first one wastes nothing.
VIAL_ENDS = ("empty", "end_of_session", "open_too_long", "contaminated", "poor_withdrawal", "broken", "heat", "frozen")

_word = fields.word
_name = fields.text(fields.MAX_NAME)
# What a person writes in their own words may have lines.
_text = fields.text(fields.MAX_TEXT, lines=True)
_reason = fields.text(fields.MAX_TEXT, empty=False, lines=True)
_count = fields.integer(1, 1000000)
_short = fields.text(32)
_number = fields.text(32)
_hash = fields.hexadecimal(64)
_tenths_c = fields.integer(-550, 1250)
_proof = fields.table(
    (
        ("boot", fields.integer(0, 0xFFFFFFFF), True),
        ("n", fields.integer(0, 0xFFFFFFFF), True),
        ("up_s", fields.integer(0, 0xFFFFFFFF), True),
        ("mac", _hash, True),
    )
)


def _code(value, name):
    """The text of a slip's QR code, as scanned; whether its signature is good is not asked here."""
    if not isinstance(value, str):
        raise ProtocolError("not_text", name)
    try:
        slip_code.decode(value)
    except NotOurs:
        raise ProtocolError("not_a_slip", name)


# Who a person says to be, as read from a card or typed. `doc_no` is empty for a person without papers.
IDENTITY = (
    ("doc_type", fields.one_of("cccd", "cmnd", "passport", "none"), True),
    ("doc_no", _number, True),
    ("old_no", _number, True),
    ("name", fields.text(fields.MAX_NAME, empty=False), True),
    ("dob", fields.day, True),
    ("sex", fields.one_of("M", "F", "U"), True),
    ("address", fields.text(400), True),
    ("phone", _short, True),
    # The number of the health-insurance card that was shown: no identity number, but it tells the same person again.
    ("health_no", _number, False),
)
_identity = fields.table(IDENTITY)

PERSON_CHANGES = (
    ("doc_type", fields.one_of("cccd", "cmnd", "passport", "none"), False),
    ("doc_no", _number, False),
    ("name", fields.text(fields.MAX_NAME, empty=False), False),
    ("dob", fields.day, False),
    ("sex", fields.one_of("M", "F", "U"), False),
    ("address", fields.text(400), False),
    ("phone", _short, False),
)
DOSE_CHANGES = (
    ("vaccine", _word, False),
    ("lot", _short, False),
    ("dose_no", fields.integer(1, 9), False),
    ("given_on", fields.full_day, False),
    ("place", _word, False),
)
_override = fields.table((("who", _word, True), ("reason", _reason, True), ("by", fields.one_of("badge", "pin"), True)))
HOWS = ("cccd", "personal_qr", "typed", "slip", "registration", "health_card", "certificate")
_earlier = fields.table(
    (
        ("vaccine", _word, True),
        ("given_on", fields.full_day, True),
        ("dose_no", fields.integer(1, 9), True),
        ("country", fields.text(2), True),
        ("certificate", fields.text(80), True),
    )
)
RELATIONS = ("father", "mother", "guardian")
_guardian = fields.table(
    (
        ("name", fields.text(fields.MAX_NAME, empty=False), True),
        ("relation", fields.one_of(*RELATIONS), True),
    )
)
# Of a reaction, when known: grade of anaphylaxis, minutes from the needle to its beginning, what was done, what became of it.
_REACTION = (
    ("grade", fields.one_of(*GRADES), False),
    ("onset_min", fields.integer(0, 100000), False),
    ("treatment", fields.list_of(_word, 20), False),
    ("outcome", fields.one_of(*REACTION_OUTCOMES), False),
)

KINDS = {
    "log.opened": (
        ("app", _word, True),
        ("why", fields.one_of("enrolled", "restored", "cloned"), True),
    ),
    # Records up to `upto` are kept sealed from here on; `count` of them were. Holds nobody's data, so that a log whose
    # last record was sealed still ends in one that any release can read.
    "log.sealed": (
        ("upto", fields.integer(1), True),
        ("count", fields.integer(0), True),
    ),
    # The clock of this boot has learnt the time: what was recorded before in it can be dated (`besttime`).
    "clock.synced": (("was", fields.one_of("holdover", "unknown"), True),),
    "staff.signed_in": (("station", fields.one_of(*STATIONS), True),),
    "visit.checked_in": (
        ("visit", _word, True),
        ("person", _word, True),
        ("ticket", _word, True),
        ("how", fields.one_of(*HOWS), True),
        ("identity", _identity, True),
        ("slip", _word, True),
        ("appointment", fields.text(64), False),
        # Why this person is served earlier: a code of the site's groups ("elderly", "pregnant", "disabled").
        ("priority", _word, False),
        # Staff compared the person with the picture on what they showed (F21); left out when nobody looked.
        ("face", fields.one_of("matches"), False),
        # Doses elsewhere that a certificate with a good signature tells of.
        ("earlier", fields.list_of(_earlier, 9), False),
    ),
    "visit.called": (
        ("visit", _word, True),
        ("station", fields.one_of(*STATIONS), True),
        ("desk", _word, True),
    ),
    "visit.screened": (
        ("visit", _word, True),
        ("person", _word, True),
        ("form", fields.text(40, empty=False), True),
        ("answers", fields.mapping(fields.boolean, 60), True),
        ("vitals", fields.mapping(fields.integer(0, 10000), 12), True),
        ("derived", fields.one_of(*CONCLUSIONS), True),
        ("because", fields.list_of(_word, 60), True),
        ("conclusion", fields.one_of(*CONCLUSIONS), True),
        ("reason", _text, True),
        ("consent", fields.boolean, True),
        # What was written beside an answer ("ghi rõ"), by item.
        ("notes", fields.mapping(_reason, 12), False),
        # Who answered and agreed, or did not, for somebody under age.
        ("guardian", _guardian, False),
        # The day a deferred person may come again; left out when nobody can say.
        ("until", fields.full_day, False),
    ),
    "visit.ended": (
        ("visit", _word, True),
        ("person", _word, True),
        ("why", fields.one_of("absent", "went_away", "mistake"), True),
    ),
    "dose.given": (
        ("dose", _word, True),
        ("visit", _word, True),
        ("person", _word, True),
        ("vaccine", _word, True),
        ("lot", fields.text(32, empty=False), True),
        ("expiry", fields.day, True),
        ("dose_no", fields.integer(1, 9), True),
        ("read_back", fields.boolean, True),
        ("warnings", fields.list_of(_word, 20), True),
        ("slip", _word, True),
        ("override", _override, False),
        # The opened vial it was drawn from; `extra` when that vial had given all its nominal doses already.
        ("vial", _word, False),
        ("extra", fields.boolean, False),
        # Was the lot read off the vial or its box, or touched on the list?
        ("lot_by", fields.one_of("scan", "list"), False),
    ),
    "dose.undone": (
        ("dose", _word, True),
        ("visit", _word, True),
        ("person", _word, True),
        ("reason", _reason, True),
        # Of a dose drawn from an opened vial: that vial has given one less.
        ("vial", _word, False),
    ),
    "vial.opened": (
        ("vial", _word, True),
        ("vaccine", _word, True),
        ("lot", fields.text(32, empty=False), True),
        ("expiry", fields.day, True),
        ("doses_per_vial", fields.integer(1, 100), True),
        # As printed on the vial or its box (GS1 01 and 21).
        ("gtin", fields.text(14), False),
        ("serial", fields.text(20), False),
    ),
    # `given` and `waste` in doses, as the kiosk counted; the centre counts anew from the doses that stand.
    "vial.closed": (
        ("vial", _word, True),
        ("vaccine", _word, True),
        ("lot", fields.text(32, empty=False), True),
        ("given", fields.integer(0, 1000), True),
        ("waste", fields.integer(0, 100), True),
        ("reason", fields.one_of(*VIAL_ENDS), True),
        ("note", _text, False),
    ),
    "visit.left": (
        ("visit", _word, True),
        ("person", _word, True),
        ("observed_s", fields.integer(0, 1000000), True),
        ("outcome", fields.one_of("well", "reaction", "early"), True),
        # Whose observation it was; absent in records of before.
        ("dose", _word, False),
    ),
    "aefi.reported": (
        ("aefi", _word, True),
        ("visit", _word, True),
        ("dose", _word, True),
        ("person", _word, True),
        ("severity", fields.one_of(*SEVERITIES), True),
        # Empty when the alarm was raised before anybody had time to say more.
        ("symptoms", fields.list_of(_word, 20), True),
        ("note", _text, True),
    )
    # MicroPython refuses a starred name inside a tuple.
    + _REACTION,
    # What is known later of a reaction; each field said replaces what was said of it before.
    "aefi.followed_up": (
        ("aefi", _word, True),
        ("visit", _word, True),
        ("dose", _word, True),
        ("person", _word, True),
        ("severity", fields.one_of(*SEVERITIES), True),
        ("symptoms", fields.list_of(_word, 20), True),
        ("note", _text, True),
    )
    + _REACTION,
    # Somebody else of the site's staff knows of a severe reaction: the envelope's `who`, at whichever kiosk.
    "alarm.seen": (
        ("aefi", _word, True),
        ("visit", _word, True),
    ),
    "slip.printed": (
        ("slip", _word, True),
        ("visit", _word, True),
        ("what", fields.one_of("ticket", "dose"), True),
        ("copy", _count, True),
        ("result", fields.one_of(*PRINT_RESULTS), True),
    ),
    # The centre's desk told one kiosk to do something; that kiosk's receipt.
    "command.issued": commands.ISSUED,
    "command.answered": commands.ANSWERED,
    "stock.received": (
        ("receipt", _word, True),
        ("vaccine", _word, True),
        ("lot", fields.text(32, empty=False), True),
        ("expiry", fields.full_day, True),
        ("place", _word, True),
        ("vials", _count, True),
        ("doses_per_vial", fields.integer(1, 100), True),
        ("document", fields.text(80), True),
    ),
    # What the thermometer in a site's cold box said in the `span_s` seconds up to this record; temperatures in tenths of
    # a degree Celsius, absent without a reading: no data is never "in range". `gap_s`: the longest time without a reading.
    "cold_box.measured": (
        ("box", _word, True),
        ("span_s", fields.integer(0, 1000000), True),
        ("readings", fields.integer(0, 1000000), True),
        ("gap_s", fields.integer(0, 1000000), True),
        ("state", fields.one_of(*COLD_BOX_STATES), True),
        ("fault", fields.one_of(*COLD_BOX_FAULTS), True),
        ("low", _tenths_c, False),
        ("high", _tenths_c, False),
        ("last", _tenths_c, False),
        # The last reading as its board signed it (`boardlink.signed_part`).
        ("proof", _proof, False),
    ),
    "complaint.filed": (
        ("complaint", _word, True),
        ("person", _word, False),
        ("dose", _word, False),
        ("slip", _word, False),
        ("category", fields.one_of(*COMPLAINT_CATEGORIES), True),
        ("identity", _identity, True),
        ("wants", fields.table(DOSE_CHANGES + PERSON_CHANGES), True),
        ("content", _text, True),
        ("photos", fields.list_of(_hash, 5), True),
    ),
    "complaint.decided": (
        ("complaint", _word, True),
        ("decision", fields.one_of("corrected", "rejected"), True),
        ("reason_code", fields.text(8), True),
        ("reason", _text, True),
        ("person", _word, False),
        ("dose", _word, False),
        # The doses on record that bear on the complaint, as the officer saw them: another one was not known then.
        ("known", fields.list_of(_word, 50), False),
    )
    + rechecks.SAW,
    # A dose that the decision did not know has come to light since.
    "complaint.reopened": (
        ("complaint", _word, True),
        ("person", _word, True),
        ("dose", _word, True),
    ),
    "person.corrected": (
        ("person", _word, True),
        ("complaint", _word, False),
        ("changes", fields.table(PERSON_CHANGES), True),
        ("reason", _reason, True),
    ),
    "dose.corrected": (
        ("dose", _word, True),
        ("person", _word, True),
        ("complaint", _word, False),
        ("changes", fields.table(DOSE_CHANGES), True),
        ("reason", _reason, True),
        # Of a dose that only its slip tells of.
        ("slip", _word, False),
    ),
    "dose.recovered": (
        ("slip", _word, True),
        ("person", _word, True),
        ("code", _code, True),
    ),
    "photo.taken": papers.PHOTO,
    "dose.entered_late": (
        ("dose", _word, True),
        ("person", _word, True),
        ("complaint", _word, False),
        ("identity", _identity, True),
        ("vaccine", _word, True),
        ("lot", _short, True),
        ("dose_no", fields.integer(1, 9), True),
        ("given_on", fields.full_day, True),
        ("place", _word, True),
        ("slip", _word, True),
        ("photos", fields.list_of(_hash, 5), True),
        ("reason", _reason, True),
    )
    + papers.SAID,
    "message.queued": (
        ("message", _word, True),
        ("complaint", _word, False),
        ("person", _word, False),
        ("to", fields.text(20, empty=False), True),
        ("template", _word, True),
        ("text", fields.text(1000, empty=False), True),
    ),
    "message.sent": (
        ("message", _word, True),
        ("provider", _word, True),
        ("result", fields.one_of("sent", "failed"), True),
        ("detail", fields.text(200), True),
    ),
}
KINDS.update(links.KINDS)
KINDS.update(rechecks.KINDS)
KINDS.update(site_day.KINDS)


def order_of(kind: str) -> tuple:
    """The names of a kind's fields in table order, for people to read; on the wire a body's members are sorted."""
    return tuple([row[0] for row in KINDS[kind]])


def touched(body: dict) -> list:
    """The entities a record's body names, as sorted `(type, id)` pairs: what the server derives again."""
    found = []
    for field in ENTITY_FIELDS:
        value = body.get(field)
        if isinstance(value, str) and value:
            found.append((field, value))
    other = body.get(links.OTHER)
    if isinstance(other, str) and other and ("person", other) not in found:
        found.append(("person", other))
    return sorted(found)
