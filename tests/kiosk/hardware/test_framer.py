"""F8, F9, F10, F13: frames out of a reader's byte stream, whatever the pieces."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kiosk.hardware.qr_reader import GAP_MS, Framer, is_text, scan_of
from kiosk.hardware.scan import MAX_SCAN_BYTES

CARD = "075079001234|271234567|Nguyễn Văn An|14041979|Nam|Tổ 5, Trảng Dài, Biên Hòa, Đồng Nai|25062021".encode()
PAYLOADS = st.lists(
    st.binary(min_size=1, max_size=60).map(lambda b: b.translate(None, b"\r\n")).filter(bool), max_size=6
)
TERMINATORS = st.sampled_from([b"\r", b"\n", b"\r\n", b"\n\r"])


def test_every_split_point():
    """F8: cut anywhere, with any short pause, it is one frame, and nothing comes out before its end."""
    whole = CARD + b"\r\n"
    for cut in range(len(whole) + 1):
        framer = Framer()
        first = framer.feed(whole[:cut], 0)
        assert first == ([CARD] if cut > len(CARD) else [])
        assert first + framer.feed(whole[cut:], GAP_MS - 1) == [CARD]


def test_byte_by_byte():
    framer = Framer()
    frames = [frame for at, byte in enumerate(CARD + b"\r\n") for frame in framer.feed(bytes([byte]), at * 10)]
    assert frames == [CARD]


@given(PAYLOADS, TERMINATORS, st.lists(st.integers(0, 400), max_size=12))
def test_glued_frames_in_any_pieces(payloads, terminator, cuts):
    """F9: each frame once, in order."""
    stream = b"".join(payload + terminator for payload in payloads)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    framer = Framer()
    frames = []
    for at, (start, end) in enumerate(pairwise(places)):
        frames += framer.feed(stream[start:end], at * 3)
    assert frames == payloads
    assert framer.held_bytes == 0


def test_silence_ends_a_frame_of_a_reader_without_terminators():
    framer = Framer()
    assert framer.feed(CARD, 0) == []
    assert framer.feed(b"", GAP_MS - 1) == []
    assert framer.feed(b"", GAP_MS) == [CARD]
    assert framer.feed(b"", GAP_MS * 2) == []


def test_half_a_card_is_not_a_card():
    """F8: once terminators are known, a frame that breaks off comes out empty: "torn"."""
    framer = Framer()
    assert framer.feed(CARD + b"\r", 0) == [CARD]
    assert framer.feed(CARD[:80], 1_000) == []
    assert framer.feed(b"", 1_000 + GAP_MS) == [b""]
    assert framer.feed(CARD + b"\r", 2_000) == [CARD]


def test_bytes_that_waited_for_a_late_thread_join_their_frame():
    framer = Framer()
    framer.feed(b"x\r", 0)
    assert framer.feed(CARD[:50], 1_000) == []
    assert framer.feed(CARD[50:] + b"\r", 1_900) == [CARD]


def test_too_long_is_cut_and_the_rest_dropped():
    """F13: 3 kB and 7 kB come out one byte past the limit; the next frame is whole."""
    for length in (MAX_SCAN_BYTES + 1, 3_000, 7_000):
        framer = Framer()
        frames = framer.feed(b"A" * length + b"\r" + CARD + b"\r", 0)
        assert [len(frame) for frame in frames] == [MAX_SCAN_BYTES + 1, len(CARD)]
        assert scan_of(frames[0]).is_too_long
    assert [len(frame) for frame in Framer().feed(b"A" * MAX_SCAN_BYTES + b"\n", 0)] == [MAX_SCAN_BYTES]


def test_a_flood_of_100_mb_stays_bounded():
    """F13: an endless code holds 2,049 bytes, not a hundred million."""
    framer = Framer()
    block = bytes(range(65, 91)) * 4_000
    for at in range(100_000_000 // len(block)):
        assert framer.feed(block, at) == []
        assert framer.held_bytes <= MAX_SCAN_BYTES + 1
    assert [len(frame) for frame in framer.feed(b"\r", 10**6)] == [MAX_SCAN_BYTES + 1]


@given(st.lists(st.tuples(st.binary(max_size=40), st.integers(0, 500)), max_size=30))
def test_any_bytes_at_any_time(pieces):
    framer, now_ms = Framer(max_bytes=16), 0
    for data, pause_ms in pieces:
        now_ms += pause_ms
        for frame in framer.feed(data, now_ms):
            assert len(frame) <= 17
            assert not set(frame) & set(b"\r\n")
        assert framer.held_bytes <= 17


def test_aim_identifiers_are_taken_off():
    assert scan_of(b"]Q1" + CARD).data == CARD
    assert (scan_of(b"]Q3x").symbology, scan_of(b"]d2x").symbology, scan_of(b"x").symbology) == (
        "qr",
        "datamatrix",
        "unknown",
    )
    assert scan_of(b"]Q|x").data == b"]Q|x"
    assert (scan_of(b"").data, scan_of(b"").symbology) == (b"", "torn")


def test_text_cut_inside_a_letter_is_still_text():
    assert is_text(("a" * (MAX_SCAN_BYTES - 1) + "ế" * 5).encode()[: MAX_SCAN_BYTES + 1])
    assert not is_text(b"\xff\xfe\x80")
    assert is_text(CARD)
