"""Why a broker is not reached, in one of the words of `status.NETWORK` (fault F60). Tells apart; repairs nothing."""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.parse
from collections.abc import Callable

# OpenSSL's own word for a certificate that is past its day (X509_V_ERR_CERT_HAS_EXPIRED).
EXPIRED = 10
# What a login page that catches every connection says to a TLS greeting: clear text.
CLEAR_TEXT = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG"})
ASK_S = 3.0
LOGIN_EVERY_MS = 60_000
LISTEN_EVERY_MS = 10_000
# How OpenSSL writes a broker's word about our own certificate, and ours for it.
ALERTS = (("CERTIFICATE_REVOKED", "refused"), ("CERTIFICATE_EXPIRED", "expired"))


class Verdict:
    """What the broker says of our own certificate when it lets us in no more.

    In TLS 1.3 a client's certificate is judged when the client takes the handshake for done and has already spoken; the
    answer is then mostly lost with the connection. So we come once more and only listen, once in ten seconds at most.
    """

    def __init__(self) -> None:
        self._word = "cut"
        self._at = 0

    def ask(self, now: int, *, stood: bool, address: tuple[str, int], make: Callable[[], ssl.SSLContext]) -> str:
        """The word of `status.NETWORK` for a connection that ended. `stood`: it had been let in. `now`: ticks in ms."""
        if stood:
            self._word = "cut"
        elif now >= self._at:
            heard = _listen(address, make)
            # Nobody there: that is no verdict, and whoever is there next is asked.
            self._at = now + LISTEN_EVERY_MS if heard else now
            self._word = heard or "cut"
        return self._word


def _listen(address: tuple[str, int], make: Callable[[], ssl.SSLContext]) -> str:
    try:
        with (
            socket.create_connection(address, timeout=ASK_S) as plain,
            make().wrap_socket(plain, server_hostname=address[0]) as line,
        ):
            line.recv(1)
    except TimeoutError:
        # It waits for our word: it took us.
        return "cut"
    except (OSError, ValueError) as error:
        return _of(error.reason or "") if isinstance(error, ssl.SSLError) else ""
    return ""


def _of(text: str) -> str:
    return next((word for sign, word in ALERTS if sign in text), "")


def why(error: Exception) -> str:
    """The word for what went wrong while connecting."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "expired" if error.verify_code == EXPIRED else "stranger"
    if isinstance(error, ssl.SSLError):
        if error.reason in CLEAR_TEXT:
            return "login_page"
        return _of(error.reason or "") or "cut"
    return "no_name" if isinstance(error, socket.gaierror) else "cut"


def asks_for_login(address: str) -> bool:
    """Does the network answer with a page of its own? `address`: an http one that gives 204 where the way is free.

    No answer at all is no login page.
    """
    parts = urllib.parse.urlsplit(address)
    link = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=ASK_S)
    try:
        link.request("GET", parts.path or "/")
        return link.getresponse().status != http.HTTPStatus.NO_CONTENT
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
