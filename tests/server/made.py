"""Records as kiosks make them, with real keys and real envelopes, and an office: a ledger with all features to send them to.

`Kiosk.write(kind, body, at)` seals the next record; `Day` tells what happens to one person as a list of pairs.
"""

import json
from pathlib import Path
from typing import Any

from protocol import canon, envelope, inbox
from protocol.clocktext import hlc_next
from server import (
    aefi,
    certificates,
    commands,
    inventory,
    links,
    messages,
    people,
    reference,
    site_days,
    slips,
    vaccinations,
    visits,
)
from server.clock import Clock
from server.complaints import rechecks
from server.complaints import tables as complaints
from server.crypto import Signer
from server.db import Database
from server.features import Feature
from server.ledger.ledger import Ledger, Outcome
from server.sealing import Unsealer

DATA = Path(people.__file__).parent / "data"
SITE = "tt-trang-dai"
SHARD = "dong-nai"
# 2021-10-05 08:00 in Viet Nam.
MORNING = 1633395600000
MINUTE = 60_000
DAY = 86_400_000
INC = "00000000000000a1"
Pair = tuple[bytes, bytes]

IDENTITY = {
    "doc_type": "cccd",
    "doc_no": "075079001234",
    "old_no": "271234567",
    "name": "Nguyễn Văn An",
    "dob": "1979-04-14",
    "sex": "M",
    "address": "Tổ 5, Khu phố 3, Trảng Dài, Biên Hòa, Đồng Nai",
    "phone": "0912345678",
}
NAMES = ("Nguyễn Văn An", "Lê Thị Mỹ Duyên", "Đặng Quốc Bảo", "Trần Thị Ánh", "Huỳnh Ngọc Hải", "Phạm Đức Thịnh")


def deadlines() -> list[dict[str, Any]]:
    return json.loads((DATA / "sla.json").read_text("utf-8"))["complaints"]


def templates() -> dict[str, Any]:
    return json.loads((DATA / "sms_templates.json").read_text("utf-8"))["templates"]


def reasons() -> dict[str, str]:
    listed = json.loads((DATA / "reject_reasons.json").read_text("utf-8"))["reasons"]
    return {reason["code"]: reason["sms"] for reason in listed}


def say(template: str, values: dict[str, str]) -> str:
    return messages.compose(templates(), template, values)


def features() -> tuple[Feature, ...]:
    """Every feature that derives, in any order: none knows another."""
    return (
        links.feature(),
        people.feature(),
        visits.feature(),
        vaccinations.feature(),
        certificates.feature(),
        slips.feature(),
        aefi.feature(),
        inventory.feature(),
        complaints.feature(deadlines()),
        rechecks.feature(),
        messages.feature(),
        site_days.feature(),
        commands.feature(),
        reference.feature(),
    )


def identity(number: int = 0, **changes: str) -> dict[str, str]:
    """The identity of the n-th made-up person."""
    made = {**IDENTITY, "doc_no": f"0750790{number:05d}", "name": NAMES[number % len(NAMES)]}
    return {**made, "phone": f"09120{number:05d}", **changes}


class Kiosk:
    """A writer with a real key. `seq`, `prev` and the hybrid clock move with each record."""

    def __init__(self, k: str = "kiosk-1", *, site: str = SITE, inc: str = INC, signer: Signer | None = None) -> None:
        self.k = k
        self.site = site
        self.inc = inc
        self.signer = signer or Signer.generate()
        self.seq = 0
        self.prev = envelope.GENESIS
        self.hlc = (0, 0)
        self.boot, self.woke, self.knows = "boot-1", None, True

    def wake(self, boot: str, woke: int) -> None:
        """A new boot at `woke`: the clock begins in 1970 and nobody vouches for it, until `learn`."""
        self.boot, self.woke, self.knows = boot, woke, False

    def learn(self, at: int) -> Pair:
        """The clock learns the time at `at`, and says so."""
        self.knows = True
        return self.write("clock.synced", {"was": "unknown"}, at, who="machine")

    def write(
        self, kind: str, body: dict[str, Any], at: int = MORNING, *, who: str = "nurse-1", **changes: Any
    ) -> Pair:
        """The next record as `(line, signature line)`. `changes`: envelope fields to be other than they would be."""
        self.seq += 1
        mono = self.seq if self.woke is None else at - self.woke
        wall = at if self.knows else mono
        self.hlc = hlc_next(self.hlc, wall)
        t = {"wall": wall, "mono": mono, "boot": self.boot, "hlc": list(self.hlc)}
        t.update({"sure": "synced", "err": 50} if self.knows else {"sure": "unknown", "err": 0})
        fields: dict[str, Any] = {
            "k": self.k, "inc": self.inc, "seq": self.seq, "prev": self.prev, "t": t, "site": self.site, "session": "",
            "who": {"id": who, "by": "pin"}, "ref": {"lots": 1}, "kind": kind, "body": body,
        }  # fmt: skip
        line = envelope.seal(**{**fields, **changes})
        self.prev = envelope.parse(line).digest
        return line, self.signer.sign(line)

    def opened(self, at: int = MORNING) -> Pair:
        return self.write("log.opened", {"app": "0.1.0", "why": "enrolled"}, at, who="system")

    def checked_in(self, n: int, at: int = MORNING, **changes: str) -> Pair:
        who = identity(n, **changes)
        body = {
            "visit": f"v-{n}", "person": person(n), "ticket": f"A-{n}", "how": "cccd", "identity": who, "slip": f"t-{n}",
        }  # fmt: skip
        return self.write("visit.checked_in", body, at)

    def called(self, n: int, station: str, at: int) -> Pair:
        return self.write("visit.called", {"visit": f"v-{n}", "station": station, "desk": "desk-1"}, at)

    def screened(self, n: int, at: int, conclusion: str = "eligible", *, consent: bool = True) -> Pair:
        body = {
            "visit": f"v-{n}", "person": person(n), "form": "4355/QĐ-BYT", "answers": {"allergy": False},
            "vitals": {"temperature": 368}, "derived": conclusion, "because": [], "conclusion": conclusion, "reason": "",
            "consent": consent,
        }  # fmt: skip
        return self.write("visit.screened", body, at)

    def dosed(
        self, n: int, at: int, *, vaccine: str = "pfizer", lot: str = "FF1234", dose_no: int = 1, **more: Any
    ) -> Pair:
        body = {
            "dose": f"d-{n}", "visit": f"v-{n}", "person": person(n), "vaccine": vaccine, "lot": lot,
            "expiry": "2021-12-31", "dose_no": dose_no, "read_back": True, "warnings": [], "slip": f"s-{n}",
            **more,
        }  # fmt: skip
        return self.write("dose.given", body, at)

    def undone(self, n: int, at: int, **more: Any) -> Pair:
        body = {"dose": f"d-{n}", "visit": f"v-{n}", "person": person(n), "reason": "Chọn nhầm người", **more}
        return self.write("dose.undone", body, at)

    def left(self, n: int, at: int, outcome: str = "well") -> Pair:
        body = {"visit": f"v-{n}", "person": person(n), "observed_s": 1800, "outcome": outcome}
        return self.write("visit.left", body, at)

    def reacted(self, n: int, at: int) -> Pair:
        body = {
            "aefi": f"ae-{n}", "visit": f"v-{n}", "dose": f"d-{n}", "person": person(n), "severity": "common",
            "symptoms": ["fever_lt_39"], "note": "",
        }  # fmt: skip
        return self.write("aefi.reported", body, at)

    def struck(self, n: int, at: int, kind: str = "aefi.reported", **known: Any) -> Pair:
        """A severe reaction, or what is known of it later."""
        body = {
            "aefi": f"ae-{n}", "visit": f"v-{n}", "dose": f"d-{n}", "person": person(n), "severity": "severe",
            "symptoms": [], "note": "", **known,
        }  # fmt: skip
        return self.write(kind, body, at)

    def seen(self, n: int, at: int) -> Pair:
        return self.write("alarm.seen", {"aefi": f"ae-{n}", "visit": f"v-{n}"}, at, who="nv-1009")

    def printed(self, n: int, at: int, *, what: str = "dose", result: str = "printed", copy: int = 1) -> Pair:
        slip = f"s-{n}" if what == "dose" else f"t-{n}"
        body = {"slip": slip, "visit": f"v-{n}", "what": what, "copy": copy, "result": result}
        return self.write("slip.printed", body, at)

    def visit(self, n: int, at: int = MORNING, **dose: Any) -> list[Pair]:
        """A whole visit that goes well, from check-in to leaving: eight records in an hour."""
        return [
            self.checked_in(n, at),
            self.called(n, "screening", at + 2 * MINUTE),
            self.screened(n, at + 5 * MINUTE),
            self.called(n, "injection", at + 8 * MINUTE),
            self.dosed(n, at + 10 * MINUTE, **dose),
            self.printed(n, at + 11 * MINUTE),
            self.left(n, at + 41 * MINUTE),
        ]

    def hello(self, *, last: int | None = None, at: int = MORNING) -> Pair:
        """The writer's hello as `(line, signature line)`."""
        said = self.seq if last is None else last
        value = {
            "hello": 1, "v": 1, "k": self.k, "inc": self.inc, "first": 1, "last": said, "head": self.prev,
            "boot": "boot-1", "wall": at, "sure": "synced", "app": "0.1.0",
        }  # fmt: skip
        line = canon.write(value, inbox.HELLO_ORDER)
        return line, self.signer.sign(line)


def person(n: int) -> str:
    """The key of the n-th made-up person."""
    return f"cccd:{identity(n)['doc_no']}"


def receipt(
    number: int = 1, *, lot: str = "FF1234", vials: int = 10, place: str = SITE, vaccine: str = "pfizer"
) -> Any:
    """The fact of a stock receipt: ten vials of six doses."""
    body = {
        "receipt": f"r-{number}", "vaccine": vaccine, "lot": lot, "expiry": "2021-12-31", "place": place,
        "vials": vials, "doses_per_vial": 6, "document": f"PX-{number}",
    }  # fmt: skip
    return "stock.received", body


class Office:
    """A ledger with every feature over `db`, its key, a clock that stands still, and enrolled kiosks."""

    def __init__(self, db: Database, *, signer: Signer | None = None, unsealer: Unsealer | None = None) -> None:
        self.db = db
        self.signer = signer or Signer.generate()
        self.ledger = Ledger(db, features=features(), clock=Clock(), signer=self.signer, shard=SHARD, unsealer=unsealer)
        self.ledger.open_desk(now=MORNING)

    def enrol(self, kiosk: Kiosk) -> Kiosk:
        with self.db.write() as conn:
            pem = kiosk.signer.public_pem
            self.ledger.enrol(conn, k=kiosk.k, shard=SHARD, site=kiosk.site, public_key=pem, now=MORNING)
        return kiosk

    def kiosk(self, k: str = "kiosk-1", **given: Any) -> Kiosk:
        """A new kiosk, enrolled."""
        return self.enrol(Kiosk(k, **given))

    def accept(self, kiosk: Kiosk, *pairs: Pair, now: int = MORNING) -> Outcome:
        return self.ledger.accept(pairs, k=kiosk.k, site=kiosk.site, now=now)

    def append(self, *facts: Any, now: int = MORNING, who: str = "officer-1") -> None:
        self.ledger.transact(lambda conn: self.ledger.append_all(conn, facts, who=who, now=now))
