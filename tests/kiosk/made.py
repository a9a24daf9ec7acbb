"""A desk made for tests: a real store in a temporary folder, a clock with levers, lists as the centre would send them."""

import hashlib
import json
from pathlib import Path

from argon2 import PasswordHasher
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.app import APP, mint
from kiosk.clock import Moment
from kiosk.config import Enrolment
from kiosk.crypto import Signer
from kiosk.desk import calling, drill, site_day
from kiosk.desk.log import open_log
from kiosk.desk.loop import MACHINE, Desk
from kiosk.desk.touch import Touch
from kiosk.outcome import Fact, Outcome
from kiosk.store import Store
from protocol import canon, envelope

# Sunday 3 October 2021, 09:42 in Viet Nam.
MORNING = 1633228920000
CARD = "075079001234|271234567|Nguyễn Văn An|14041979|Nam|Tổ 5, Khu phố 3, Trảng Dài, Biên Hòa, Đồng Nai|25062021"
OTHER_CARD = "075301004321||Lê Thị Mỹ Duyên|02092001|Nữ|Ấp 4, Phú Lộc, Tân Phú, Đồng Nai|25062021"
PIN = "246810"
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class HandClock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.wall = MORNING
        self.mono = 100_000
        self.boot = "boot-1"
        self.sure = "synced"
        self.patience = 1_000

    def now(self) -> Moment:
        return Moment(self.wall, self.mono, self.boot, self.sure, 0)

    def ticks(self) -> int:
        return self.patience

    def pass_s(self, seconds: float) -> None:
        self.wall += int(seconds * 1000)
        self.mono += int(seconds * 1000)


def staff(code: str, role: str, **more: object) -> dict[str, object]:
    badge = hashlib.sha256(f"badge-{code}".encode()).hexdigest()
    return {
        "id": f"nv-{code}",
        "name": f"Nhân viên {code}",
        "initials": "NV",
        "role": role,
        "code": code,
        "pin": _QUICK.hash(PIN),
        "badge": badge,
        "revoked": False,
        **more,
    }


FORM = {
    "version": "4355/QĐ-BYT",
    "from": "2021-09-10",
    "items": [
        {
            "code": "ANAPHYLAXIS_SAME_VACCINE",
            "vi": "Phản vệ với vắc xin lần trước",
            "en": "Anaphylaxis to the vaccine before",
            "yes": "contraindicated",
        },
        {"code": "ACUTE_ILLNESS", "vi": "Đang mắc bệnh cấp tính", "en": "Acute illness", "yes": "defer"},
        {
            "code": "VITALS_ABNORMAL",
            "vi": "Bất thường dấu hiệu sống",
            "en": "Abnormal vital signs",
            "yes": "caution",
            "derived": True,
        },
    ],
    "vitals": [
        {
            "code": "temperature",
            "vi": "Nhiệt độ",
            "en": "Temperature",
            "unit": "°C",
            "scale": 10,
            "below": 355,
            "above": 375,
            "low": 300,
            "high": 450,
            "asked": "all",
        }
    ],
}
LISTS = {
    "site": {
        "site": "trang-dai",
        "name": "Trạm y tế Trảng Dài",
        "hotline": "1900 9095",
        "day_offset_min": 420,
        "portal": "http://127.0.0.1/",
    },
    "staff": {
        "items": [
            staff("1001", "reception"),
            staff("1002", "screener"),
            staff("1003", "injector"),
            staff("1004", "observer"),
            staff("1009", "lead"),
            staff("1010", "injector", revoked=True),
        ]
    },
    "lots": {
        "items": [
            {"lot": "ABV001", "vaccine": "AZ", "expiry": "2022-01-31", "doses_per_vial": 10, "stopped": False},
            {"lot": "PFZ002", "vaccine": "PFIZER", "expiry": "2021-12-31", "doses_per_vial": 6, "stopped": False},
            {"lot": "OLD003", "vaccine": "AZ", "expiry": "2021-09-30", "doses_per_vial": 10, "stopped": False},
        ]
    },
    "rules": {
        "vaccines": {
            "AZ": {"name": "AstraZeneca", "min_days": 28, "age_min": 18, "doses": 2, "source": "BYT"},
            "PFIZER": {"name": "Pfizer", "min_days": 21, "age_min": 12, "doses": 2, "source": "BYT"},
        },
        "mix": [],
    },
    "forms": {
        "forms": [FORM],
        "symptoms": [
            {"code": "breathing", "vi": "Khó thở", "en": "Hard to breathe"},
            {"code": "rash", "vi": "Phát ban", "en": "Rash"},
        ],
        "anaphylaxis": [
            {
                "code": code,
                "vi": f"Độ {code}",
                "en": f"Grade {code}",
                "signs_vi": "…",
                "signs_en": "…",
                "severity": severity,
            }
            for code, severity in (("I", "common"), ("II", "severe"))
        ],
        "treatments": [{"code": "adrenaline", "vi": "Adrenalin tiêm bắp", "en": "Adrenaline"}],
    },
    "appointments": {
        "items": [
            {
                "person": "cccd:075079001234",
                "name": "Nguyễn Văn An",
                "at": MORNING - 720_000,
                "vaccine": "AZ",
                "phone": "0901234567",
                "history": [{"vaccine": "AZ", "given_on": "2021-07-20", "dose_no": 1}],
            }
        ]
    },
}


class Made:
    """A running desk and its levers. `touch` is what pages use; `store` what became durable."""

    def __init__(
        self, folder: Path, lists: dict[str, object] | None = None, *, k: str = "kiosk-01", lane: str = "A"
    ) -> None:
        self.folder = folder
        self.k, self.lane = k, lane
        self.clock = HandClock()
        self.key = folder / "record-signing.key"
        if not self.key.exists():
            pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            self.key.write_bytes(pem)
        self.lists = LISTS if lists is None else lists
        self.open()

    def open(self) -> None:
        self.store = Store(self.folder / "kiosk.db")
        enrolment = Enrolment(shard="dong-nai", site="trang-dai", k=self.k, brokers=(), kit=self.folder)
        record_log, fresh = open_log(self.store, enrolment=enrolment, signer=Signer(self.key))
        self.desk = Desk(
            store=self.store,
            clock=self.clock,
            record_log=record_log,
            lane=self.lane,
            name=self.lane,
            demo=False,
            mint=mint,
        )
        self.desk.on_tick += [lambda _moment, part=part: part.tick(self.desk) for part in (calling, site_day, drill)]
        rows = []
        for name, body in self.lists.items():
            data = json.dumps(body, ensure_ascii=False).encode()
            rows.append(
                {
                    "name": name,
                    "version": 7,
                    "sha256": canon.digest(data),
                    "body": data,
                    "issued": 1,
                    "received_at": self.clock.wall,
                }
            )
        self.desk.lists_arrived(rows)
        if fresh:
            self.desk.write(Outcome(facts=(Fact("log.opened", {"app": APP, "why": "enrolled"}),)), who=MACHINE)
        self.desk.start()
        self.touch = Touch(self.desk)

    def close(self) -> None:
        self.desk.stop()
        self.store.close()

    def restart(self) -> None:
        """As after a power cut: memory is gone, the disk is what it was."""
        self.close()
        self.open()

    def act(self, name: str, /, **fields: object) -> dict[str, object]:
        """Touch a button of the screen shown; gives the view after."""
        assert self.touch.act(name, fields, self.touch.view()["token"]), (
            f"{name} is not offered on {self.touch.view()['screen']}"
        )
        return self.touch.view()

    def scan(self, text: str | bytes, source: str = "reader") -> dict[str, object]:
        self.touch.scan(text.encode() if isinstance(text, str) else text, source)
        return self.touch.view()

    def sign_in(self, code: str, station: str | None = None) -> dict[str, object]:
        if self.touch.view()["screen"] != "welcome":
            self.act("sign_out")
        self.act("staff")
        view = self.act("sign_in", code=code, pin=PIN)
        if station is not None and view["screen"] == "station":
            view = self.act("station", station=station)
        return view

    def check_in(self, card: str = CARD) -> str:
        """A person checks in; gives the visit's id."""
        if self.touch.view()["screen"] != "welcome":
            self.act("sign_out" if self.touch.view()["staff"] else "done")
        self.scan(card)
        self.act("yes")
        visit = self.desk.front.pending["visit"]
        self.act("done")
        return visit

    def screen(self, conclusion: str = "eligible", **answers: str) -> dict[str, object]:
        """The next person is screened."""
        self.sign_in("1002")
        self.act("call_next")
        fields = {
            "answer.ANAPHYLAXIS_SAME_VACCINE": "no",
            "answer.ACUTE_ILLNESS": "no",
            "vital.temperature": "36.8",
            "consent": "yes",
            **answers,
        }
        self.act("judge", **fields)
        return self.act("conclude", conclusion=conclusion, reason="")

    def dose(self, lot: str = "ABV001", **fields: str) -> dict[str, object]:
        """The next person gets a dose."""
        self.sign_in("1003", "injection")
        self.act("call_next")
        self.act("lot", lot=lot)
        return self.act("confirm_dose", **fields)

    def records(self) -> list[envelope.Record]:
        """Everything that became durable, in order, with what was posted before."""
        self.desk.call(lambda: None)
        return [
            envelope.parse(bytes(row[0]))
            for row in self.store.db.conn.execute("SELECT line FROM record ORDER BY seq").fetchall()
        ]

    def kinds(self) -> list[str]:
        return [record.kind for record in self.records()]
