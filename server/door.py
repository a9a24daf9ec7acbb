"""The kiosks' door: a small TLS listener where one without a certificate may enrol and one with an old one may renew.

`GET /ca.pem`, `POST /enrol`, `POST /renew`: a line and its signature's line in, an answer or `{"code": …}` out. It shows
the broker's certificate. Reads nothing of a person; decides nothing, `enrolment` does.
"""

import json
import logging
import ssl
import threading
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from server.enrolment import Enrolment, TurnedAway

logger = logging.getLogger(__name__)
# A question is a certificate request and a key: two kilobytes.
MOST_BYTES = 8192
# How long one connection may take in all its reads, and how many there may be at once.
PATIENCE_S = 10.0
MOST_AT_ONCE = 32
STOP_S = 5.0
LINES = 2
# TLS 1.2: fresh keys for every connection, authenticated encryption, our ECDSA certificate; of TLS 1.3 all suites are such.
# The same list stands in provisioning/mosquitto/mosquitto.conf.template.
SUITES = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256"


def listening(place: Path) -> ssl.SSLContext:
    """How the door speaks TLS, with the broker's certificate in `place`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(SUITES)
    context.load_cert_chain(place / "broker.pem", place / "broker.key")
    return context


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self, address: tuple[str, int], handler: Callable[..., BaseHTTPRequestHandler], place: Path, *, shared: bool
    ) -> None:
        self.allow_reuse_port = shared
        super().__init__(address, handler)
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)
        context = listening(place)
        # The handshake waits for the peer: it belongs to that peer's thread, not to the one that accepts.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve it on a thread of its own while there is room."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        request.settimeout(PATIENCE_S)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """As the library does; then there is room for another."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A peer that speaks no TLS or goes away: one line, no traceback."""
        logger.info("door_connection_ended")


class _Handler(BaseHTTPRequestHandler):
    server_version = "tram"
    sys_version = ""

    def __init__(self, *args: Any, enrolment: Enrolment, ca: bytes) -> None:
        self._enrolment = enrolment
        self._ca = ca
        super().__init__(*args)

    def do_GET(self) -> None:
        """The authority's certificate; its fingerprint stands in the QR."""
        if self.path == "/ca.pem":
            self._answer(HTTPStatus.OK, self._ca, "application/x-pem-file")
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "not_found")

    def do_POST(self) -> None:
        """A kiosk's question."""
        asked = {"/enrol": self._enrolment.enrol, "/renew": self._enrolment.renew}.get(self.path)
        length = self.headers.get("Content-Length", "")
        if asked is None:
            self._refuse(HTTPStatus.NOT_FOUND, "not_found")
            return
        if not length.isascii() or not length.isdigit() or int(length) > MOST_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_long")
            return
        lines = self.rfile.read(int(length)).rstrip(b"\n").split(b"\n")
        if len(lines) != LINES:
            self._refuse(HTTPStatus.BAD_REQUEST, "bad_request")
            return
        try:
            self._answer(HTTPStatus.OK, asked(lines[0], lines[1], who=self.client_address[0]), "application/json")
        except TurnedAway as away:
            logger.warning("door_turned_away what=%s code=%s", self.path[1:], away.code)
            self._refuse(HTTPStatus.FORBIDDEN, away.code)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Addresses of kiosks are not logged line by line."""

    def _refuse(self, status: HTTPStatus, code: str) -> None:
        self._answer(status, json.dumps({"code": code}).encode("ascii"), "application/json")

    def _answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


class Door:
    """The listener on a thread. `place`: folder with ca.pem, broker.pem, broker.key; `shared`: not alone on its port."""

    def __init__(self, *, enrolment: Enrolment, place: Path, host: str, port: int, shared: bool = False) -> None:
        handler = partial(_Handler, enrolment=enrolment, ca=(place / "ca.pem").read_bytes())
        self._listener = _Listener((host, port), handler, place, shared=shared)
        self._thread = threading.Thread(target=self._listener.serve_forever, name="tram-door", daemon=True)
        self.port: int = self._listener.server_address[1]

    def start(self) -> None:
        """Serve until `stop`."""
        self._thread.start()
        logger.info("door_started port=%d", self.port)

    def alive(self) -> bool:
        """Does the thread still serve?"""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End; whoever is being answered has gone within PATIENCE_S."""
        self._listener.shutdown()
        self._thread.join(STOP_S)
        self._listener.server_close()
