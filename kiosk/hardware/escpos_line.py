"""One connection to an ESC/POS printer through python-escpos: open, write, read with a time limit, drop.

It knows the library's traps and nothing about jobs. Every trouble of library, kernel and cable is LineLost.
"""

import contextlib
import os
import pickle
import select
import socket
import sys
import termios
import time
from pathlib import Path
from typing import Any

from PIL import Image

_USB_BULK, _USB_INWARDS = 2, 0x80

# What reads and writes raise: pyserial lets termios.error (no OSError) through when the cable is pulled, and TypeError
# when its port was closed; python-escpos asserts that there is a device.
_LOST = (OSError, ValueError, TypeError, AssertionError, termios.error)


class LineLost(OSError):
    """The connection is not there, or a read or write failed or took too long."""


def _drop_torn_cache(folder: Path) -> None:
    """Remove the library's cache when it was cut short by a full disk or a power cut.

    python-escpos 3.1 writes it in place and fails at import on what is left, at every start: nothing was ever printed
    again (found by `make faults` with a full disk, F29).
    """
    for cache in folder.glob("*.capabilities.pickle"):
        try:
            pickle.loads(cache.read_bytes())  # noqa: S301 - a file in the kiosk's own folder, which the library loads anyway
        except (EOFError, pickle.UnpicklingError, ValueError, LookupError, AttributeError, ImportError):
            with contextlib.suppress(OSError):
                cache.unlink()


class EscposLine:
    """See `EscposPrinter` for the arguments. python-escpos is imported at the first opening, not before."""

    def __init__(
        self,
        *,
        kind: str,
        address: str,
        baud: int,
        width_dots: int,
        write_s: float,
        capabilities_dir: str | None,
        usb_backend: Any = None,
    ) -> None:
        if kind not in ("serial", "usb", "network"):
            raise ValueError(f"printer kind {kind!r}; known: serial, usb, network")
        self._kind = kind
        self._address = address
        self._baud = baud
        self._width_dots = width_dots
        self._write_s = write_s
        self._capabilities_dir = capabilities_dir
        self._usb_backend = usb_backend
        self._printer: Any = None

    def open(self) -> None:
        """Connect unless connected."""
        if self._printer is not None:
            return
        if self._capabilities_dir is not None:
            # Without it the library parses 1 MB of YAML at every start: its cache defaults to a fresh folder each time.
            # Whatever this process inherited: a folder that is gone by now would keep the printer away for ever.
            os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = self._capabilities_dir
            if "escpos.capabilities" not in sys.modules:
                _drop_torn_cache(Path(self._capabilities_dir))
        try:
            from escpos.exceptions import Error  # noqa: PLC0415 - 0.4 s of import, only where a printer is
        except OSError as error:
            # It writes its cache while it is imported: a full disk. The next opening tries again.
            raise LineLost(str(error)) from error
        try:
            printer = self._make()
            if self._kind != "network":
                printer.open()
            if self._kind == "serial":
                printer.device.write_timeout = self._write_s
            if self._kind == "usb":
                printer.in_ep, printer.out_ep = _bulk_ends(printer.device)
        except (*_LOST, Error) as error:
            raise LineLost(str(error)) from error
        self._printer = printer

    def drop(self) -> None:
        """Close without waiting for anything."""
        printer, self._printer = self._printer, None
        if printer is None:
            return
        device, printer.device = printer.device, False  # or its __del__ closes (and flushes) once more
        if not device:
            return
        # Escpos.close() flushes first, which waits for ever on a printer that takes nothing: close the device itself.
        if self._kind == "usb":
            from usb.util import dispose_resources  # noqa: PLC0415 - only where a USB printer is

            dispose_resources(device)
            return
        if self._kind == "serial":
            with contextlib.suppress(OSError, termios.error):  # gone already: nothing left to throw away
                device.reset_output_buffer()
        with contextlib.suppress(OSError, termios.error):
            device.close()

    def write(self, data: bytes) -> None:
        """Write all of `data` within the time for one band."""
        self._do(lambda printer: printer._raw(data))  # noqa: SLF001 - the library has no public way to send bytes

    def picture(self, image: Image.Image, *, scale: int = 1) -> None:
        """Write one band of a picture (GS v 0), each dot `scale` (1 or 2) dots wide and high."""
        fine = scale == 1
        self._do(
            lambda printer: printer.image(
                image,
                high_density_vertical=fine,
                high_density_horizontal=fine,
                impl="bitImageRaster",
                fragment_height=image.height,
            )
        )

    def align(self, side: str) -> None:
        """Put the bands that follow "left" or "center" (ESC a)."""
        self._do(lambda printer: printer.set(align=side))

    def feed(self, dots: int) -> None:
        """Move the paper on by up to 255 dot rows (ESC J, which the library does not know)."""
        self.write(bytes((0x1B, 0x4A, dots)))

    def initialise(self, more: bytes) -> None:
        """Reset the printer's modes (ESC @) and send `more`."""
        self._do(lambda printer: printer.hw("INIT"))
        self.write(more)

    def end(self, *, knife: str, feed_lines: int) -> None:
        """Feed the slip past the knife and cut it ("part", "full"), or to the tear bar ("none")."""
        # The library's cut() feeds six lines by itself.
        self._do(
            lambda printer: printer.print_and_feed(feed_lines) if knife == "none" else printer.cut(mode=knife.upper())
        )

    def read(self, wait_s: float) -> bytes:
        """Return what the printer says within `wait_s` seconds, as soon as it says anything; b"" when nothing."""
        if self._printer is None:
            raise LineLost("not open")
        try:
            return self._read(self._printer.device, wait_s)
        except _LOST as error:
            raise LineLost(str(error)) from error

    def _read(self, device: Any, wait_s: float) -> bytes:
        if self._kind == "usb":
            return self._read_usb(device, wait_s)
        # python-escpos would ask pyserial for 16 bytes and sit out the whole time limit for each one-byte answer.
        if not select.select([device.fileno()], [], [], wait_s)[0]:
            return b""
        data = bytes(device.read(max(1, device.in_waiting)) if self._kind == "serial" else device.recv(256))
        if not data:
            raise LineLost("hung up")
        return data

    def _read_usb(self, device: Any, wait_s: float) -> bytes:
        from usb.core import USBTimeoutError  # noqa: PLC0415 - only where a USB printer is

        until = time.monotonic() + wait_s
        while (left := until - time.monotonic()) > 0:
            try:
                # A bulk endpoint may answer with an empty packet: no news yet.
                if data := bytes(device.read(self._printer.in_ep, 64, max(1, int(left * 1000)))):
                    return data
            except USBTimeoutError:
                break
        return b""

    def _do(self, act: Any) -> None:
        if self._printer is None:
            raise LineLost("not open")
        try:
            act(self._printer)
        except _LOST as error:
            raise LineLost(str(error) or type(error).__name__) from error

    def _make(self) -> Any:
        from escpos import printer as library  # noqa: PLC0415
        from escpos.capabilities import Profile  # noqa: PLC0415

        profile = Profile(features={"paperPartCut": True, "paperFullCut": True})
        # Our own width: the library's profiles are 512 dots wide or warn at every picture.
        profile.profile_data = {
            **profile.profile_data,
            "media": {"width": {"mm": 80 if self._width_dots > 384 else 58, "pixels": self._width_dots}},
        }
        if self._kind == "serial":
            return library.Serial(self._address, baudrate=self._baud, timeout=1, dsrdtr=False, profile=profile)
        if self._kind == "network":
            host, _, port = self._address.rpartition(":")
            printer = library.Network(host, port=int(port), timeout=self._write_s, profile=profile)
            # Connected here: the library forgets to close its socket when nobody answers, once at every retry.
            printer.device = socket.create_connection((host, int(port)), timeout=self._write_s)
            return printer
        vendor, _, product = self._address.partition(":")
        if not library.Usb.is_usable():
            raise LineLost("pyusb is not installed")
        return library.Usb(
            int(vendor, 16),
            int(product, 16),
            usb_args={"backend": self._usb_backend} if self._usb_backend else {},
            timeout=int(self._write_s * 1000),
            profile=profile,
        )


def _bulk_ends(device: Any) -> tuple[int, int]:
    """Where this printer speaks and where it listens: makes differ, and the library knows one pair only."""
    for interface in device.get_active_configuration():
        ends = [end.bEndpointAddress for end in interface if end.bmAttributes & 3 == _USB_BULK]
        inwards = [end for end in ends if end & _USB_INWARDS]
        outwards = [end for end in ends if not end & _USB_INWARDS]
        if inwards and outwards:
            return inwards[0], outwards[0]
    raise LineLost("no printer behind this USB address")
