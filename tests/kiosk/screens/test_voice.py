"""What is said aloud: number, call to this desk, time of observation; once, in words, and no name among them."""

import pytest

from kiosk.hardware.speaker_fake import FakeSpeaker
from kiosk.screens.voice import Voice, spelt
from tests.kiosk.made import OTHER_CARD, Made
from tests.kiosk.whole import EASY


@pytest.fixture
def made(quick_folder):
    one = Made(quick_folder)
    yield one
    one.close()


def test_a_ticket_is_said_sign_by_sign():
    assert spelt("A-017") == "A 0 1 7"


@pytest.mark.parametrize("lang", ["vi", "en", "xx"])
def test_a_persons_way_is_said_once_and_without_a_name(made, lang):
    speaker = FakeSpeaker()
    voice = Voice(seen=made.touch, speaker=speaker, lang=lang)

    def listen():
        for _step in range(4):
            voice.step()
        told, speaker.said = [text for text, _lang in speaker.said], []
        return told

    assert listen() == []
    made.scan(OTHER_CARD)
    assert listen() == []
    made.act("yes")
    number, *more = listen()
    assert ("Số của quý vị là A 0 0 1." if lang == "vi" else "Your number is A 0 0 1.") in number
    assert (more, listen()) == ([], [])
    made.act("done")
    made.sign_in("1002")
    made.act("call_next")
    (call,) = listen()
    assert call == (
        "Mời số A 0 0 1 đến bàn khám sàng lọc, bàn số A."
        if lang == "vi"
        else "Number A 0 0 1, please come to the screening desk, desk A."
    )
    made.act("judge", **EASY)
    made.act("conclude", conclusion="eligible", reason="")
    made.dose()
    said = listen()
    assert [text for text in said if ("10 giờ 12" if lang == "vi" else "10 hours 12") in text]
    assert not any(name in text for text in [number, call, *said] for name in ("Lê", "Thị", "Mỹ", "Duyên"))
    # Said before this kiosk was started again: not said anew.
    again = Voice(seen=made.touch, speaker=speaker, lang=lang)
    again.step()
    assert speaker.said == []


def test_without_a_speaker_the_kiosk_goes_on(made):
    speaker = FakeSpeaker()
    speaker.unplug()
    voice = Voice(seen=made.touch, speaker=speaker, lang="vi")
    voice.step()
    made.scan(OTHER_CARD)
    made.act("yes")
    voice.step()
    assert speaker.said == []
    voice.close()
