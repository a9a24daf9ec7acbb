"""Kiosks come and go: one-time codes, enrolment by one, renewal of certificates, revocation. Opens no network.

Rules:
1. A private key never comes here: a kiosk sends a certificate request and its record key's public half.
2. A code serves one record key. The same key may ask again (its answer was lost); any other is turned away.
3. Whose record key is still believed gets a new certificate, expired or not; a revoked or another box's does not.
"""

import hashlib
import secrets
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, func, or_, select, update

from protocol import canon, enrolling
from protocol.errors import ProtocolError
from server import audit, boxes, crypto, pki
from server.boxes import ENROL_CODE, ISSUED, note_issued
from server.broker_acl import write_acls
from server.clock import Clock, machine_time
from server.config import Config
from server.db import insert_new, lock_names, row_of, rows_of
from server.errors import Refused
from server.ledger import intake
from server.ledger.ledger import Ledger
from server.ledger.tables import WRITER
from server.ledger.writers import find_writer

HOUR_MS = 3_600_000
# A machine that was just unpacked is at most a day from its code.
LASTS_H = (1, 4, 24, 72)
# 128 bits in signs that a QR code packs well.
_SIGNS, _SECRET_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 26
LANES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class TurnedAway(Refused):
    """A kiosk's question that is not answered; `code` says why, in a word its screen has a sentence for."""


def proposal(conn: Connection, *, site: str) -> dict[str, str]:
    """The next free name of all, lane and desk of the site: `k`, `lane`, `desk`."""
    taken = {str(k) for k in conn.execute(select(WRITER.c.k)).scalars()}
    taken |= {str(k) for k in conn.execute(select(ENROL_CODE.c.k)).scalars()}
    here = conn.execute(select(func.count()).select_from(WRITER).where(WRITER.c.site == site)).scalar_one()
    lanes = set(conn.execute(select(ENROL_CODE.c.lane).where(ENROL_CODE.c.site == site)).scalars())
    number = next(n for n in range(1, len(taken) + 2) if f"kiosk-{n:02d}" not in taken)
    free = [lane for at, lane in enumerate(LANES) if lane not in lanes and at >= here]
    return {"k": f"kiosk-{number:02d}", "lane": (free or [LANES[-1]])[0], "desk": str(here + 1)}


def make_code(
    conn: Connection, *, shard: str, site: str, k: str, lane: str, desk: str, by: str, hours: int, now: int
) -> str:
    """A new one-time secret; only its digest is kept. `Refused` (field `k`) for a name that is or was used."""
    try:
        pki.check_name(k)
    except pki.BadName as wrong:
        raise Refused("bad_name", "A name has small letters, digits and hyphens, 32 at most.", field="k") from wrong
    # A code that nobody used and that is over gives its name back.
    conn.execute(ENROL_CODE.delete().where(ENROL_CODE.c.used_at.is_(None), ENROL_CODE.c.expires_at <= now))
    secret = "".join(secrets.choice(_SIGNS) for _ in range(_SECRET_SIGNS))
    row = {
        "digest": _digest(secret), "shard": shard, "site": site, "k": k, "lane": lane, "desk": desk, "made_by": by,
        "made_at": now, "expires_at": now + hours * HOUR_MS, "used_at": None, "key_digest": None,
    }  # fmt: skip
    taken = k in pki.RESERVED_WRITERS or find_writer(conn, k) is not None
    if taken or not insert_new(conn, ENROL_CODE, [row]):
        raise Refused("name_taken", "This name is taken: a replaced kiosk takes a new one.", field="k")
    audit.note(conn, at=now, account=by, act="enrol_code", object=f"kiosk {k}")
    return secret


def codes(conn: Connection, *, sites: list[str], now: int) -> list[dict[str, Any]]:
    """The codes of these sites that are still good, without their secrets."""
    query = select(ENROL_CODE).where(ENROL_CODE.c.site.in_(sites), ENROL_CODE.c.used_at.is_(None))
    return rows_of(conn, query.where(ENROL_CODE.c.expires_at > now).order_by(ENROL_CODE.c.made_at.desc()))


def standing(conn: Connection, *, secret: str) -> dict[str, Any] | None:
    """The row of a code by its secret."""
    return row_of(conn, select(ENROL_CODE).where(ENROL_CODE.c.digest == _digest(secret)))


class Enrolment:
    """Answers kiosks, in the name of one authority over one ledger."""

    def __init__(self, *, config: Config, ledger: Ledger, clock: Clock) -> None:
        self._config = config
        self._ledger = ledger
        self._clock = clock
        self._authority = pki.Authority(config.keys_folder)

    @property
    def fingerprint(self) -> str:
        """The authority's, as it stands in the QR."""
        return self._authority.fingerprint()

    def code_text(self, secret: str) -> str:
        """The text of the QR for a secret."""
        config = self._config
        return str(
            enrolling.make_code(
                secret=secret, fingerprint=self.fingerprint, host=config.broker_host, port=config.door_port
            )
        )

    def enrol(self, line: bytes, signature: bytes, *, who: str) -> bytes:
        """The line of the kit that answers a question for enrolment. `TurnedAway`; then nothing was enrolled.

        `who`: the address that asks, for the list of those turned away.
        """
        now = self._clock.wall_ms()
        try:
            asked = enrolling.read_enrol(line)
            key = crypto.load_public(asked["key"])
            tls = _requested(asked["csr"])
        except (ProtocolError, ValueError, UnsupportedAlgorithm) as error:
            raise TurnedAway("bad_request") from error
        # Slips and neighbours read ES256 alone.
        if crypto.algorithm_of(key) is not crypto.ES256 or not crypto.verify(key, line, signature):
            raise TurnedAway("bad_signature")
        public = crypto.write_public(key)
        try:
            row = self._ledger.db.transact(lambda conn: self._use(conn, asked, public, now=now))
        except TurnedAway as away:
            self.turned_away(who, away.code)
            raise
        made = pki.Writer(row["k"], row["shard"], row["site"], public, enrolled_at=now)
        certificate = self._certified(tls, made.identity, row["k"])
        pki.note_writer(self._config.keys_folder, made)
        self.write_acl()
        folder = self._config.keys_folder
        return bytes(
            enrolling.make_kit(
                {
                    **{name: row[name] for name in ("k", "shard", "site", "lane", "desk")},
                    "broker_host": self._config.broker_host,
                    "broker_port": self._config.broker_port,
                    "certificate": certificate,
                    "signing": (folder / "server-signing.pub").read_text("ascii"),
                    "sealing": (folder / "server-sealing.pub").read_text("ascii"),
                }
            )
        )

    def renew(self, line: bytes, signature: bytes, *, who: str) -> bytes:
        """The signed document that answers a question for renewal. `TurnedAway`: unknown, revoked, another box."""
        now = self._clock.wall_ms()
        try:
            asked = enrolling.read_renew(line)
            tls = _requested(asked["csr"])
        except (ProtocolError, ValueError, UnsupportedAlgorithm) as error:
            raise TurnedAway("bad_request") from error
        with self._ledger.db.read() as conn:
            row = find_writer(conn, asked["k"])
            box = boxes.one(conn, asked["k"])
        why = ""
        if row is None:
            why = "unknown_writer"
        elif not intake.verified(line, signature, row):
            why = "bad_signature"
        elif row["revoked_at"] is not None and row["revoked_at"] <= now:
            why = "revoked"
        elif box["hardware"] and box["hardware"] != asked["hardware"]:
            # The card was put into another machine: somebody is to look, then enrol that machine anew.
            why = "other_box"
        if why or row is None:
            self.turned_away(asked["k"] if row is not None else who, why, site=row["site"] if row else "")
            raise TurnedAway(why)
        held = pki.Writer(row["k"], row["shard"], row["site"], row["public_key"], enrolled_at=row["enrolled_at"])
        pem = self._certified(tls, held.identity, row["k"], renewed_at=now)
        return self._ledger.signer.document(enrolling.make_certificate(k=row["k"], pem=pem))

    def revoke(self, conn: Connection, *, k: str, by: str, now: int) -> None:
        """Believe a kiosk no longer, from this transaction on. `write_acl` is to follow its COMMIT."""
        self._ledger.revoke(conn, k=k, now=now)
        audit.note(conn, at=now, account=by, act="revoke_kiosk", object=f"kiosk {k}")

    def write_acl(self) -> None:
        """As the function of that name."""
        write_acl(self._config, self._ledger)

    def turned_away(self, who: str, what: str, *, site: str = "") -> None:
        """Note it where people look."""
        now = self._clock.wall_ms()
        self._ledger.db.transact(lambda conn: boxes.turn_away(conn, who=who, what=what, site=site, now=now))

    def _use(self, conn: Connection, asked: dict[str, Any], public: str, *, now: int) -> dict[str, Any]:
        digest, key_digest = _digest(asked["secret"]), canon.digest(public.encode("ascii"))
        row = row_of(conn, select(ENROL_CODE).where(ENROL_CODE.c.digest == digest))
        if row is None:
            raise TurnedAway("unknown_code")
        mine = row["key_digest"] == key_digest
        if row["used_at"] is not None and not mine:
            raise TurnedAway("used_code")
        if not mine and row["expires_at"] <= now:
            raise TurnedAway("expired_code")
        held = find_writer(conn, row["k"])
        if held is not None and (held["public_key"] != public or held["revoked_at"] is not None):
            raise TurnedAway("used_code")
        # Of two at once one writes; the other waits for it and finds the code used.
        changed = conn.execute(
            update(ENROL_CODE)
            .where(ENROL_CODE.c.digest == digest, or_(ENROL_CODE.c.used_at.is_(None), ENROL_CODE.c.key_digest == key_digest))
            .values(used_at=row["used_at"] or now, key_digest=key_digest)
        )  # fmt: skip
        if changed.rowcount != 1:
            raise TurnedAway("used_code")
        self._ledger.enrol(conn, k=row["k"], shard=row["shard"], site=row["site"], public_key=public, now=now)
        boxes.put(conn, row["k"], hardware=asked["hardware"])
        if held is None:
            audit.note(conn, at=now, account=row["made_by"], act="kiosk_enrolled", object=f"kiosk {row['k']}")
        return row

    def _certified(self, key: ec.EllipticCurvePublicKey, identity: str, k: str, **noted: int) -> str:
        # TLS judges by the machine's own clock, whatever day a demonstration plays.
        at = machine_time()
        pem = self._authority.certify(key, name=identity, validity=pki.VALIDITY["kiosk"], now=at)
        made = x509.load_pem_x509_certificate(pem)
        until = int(made.not_valid_after_utc.timestamp() * 1000)

        def note(conn: Connection) -> None:
            boxes.put(conn, k, certificate_until=until, **noted)
            note_issued(conn, k, made.serial_number)

        self._ledger.db.transact(note)
        return pem.decode("ascii")


def make_enrolment(config: Config, *, ledger: Ledger, clock: Clock) -> Enrolment | None:
    """Who enrols kiosks; None where the authority's key lies on another machine."""
    try:
        return Enrolment(config=config, ledger=ledger, clock=clock)
    except pki.NoAuthority:
        return None


def write_acl(config: Config, ledger: Ledger) -> None:
    """Write the brokers' ACL files anew; whoever watches the file makes the broker read it (SIGHUP)."""
    folder = config.keys_folder
    with ledger.db.write() as conn:
        # One process at a time: what another has read before a revocation must not be written after it.
        lock_names(conn, ["broker's acl"])
        held = writers(conn, desk=config.desk)
        for one in held:
            # Also where a broker's lines are made from this folder alone.
            if one.revoked_at is not None and (pki.kiosk_home(folder, one.k) / "writer.json").exists():
                pki.note_writer(folder, one)
        write_acls(folder, held, taken_back=taken_back(conn))


def taken_back(conn: Connection) -> list[int]:
    """The numbers of all certificates of revoked kiosks."""
    query = select(ISSUED.c.serial).join(WRITER, WRITER.c.k == ISSUED.c.k).where(WRITER.c.revoked_at.is_not(None))
    return [int(serial, 16) for serial in conn.execute(query).scalars()]


def writers(conn: Connection, *, desk: str) -> list[pki.Writer]:
    """Every enrolled writer but the server's own desk, as an ACL is made from them."""
    rows = rows_of(conn, WRITER.select().where(WRITER.c.k != desk))
    return [pki.Writer(**{("public_key_pem" if k == "public_key" else k): v for k, v in row.items()}) for row in rows]


def _requested(pem: str) -> ec.EllipticCurvePublicKey:
    """The key that a certificate request asks for and proves to hold. `ValueError` for any other."""
    request = x509.load_pem_x509_csr(pem.encode("ascii", "replace"))
    key = request.public_key()
    if not request.is_signature_valid or not isinstance(key, ec.EllipticCurvePublicKey):
        raise crypto.WrongKey("a certificate request must be signed by its own P-256 key")
    if not isinstance(key.curve, ec.SECP256R1):
        raise crypto.WrongKey("a certificate request must be of a P-256 key")
    return key


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
