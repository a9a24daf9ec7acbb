"""Frames between kiosk and I/O board: each message through a pair of ends, what noise costs, what a reading proves."""

from protocol import boardlink
from protocol.boardlink import Link, read_frame, write_frame
from protocol.errors import ProtocolError
from tests.protocol.dice import Dice
from tests.protocol.examples import BOARD, BOARD_KEY, board_words, changed
from tests.protocol.raising import raises


def drained(link):
    """Everything there is: messages, and the codes of what was none."""
    found = []
    while True:
        try:
            message = link.next()
        except ProtocolError as error:
            found.append(error.code)
            continue
        if message is None:
            return found
        found.append(message)


def test_every_message_goes_through_a_pair():
    board, kiosk = Link(), Link()
    for number, (kind, values) in enumerate(board_words()):
        kiosk.feed(board.send(kind, **values))
        message = kiosk.next()
        assert (message.kind, message.seq, message.values) == (kind, number, values)
        assert kiosk.next() is None
    assert (kiosk.bad, kiosk.lost, kiosk.held_bytes) == (0, 0, 0)


def test_a_frame_holds_no_zero_but_its_ends_and_fits():
    for kind, values in board_words():
        frame = write_frame(kind, 0, values)
        assert frame[0] == 0 and frame[-1] == 0
        assert 0 not in frame[1:-1]
        assert len(frame) <= boardlink.MAX_FRAME


def test_in_one_piece_and_byte_by_byte_are_the_same():
    stream = b"\x07\x00noise" + b"".join([write_frame(kind, 9, values) for kind, values in board_words()]) + b"half"
    whole, single = Link(), Link()
    whole.feed(stream)
    for at in range(len(stream)):
        single.feed(stream[at : at + 1])
    assert drained(whole) == drained(single)
    assert whole.held_bytes == single.held_bytes == 4


def test_noise_costs_the_frame_it_hits_and_no_other():
    dice = Dice(4)
    for _ in range(60):
        frames = [write_frame("button", number, {"presses": number}) for number in range(5)]
        hit = bytearray(frames[2])
        hit[1 + dice.below(len(hit) - 2)] ^= 1 + dice.below(255)
        frames[2] = bytes(hit)
        link = Link()
        link.feed(b"".join(frames))
        read = [one.values["presses"] for one in drained(link) if not isinstance(one, str)]
        assert read == [0, 1, 3, 4]
        assert link.bad >= 1
        assert link.lost == 1


def test_any_bytes_are_messages_or_protocol_errors():
    dice = Dice(7)
    for _ in range(300):
        data = bytes([dice.below(256) if dice.below(3) else 0 for _ in range(dice.below(200))])
        link = Link()
        link.feed(data)
        for one in drained(link):
            assert isinstance(one, str)
        assert link.held_bytes <= boardlink.MAX_FRAME + 1


def test_a_stream_without_an_end_takes_no_room():
    link = Link()
    for _ in range(50):
        link.feed(b"\xff" * 100)
    assert link.held_bytes == boardlink.MAX_FRAME + 1
    link.feed(b"\x00" + write_frame("ping", 1, {}))
    assert drained(link)[0] == "too_long"
    assert link.bad == 1


def test_numbers_go_round_and_what_is_missing_is_counted():
    board, kiosk = Link(), Link()
    for number in range(300):
        frame = board.send("button", presses=number)
        if number not in (100, 101, 256):
            kiosk.feed(frame)
    assert len(drained(kiosk)) == 297
    assert kiosk.lost == 3
    kiosk.feed(Link().send("hello", version=1, boot=8, name=BOARD))
    drained(kiosk)
    assert kiosk.lost == 3, "a board that starts anew begins its numbers anew"


def test_what_no_end_of_ours_says_is_refused():
    def code_of(frame):
        return raises(ProtocolError, read_frame, frame).code

    def body(*data):
        import binascii  # noqa: PLC0415 - only here

        plain = bytes(data)
        crc = binascii.crc32(plain) & 0xFFFFFFFF
        return boardlink._cobs(plain + crc.to_bytes(4, "big"))

    assert code_of(b"") == "bad_length"
    assert code_of(b"\x01") == "bad_length"
    assert code_of(b"\x05ab") == "bad_stuffing"
    assert code_of(b"a\x00b") == "bad_stuffing"
    assert code_of(b"\x01" * 81) == "too_long"
    assert code_of(b"\x07abcdef") == "bad_checksum"
    assert code_of(body(99, 0)) == "unknown_kind"
    assert code_of(body(66, 0, 1)) == "bad_length"
    assert code_of(body(3, 0, 2)) == "out_of_range"
    assert code_of(body(65, 0, 9, 0, 0, 0, 0)) == "out_of_range"
    assert code_of(body(1, 0, 9, 0, 0, 0, 1, *(b"box" + bytes(13)))) == "unknown_version"
    assert code_of(body(1, 0, 1, 0, 0, 0, 1, *bytes(16))) == "bad_length"
    assert code_of(body(1, 0, 1, 0, 0, 0, 1, *(b"\xffbox" + bytes(12)))) == "bad_character"
    assert code_of(body(1, 0, 1, 0, 0, 0, 1, *(b"b|x" + bytes(13)))) == "bad_character"


def test_a_value_that_does_not_fit_is_not_sent():
    good = dict(board_words()[3][1])
    for wrong in ({"tenths_c": 1251}, {"tenths_c": -551}, {"tenths_c": 5, "fault": "absent"}):
        assert raises(ProtocolError, write_frame, "reading", 0, changed(good, **wrong)).code == "out_of_range"
    assert raises(ProtocolError, write_frame, "slip", 0, {"present": 2}).code == "out_of_range"
    for name in ("", "a" * 17, "hộp"):
        assert raises(ProtocolError, write_frame, "hello", 0, {"version": 1, "boot": 1, "name": name})


def test_equal_messages_are_equal():
    one, same = read_frame(write_frame("ping", 3, {})[1:-1]), read_frame(write_frame("ping", 3, {})[1:-1])
    other = read_frame(write_frame("ping", 4, {})[1:-1])
    assert one == same and hash(one) == hash(same)
    assert one != other and one != 3


def test_hmac_of_the_rfc():
    """RFC 4231, test cases 1, 2 and 6 (a key longer than a block)."""
    for key, data, digest in (
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ):
        assert boardlink.mac(key, data).hex() == digest


def test_a_reading_is_its_boards_and_nobody_elses():
    reading = board_words()[3][1]
    assert boardlink.is_genuine(BOARD, BOARD_KEY, reading)
    assert not boardlink.is_genuine("box-02", BOARD_KEY, reading)
    assert not boardlink.is_genuine(BOARD, bytes(32), reading)
    for field, value in (("tenths_c", 46), ("n", 1), ("boot", 8), ("up_s", 1), ("mac", bytes(32)), ("mac", b"")):
        assert not boardlink.is_genuine(BOARD, BOARD_KEY, changed(reading, **{field: value}))
