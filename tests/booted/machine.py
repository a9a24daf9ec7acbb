"""A Debian machine in namespaces of its own: this machine's files below a layer of its own, systemd as its process 1, a network of its own.

`prepare` runs while it is off, with this machine's network; `boot` starts it, `cut` takes its power. What it wrote lies in memory and ends
with it. Judges nothing.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

SYSTEMD = Path("/lib/systemd/systemd")
NEEDED = ("unshare", "nsenter", "mount", "systemctl", "chroot")
PATIENCE_S = 60.0
# A layer above the whole disk, and folders that every start makes anew.
LAY = """
set -e
mount --make-rprivate /
mount -t tmpfs -o size=6g,mode=755 tmpfs {place}
mkdir {place}/up {place}/work {place}/root {place}/groups
mount -t overlay overlay -o lowerdir=/,upperdir={place}/up,workdir={place}/work {place}/root
mount -t cgroup2 cgroup2 {place}/groups
mkdir -p {place}/groups/{name}
cd {place}/root
rm -rf etc/systemd/system/*.wants etc/machine-id etc/systemd/system/default.target
tr -d - < /proc/sys/kernel/random/uuid > etc/machine-id
echo {name} > etc/hostname
echo > etc/fstab
mount -t proc proc proc
mount --rbind /dev dev
echo laid
exec sleep infinity
"""
BOOT = """
set -e
echo $$ > {place}/groups/{name}/cgroup.procs
exec unshare --mount --pid --fork --kill-child --uts --ipc --cgroup --net bash -c '
set -e
mount --make-rprivate /
cd {place}/root
umount -l dev proc
mount -t proc proc proc; mount -t sysfs sysfs sys; mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for n in null zero full random urandom tty; do touch dev/$n; mount --bind /dev/$n dev/$n; done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run; mount -t tmpfs -o mode=1777 tmpfs tmp
hostname {name}
ip link set lo up
mkdir -p old; pivot_root . old; umount -l /old
exec env -i container=tram PATH=/usr/sbin:/usr/bin:/sbin:/bin {systemd} --unit=multi-user.target </dev/null >/dev/null 2>&1
'
"""


# Where the program lies on the machine before it is installed, as a clone would.
SOURCE = "/usr/local/src/tram"
PROGRAM = (
    "kiosk",
    "protocol",
    "server",
    "provisioning",
    "requirements",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "SECURITY.md",
)


class MachineError(Exception):
    """A command on the machine failed; the text holds what it said."""


def missing():
    """Why no machine can be made here; empty: one can."""
    if os.geteuid() != 0:
        return "only root may make namespaces with mounts"
    if not SYSTEMD.exists():
        return "systemd is not installed"
    return " ".join(f"{name} is missing" for name in NEEDED if shutil.which(name) is None)


class Machine:
    """One machine, a context manager; this repository's program lies in `SOURCE`."""

    def __init__(self, name, *, place):
        self._name, self._place = name, Path(place)
        self._layer = self._power = None
        self._first = 0

    def __enter__(self):
        self._place.mkdir(parents=True)
        script = LAY.format(place=self._place, name=self._name)
        self._layer = subprocess.Popen(
            ["unshare", "--mount", "--kill-child", "--fork", "bash", "-c", script],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        said = []
        for line in self._layer.stdout:
            said.append(line)
            if line == "laid\n":
                self._bring_program()
                return self
        self._layer.wait()
        raise MachineError("".join(said))

    def __exit__(self, *_):
        self.cut()
        # Its whole session by one signal: the sleep holds the mounts, and they end with it.
        os.killpg(self._layer.pid, signal.SIGKILL)
        self._layer.wait()
        self._layer.stdout.close()

    @property
    def root(self):
        """Where its files lie, seen from here."""
        return Path(f"/proc/{self._holder()}/root") / str(self._place / "root").lstrip("/")

    def write(self, path, text):
        """A file of the machine, while it is off or on."""
        self._files(["bash", "-c", 'mkdir -p "$(dirname "$1")" && cat > "$1"', "write", path], text=text)

    def prepare(self, *argv, timeout=900):
        """Run a command inside while it is off, with the network of this machine; what it said."""
        return self._files([*map(str, argv)], timeout=timeout)

    def boot(self):
        """Power on: returns when systemd has started what is enabled."""
        script = BOOT.format(place=self._place, name=self._name, systemd=SYSTEMD)
        self._power = subprocess.Popen(
            ["nsenter", "-t", str(self._holder()), "-m", "bash", "-c", script],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._first = self._await(self._process_one, "systemd")
        self._await(
            lambda: self.says("systemctl", "is-system-running") in ("running", "degraded"), "the end of booting"
        )

    def cut(self):
        """The power goes, as it does: nothing is told, nothing ends in order."""
        if self._power is None:
            return
        if self._first:
            os.kill(self._first, signal.SIGKILL)
        self._power.wait(timeout=PATIENCE_S)
        self._power.stdout.close()
        self._power, self._first = None, 0

    def run(self, *argv, timeout=300, text=""):
        """Run a command on the living machine; what it said. `MachineError` where it fails."""
        done = self._inside(argv, timeout=timeout, text=text)
        if done.returncode != 0:
            raise MachineError(f"{' '.join(map(str, argv))}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def says(self, *argv, timeout=60):
        """What a command says, whatever its exit status, without the line's end."""
        return self._inside(argv, timeout=timeout).stdout.strip()

    def until(self, question, what, *, within_s=PATIENCE_S):
        """Seconds until `question()` is true. `MachineError` where it does not come."""
        begun = time.monotonic()
        self._await(question, what, within_s=within_s)
        return round(time.monotonic() - begun, 1)

    def unit(self, name):
        """What systemd knows of a unit: ActiveState, SubState, MainPID, NRestarts, Result."""
        said = self.says("systemctl", "show", "-p", "ActiveState,SubState,MainPID,NRestarts,Result", name)
        return dict(line.partition("=")[::2] for line in said.splitlines())

    def _inside(self, argv, *, timeout, text=""):
        enter = ["nsenter", "-t", str(self._first), "-m", "-p", "-u", "-i", "-n", "-C", "--wdns=/", "env", "-i"]
        environment = [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/",
            "LANG=C.UTF-8",
        ]
        return subprocess.run(
            [*enter, *environment, *map(str, argv)], input=text, timeout=timeout, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def _bring_program(self):
        """As a clone: without what is made here."""
        here = Path(__file__).parents[2]
        pack = subprocess.run(
            ["tar", "-c", "--exclude=__pycache__", "-C", here, *PROGRAM],
            stdout=subprocess.PIPE,
            check=True,
            timeout=PATIENCE_S,
        ).stdout
        enter = ["nsenter", "-t", str(self._holder()), "-m", "chroot", str(self._place / "root")]
        lay = f"mkdir -p {SOURCE} && tar -x -C {SOURCE} --no-same-owner"
        subprocess.run([*enter, "bash", "-c", lay], input=pack, check=True, timeout=PATIENCE_S)

    def _files(self, argv, *, timeout=60, text=""):
        enter = ["nsenter", "-t", str(self._holder()), "-m", "chroot", str(self._place / "root")]
        done = subprocess.run(
            [*enter, *argv],
            input=text,
            timeout=timeout,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode != 0:
            raise MachineError(f"{' '.join(argv)}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def _holder(self):
        # `unshare --fork`: the shell that laid the layer is its child.
        return int(Path(f"/proc/{self._layer.pid}/task/{self._layer.pid}/children").read_text().split()[0])

    def _process_one(self):
        # nsenter becomes bash, bash becomes unshare; systemd is its one child.
        path = Path(f"/proc/{self._power.pid}/task/{self._power.pid}/children")
        if self._power.poll() is not None:
            raise MachineError(self._power.stdout.read().decode("utf-8", "replace"))
        for child in path.read_text().split():
            if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return int(child)
        return 0

    def _await(self, question, what, *, within_s=PATIENCE_S):
        end = time.monotonic() + within_s
        while not (answer := question()):
            if time.monotonic() > end:
                raise MachineError(f"{self._name}: {what} did not come within {within_s:.0f} s")
            time.sleep(0.1)
        return answer
