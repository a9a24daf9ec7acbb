"""Puts the firmware onto an I/O board: `python -m provisioning.flash_board --name box-01 --kit kit [--port /dev/ttyACM0]`.

Makes the board's key, lays out its files, copies them by mpremote. The board must run MicroPython already (README).
"""

import json
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from protocol import boardlink
from protocol.errors import ProtocolError

ROOT = Path(__file__).resolve().parent.parent
# levers.py stays here: it is for the fake. Packages are empty on the board.
FILES = (
    "protocol/errors.py",
    "protocol/boardlink.py",
    "kiosk/hardware/firmware/board.py",
    "kiosk/hardware/firmware/pins.py",
    "kiosk/hardware/firmware/main.py",
)
PACKAGES = ("protocol", "kiosk", "kiosk/hardware", "kiosk/hardware/firmware")
MAIN = "from kiosk.hardware.firmware.main import run\n\nrun()\n"
KEY_BYTES = 32
FLASH_S = 120


def board_key(path: Path) -> bytes:
    """The key in the kit, made on the first call: a board flashed again keeps it. Hexadecimal, readable by its owner."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(KEY_BYTES) + "\n", "utf-8")
    return bytes.fromhex(path.read_text("utf-8").strip())


def lay_out(folder: Path, *, name: str, key: bytes) -> None:
    """Write into `folder` what the board's file system shall hold. `ProtocolError`: no name for a board."""
    boardlink.write_frame("hello", 0, {"version": boardlink.VERSION, "boot": 0, "name": name})
    for package in PACKAGES:
        (folder / package).mkdir(parents=True, exist_ok=True)
        (folder / package / "__init__.py").write_text("", "utf-8")
    for file in FILES:
        (folder / file).write_bytes((ROOT / file).read_bytes())
    (folder / "board.json").write_text(json.dumps({"name": name, "key": key.hex()}), "utf-8")
    # Last in mind: a board whose copying broke off does not start half a firmware.
    (folder / "main.py").write_text(MAIN, "utf-8")


def orders(folder: Path, port: str) -> list[list[str]]:
    """The command lines that copy `folder` onto the board at `port` and start it."""
    mpremote = [sys.executable, "-m", "mpremote", "connect", port]
    top = [":" + path for path in ("protocol", "kiosk")]
    folders = [str(folder / path) for path in ("protocol", "kiosk")]
    return [
        [*mpremote, "fs", "cp", "-r", *folders, ":"],
        [*mpremote, "fs", "cp", str(folder / "board.json"), ":board.json"],
        [*mpremote, "fs", "ls", *top],
        [*mpremote, "fs", "cp", str(folder / "main.py"), ":main.py"],
        [*mpremote, "reset"],
    ]


@click.command(help=__doc__)
@click.option("--name", required=True, help="The board's name, at most 16 signs, such as box-01.")
@click.option("--kit", required=True, type=click.Path(path_type=Path), help="The kiosk's kit; board.key is kept in it.")
@click.option("--port", default="auto", help="The board's serial port; auto takes the first board found.")
@click.option("--dry-run", is_flag=True, help="Only say what would be run.")
def main(*, name: str, kit: Path, port: str, dry_run: bool) -> None:
    """Flash one board."""
    key = board_key(kit / "board.key")
    with tempfile.TemporaryDirectory(prefix="tram-board-") as made:
        try:
            lay_out(Path(made), name=name, key=key)
        except ProtocolError as error:
            raise click.BadParameter(f"{name!r} is no name for a board: {error.code}") from error
        for order in orders(Path(made), port):
            print(" ".join(order))
            if not dry_run:
                subprocess.run(order, check=True, timeout=FLASH_S)


if __name__ == "__main__":
    main()
