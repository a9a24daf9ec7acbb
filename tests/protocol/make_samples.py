"""Writes the golden samples of samples/v1/ that are missing: `python -m tests.protocol.make_samples [folder]`.

A sample that is there is never written again: what a release produced, every later release must read.
"""

import base64
import hashlib
import sys
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from protocol import boardlink, claims, envelope, records, slip_code
from tests.protocol import examples

FOLDER = Path(__file__).resolve().parent / "samples" / "v1"
# No secret: the key signs invented samples only, and everybody may make it again.
SEED = b"Tram golden samples v1"
CARDS = {
    "full": "075079001234|271234567|Nguyễn Văn An|14041979|Nam|Tổ 5, Khu phố 3, Trảng Dài, Biên Hòa, Đồng Nai|25062021",
    "no_old_number": "075190004321||Lê Thị Mỹ Duyên|02092001|Nữ|Ấp 4, Phú Lộc, Tân Phú, Đồng Nai|25062021",
    "six_fields": "075079001234|Nguyễn Văn An|14/04/1979|nam|Trảng Dài, Biên Hòa, Đồng Nai|25062021",
    "birth_year_only": "075150000017|270000017|Trần Thị Bảy|00001950|Nữ|Xuân Lộc, Đồng Nai|25062021",
    "card_2024": "075203004321||Phạm Đức Huy|05112003|Nam|Long Khánh, Đồng Nai|02072024||Phạm Văn Cha|Ngô Thị Mẹ|",
}

CODES = {
    "personal_whole": "075079001234|NGUYEN VAN AN|1979-04-14|0|162979000000000001|1<<0901234567<<<",
    "personal_masked": "******509|NGUYEN VAN AN|1979/4/14|1|162979000000000001|1<GD4750101234567<0901234567<Nam<<",
    "health_card": "GD4750101234567|" + "Nguyễn Văn An".encode().hex() + "|14/04/1979|1|" + "Trảng Dài, Đồng Nai".encode().hex()
    + "|75 - 001|01/01/2021|31/12/2021|x|y|$",
    "registration": "TRAM-REG:DK-7Q4M2XPD9K",
}  # fmt: skip


def private_key() -> ec.EllipticCurvePrivateKey:
    """The samples' P-256 key, derived from SEED."""
    return ec.derive_private_key(int.from_bytes(hashlib.sha256(SEED).digest(), "big"), ec.SECP256R1())


def raw_signature(data: bytes) -> bytes:
    """The 64 bytes r and s of an ES256 signature over `data`."""
    r, s = decode_dss_signature(private_key().sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def pair(line: bytes) -> tuple[bytes, bytes]:
    """`line` and its signature line."""
    return line, b"es256 " + base64.urlsafe_b64encode(raw_signature(line)).rstrip(b"=")


def samples() -> dict[str, bytes]:
    """File name to bytes. All but the key and the cards are signed anew by each call."""
    public = private_key().public_key()
    made = {
        "public_key.txt": public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        "hello.txt": envelope.pack([pair(examples.hello_line())]),
        "ack.txt": envelope.pack([pair(examples.ack_line())]),
        "ack.carried.txt": envelope.pack([pair(examples.ack_line(here=["b" * 64, "c" * 64]))]),
        "message.txt": envelope.pack([pair(line) for line in examples.chain(3)]),
    }
    made["desk.txt"] = envelope.pack([pair(claims.make(examples.desk_word()))])
    made["keeper.txt"] = envelope.pack([pair(claims.make(examples.keeper_word()))])
    for number, kind in enumerate(sorted(records.KINDS), 1):
        made[f"record.{kind}.txt"] = envelope.pack([pair(examples.sealed(kind, number))])
    child = examples.sealed("visit.screened", 60, body=examples.SCREENED_CHILD)
    made["record.visit.screened.child.txt"] = envelope.pack([pair(child)])
    entered = examples.sealed("dose.entered_late", 62)
    made["record.dose.entered_late.kiosk.txt"] = envelope.pack([pair(entered)])
    made["record.site.closed.night.txt"] = envelope.pack([pair(examples.sealed("site.closed", 63))])
    signed = slip_code.payload(examples.SLIP)
    made["slip_code.txt"] = slip_code.encode(signed, raw_signature(signed)).encode()
    # In hexadecimal, one frame a line: zeroes would not survive an editor.
    made["serial_frames.txt"] = "".join(
        f"{kind} {boardlink.write_frame(kind, 250 + number, values).hex()}\n"
        for number, (kind, values) in enumerate(examples.board_words())
    ).encode()
    for name, text in CARDS.items():
        made[f"card.{name}.txt"] = text.encode()
    for name, text in CODES.items():
        made[f"code.{name}.txt"] = text.encode()
    made["record.visit.checked_in.certificate.txt"] = envelope.pack([pair(examples.sealed("visit.checked_in", 61))])
    return made


def write_missing(folder: Path) -> list[str]:
    """Write the samples that `folder` lacks; their names. One that is there stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, data in samples().items():
        if not (folder / name).exists():
            write_once(folder / name, data)
            written.append(name)
    return written


def write_once(path: Path, data: bytes) -> None:
    """Write a file that must not be there yet; `FileExistsError` otherwise."""
    with path.open("xb") as file:
        file.write(data)


if __name__ == "__main__":
    print("written:", ", ".join(write_missing(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)) or "nothing is missing")
