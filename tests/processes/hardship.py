"""What a machine may lack: room on its disk, its database to itself, file descriptors, a true clock, a valid certificate.

Each hardship begins and ends; knows no program's inside but its files and its process id. What this machine does not
allow (mounting needs root) is told by `disks_possible` and left out by whoever asks.
"""

import json
import resource
import sqlite3
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.x509.oid import ExtendedKeyUsageOID

from server import pki

# Enough for a day's records and the write-ahead log of a province's ten runs.
DISK_MB = 24
FILL = b"\0" * 65_536
LOCK_S = 0.5
DAY_MS = 86_400_000
# By how much a clock jumps; "1970": it wakes without a battery and nobody vouches for it.
JUMPS = {"back": -3_600_000, "forward": 3_600_000, "day": DAY_MS, "year": 365 * DAY_MS}


class Disk:
    """A small tmpfs of its own at `folder`. `fill` leaves no byte free; `free` gives the room back."""

    def __init__(self, folder):
        self.folder = folder
        self._mounted = False

    def mount(self):
        """Raises `OSError` when this machine does not allow it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ("mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=700", "tmpfs", str(self.folder)),
            check=False, capture_output=True,
        )  # fmt: skip
        if done.returncode:
            raise OSError(done.stderr.decode("utf-8", "replace").strip())
        self._mounted = True

    def unmount(self):
        """By its path, and nothing else. May be called twice."""
        if self._mounted:
            self._mounted = False
            subprocess.run(("umount", "--lazy", str(self.folder)), check=True)

    def fill(self):
        """Until nothing goes in any more."""
        with (self.folder / "ballast").open("ab", buffering=0) as ballast:
            for piece in (FILL, FILL[:512], FILL[:1]):
                with suppress(OSError):
                    while ballast.write(piece) == len(piece):
                        pass

    def free(self):
        """Take the ballast away again."""
        (self.folder / "ballast").unlink(missing_ok=True)


def disks_possible(folder):
    """Does this machine let us mount a disk of our own? Tried once, in `folder`."""
    disk = Disk(folder / "tried")
    try:
        disk.mount()
    except OSError:
        return False
    disk.unmount()
    return True


class Lock:
    """Somebody else's write transaction on a SQLite file, a technician's shell say."""

    def __init__(self, path):
        self._path = path
        self._conn = None

    def take(self):
        """Hold it, if it can be had soon."""
        self.release()
        self._conn = sqlite3.connect(self._path, timeout=LOCK_S, isolation_level=None, check_same_thread=False)
        with suppress(sqlite3.OperationalError):
            self._conn.execute("BEGIN IMMEDIATE")

    def release(self):
        """Let it go, nothing written."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None


class Descriptors:
    """A process may open no further file or connection."""

    def __init__(self, pid):
        self._pid = pid
        self._before = None

    def take(self):
        """From now on each `open`, `accept` and `socket` of it fails."""
        with suppress(ProcessLookupError, FileNotFoundError):
            highest = max(int(entry.name) for entry in Path(f"/proc/{self._pid}/fd").iterdir())
            self._before = resource.prlimit(self._pid, resource.RLIMIT_NOFILE)
            resource.prlimit(self._pid, resource.RLIMIT_NOFILE, (highest + 1, self._before[1]))

    def release(self):
        """As before."""
        if self._before is not None:
            with suppress(ProcessLookupError):
                resource.prlimit(self._pid, resource.RLIMIT_NOFILE, self._before)
            self._before = None


class ClockFile:
    """The demonstration's clock of one machine. Its monotonic time never jumps, whatever the wall shows.

    May be turned by several threads: the schedule's, and that of the staff before it (`ahead`).
    """

    def __init__(self, path, base):
        self.path = path
        self._base = self._shown = base
        self._lock = threading.Lock()
        self.mend()

    def jump(self, how):
        """`JUMPS` or `1970`."""
        if how == "1970":
            passed = (time.time_ns() // 1_000_000 - self._base["real"]) * self._base["speed"]
            self._show({**self._base, "wall": -passed + 20_000, "sure": "unknown"})
        else:
            self._show({**self._base, "wall": self._base["wall"] + JUMPS[how]})

    def mend(self):
        """The true time again."""
        self._show(self._base)

    @contextmanager
    def ahead(self):
        """An hour ahead for as long as the body lasts; then as before, unless somebody has turned it meanwhile."""
        before = self._shown
        jumped = {**self._base, "wall": self._base["wall"] + JUMPS["forward"]}
        self._show(jumped)
        try:
            yield
        finally:
            self._show(before, instead_of=jumped)

    def _show(self, base, *, instead_of=None):
        with self._lock:
            if instead_of is None or self._shown is instead_of:
                self._shown = base
                self._write(base)

    def _write(self, base):
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(base), "utf-8")
        fresh.replace(self.path)


class Certificate:
    """One certificate of the province: replaced by one that has expired, then by one made anew, each with its own key."""

    def __init__(self, keys, *, place, stem, name, names=()):
        """`keys`: the authority's folder; `place`: where `<stem>.pem` and `.key` lie; `name`: who it is."""
        self._keys, self._place, self._stem, self._name, self._names = keys, place, stem, name, names

    def expire(self):
        """Its time ended an hour ago."""
        self._issue(timedelta(hours=-1))

    def renew(self):
        """Good again."""
        self._issue(timedelta(days=1))

    def _issue(self, validity):
        more = {}
        if self._names:
            more = {"purpose": ExtendedKeyUsageOID.SERVER_AUTH, "alternatives": pki.host_names(self._names)}
        pki.Authority(self._keys).issue(
            self._place, stem=self._stem, name=self._name, validity=validity, now=datetime.now(UTC), **more
        )
