"""A real mosquitto with the shipped configuration on a free port of 127.0.0.1, for demo, scripted day and tests.

Owns one process and its folder. Makes no keys: `server.pki` does. Production runs the same template under systemd.
"""

import os
import pwd
import shutil
import signal
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Self

from provisioning.stage import Program, Stage, StageError, free_port, wait_until
from server.broker_acl import acl_text
from server.hubs import read_hubs
from server.pki import SERVER_NAME, Writer, write_private
from server.revocations import ensure_list

TEMPLATE = Path(__file__).with_name("mosquitto") / "mosquitto.conf.template"
# The centre's alone: its server follows the log (server/broker_watch.py).
WATCHED = TEMPLATE.with_name("watched.conf")
HOST = "127.0.0.1"
START_ATTEMPTS = 5
RELOAD_S = 0.5
RELOAD_TRIES = 40


def broker_config(*, folder: Path, port: int, bind: str, user: str, log: str) -> str:
    """The shipped template filled in. `folder` holds ca.pem, broker.pem, broker.key, acl.

    Raises KeyError when the template holds a ${NAME} nobody knows.
    """
    return Template(TEMPLATE.read_text("ascii")).substitute(FOLDER=folder, PORT=port, BIND=bind, USER=user, LOG=log)


class Broker:
    """A running broker. `folder` is the one `server.pki` filled; its keys are in `folder/broker/` or in `place`.

    `port` 0 takes a free one and keeps it over restarts. The first port may be lost to another program between looking
    and listening; then another one is tried.
    """

    def __init__(
        self,
        folder: Path,
        *,
        writers: Iterable[Writer] = (),
        processes: Sequence[str] = (SERVER_NAME,),
        port: int = 0,
        place: Path | None = None,
        name: str = "mosquitto",
    ) -> None:
        self.place = place or folder / "broker"
        self.processes = tuple(processes)
        self._folder = folder
        self._name = name
        self._stage = Stage(folder / "log")
        self._program: Program | None = None
        self.port = port
        self._write_acl(writers)

    @property
    def log(self) -> Path:
        """The broker's log file; it goes on over restarts."""
        return self._stage.folder / f"{self._name}.log"

    def acl(self, writers: Iterable[Writer]) -> str:
        """The text of its ACL file for these writers: with them, the hubs enrolled in the folder."""
        return acl_text(writers, processes=self.processes, hubs=read_hubs(self._folder))

    def config(self, *, port: int, bind: str, user: str) -> str:
        """The text of its configuration."""
        # stderr: mosquitto lets its standard output wait in a buffer when it is a file.
        return broker_config(folder=self.place, port=port, bind=bind, user=user, log="stderr") + WATCHED.read_text(
            "ascii"
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until it accepts connections. Raises StageError with the tail of the log."""
        if self.port:
            self._start_on(self.port)
            return
        for attempt in range(START_ATTEMPTS):
            port = free_port()
            try:
                self._start_on(port)
            except StageError:
                if attempt == START_ATTEMPTS - 1 or "Address already in use" not in self._tail():
                    raise
            else:
                self.port = port
                return

    def stop(self) -> None:
        """End it in order (SIGTERM): clients see the connection close."""
        self._program = None
        self._stage.stop()

    def kill(self) -> None:
        """SIGKILL, as a power cut would. All sessions and retained messages are gone: that is the point."""
        if self._program is not None:
            self._program.kill()
            self.stop()

    def restart(self) -> None:
        """Stop (when it still runs) and start again on the same port."""
        self.stop()
        self.start()

    def reload_acl(self, writers: Iterable[Writer]) -> None:
        """Write the ACL of these writers (and of the hubs) and make the running broker read it (SIGHUP); back when it is in force."""
        self._write_acl(writers)
        self.reload_read()

    def reload_read(self) -> None:
        """SIGHUP until the broker says that it reads its files; raises StageError when it never does. Nothing when it is down."""
        program = self._program
        if program is None:
            return
        done = self._reloads()
        for _ in range(RELOAD_TRIES):
            if not program.running():
                break
            # Said again: a signal that comes while it still reads because of the one before is forgotten by it.
            program.signal(signal.SIGHUP)
            # It has one thread: whatever a client sends after this word is judged by the new lines.
            if wait_until(lambda: self._reloads() > done, timeout_s=RELOAD_S):
                return
        raise StageError(f"mosquitto did not reload\n{program.tail()}")

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers. `thaw` goes on."""
        if self._program is not None:
            self._program.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        if self._program is not None:
            self._program.signal(signal.SIGCONT)

    def _start_on(self, port: int) -> None:
        # The keys belong to whoever runs us, so the broker stays this user; without root the line means nothing.
        user = pwd.getpwuid(os.geteuid()).pw_name
        config = self.place / "mosquitto.conf"
        write_private(config, self.config(port=port, bind=HOST, user=user).encode("ascii"))
        written = self.log.stat().st_size if self.log.exists() else 0
        try:
            # Its own word, not an answering port: that could be a stranger's while ours still fails to bind.
            self._program = self._stage.start(
                self._name,
                (_mosquitto(), "-c", str(config)),
                ready=lambda: b" running" in self.log.read_bytes()[written:],
            )
        except StageError:
            self.stop()
            raise

    def _write_acl(self, writers: Iterable[Writer]) -> None:
        ensure_list(self._folder, places=[self.place])
        write_private(self.place / "acl", self.acl(writers).encode("ascii"))

    def _reloads(self) -> int:
        return self.log.read_bytes().count(b"Reloading config.")

    def _tail(self) -> str:
        return self.log.read_text("utf-8", errors="replace")[-2000:]


def _mosquitto() -> str:
    # Debian puts it in /usr/sbin, which an ordinary user's PATH leaves out.
    found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found is None:
        raise StageError("mosquitto is not installed: apt-get install mosquitto")
    return found
