"""One invented example of everything that travels: a body per record kind, an envelope around it, hello, ack, slip.

Nobody named here exists. The golden samples of `samples/` were made from these; changing one here changes no sample.
"""

from protocol import boardlink, canon, envelope, slip_code
from protocol.inbox import Ranges, make_ack
from protocol.outbox import make_hello
from tests.protocol import examples_centre, examples_papers
from tests.protocol.examples_reactions import REACTIONS
from tests.protocol.examples_site_day import SITE_DAYS

INC = "00c0ffee12345678"
PERSON = "cccd:075079001234"
HASH = "5f" * 32
# 3 October 2021, 08:30 at the site, in UTC milliseconds.
WALL = 1633224600000

IDENTITY = {
    "doc_type": "cccd",
    "doc_no": "075079001234",
    "old_no": "271234567",
    "name": "Nguyễn Văn An",
    "dob": "1979-04-14",
    "sex": "M",
    "address": "Tổ 5, Khu phố 3, Trảng Dài, Biên Hòa, Đồng Nai",
    "phone": "0901234567",
}
SLIP = {
    "s": "s-02",
    "k": "kiosk-01",
    "i": INC,
    "q": 7,
    "p": PERSON,
    "n": "Nguyễn Văn An",
    "b": "1979-04-14",
    "v": "AZ",
    "l": "ABW1234",
    "d": 2,
    "t": WALL,
    "w": "st-0007",
    "x": "yen-minh-01",
}
# Well formed; the signature is of nobody.
SLIP_CODE = slip_code.encode(slip_code.payload(SLIP), bytes(range(64)))
BODIES = {
    "log.opened": {"app": "1.0.0", "why": "enrolled"},
    "log.sealed": {"upto": 118, "count": 112},
    "lane.taken": {"of": "kiosk-03"},
    "keeper.moved": {"keeper": "kiosk-02", "epoch": 2, "was": "kiosk-01"},
    "clock.synced": {"was": "unknown"},
    "staff.signed_in": {"station": "injection"},
    "visit.checked_in": {
        "visit": "v-01",
        "person": PERSON,
        "ticket": "A-017",
        "how": "cccd",
        "identity": IDENTITY,
        "slip": "s-01",
        "appointment": "ap-01",
        "priority": "elderly",
        "face": "matches",
        "earlier": [
            {
                "vaccine": "AZ",
                "given_on": "2021-07-20",
                "dose_no": 1,
                "country": "AT",
                "certificate": "URN:UVCI:01:AT:X#S",
            }
        ],
    },
    "visit.called": {"visit": "v-01", "station": "screening", "desk": "desk-2"},
    "visit.screened": {
        "visit": "v-01",
        "person": PERSON,
        "form": "4355/QĐ-BYT",
        "answers": {"ALLERGY_ANY": True, "COVID_WITHIN_6M": False},
        "vitals": {"temperature": 366, "systolic": 128, "diastolic": 82},
        "derived": "caution",
        "because": ["ALLERGY_ANY"],
        "conclusion": "caution",
        "reason": "",
        "consent": True,
        "notes": {"ALLERGY_ANY": "Hải sản"},
        "guardian": {"name": "Lê Thị Bảy", "relation": "mother"},
        "until": "2021-10-17",
    },
    "visit.ended": {"visit": "v-02", "person": PERSON, "why": "absent"},
    "dose.given": {
        "dose": "d-01",
        "visit": "v-01",
        "person": PERSON,
        "vaccine": "AZ",
        "lot": "ABW1234",
        "expiry": "2021-12-31",
        "dose_no": 2,
        "read_back": True,
        "warnings": ["interval"],
        "slip": "s-02",
        "override": {"who": "st-0001", "reason": "Hết vắc xin cùng loại", "by": "pin"},
        "vial": "vl-01",
        "extra": False,
        "lot_by": "scan",
    },
    "dose.undone": {
        "dose": "d-01",
        "visit": "v-01",
        "person": PERSON,
        "reason": "Ghi nhầm người",
        "vial": "vl-01",
    },
    "visit.left": {"visit": "v-01", "person": PERSON, "observed_s": 1832, "outcome": "well", "dose": "d-01"},
    "cold_box.measured": {
        "box": "box-01",
        "span_s": 600,
        "readings": 58,
        "gap_s": 25,
        "state": "in_range",
        "fault": "",
        "low": 38,
        "high": 52,
        "last": 45,
        "proof": {"boot": 7, "n": 1203, "up_s": 12040, "mac": HASH},
    },
    "slip.printed": {"slip": "s-02", "visit": "v-01", "what": "dose", "copy": 1, "result": "printed"},
    "vial.opened": {
        "vial": "vl-01",
        "vaccine": "AZ",
        "lot": "ABV001",
        "expiry": "2022-01-31",
        "doses_per_vial": 10,
        "gtin": "05000456000017",
        "serial": "S1",
    },
    "vial.closed": {
        "vial": "vl-01",
        "vaccine": "AZ",
        "lot": "ABV001",
        "given": 8,
        "waste": 2,
        "reason": "end_of_session",
        "note": "",
    },
    "stock.received": {
        "receipt": "rc-01",
        "vaccine": "AZ",
        "lot": "ABW1234",
        "expiry": "2021-12-31",
        "place": "75-731-26000",
        "vials": 120,
        "doses_per_vial": 10,
        "document": "PXK 12/2021",
    },
    "complaint.filed": {
        "complaint": "c-01",
        "person": PERSON,
        "dose": "d-01",
        "slip": "s-02",
        "category": "wrong_dose",
        "identity": IDENTITY,
        "wants": {"vaccine": "PFIZER", "given_on": "2021-09-20"},
        "content": "Mũi 2 của tôi là Pfizer, giấy ghi AstraZeneca.",
        "photos": [HASH],
    },
    "complaint.decided": {
        "complaint": "c-01",
        "decision": "rejected",
        "reason_code": "4",
        "reason": "Ảnh giấy xác nhận không rõ",
        "person": PERSON,
        "dose": "d-01",
        "known": ["d-01"],
        "saw": ["00c0ffee12345678"],
    },
    "complaint.reopened": {"complaint": "c-01", "person": PERSON, "dose": "d-02"},
    "person.corrected": {
        "person": PERSON,
        "complaint": "c-01",
        "changes": {"name": "Nguyễn Văn Ân", "dob": "1979"},
        "reason": "Sai dấu",
    },
    "dose.corrected": {
        "dose": "d-01",
        "person": PERSON,
        "complaint": "c-01",
        "changes": {"lot": "ABW1243", "dose_no": 1},
        "reason": "Sai số lô",
        "slip": "s-02",
    },
    "dose.recovered": {"slip": SLIP["s"], "person": SLIP["p"], "code": SLIP_CODE},
    "dose.entered_late": {
        "dose": "d-09",
        "person": PERSON,
        "complaint": "c-01",
        "identity": IDENTITY,
        "vaccine": "AZ",
        "lot": "",
        "dose_no": 1,
        "given_on": "2021-08-01",
        "place": "75-731-26000",
        "slip": "s-09",
        "photos": [],
        "reason": "Tiêm lưu động, chưa nhập",
    },
    "photo.taken": examples_papers.PHOTO,
    "message.queued": {
        "message": "m-01",
        "complaint": "c-01",
        "person": PERSON,
        "to": "0901234567",
        "template": "PA_NO",
        "text": "TIEMCHUNG: Phan anh c-01 bi tu choi",
    },
    "message.sent": {"message": "m-01", "provider": "outbox-file", "result": "sent", "detail": ""},
}
BODIES.update(REACTIONS)
BODIES.update(examples_centre.BODIES)
BODIES["dose.entered_late"].update(examples_papers.SAID)
BODIES.update(SITE_DAYS)


def changed(value, **members):
    """A copy of `value` with `members` set anew; a member set to None is left out."""
    out = dict(value)
    for key, member in members.items():
        out[key] = member
        if member is None:
            del out[key]
    return out


def envelope_of(kind, seq=1, **members):
    """The keyword arguments of `envelope.seal` for the example of `kind`."""
    value = {
        "k": "kiosk-01",
        "inc": INC,
        "seq": seq,
        "prev": envelope.GENESIS,
        "t": {"wall": WALL, "mono": 60000, "boot": "b-1", "sure": "synced", "err": 20, "hlc": [WALL, 0]},
        "site": "yen-minh-01",
        "session": "2021-10-03-a",
        "who": {"id": "st-0007", "by": "badge"},
        "ref": {"lots": 3, "staff": 12},
        "kind": kind,
        "body": BODIES[kind],
    }
    return changed(value, **members)


# A child whom the father came with, deferred for a month.
SCREENED_CHILD = {
    "visit": "v-03",
    "person": "cccd:075209001235",
    "form": "5002/QĐ-BYT",
    "answers": {"other": True, "allergy_any": False},
    "vitals": {"temperature": 366, "pulse": 88},
    "derived": "defer",
    "because": ["other"],
    "conclusion": "defer",
    "reason": "",
    "consent": True,
    "notes": {"other": "Mới tiêm vắc xin khác hôm qua"},
    "guardian": {"name": "Nguyễn Văn An", "relation": "father"},
    "until": "2021-11-30",
}


def sealed(kind="visit.called", seq=1, **members):
    """The line of an example record."""
    return envelope.seal(**envelope_of(kind, seq, **members))


def loose(**members):
    """A canonical line of a changed example record that `seal` might refuse: what a foreign writer could send."""
    return canon.write(changed(envelope_of("visit.called", v=1), **members), envelope.ORDER)


def chain(length):
    """`length` records of one log, each pointing at the one before."""
    lines = []
    prev = envelope.GENESIS
    for seq in range(1, length + 1):
        lines.append(sealed(seq=seq, prev=prev))
        prev = canon.digest(lines[-1])
    return lines


def hello(**members):
    """The keyword arguments of `make_hello`."""
    value = {
        "k": "kiosk-01",
        "inc": INC,
        "first": 5,
        "last": 9,
        "head": HASH,
        "boot": "b-1",
        "wall": WALL,
        "sure": "holdover",
        "app": "1.0.0",
    }
    return changed(value, **members)


def hello_line(**members):
    """The line of the example hello."""
    return make_hello(**hello(**members))


def ack(**members):
    """The keyword arguments of `make_ack`: 1 to 4, 6 and 8 are covered."""
    value = {
        "k": "kiosk-01",
        "inc": INC,
        "covered": Ranges([[1, 4], [6, 6], [8, 8]]),
        "last": 9,
        "status": [["6", "quarantined", "unknown_kind"]],
        "archived": 2,
        "now": WALL + 900,
        "head": HASH,
    }
    return changed(value, **members)


def ack_line(**members):
    """The line of the example acknowledgement."""
    return make_ack(**ack(**members))


def desk_word(**members):
    """A desk's message about claims, as an object."""
    value = {
        "claims": "desk",
        "v": 1,
        "k": "kiosk-02",
        "inc": INC,
        "life": 4,
        "n": 17,
        "epoch": 2,
        "keeper": "kiosk-01",
        "to": {"inc": INC, "life": 9},
        "lane": "B",
        "desk": "2",
        "holds": ["v-01"],
        "wants": {"visit": "v-02", "lane": "A", "hand": False},
    }
    return changed(value, **members)


def keeper_word(**members):
    """A queue keeper's message, as an object."""
    value = {
        "claims": "keeper",
        "v": 1,
        "k": "kiosk-01",
        "inc": INC,
        "life": 9,
        "n": 230,
        "epoch": 2,
        "learning": False,
        "held": [{"visit": "v-01", "k": "kiosk-02", "desk": "2"}],
        "heard": [{"k": "kiosk-02", "inc": INC, "life": 4, "n": 17, "lane": "B", "desk": "2"}],
        "clashes": [{"visit": "v-01", "k": "kiosk-03", "desk": "3"}],
    }
    return changed(value, **members)


# What the board of the example signs with.
BOARD, BOARD_KEY = "box-01", bytes(range(32))


def board_words():
    """One example of each thing that board and kiosk say to each other, as `(kind, values)`; the reading twice."""
    good = {"boot": 7, "n": 1203, "up_s": 12040, "tenths_c": 45, "fault": ""}
    none = {"boot": 7, "n": 1204, "up_s": 12050, "tenths_c": 0, "fault": "absent"}
    return [
        ("hello", {"version": boardlink.VERSION, "boot": 7, "name": BOARD}),
        ("button", {"presses": 3}),
        ("slip", {"present": 1}),
        ("reading", boardlink.sign(BOARD, BOARD_KEY, good)),
        ("reading", boardlink.sign(BOARD, BOARD_KEY, none)),
        ("alive", {"echo": 17, "bad": 2}),
        ("show", {"lamp": "green", "blink": 0, "sound": "accepted", "lasts": 30}),
        ("ping", {}),
    ]
