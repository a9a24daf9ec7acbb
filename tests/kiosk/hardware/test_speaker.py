"""The contract of a speaker, over the fake and over the espeak driver with a program in espeak-ng's place."""

import json
import time

import pytest

from kiosk.hardware.speaker import MOST_WAITING, SPEAKER_STATUSES
from kiosk.hardware.speaker_espeak import LONGEST_S, EspeakSpeaker
from kiosk.hardware.speaker_fake import FakeSpeaker

NUMBER = ("Số của quý vị là A 0 1 7.", "vi")


class Espeak:
    """The driver, the program it runs, and what the program was told to say."""

    def __init__(self, folder):
        self.heard, self.program, self.now_s = folder / "heard", folder / "espeak", 0.0
        self.plug()
        self.speaker = EspeakSpeaker(program=str(self.program), now_s=lambda: self.now_s)

    def plug(self, does=""):
        self.program.write_text(f'#!/bin/sh\n{does}\nprintf "%s\\t%s\\n" "$2" "$(cat)" >>"{self.heard}"\n', "utf-8")
        self.program.chmod(0o755)

    def unplug(self):
        self.program.unlink()

    @property
    def said(self):
        rows = self.heard.read_text("utf-8").splitlines() if self.heard.exists() else []
        return [tuple(reversed(row.split("\t"))) for row in rows]


class Fake:
    def __init__(self, _folder):
        self.speaker = FakeSpeaker()
        self.plug, self.unplug = self.speaker.plug, self.speaker.unplug

    @property
    def said(self):
        return self.speaker.said


@pytest.fixture(params=[Espeak, Fake], ids=["espeak", "fake"])
def one(request, tmp_path):
    made = request.param(tmp_path)
    yield made
    made.speaker.close()


def until(one, *words):
    """Step until one of these words is said of the speaker; gives the last."""
    for _step in range(500):
        status = one.speaker.step()
        assert status in SPEAKER_STATUSES
        if status in words:
            return status
        time.sleep(0.01)
    pytest.fail(f"never one of {words}")


def test_says_one_after_the_other_as_given(one):
    odd = ('Mời số B 0 0 2: "đến" bàn; $(reboot) --stdin', "en")
    one.speaker.say(*NUMBER)
    one.speaker.say(*odd)
    until(one, "ready")
    assert one.said == [NUMBER, odd]


def test_old_news_gives_way(one):
    for number in range(MOST_WAITING + 3):
        one.speaker.say(str(number), "vi")
    until(one, "ready")
    assert [text for text, _lang in one.said] == [str(number) for number in range(3, MOST_WAITING + 3)]


def test_without_the_program_it_is_silent_and_speaks_when_it_is_there(one):
    one.unplug()
    one.speaker.say(*NUMBER)
    assert until(one, "absent") == "absent"
    assert one.speaker.step() == "absent"
    one.plug()
    one.speaker.say("A 0 1 8", "vi")
    until(one, "ready")
    assert [text for text, _lang in one.said] == ["A 0 1 8"]


def test_close_is_silence(one):
    one.speaker.say(*NUMBER)
    one.speaker.close()
    assert one.speaker.step() == "ready"
    assert one.said == []


def test_a_program_that_fails_or_hangs_is_a_word_and_the_next_sentence_is_said(tmp_path):
    made = Espeak(tmp_path)
    made.plug("exit 1")
    made.speaker.say(*NUMBER)
    assert until(made, "failed") == "failed"
    made.plug("exec sleep 60")
    made.speaker.say(*NUMBER)
    assert until(made, "speaking") == "speaking"
    made.now_s += LONGEST_S + 1
    assert made.speaker.step() == "failed"
    made.plug()
    made.speaker.say("A 0 1 8", "vi")
    until(made, "ready")
    assert json.dumps(made.said) == json.dumps([("A 0 1 8", "vi")])
    made.speaker.close()
