"""A fork of a mother is the program itself: it says, ends and dies as a fresh interpreter would."""

import os
import signal
import sys

import pytest

from provisioning.stage import Program, StageError, wait_until
from tests.processes.warm import Mother, WarmProgram

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
WAIT_S = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("warm")


@pytest.fixture(scope="module")
def mother(folder):
    made = Mother("kiosk", log=folder / "mother.log")
    yield made
    made.stop()


def born(mother, folder, *words):
    return WarmProgram("child", words, log=folder / "child.log", environment=os.environ, mother=mother)


def waiting(mother, folder):
    """A child that opens its settings, a pipe to which nobody writes."""
    pipe = folder / "pipe"
    if not pipe.exists():
        os.mkfifo(pipe)
    return born(mother, folder, "outbox", "--config", str(pipe))


def test_it_says_and_ends_as_a_cold_start(mother, folder):
    said = {}
    for words in (("--help",), ("run", "--no-such-thing")):
        cold = Program(
            "cold",
            (sys.executable, "-m", "kiosk", *words),
            log=folder / "cold.log",
            environment=os.environ,
            folder=None,
        )
        assert wait_until(lambda cold=cold: not cold.running(), timeout_s=WAIT_S)
        warm = born(mother, folder, *words)
        assert wait_until(lambda warm=warm: not warm.running(), timeout_s=WAIT_S)
        assert warm.kill() == cold.kill()
        said[words] = (folder / "child.log").read_text("utf-8"), (folder / "cold.log").read_text("utf-8")
    assert all(warm == cold and "python -m kiosk" in warm for warm, cold in said.values())


def test_it_is_frozen_and_killed_as_any_other(mother, folder):
    one = waiting(mother, folder)
    assert os.getpgid(one.pid) == os.getsid(one.pid) == one.pid
    one.signal(signal.SIGSTOP)
    assert one.running()
    one.signal(signal.SIGCONT)
    assert one.kill() == -signal.SIGKILL
    assert not one.running()
    assert one.kill() == -signal.SIGKILL
    assert waiting(mother, folder).stop() == -signal.SIGTERM


def test_it_dies_with_its_mother(folder):
    mother = Mother("kiosk", log=folder / "other.log")
    one = waiting(mother, folder)
    mother.stop()
    assert wait_until(lambda: not one.running(), timeout_s=WAIT_S)
    with pytest.raises(StageError):
        waiting(mother, folder)
