"""Golden samples: what release 1 produced is read by this release and spelled again byte for byte.

Files under samples/ are never edited. A new kind brings a new file (make_samples.py); a new release a new folder.
"""

from protocol import boardlink, canon, cccd, claims, envelope, health_card, inbox, personal_qr, slip_code
from protocol.inbox import read_ack, read_hello
from tests.protocol.examples import changed

FOLDER = __file__.rsplit("/", 1)[0] + "/samples/v1/"
# Kinds of release 1. The list only grows, and no kind ever leaves it.
KINDS = (
    "aefi.followed_up",
    "aefi.reported",
    "alarm.seen",
    "clock.synced",
    "cold_box.measured",
    "command.answered",
    "command.issued",
    "complaint.decided",
    "complaint.filed",
    "complaint.rechecked",
    "complaint.reopened",
    "dose.corrected",
    "dose.entered_late",
    "dose.given",
    "dose.recovered",
    "dose.undone",
    "keeper.moved",
    "lane.taken",
    "log.opened",
    "log.sealed",
    "message.queued",
    "message.sent",
    "person.corrected",
    "person.linked",
    "person.told_apart",
    "person.unlinked",
    "photo.taken",
    "site.closed",
    "site.drilled",
    "site.opened",
    "slip.printed",
    "staff.signed_in",
    "stock.received",
    "team.changed",
    "vial.closed",
    "vial.opened",
    "visit.called",
    "visit.checked_in",
    "visit.ended",
    "visit.left",
    "visit.screened",
)
# Name of the file, then what the card says.
CARDS = (
    ("full", "Nguyễn Văn An", "1979-04-14", "M", "271234567", []),
    ("no_old_number", "Lê Thị Mỹ Duyên", "2001-09-02", "F", "", ["number_year"]),
    ("six_fields", "Nguyễn Văn An", "1979-04-14", "M", "", []),
    ("birth_year_only", "Trần Thị Bảy", "1950", "F", "270000017", []),
    ("card_2024", "Phạm Đức Huy", "2003-11-05", "M", "", []),
)


def sample(name):
    with open(FOLDER + name + ".txt", "rb") as file:  # noqa: PTH123 - MicroPython has no pathlib
        return file.read()


def only_pair(name):
    message = sample(name)
    pairs = envelope.unpack(message)
    assert envelope.pack(pairs) == message
    assert len(pairs) == 1
    line, signature = pairs[0]
    assert signature.startswith(b"es256 ")
    assert len(signature) == 92
    return line


def sealed_again(record):
    return envelope.seal(
        k=record.k,
        inc=record.inc,
        seq=record.seq,
        prev=record.prev,
        t=record.t,
        site=record.site,
        session=record.session,
        who=record.who,
        ref=record.ref,
        kind=record.kind,
        body=record.body,
    )


def test_every_record_of_release_1_is_read_and_spelled_again():
    for kind in KINDS:
        line = only_pair("record." + kind)
        record = envelope.parse(line)
        assert record.kind == kind
        assert sealed_again(record) == line
        assert envelope.peek_name(line) == record.name()


def test_a_screening_with_the_later_members_is_read_whole():
    """`notes`, `guardian` and `until` came after the first samples; those without them are read as ever."""
    record = envelope.parse(only_pair("record.visit.screened.child"))
    assert record.body["notes"] == {"other": "Mới tiêm vắc xin khác hôm qua"}
    assert record.body["guardian"] == {"name": "Nguyễn Văn An", "relation": "father"}
    assert record.body["until"] == "2021-11-30"
    assert "until" not in envelope.parse(only_pair("record.visit.screened")).body


def test_a_closing_with_its_day_is_read_and_one_without_as_ever():
    assert envelope.parse(only_pair("record.site.closed.night")).body["day"] == "2021-10-03"
    assert "day" not in envelope.parse(only_pair("record.site.closed")).body


def test_a_known_digest():
    line = only_pair("record.dose.given")
    assert envelope.parse(line).digest == "663fdead457c485d0fc950828ee7ee7b9b20317bd8cefc9466c382b0999da3b1"
    assert envelope.parse(line).body["lot"] == "ABW1234"


def test_the_message_of_several_pairs_is_a_chain():
    message = sample("message")
    pairs = envelope.unpack(message)
    assert envelope.pack(pairs) == message
    found = [envelope.parse(line) for line, _signature in pairs]
    assert [record.seq for record in found] == [1, 2, 3]
    assert [record.prev for record in found] == [envelope.GENESIS, found[0].digest, found[1].digest]


def test_the_hello():
    line = only_pair("hello")
    value = read_hello(line)
    assert inbox.is_hello(line)
    assert (value["k"], value["first"], value["last"]) == ("kiosk-01", 5, 9)
    assert canon.write(value, inbox.HELLO_ORDER) == line


def test_the_acknowledgement():
    line = only_pair("ack")
    value = read_ack(line)
    assert (value["committed"], value["need"]) == (4, [[5, 5], [7, 7], [9, 9]])
    assert canon.write(value, inbox.ACK_ORDER) == line


def test_the_acknowledgement_of_carried_records():
    line = only_pair("ack.carried")
    value = read_ack(line)
    assert value["here"] == ["b" * 64, "c" * 64]
    assert canon.write(value, inbox.ACK_ORDER) == line


def test_the_words_of_desk_and_keeper():
    for name, k, n in (("desk", "kiosk-02", 17), ("keeper", "kiosk-01", 230)):
        line = only_pair(name)
        value = claims.read(line)
        assert (value["claims"], value["k"], value["n"], value["epoch"]) == (name, k, n, 2)
        assert canon.write(value, claims.ORDER) == line


def test_the_slip():
    text = sample("slip_code").decode()
    value, signed, signature = slip_code.decode(text)
    assert (value["q"], value["n"], value["d"]) == (7, "Nguyễn Văn An", 2)
    assert slip_code.payload(value) == signed
    assert slip_code.encode(signed, signature) == text


def test_the_cards():
    for name, person, dob, sex, old_no, warnings in CARDS:
        text = sample("card." + name).decode()
        assert cccd.kind_of(text) == cccd.CCCD
        identity = cccd.read(text)
        assert identity["warnings"] == warnings
        assert (identity["name"], identity["dob"], identity["sex"], identity["old_no"]) == (person, dob, sex, old_no)
        cccd.check_identity(changed(identity, warnings=None))


def test_the_serial_frames_of_the_board():
    kinds = []
    for line in sample("serial_frames").decode().split("\n")[:-1]:
        kind, coded = line.split(" ")
        frame = bytes.fromhex(coded)
        message = boardlink.read_frame(frame[1:-1])
        assert message.kind == kind
        assert boardlink.write_frame(kind, message.seq, message.values) == frame
        kinds.append(kind)
    assert set(kinds) == set(boardlink.KINDS)
    assert len(kinds) == len(boardlink.KINDS) + 1


def test_codes_that_name_somebody():
    whole = personal_qr.read(sample("code.personal_whole").decode())
    assert (whole["doc_no"], whole["dob"], whole["seen"]) == ("075079001234", "1979-04-14", "")
    masked = personal_qr.read(sample("code.personal_masked").decode())
    assert (masked["doc_no"], masked["seen"], masked["health_no"]) == ("", "******509", "GD4750101234567")
    card = health_card.read(sample("code.health_card").decode())
    assert (card["name"], card["address"], card["health_no"]) == (
        "Nguyễn Văn An",
        "Trảng Dài, Đồng Nai",
        "GD4750101234567",
    )
    assert cccd.registration_code(sample("code.registration").decode()) == "DK-7Q4M2XPD9K"


def test_a_check_in_with_a_certificate():
    body = envelope.parse(only_pair("record.visit.checked_in.certificate")).body
    assert (body["priority"], body["face"], body["earlier"][0]["country"]) == ("elderly", "matches", "AT")


def test_a_dose_entered_at_the_kiosk():
    body = envelope.parse(only_pair("record.dose.entered_late.kiosk")).body
    assert (body["given_min"], body["paper"]["form"], body["warnings"]) == (555, "confirmation", ["late_too_near"])
    assert "paper" not in envelope.parse(only_pair("record.dose.entered_late")).body
