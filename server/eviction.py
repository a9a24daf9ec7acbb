"""Ends the living connections of revoked kiosks: the broker lets go of a client when another comes under its name.

Theory of operation: mosquitto ends nobody's connection when its ACL or its list of revoked certificates (`revocations`)
changes. Whoever was revoked lately is therefore visited: a certificate of ten minutes with the kiosk's name connects and
leaves. The kiosk's own next attempt meets the list. Visited several times, for the broker reads both within seconds.
"""

import logging
import socket
import ssl
import tempfile
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from server.clock import Clock, machine_time
from server.db import Database, rows_of
from server.ledger.tables import WRITER
from server.pki import Authority, Writer, write_private

logger = logging.getLogger(__name__)
# When after the moment that we hear of it. The last ones are for a broker that was busy or away.
VISITS_MS = (0, 700, 1500, 2300, 3200, 6000, 15_000, 60_000)
# A process that starts visits those again who were revoked while nobody looked.
LATELY_MS = 3_600_000
LASTS = timedelta(minutes=10)
PATIENCE_S = 3.0
# All that is said, by hand: paho leaves the socket of a refused handshake to the collector, and we come eight times.
# MQTT 3.1.1: CONNECT of a clean session, keepalive 10 s, behind it the client id; CONNACK "accepted"; DISCONNECT.
_CONNECT = b"\x00\x04MQTT\x04\x02\x00\x0a"
_ACCEPTED = b"\x20\x02\x00\x00"
_LEAVE = b"\xe0\x00"


class Eviction:
    """Goes its rounds several times a second. `keys`: the folder of `server.pki`, with its authority; raises `NoAuthority` without one."""

    def __init__(self, *, db: Database, clock: Clock, keys: Path, host: str, port: int) -> None:
        self._db = db
        self._clock = clock
        self._keys = keys
        self._address = (host, port)
        self._authority = Authority(keys)
        # Identity to the monotonic times of its visits to come.
        self._due: dict[str, list[int]] = {}

    def step(self) -> list[str]:
        """Visit whoever is due; the identities whose connection is ended. Raises `DBAPIError`."""
        since = self._clock.wall_ms() - LATELY_MS
        with self._db.read() as conn:
            rows = rows_of(conn, select(WRITER).where(WRITER.c.revoked_at >= since))
        now = self._clock.mono_ms()
        ended = []
        for row in rows:
            identity = Writer(row["k"], row["shard"], row["site"], "", enrolled_at=0).identity
            times = self._due.setdefault(identity, [now + after for after in VISITS_MS])
            if times and times[0] <= now:
                # One visit for all that are overdue.
                self._due[identity] = [at for at in times if at > now]
                if self._visit(identity):
                    ended.append(identity)
        return ended

    def _visit(self, identity: str) -> bool:
        try:
            with tempfile.TemporaryDirectory(prefix=".away-", dir=self._keys / "authority") as place:
                context = self._context(Path(place), identity)
            with (
                socket.create_connection(self._address, timeout=PATIENCE_S) as plain,
                context.wrap_socket(plain, server_hostname=self._address[0]) as line,
            ):
                name = identity.encode("ascii")
                body = _CONNECT + len(name).to_bytes(2, "big") + name
                # Names are three levels of 32 signs at most: the length is one byte (below 128).
                line.sendall(b"\x10" + bytes([len(body)]) + body)
                accepted = line.recv(len(_ACCEPTED)) == _ACCEPTED
                line.sendall(_LEAVE)
        except OSError as error:
            logger.info("eviction_failed kind=%s", type(error).__name__)
            return False
        if accepted:
            logger.warning("eviction_done identity=%s", identity)
        return accepted

    def _context(self, place: Path, identity: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._authority.certify(key.public_key(), name=identity, validity=LASTS, now=machine_time())
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_private(place / "line.pem", made + pem)
        context = ssl.create_default_context(cafile=str(self._keys / "broker" / "ca.pem"))
        context.load_cert_chain(place / "line.pem")
        return context
