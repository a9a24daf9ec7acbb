"""Programs on the stage: started, awaited, ended with all they started, and nobody else's."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provisioning.stage import Stage, StageError, free_port, port_answers, url_answers, wait_until

pytestmark = pytest.mark.integration

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


@pytest.fixture
def stage(tmp_path):
    with Stage(tmp_path / "log") as made:
        yield made


def alive(pid):
    """True for a process that runs; a zombie has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_start_waits_until_it_answers(stage, tmp_path):
    port = free_port()
    program = stage.start(
        "web",
        ("python", "-m", "http.server", str(port), "--bind", "127.0.0.1"),
        ready=lambda: url_answers(f"http://127.0.0.1:{port}/"),
        folder=tmp_path,
    )
    assert program.running()
    assert port_answers("127.0.0.1", port)
    stage.stop()
    assert not port_answers("127.0.0.1", port)


def test_a_port_is_given_once_though_its_program_starts_later(monkeypatch):
    """Found by CI: two tests side by side were given the same, seconds before their kiosks bound it."""
    port = free_port()
    monkeypatch.setattr("provisioning.stage.PORTS", [port])
    monkeypatch.setattr("provisioning.stage.PORT_TRIES", 1)
    with pytest.raises(StageError, match="none of 1 ports"):
        free_port()


def test_failed_start_shows_the_tail_of_the_log(stage):
    with pytest.raises(StageError, match=r"(?s)ended with status 3.*the reason"):
        stage.start("bad", ("python", "-c", "print('the reason'); raise SystemExit(3)"), ready=lambda: False)


def test_silent_start_is_given_up(stage):
    with pytest.raises(StageError, match=r"did not answer within 0\.2 s"):
        stage.start("slow", ("sleep", "60"), ready=lambda: False, timeout_s=0.2)


def test_stop_ends_a_deaf_program(stage):
    program = stage.start("deaf", ("python", "-c", STUBBORN))
    assert wait_until(lambda: "deaf" in program.tail(), timeout_s=10)
    assert program.stop(timeout_s=0.3) == -signal.SIGKILL


def test_grandchildren_end_too(stage):
    program = stage.start("family", ("sh", "-c", "sleep 60 & echo $!; wait"))
    assert wait_until(lambda: program.tail().strip().isdigit(), timeout_s=5)
    grandchild = int(program.tail())
    assert alive(grandchild)
    program.kill()
    assert wait_until(lambda: not alive(grandchild), timeout_s=5)


def test_last_started_is_stopped_first(stage, tmp_path):
    said = tmp_path / "said"
    for name in ("first", "second"):
        program = stage.start(name, ("sh", "-c", f"trap 'echo {name} >> {said}; exit' TERM; echo up; sleep 60 & wait"))
        assert wait_until(lambda made=program: "up" in made.tail(), timeout_s=5)
    stage.stop()
    assert said.read_text().split() == ["second", "first"]


def test_an_end_nobody_ordered_is_noticed(stage):
    program = stage.start("short", ("true",))
    assert wait_until(lambda: not program.running(), timeout_s=5)
    assert stage.ended() == (program,)
    stage.forget(program)
    assert stage.ended() == ()


def test_a_program_that_another_thread_is_just_reaping_runs_no_more(stage):
    """Found by true processes: the broker was killed while the watch over its ACL asked, and the watch ended."""
    program = stage.start("brief", ("python", "-c", "import time; time.sleep(60)"), ready=lambda: True)
    os.kill(program.pid, signal.SIGKILL)
    os.waitpid(program.pid, 0)
    assert not program.running()


def test_children_die_when_we_are_killed(tmp_path):
    """Or a demo killed by SIGKILL would leave a broker and servers behind."""
    play = (
        "import sys, time; from pathlib import Path; from provisioning.stage import Stage\n"
        "print(Stage(Path(sys.argv[1])).start('child', ('sleep', '60')).pid, flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", play, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=root
    ) as parent:
        child = int(parent.stdout.readline())
        time.sleep(0.2)
        assert alive(child)
        parent.kill()
        assert wait_until(lambda: not alive(child), timeout_s=5)


def test_environment_is_added_to_ours(stage):
    program = stage.start("env", ("sh", "-c", "echo $TRAM_WORD $HOME"), environment={"TRAM_WORD": "xin-chao"})
    assert wait_until(lambda: not program.running(), timeout_s=5)
    assert program.tail() == f"xin-chao {os.environ['HOME']}"
