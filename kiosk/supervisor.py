"""Tells systemd that the program is ready and alive (sd_notify). Silent where there is no systemd."""

from __future__ import annotations

import os
import socket


class Supervisor:
    """The notify socket of the unit, if any."""

    def __init__(self) -> None:
        """Reads `NOTIFY_SOCKET` once."""
        address = os.environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def ready(self) -> None:
        """The screens answer."""
        self._tell(b"READY=1")

    def alive(self) -> None:
        """The desk's loop turns; called from inside it, so that a hang is seen."""
        self._tell(b"WATCHDOG=1")

    def _tell(self, message: bytes) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
            try:
                link.sendto(message, self._address)
            except OSError:
                # systemd gone or restarting: it will ask again; a kiosk does not stop for that.
                return
