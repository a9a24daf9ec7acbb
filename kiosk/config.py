"""The kiosk's settings: one table with name, type, default and help; read from a TOML file beside the enrolment kit.

An unknown key is an error that names the nearest one. Reads nothing else: no environment, no clock, no store.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.errors import BadSetting, NotEnrolled

# This release, as records and the centre are told.
APP = "tram-0.1.0"


@dataclass(frozen=True)
class Setting:
    """One row of the table, as the README shows it."""

    name: str
    type: str
    default: str | int | bool
    help: str


SETTINGS = (
    Setting("folder", "path", "tram-kiosk", "where the kiosk keeps its database and printer tables"),
    Setting("kit", "path", "kit", "the enrolment kit: keys, certificates, enrolment.toml"),
    Setting("screen_port", "number", 8080, "port of the touchscreen's pages on 127.0.0.1; 0 takes a free one"),
    Setting(
        "wall", "text", "", "address:port on which the site's network may see the wall display; empty: only /wall here"
    ),
    Setting("lane", "text", "A", "this kiosk's ticket letter; every kiosk of a site has its own"),
    Setting(
        "keeper", "text", "", "the kiosk that keeps the site's queue, such as kiosk-01; empty is what the centre says"
    ),
    Setting("desk", "text", "1", "the desk's number as called out to people"),
    Setting("camera", "text", "pi", "camera driver: pi, folder, fake, or none"),
    Setting("camera_folder", "path", "pictures", "where driver folder looks for pictures"),
    Setting("reader", "text", "serial", "QR reader driver: serial, fake, or none"),
    Setting("reader_path", "path", "/dev/tram/qr", "its serial device (a name that udev keeps stable)"),
    Setting("board", "text", "none", "I/O board driver: serial, fake, or none"),
    Setting("board_path", "path", "/dev/tram/board", "its serial device (a name that udev keeps stable)"),
    Setting("board_button", "yes or no", True, "the board's button calls the next person at a staffed queue"),
    Setting("printer", "text", "usb", "printer connection: serial, usb, network, fake, or none"),
    Setting("printer_address", "text", "04b8:0e28", "USB vendor:product, a serial device, or host:port"),
    Setting("printer_profile", "text", "epson-tm-t20", "its make: a row of kiosk/hardware/PRINTERS.toml"),
    Setting("printer_baud", "number", 0, "speed of a serial printer; 0 is the make's own"),
    Setting("paper_mm", "number", 80, "paper width: 80 or 58"),
    Setting("machine", "text", "pi", "where power, temperature and free space are read: pi, fake, or none"),
    Setting("voice", "text", "none", "says numbers and where to go aloud: espeak (Debian's espeak-ng), fake, or none"),
    Setting("voice_lang", "text", "vi", "the language it speaks"),
    Setting("room_mb", "number", 200, "megabytes that must be free for a new check-in; doses are recorded with less"),
    Setting("reserve_mb", "number", 20, "megabytes kept back in a file and given up for doses when the card is full"),
    Setting("broker_host", "text", "", "overrides the broker's host of the enrolment"),
    Setting("broker_port", "number", 0, "overrides its port; 0 keeps the enrolment's"),
    Setting("brokers", "text", "", "brokers tried in order, host:port with blanks between: the site's hub, the centre"),
    Setting("door", "text", "", "host:port of the centre's door for a new certificate, where an older kit names none"),
    Setting(
        "neighbour_silent_min", "number", 10, "minutes of silence until a neighbour's unsent records are sent from here"
    ),
    Setting(
        "login_check", "text", "", "an http address that answers 204, to tell a network's login page; empty asks nobody"
    ),
    Setting(
        "day_list_folder", "path", "", "where a USB stick is mounted that gets the paper list of the day; empty: none"
    ),
    Setting("day_list_min", "number", 5, "minutes from one paper list on the stick to the next"),
    Setting(
        "day_list_names", "yes or no", False, "may names and birth years stand on the stick? No: tickets and doses only"
    ),
    Setting("demo_clock", "path", "", "a demonstration's shared clock file; empty is the real clock"),
    Setting("demo_cards", "path", "", "sample cards for the virtual bench, a JSON list"),
    Setting("log_level", "text", "INFO", "DEBUG, INFO, WARNING or ERROR"),
)
_TYPES: dict[str, type] = {"path": str, "text": str, "number": int, "yes or no": bool}


@dataclass(frozen=True)
class Config:
    """The settings in force; paths are absolute or lie beside the settings file."""

    values: dict[str, Any]
    beside: Path
    # Which of them the settings file names itself; the others are defaults.
    given: frozenset[str] = frozenset()

    def text(self, name: str) -> str:
        """A setting of type text."""
        return str(self.values[name])

    def number(self, name: str) -> int:
        """A setting of type number."""
        return int(self.values[name])

    def path(self, name: str) -> Path:
        """A setting of type path."""
        return self.beside / str(self.values[name])

    @property
    def demo(self) -> bool:
        """Is any part of this kiosk a fake? Then every screen and slip says DEMO."""
        return "fake" in (
            self.values[each] for each in ("camera", "reader", "printer", "board", "machine", "voice")
        ) or bool(self.values["demo_clock"])


def load(path: Path | None) -> Config:
    """The settings of TOML file `path`, or the defaults. `BadSetting` names the key and the nearest known one."""
    values: dict[str, Any] = {row.name: row.default for row in SETTINGS}
    if path is None:
        return Config(values, Path.cwd())
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path}: {error}"
        raise BadSetting(message) from error
    types = {row.name: _TYPES[row.type] for row in SETTINGS}
    for name, value in given.items():
        if name not in types:
            near = difflib.get_close_matches(name, types, n=1, cutoff=0.0)[0]
            message = f"{path}: unknown setting {name!r}; the nearest is {near!r}"
            raise BadSetting(message)
        if type(value) is not types[name]:
            message = f"{path}: setting {name!r} must be a {types[name].__name__}"
            raise BadSetting(message)
        values[name] = value
    return Config(values, path.parent.resolve(), frozenset(given))


@dataclass(frozen=True)
class Enrolment:
    """Who this kiosk is, and where brokers stand, the preferred one first; from the kit made at enrolment."""

    shard: str
    site: str
    k: str
    brokers: tuple[tuple[str, int], ...]
    kit: Path
    # What the console gave a kiosk that was enrolled by QR; kits made by command leave them to the settings.
    lane: str = ""
    desk: str = ""
    # The centre's door for a new certificate, and the machine the kit was made on; none in older kits.
    door: tuple[str, int] | None = None
    hardware: str = ""


def read_enrolment(config: Config) -> Enrolment:
    """The enrolment of the kit named in the settings. `NotEnrolled` when it is missing or incomplete; `BadSetting`."""
    kit = config.path("kit")
    listed = addresses("brokers", config.text("brokers"))
    doors = addresses("door", config.text("door"))
    try:
        given = tomllib.loads((kit / "enrolment.toml").read_text(encoding="utf-8"))
        return Enrolment(
            shard=given["shard"],
            site=given["site"],
            k=given["writer"],
            brokers=listed
            or (
                (
                    config.text("broker_host") or given["broker_host"],
                    config.number("broker_port") or given["broker_port"],
                ),
            ),
            kit=kit,
            lane=str(given.get("lane", "")),
            desk=str(given.get("desk", "")),
            door=doors[0] if doors else (given["door_host"], given["door_port"]) if "door_host" in given else None,
            hardware=str(given.get("hardware", "")),
        )
    except (OSError, ValueError, KeyError) as error:
        message = f"{kit}: not enrolled ({error})"
        raise NotEnrolled(message) from error


def place(config: Config, enrolment: Enrolment) -> tuple[str, str]:
    """Ticket letter and desk number: of the settings file where it names them, else as the console gave them."""
    lane = "" if "lane" in config.given else enrolment.lane
    desk = "" if "desk" in config.given else enrolment.desk
    return lane or config.text("lane"), desk or config.text("desk")


def addresses(setting: str, text: str, *, lowest: int = 1) -> tuple[tuple[str, int], ...]:
    """The `host:port` words of a setting's text. `lowest` port 0 stands for a free one. `BadSetting`."""
    found = []
    for word in text.split():
        host, _, port = word.rpartition(":")
        if not host or not (port.isascii() and port.isdigit() and lowest <= int(port) < 65536):
            message = f"setting {setting!r}: {word!r} is not host:port"
            raise BadSetting(message)
        # An IPv6 address stands in brackets, as in every address with a port.
        found.append((host.removeprefix("[").removesuffix("]"), int(port)))
    return tuple(found)
