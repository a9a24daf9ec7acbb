"""Starts and stops real programs for the demo, the scripted day and the tests.

Owns the processes it started and no other: they are signalled by the handle it holds, never by a name or a foreign id.
Knows nothing of what the programs do.
"""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

# Seconds. A Pi or a busy build machine needs several seconds to import a web stack (0.4-1.3 s measured on a quick one).
DELAYS = {"ready": 30.0, "stop": 10.0, "poll": 0.02, "connect": 0.5}
TAIL_LINES = 30
PORTS = range(20_000, 32_000)
PORT_TRIES = 50
# The names by which this program keeps its last ports from others that ask, see `free_port`.
_HELD: deque[socket.socket] = deque(maxlen=100)


class StageError(RuntimeError):
    """A program did not start or did not stop; the text ends with the tail of its log."""


def port_answers(host: str, port: int) -> bool:
    """True when somebody accepts a TCP connection there."""
    try:
        with socket.create_connection((host, port), timeout=DELAYS["connect"]):
            return True
    except OSError:
        return False


def url_answers(url: str) -> bool:
    """True when an HTTP server answers with anything below 500."""
    try:
        with urllib.request.urlopen(url, timeout=DELAYS["connect"]) as answer:  # noqa: S310 - our own http address
            return bool(answer.status < 500)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code < 500
    except OSError:
        return False


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago, for programs that cannot report the one they chose.

    From below the range out of which systems number outgoing connections: one of those might take it before its program starts.
    No other call on this machine gives the same one while this process lives (its last 100): a name in the kernel's abstract
    namespace, which ends with us, says that it is taken. Between choice and start lie seconds, and tests run side by side.
    """
    for port in random.SystemRandom().sample(PORTS, PORT_TRIES):
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with socket.socket() as probe:
            # As the programs bind: what a connection of a moment ago left behind does not keep them away either.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                name.bind(f"\0tram-port-{port}")
                probe.bind(("127.0.0.1", port))
            except OSError:
                name.close()
                continue
        if len(_HELD) == _HELD.maxlen:
            _HELD.popleft().close()
        _HELD.append(name)
        return port
    raise StageError(f"none of {PORT_TRIES} ports tried on this machine is free")


def wait_until(question: Callable[[], bool], *, timeout_s: float) -> bool:
    """Ask until the answer is yes; False when time is over."""
    deadline = time.monotonic() + timeout_s
    while not question():
        if time.monotonic() >= deadline:
            return False
        time.sleep(DELAYS["poll"])
    return True


class Program:
    """One running program with its log. It and what it started die when it is stopped, and when we die."""

    def __init__(
        self, name: str, command: Sequence[str], *, log: Path, environment: Mapping[str, str], folder: Path | None
    ) -> None:
        self.name = name
        self.command = tuple(command)
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            # A group of its own: Ctrl-C at the terminal reaches only us, and we stop children in order; a browser's
            # grandchildren go with their group.
            self._process = subprocess.Popen(
                (*_with_our_death(), *command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The id of the process, ours until `stop` or `kill` returned."""
        return self._process.pid

    def running(self) -> bool:
        """True until the program ended. Never reaps it: its id, and so its group's id, stay reserved for us."""
        if self._process.returncode is not None:
            return False
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            # Another thread of ours has reaped it this moment (`kill`), and has not yet said so.
            return False

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program alone (SIGHUP to reload, SIGSTOP to freeze); nothing when it has ended."""
        if self.running():
            self._process.send_signal(number)

    def stop(self, *, timeout_s: float = DELAYS["stop"]) -> int:
        """SIGTERM, wait, then SIGKILL to its whole group. Returns the exit status (negative: the signal)."""
        self.signal(signal.SIGTERM)
        wait_until(lambda: not self.running(), timeout_s=timeout_s)
        return self.kill()

    def kill(self) -> int:
        """SIGKILL to the program and everything it started. Returns the exit status."""
        if self._process.returncode is None:
            # Not reaped yet, so this id cannot have passed to a stranger.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait(DELAYS["stop"])
        return self._process.returncode or 0

    def wait(self, timeout_s: float) -> None:
        """Wait for a program that ends by itself. Raises StageError when it fails or takes longer."""
        wait_until(lambda: not self.running(), timeout_s=timeout_s)
        if self.running():
            raise StageError(f"{self.name} did not end within {timeout_s:g} s\n{self.tail()}")
        status = self.kill()
        if status:
            raise StageError(f"{self.name} ended with status {status}\n{self.tail()}")

    def await_ready(self, ready: Callable[[], bool], *, timeout_s: float) -> None:
        """Wait until `ready()` says yes. Raises StageError with the log's tail when it ends or takes longer."""
        wait_until(lambda: ready() or not self.running(), timeout_s=timeout_s)
        if not self.running():
            raise StageError(f"{self.name} ended with status {self.kill()} before it answered\n{self.tail()}")
        if not ready():
            raise StageError(f"{self.name} did not answer within {timeout_s:g} s\n{self.tail()}")

    def tail(self, lines: int = TAIL_LINES) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-lines:])


class Stage:
    """Programs started in order, stopped in reverse. Use as a context manager; logs lie in `folder/<name>.log`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._programs: list[Program] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        ready: Callable[[], bool] | None = None,
        timeout_s: float = DELAYS["ready"],
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Program:
        """Start a program and wait until `ready()` says yes. Raises StageError with the log's tail.

        `environment` is added to ours. A command of `("python", …)` runs under our own interpreter.
        """
        if command[0] == "python":
            command = (sys.executable, *command[1:])
        program = Program(
            name,
            command,
            log=self.folder / f"{name}.log",
            environment={**os.environ, **(environment or {})},
            folder=folder,
        )
        self.add(program)
        if ready is not None:
            program.await_ready(ready, timeout_s=timeout_s)
        return program

    def add(self, program: Program) -> None:
        """Take in a program that somebody else has started: from now on it is stopped with ours."""
        self._programs.append(program)

    def ended(self) -> tuple[Program, ...]:
        """Programs that ended although nobody stopped them, in order of their start."""
        return tuple(each for each in self._programs if not each.running())

    def forget(self, program: Program) -> None:
        """Stop one program and strike it off, so that its end is no news."""
        program.stop()
        self._programs.remove(program)

    def stop(self) -> None:
        """Stop all, last started first. May be called twice."""
        while self._programs:
            self._programs.pop().stop()


def _with_our_death() -> tuple[str, ...]:
    """Words before a command so that the kernel kills it when we die by SIGKILL (util-linux; Linux only).

    It execs, so the id stays. The kernel watches the thread that started the child: start from one that lives on.
    """
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()
