"""F19: what happens to zbar's child process is "cannot read", and a new child reads within a second."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kiosk.hardware import zbar_child
from kiosk.hardware.card_picture import code_image
from kiosk.hardware.decoder import Decoded
from kiosk.hardware.zbar_decoder import ZbarDecoder

PAYLOAD = "Đặng Thị Ngọc Ưỡng".encode()
PICTURE = code_image(PAYLOAD, module_px=5)


@pytest.fixture
def decoder():
    made = ZbarDecoder(timeout_s=0.5)
    assert made.decode(PICTURE) == [Decoded(PAYLOAD, "qr")]
    yield made
    made.close()


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_dead_child_is_cannot_read(decoder, death):
    old = decoder.child_pid
    os.kill(old, death)
    assert decoder.decode(PICTURE) == []
    begun = time.monotonic()
    assert decoder.decode(PICTURE) == [Decoded(PAYLOAD, "qr")]
    assert time.monotonic() - begun < 6.0  # never waits longer than for a new child to start
    assert decoder.child_pid != old
    assert decoder.restarts == 1


def test_a_hanging_child_is_cannot_read(decoder):
    os.kill(decoder.child_pid, signal.SIGSTOP)
    begun = time.monotonic()
    assert decoder.decode(PICTURE) == []
    assert time.monotonic() - begun < 6.0
    assert decoder.decode(PICTURE) == [Decoded(PAYLOAD, "qr")]


def test_closed_is_closed(decoder):
    pid = decoder.child_pid
    decoder.close()
    assert decoder.decode(PICTURE) == []
    assert not Path(f"/proc/{pid}").exists()
    decoder.close()


def test_the_child_has_limits(decoder):
    limits = Path(f"/proc/{decoder.child_pid}/limits").read_text()
    rows = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
    assert rows["Max address space"] == str(zbar_child.MEMORY_BYTES)
    assert rows["Max core file size"] == "0"
    assert rows["Max file size"] == "0"
    assert rows["Max open files"] == "3"


def test_the_child_ends_when_its_parent_does():
    child = subprocess.Popen([sys.executable, "-I", zbar_child.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.read(4) == b"\0\0\0\0"
    child.stdin.write(b"\0\0\1\0\0\0\1\0short")
    child.stdin.close()
    assert child.wait(5) == 0
    child.stdout.close()
