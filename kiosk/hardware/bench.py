"""The virtual bench: one hand on every lever of a kiosk's fake devices, for demonstrations, tests and the scripted day.

It plays the outside world: holds cards, takes paper, pulls cables. It knows nothing of the desk.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from kiosk.hardware.cable import TO_CLIENT, TO_SERVER, Cable
from kiosk.hardware.camera_fake import FakeCamera
from kiosk.hardware.card_picture import card_picture
from kiosk.hardware.io_board_fake import FakeIOBoard
from kiosk.hardware.machine_fake import ROOMY_MB, FakeMachine
from kiosk.hardware.printer_fake import VirtualPrinter
from kiosk.hardware.qr_reader_fake import FakeQRReader

# How long a hand holds a card before the camera.
HOLD_S = 2.5


class VirtualBench:
    """The levers by name. Every device may be absent: its lever is then not offered."""

    def __init__(
        self,
        *,
        camera: FakeCamera | None,
        reader: FakeQRReader | None,
        printer: VirtualPrinter | None,
        board: FakeIOBoard | None = None,
        machine: FakeMachine | None = None,
        cables: Sequence[Cable],
        slips: Path,
        cards: Path | None,
        skip: Callable[[int], None] | None,
    ) -> None:
        """`slips`: folder of printed pictures; `cards`: JSON list of sample cards; `skip(ms)`: moves the demonstration's clock."""
        self._camera = camera
        self._reader = reader
        self._printer = printer
        self._board = board
        self._machine = machine
        self._cables = tuple(cables)
        self._slips = slips
        self._cards = cards
        self._skip = skip
        self._levers = {"card": "", "scan": ""}
        if printer:
            self._levers |= {"paper": "loaded", "cover": "closed", "printer": "plugged"}
        if reader:
            self._levers["reader"] = "plugged"
        if board:
            self._levers |= {"button": "", "slip": "taken", "cold_box": "", "board": "plugged"}
        if machine:
            self._levers |= {"power": "good", "heat": "cool", "disk": "roomy"}
        if cables:
            self._levers["network"] = "plugged"
        if camera:
            self._levers["camera"] = "plugged"
        if skip:
            self._levers["time"] = ""
        self._hand: threading.Timer | None = None

    def levers(self) -> dict[str, str]:
        """Each lever's state."""
        return dict(self._levers)

    def pull(self, name: str, value: str) -> None:
        """Pull one lever. Unknown names and values do nothing."""
        if name == "card" and self._camera:
            self._hold(value)
        elif name == "scan" and self._reader:
            self._reader.scan(value.encode())
        elif name == "time" and self._skip and value.isdigit():
            self._skip(int(value) * 60_000)
        elif (move := self._moves().get((name, value))) is not None:
            move()
            self._levers[name] = value

    def slips(self) -> list[str]:
        """Names of the printed slips' pictures, newest first."""
        return sorted((path.name for path in self._slips.glob("*.png")), reverse=True)

    def slip_png(self, name: str) -> bytes:
        """A printed slip as PNG. `KeyError` when there is none of that name."""
        if name not in self.slips():
            raise KeyError(name)
        return (self._slips / name).read_bytes()

    def samples(self) -> list[dict[str, str]]:
        """Cards, badges and lots to hold or scan: `label`, `payload`, `kind`."""
        if self._cards is None or not self._cards.exists():
            return []
        return list(json.loads(self._cards.read_text(encoding="utf-8")))

    def close(self) -> None:
        """Put the hand down; the devices are closed by who made them."""
        if self._hand:
            self._hand.cancel()

    def _hold(self, payload: str) -> None:
        if self._hand:
            self._hand.cancel()
        camera = self._camera
        if camera is None:
            return
        self._levers["card"] = payload
        if not payload:
            camera.take_away()
            return
        camera.hold(card_picture(payload.encode(), tilt_deg=2.0))
        self._hand = threading.Timer(HOLD_S, self._hold, args=("",))
        self._hand.daemon = True
        self._hand.start()

    def _each(self, move: Callable[[Cable], object]) -> Callable[[], object]:
        # One plug in the wall: the way to every broker goes through it.
        return lambda: [move(cable) for cable in self._cables]

    def _moves(self) -> dict[tuple[str, str], Callable[[], object]]:
        moves: dict[tuple[str, str], Callable[[], object]] = {}
        if self._printer:
            printer = self._printer
            moves |= {
                ("paper", "out"): printer.take_paper,
                ("paper", "loaded"): printer.load_paper,
                ("cover", "open"): printer.open_cover,
                ("cover", "closed"): printer.close_cover,
                ("printer", "unplugged"): printer.unplug,
                ("printer", "plugged"): printer.plug,
            }
        if self._board:
            board = self._board
            moves |= {
                ("button", "pressed"): board.press,
                ("slip", "hanging"): board.put_slip,
                ("slip", "taken"): board.take_slip,
                ("cold_box", "4.5"): lambda: board.set_temperature(45),
                ("cold_box", "12.0"): lambda: board.set_temperature(120),
                ("cold_box", "-1.0"): lambda: board.set_temperature(-10),
                ("cold_box", "broken"): board.break_sensor,
                ("board", "unplugged"): board.unplug,
                ("board", "plugged"): board.plug,
            }
        if self._reader:
            moves |= {("reader", "unplugged"): self._reader.unplug, ("reader", "plugged"): self._reader.plug}
        if self._machine:
            machine = self._machine
            moves |= {
                ("power", "good"): lambda: machine.set_power("good"),
                ("power", "poor"): lambda: machine.set_power("poor"),
                ("heat", "cool"): lambda: machine.set_heat(452),
                ("heat", "hot"): lambda: machine.set_heat(840),
                ("disk", "roomy"): lambda: machine.set_free_mb(ROOMY_MB),
                ("disk", "full"): lambda: machine.set_free_mb(120),
            }
        if self._cables:
            moves |= {
                ("network", "pulled"): self._each(Cable.cut),
                ("network", "plugged"): self._each(Cable.mend),
                ("network", "silent"): self._each(Cable.blackhole),
                ("network", "silent_up"): self._each(lambda cable: cable.blackhole(TO_SERVER)),
                ("network", "silent_down"): self._each(lambda cable: cable.blackhole(TO_CLIENT)),
            }
        if self._camera:
            camera = self._camera
            moves |= {
                ("camera", "covered"): camera.cover,
                ("camera", "uncovered"): camera.uncover,
                ("camera", "unplugged"): camera.unplug,
                ("camera", "plugged"): camera.plug,
            }
        return moves
