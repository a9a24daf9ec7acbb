"""The words of a ticket and of a dose slip, both languages, from a visit and the site. Pure; drawing is `slip_picture`.

Title and fields after Phụ lục 4 of QĐ 3588/QĐ-BYT; the thermal slip is a result slip, never the stamped certificate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kiosk.slip_picture import DoseSlipWords, Line, TicketWords
from protocol import cccd, slip_code, texts
from protocol.clocktext import day_of, day_shown, time_of

# What the centre says in the place of our own words: language to name to text (`Lists.texts`).
Told = Mapping[str, Mapping[str, str]]


def _line(told: Told, name: str, own: Line, **values: str) -> Line:
    vi, en = (told.get(lang, {}).get(name, "") for lang in ("vi", "en"))
    return (texts.fill(vi, values) or own[0], texts.fill(en, values) or own[1])


def ticket_words(
    one: dict[str, Any],
    site: dict[str, Any],
    *,
    before: int,
    minutes: int | None,
    copy: int,
    demo: bool,
    told: Told | None = None,
) -> TicketWords:
    """The queue ticket of a visit. `told`: what the centre says in the place of our own words."""
    seat = ("Mời ngồi chờ, chúng tôi sẽ gọi số của quý vị.", "Please take a seat; we will call your number.")
    offset = site.get("day_offset_min", 420)
    wall = one["checked_in"]["wall"]
    return TicketWords(
        site_name=site["name"],
        title_vi="Số thứ tự",
        title_en="Your number",
        number=one["ticket"],
        name=one["identity"]["name"],
        masked_id=cccd.mask(one["identity"]["doc_no"]),
        when=f"{time_of(wall, offset)} · {day_shown(day_of(wall, offset))}",
        lines=(_wait_words(before, minutes),),
        foot=(_line(told or {}, "wait", seat),),
        hotline=site.get("hotline", ""),
        copy=copy,
        demo=demo,
    )


def _wait_words(before: int, minutes: int | None) -> tuple[str, str]:
    """Nothing is promised that nobody knows: without minutes only who stands before."""
    if not before:
        return ("Quý vị là người kế tiếp.", "You are next.")
    if minutes is None:
        return (f"Trước quý vị còn {before} người.", f"{before} before you.")
    return (
        f"Trước quý vị còn {before} người, khoảng {minutes} phút.",
        f"{before} before you, about {minutes} minutes.",
    )


def dose_words(
    one: dict[str, Any],
    site: dict[str, Any],
    *,
    vaccine_name: str,
    injector: str,
    until: str,
    next_due: str,
    code: str,
    copy: int,
    demo: bool,
    told: Told | None = None,
) -> DoseSlipWords:
    """The result slip of a visit's dose. `until`: HH:MM; `next_due`: a day or empty; `code`: the signed copy; `told`: as above."""
    offset = site.get("day_offset_min", 420)
    dose = one["dose"]
    portal = site.get("portal", "")
    there = (f"Tra cứu, phản ánh: {portal}", "Check or complain there.")
    after = ("Theo dõi sức khỏe 28 ngày. Cấp cứu gọi 115.", "Watch your health for 28 days. Emergency: 115.")
    return DoseSlipWords(
        site_name=site["name"],
        slip_number=slip_code.show_number(dose["slip"]),
        when=f"{time_of(dose['wall'], offset)} · {day_shown(day_of(dose['wall'], offset))}",
        name=one["identity"]["name"],
        birth_year=one["identity"]["dob"][:4],
        masked_id=cccd.mask(one["identity"]["doc_no"]),
        vaccine=vaccine_name,
        lot=dose["lot"],
        dose_number=str(dose["dose_no"]),
        injector=injector,
        observe_until=until,
        next_due=day_shown(next_due),
        qr_text=code,
        foot=(_line(told or {}, "check", there, portal=portal), _line(told or {}, "aftercare", after)),
        hotline=site.get("hotline", ""),
        copy=copy,
        demo=demo,
    )


def void_words(
    one: dict[str, Any], site: dict[str, Any], undone: dict[str, Any], *, vaccine_name: str, copy: int, demo: bool
) -> TicketWords:
    """The slip of an undone dose: it tells every earlier copy of the same number void. `undone`: with `was`, the dose."""
    offset = site.get("day_offset_min", 420)
    was = undone["was"]
    number, given = slip_code.show_number(was["slip"]), time_of(was["wall"], offset)
    return TicketWords(
        site_name=site["name"],
        title_vi="Phiếu hủy mũi tiêm",
        title_en="Dose undone",
        number="HỦY",
        name=one["identity"]["name"],
        masked_id=cccd.mask(one["identity"]["doc_no"]),
        when=f"{time_of(undone['wall'], offset)} · {day_shown(day_of(undone['wall'], offset))}",
        lines=(
            (
                f"Phiếu số {number} đã hủy. Các bản in trước không còn giá trị.",
                f"Slip {number} is void, and so is every earlier copy.",
            ),
            (
                f"Mũi {was['dose_no']} {vaccine_name}, lô {was['lot']}, ghi lúc {given}.",
                f"Dose {was['dose_no']} of {vaccine_name}, lot {was['lot']}, recorded at {given}.",
            ),
            (f"Lý do: {undone['reason']}", ""),
        ),
        foot=(("Xin quý vị đưa lại phiếu cũ cho nhân viên.", "Please hand the old slip back to staff."),),
        hotline=site.get("hotline", ""),
        copy=copy,
        demo=demo,
    )
