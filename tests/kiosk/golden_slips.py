"""The slips whose pictures are kept under golden/, and the command that draws them anew.

`python -m tests.kiosk.golden_slips` overwrites the pictures; look at every one before committing it.
"""

from pathlib import Path

from PIL import Image

from kiosk.slip_picture import DoseSlipWords, TicketWords, render_dose_slip, render_ticket

GOLDEN = Path(__file__).with_name("golden")
SITE = "Trạm Y tế phường Trảng Dài, Biên Hòa"
# The size of a signed copy: base45, so every sign stands in QR's alphanumeric set.
QR_TEXT = "TRAM1:" + "".join("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[n * 7 % 45] for n in range(190))

TICKET = TicketWords(
    site_name=SITE,
    title_vi="Số của quý vị",
    title_en="Your number",
    number="A-017",
    name="Nguyễn Thị Mỹ Duyên",
    masked_id="075•••••1234",
    when="03/10/2021 09:42",
    lines=(
        ("Trước quý vị còn 4 người, khoảng 12 phút.", "4 before you, about 12 minutes."),
        ("Mời ngồi chờ, chúng tôi sẽ gọi.", "Please take a seat; we will call you."),
    ),
    foot=(("Giữ phiếu này đến khi tiêm xong.", "Keep this ticket until you are vaccinated."),),
    hotline="1900 9095",
)
# What `kiosk.slip.dose_words` says, with everything that may stand on a first dose's slip.
DOSE = DoseSlipWords(
    site_name=SITE,
    slip_number="K1-000042",
    when="03/10/2021 09:42",
    name="Nguyễn Văn An",
    birth_year="1979",
    masked_id="075•••••1234",
    vaccine="AstraZeneca",
    lot="NJ0342",
    dose_number="1",
    injector="Đ.T.H.",
    observe_until="10:12",
    qr_text=QR_TEXT,
    next_due="26/12/2021",
    foot=(
        ("Tra cứu, phản ánh: tiemchung.example.vn", "Check or complain there."),
        ("Theo dõi sức khỏe 28 ngày. Cấp cứu gọi 115.", "Watch your health for 28 days. Emergency: 115."),
    ),
    hotline="1900 9095",
)
LONG = DoseSlipWords(
    site_name="Trung tâm Y tế huyện Trường Sa — điểm tiêm lưu động số 12, Nhà văn hóa thôn Phước Hưởng",
    slip_number="K12-104233",
    when="31/12/2021 23:59",
    name="Công Tằng Tôn Nữ Nguyễn Trường Hoàng Phương Khương Thị Ngọc Ưỡng",
    birth_year="1936",
    masked_id="001•••••9876",
    vaccine="Comirnaty (Pfizer-BioNTech)",
    lot="PCB0017-ẴỘ/2021",
    dose_number="3 (nhắc lại / booster)",
    injector="N.Ơ.Ư.",
    observe_until="00:29",
    next_due="31/03/2022",
    qr_text=QR_TEXT,
    foot=DOSE.foot,
    hotline="1900 9095",
    copy=2,
    demo=True,
)
TICKET_COPY = TicketWords(
    site_name=SITE,
    title_vi="Số của quý vị",
    title_en="Your number",
    number="B-1204",
    name="Huỳnh Ngọc Bảo Ưỡng",
    masked_id="079•••••0001",
    when="03/10/2021 10:05",
    lines=(("Mời quý vị vào bàn khám số 2.", "Please go to screening desk 2."),),
    foot=(),
    hotline="1900 9095",
    copy=2,
    demo=True,
)


def draw() -> dict[str, Image.Image]:
    """The pictures by file name."""
    pictures = {}
    for mm, width in ((80, 576), (58, 384)):
        pictures[f"ticket_{mm}.png"] = render_ticket(TICKET, width_dots=width)
        pictures[f"ticket_copy_demo_{mm}.png"] = render_ticket(TICKET_COPY, width_dots=width)
        pictures[f"dose_{mm}.png"] = render_dose_slip(DOSE, width_dots=width)
        pictures[f"dose_long_copy_demo_{mm}.png"] = render_dose_slip(LONG, width_dots=width)
    return pictures


def main() -> None:
    """Overwrite the golden pictures."""
    GOLDEN.mkdir(exist_ok=True)
    for name, picture in draw().items():
        picture.save(GOLDEN / name, optimize=True)


if __name__ == "__main__":
    main()
