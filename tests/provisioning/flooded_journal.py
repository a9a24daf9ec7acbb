"""A real journald with our limits in a mount namespace of its own, flooded: `unshare --map-root-user --mount python THIS CONF MEGABYTES`.

Prints JSON: the most bytes its files ever took, what is left of the room, whether the last line is there, what it wrote to the card.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

JOURNALD = Path("/lib/systemd/systemd-journald")
SOCKET, FILES, CARD = Path("/run/systemd/journal/socket"), Path("/run/log/journal"), Path("/var/log")
ROOM_MB = 256
LINE = 16 * 1024
MARK = "the last line of the flood"
PATIENCE_S = 30.0


def mount(where: Path, megabytes: int) -> None:
    """Memory in place of a folder, for this namespace alone."""
    where.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(where)], check=True)


def size(folder: Path) -> int:
    """The bytes that the files of a folder take; a file may go while it is looked at."""
    found = 0
    for path in folder.rglob("*"):
        try:
            found += path.stat().st_blocks * 512
        except FileNotFoundError:
            continue
    return found


def until(question, what: str) -> None:
    """Wait for something; `SystemExit` where it does not come."""
    end = time.monotonic() + PATIENCE_S
    while not question():
        if time.monotonic() > end:
            raise SystemExit(f"{what} did not come")
        time.sleep(0.02)


def flood(megabytes: int) -> int:
    """Send so much that nothing can press together; the most that the files took meanwhile."""
    most = 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(PATIENCE_S)  # never for ever: what was started has to be ended
        sender.connect(str(SOCKET))
        for number in range(megabytes * 1024 * 1024 // LINE):
            text = os.urandom(LINE // 2).hex()
            sender.send(f"PRIORITY=6\nSYSLOG_IDENTIFIER=flood\nMESSAGE={number} {text}\n".encode())
            if number % 64 == 0:
                most = max(most, size(FILES))
        sender.send(f"PRIORITY=6\nSYSLOG_IDENTIFIER=flood\nMESSAGE={MARK}\n".encode())
    return most


def kept() -> bool:
    """Is the last line there?"""
    said = subprocess.run(
        ["journalctl", "--directory", str(FILES), "--identifier", "flood", "--lines", "1", "--output", "cat"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return MARK in said.stdout


def main(conf: str, megabytes: int) -> None:
    """See the module."""
    text = Path(conf).read_text("ascii")
    mount(Path("/run"), ROOM_MB)
    mount(CARD, ROOM_MB)
    (CARD / "journal").mkdir()  # with `Storage=auto` it would be written to
    place = Path("/run/systemd/journald.conf.d")
    place.mkdir(parents=True)
    (place / "tram.conf").write_text(text, "ascii")
    SOCKET.parent.mkdir(parents=True)
    journald = subprocess.Popen([str(JOURNALD)], stderr=subprocess.DEVNULL)
    try:
        until(SOCKET.exists, "journald")
        most = flood(megabytes)
        until(kept, "the last line")
        told = {"most": max(most, size(FILES)), "left": shutil.disk_usage("/run").free, "card": size(CARD / "journal")}
    finally:
        journald.send_signal(signal.SIGTERM)
        journald.wait(PATIENCE_S)
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
