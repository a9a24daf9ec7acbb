"""A program's process without its imports: a mother has imported the house, and each start is a fork of her.

The child runs the house's own `__main__` (`runpy`), with arguments, environment, session, log and death as
`provisioning.stage` would give them. A mother makes nothing but children: no thread, no file, no database.
"""

import ctypes
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from provisioning.stage import Program, StageError, _with_our_death

# A mother imports for a second, on a machine with much else to do for many.
ANSWER_S = 300.0
PR_SET_PDEATHSIG = 1
HOUSES = ("kiosk", "server")
# What a house imports only when it runs, outside of itself. Not `escpos`: it looks for its cache while it is imported.
LATE = {
    "kiosk": (
        "fractions", "importlib_resources", "jinja2.ext", "qrcode.main", "qrcode.image.pure", "stringprep", "usb.core",
        "usb.util", "xml.dom.minidom", "yaml",
    ),
    "server": ("encodings.idna", "jinja2.ext", "stringprep"),
}  # fmt: skip


class Mother:
    """The rig's end of one mother. `planted`: her children may be born with a bug. Raises `StageError` when she is gone."""

    def __init__(self, house, *, log, planted=False):
        self._ours, hers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.settimeout(ANSWER_S)
        command = (
            sys.executable,
            "-m",
            "tests.processes.warm",
            house,
            str(hers.fileno()),
            "planted" if planted else "",
        )
        log.parent.mkdir(parents=True, exist_ok=True)
        with hers, log.open("ab") as output:
            self._process = subprocess.Popen(
                (*_with_our_death(), *command), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                pass_fds=(hers.fileno(),), start_new_session=True,
            )  # fmt: skip

    def bear(self, *, words, log, environment, planted=""):
        """A child that runs the house with `words`; gives its process id, which stays its own until `bury`."""
        return self._ask({"words": words, "log": str(log), "environment": dict(environment), "planted": planted})

    def bury(self, pid):
        """Wait for a child that was killed or has ended; gives its exit status (negative: the signal)."""
        return self._ask({"bury": pid})

    def stop(self):
        """The end of her, and of every child that is left."""
        self._ours.close()
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait(ANSWER_S)

    def _ask(self, order):
        try:
            self._ours.sendall(json.dumps(order).encode())
            answer = self._ours.recv(64)
        except OSError as error:
            raise StageError(f"a mother does not answer: {error}") from error
        if not answer:
            raise StageError("a mother has ended")
        return int(answer)


class WarmProgram(Program):
    """A child of a mother, for `Stage` a program as any other."""

    def __init__(self, name, words, *, log, environment, mother, planted=""):
        self.name, self.command, self.log = name, tuple(words), log
        self._mother = mother
        log.parent.mkdir(parents=True, exist_ok=True)
        self._pid = mother.bear(words=list(words), log=log, environment=environment, planted=planted)
        self._handle = os.pidfd_open(self._pid)
        self._status = None

    @property
    def pid(self):
        return self._pid

    def running(self):
        return self._status is None and not select.select([self._handle], [], [], 0)[0]

    def signal(self, number):
        if self.running():
            signal.pidfd_send_signal(self._handle, number)

    def kill(self):
        if self._status is None:
            # Not buried yet, so this id cannot have passed to a stranger.
            with suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)
            self._status = self._mother.bury(self._pid)
            os.close(self._handle)
        return self._status


def _import_all(house):
    """All modules of the house and what it will import later, as running it would; its `__main__` is left to the child."""
    package = importlib.import_module(house)
    for found in pkgutil.walk_packages(package.__path__, f"{house}."):
        if "firmware" not in found.name and "migrations." not in found.name:
            importlib.import_module(found.name)
    for name in LATE[house]:
        importlib.import_module(name)


def _next_child(control):
    """Bear and bury as told. Returns in each child only, with its words and bug; the mother ends with her rig."""
    mother = os.getpid()
    while order := control.recv(1 << 20):
        told = json.loads(order)
        if "bury" in told:
            control.sendall(str(os.waitstatus_to_exitcode(os.waitpid(told["bury"], 0)[1])).encode())
        elif os.fork() == 0:
            _own_life(told, mother=mother)
            control.sendall(str(os.getpid()).encode())
            control.close()
            os.closerange(3, 1 << 12)
            return told["words"], told["planted"]
    sys.exit(0)


def _own_life(told, *, mother):
    """What `Popen` and `setpriv` do between fork and exec: group, death with the parent, log, environment."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != mother:
        os.kill(os.getpid(), signal.SIGKILL)
    log = os.open(told["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(told["environment"])


def main(house, control, plants):
    """A mother, until she is a child: then the house's own main, as `python -m HOUSE WORDS` has it."""
    bugs = importlib.import_module("tests.processes.planted").BUGS if plants else {}
    _import_all(house)
    for each in HOUSES:
        # Run, not imported: runpy gives a child its own.
        sys.modules.pop(f"{each}.__main__", None)
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        raise RuntimeError(f"a mother with {threads} threads would copy locks that nobody opens")
    gc.collect()
    gc.freeze()
    words, planted = _next_child(socket.socket(fileno=control))
    if planted:
        bugs[planted]()
    sys.argv = [house, *words]
    runpy.run_module(house, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
