"""Invented people for a scripted day: Vietnamese names, cards, one of them in three without an appointment. Seeded."""

import random
from dataclasses import dataclass

FAMILY = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
)
MIDDLE_M = ("Văn", "Hữu", "Đức", "Quốc", "Thành", "Minh", "Xuân", "Ngọc")
MIDDLE_F = ("Thị", "Thị Mỹ", "Ngọc", "Thị Kim", "Bích", "Thúy", "Thị Hồng", "Diệu")
GIVEN_M = (
    "An",
    "Bình",
    "Cường",
    "Dũng",
    "Đạt",
    "Giang",
    "Hải",
    "Hiếu",
    "Khôi",
    "Long",
    "Nghĩa",
    "Phước",
    "Quân",
    "Sơn",
    "Tuấn",
    "Vượng",
)
GIVEN_F = (
    "Ánh",
    "Chi",
    "Duyên",
    "Hạnh",
    "Hường",
    "Lan",
    "Liễu",
    "Mỹ",
    "Nguyệt",
    "Phượng",
    "Quỳnh",
    "Thảo",
    "Thủy",
    "Trâm",
    "Tuyết",
    "Yến",
)
PLACES = (
    "Tổ 5, Khu phố 3, Trảng Dài, Biên Hòa, Đồng Nai",
    "Ấp 4, Phú Lộc, Tân Phú, Đồng Nai",
    "Khu phố 1, Tân Hiệp, Biên Hòa, Đồng Nai",
)


@dataclass(frozen=True)
class Citizen:
    """One invented person: the QR text of their card, and how they hold it up."""

    payload: str
    by_camera: bool


def crowd(count: int, *, seed: int) -> list[Citizen]:
    """`count` people, all different."""
    chance = random.Random(seed)
    return [_citizen(number, chance) for number in range(count)]


def _citizen(number: int, chance: random.Random) -> Citizen:
    male = chance.random() < 0.5
    year = chance.randint(1940, 2003)
    century = (0 if male else 1) + (2 if year >= 2000 else 0)
    family, place = chance.choice(FAMILY), chance.choice(PLACES)
    middle, given = (
        (chance.choice(MIDDLE_M), chance.choice(GIVEN_M)) if male else (chance.choice(MIDDLE_F), chance.choice(GIVEN_F))
    )
    card = f"075{century}{year % 100:02d}{500000 + number:06d}"
    old = f"27{chance.randint(0, 9_999_999):07d}" if chance.random() < 0.7 else ""
    born = f"{chance.randint(1, 28):02d}{chance.randint(1, 12):02d}{year}"
    sex = "Nam" if male else "Nữ"
    return Citizen(
        f"{card}|{old}|{family} {middle} {given}|{born}|{sex}|{place}|25062021", by_camera=chance.random() < 0.5
    )
