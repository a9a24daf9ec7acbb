"""Why a broker is not reached, in one of the words of `status.NETWORK` (fault F60). Tells apart; repairs nothing."""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.parse

# OpenSSL's own word for a certificate that is past its day (X509_V_ERR_CERT_HAS_EXPIRED).
EXPIRED = 10
# What a login page that catches every connection says to a TLS greeting: clear text.
CLEAR_TEXT = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG"})
ASK_S = 3.0


def why(error: Exception) -> str:
    """The word for what went wrong while connecting."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "expired" if error.verify_code == EXPIRED else "stranger"
    if isinstance(error, ssl.SSLError):
        if error.reason in CLEAR_TEXT:
            return "login_page"
        return "expired" if "EXPIRED" in (error.reason or "") else "cut"
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
