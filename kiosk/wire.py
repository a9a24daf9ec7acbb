"""The way to a broker: where brokers are, the kiosk's part of TLS, a look whether one answers. Sends nothing of its own."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from kiosk.brokers import Address

# A hub stands in the same room; one that needs longer is not back yet.
LOOK_S = 2.0
KEEPALIVE_S = 20
CONNECT_TIMEOUT_S = 5


@dataclass(frozen=True)
class Wire:
    """Where brokers are, the preferred one first, and who we are there. Paths are PEM files of the enrolment."""

    brokers: tuple[Address, ...]
    shard: str
    site: str
    k: str
    ca: Path
    certificate: Path
    key: Path
    # A neighbour silent for so long is spoken for.
    silent_ms: int = 600_000
    # An http address that gives 204 where the way is free; empty: nobody is asked.
    login_check: str = ""


class _ClosingSocket(ssl.SSLSocket):
    """paho drops a socket open when the handshake fails: weeks without a network would leak one each minute."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's signature
        shaken = False
        try:
            super().do_handshake(block)
            shaken = True
        finally:
            if not shaken:
                self.close()

    def __del__(self) -> None:
        """A peer that resets between connect and wrap makes CPython's `SSLSocket._create` raise and forget us, open."""
        self.close()


def tls(wire: Wire) -> ssl.SSLContext:
    """Both sides prove who they are, by the enrolment's own authority and no other (F60, F61)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(wire.ca)
    context.load_cert_chain(wire.certificate, wire.key)
    context.sslsocket_class = _ClosingSocket
    return context


def answers(wire: Wire, address: Address) -> bool:
    """Does a broker with a certificate of ours stand there? A connection alone says little: a frozen one accepts too."""
    try:
        with (
            socket.create_connection(address, timeout=LOOK_S) as link,
            tls(wire).wrap_socket(link, server_hostname=address[0]),
        ):
            return True
    except OSError:
        return False
