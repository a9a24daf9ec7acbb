"""The columns of the lists, by their headings as the national platform and its users write them. Pure; reads no file.

A heading is recognised whatever its case, marks, brackets, asterisk and place. What the copies of the platform's own
templates call a column was not seen (domain.md): the words are those of its registration form and of lists in use.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from server.facts import fold_name

RECIPIENTS, FACILITIES, STAFF = "recipients", "facilities", "staff"
KINDS = (RECIPIENTS, FACILITIES, STAFF)
# The column of reasons in what is handed back; where it comes in again, it says nothing.
REASON = "Lỗi"
_PLACE = {
    "province": ("Tỉnh/Thành phố", "Tên tỉnh/thành phố", "Tỉnh", "Tỉnh thành", "Thành phố", "Tỉnh/TP", "Province"),
    "district": ("Quận/Huyện", "Tên quận/huyện", "Huyện", "Quận", "Quận huyện thị xã", "District"),
    "commune": ("Xã/Phường", "Tên xã/phường", "Phường/Xã", "Xã", "Phường", "Xã phường thị trấn", "Commune"),
    "commune_code": ("Mã xã/phường", "Mã phường/xã", "Mã xã", "Mã đơn vị hành chính", "Commune code"),
    "address": ("Địa chỉ", "Địa chỉ chi tiết", "Địa chỉ nơi ở", "Số nhà, đường, tổ, thôn", "Nơi ở hiện tại", "Address"),
}
# The first word of each is how we write the heading.
HEADINGS: dict[str, dict[str, tuple[str, ...]]] = {
    RECIPIENTS: {
        "name": ("Họ và tên", "Họ tên", "Họ tên đối tượng", "Họ và tên đối tượng", "Tên đối tượng", "Full name", "Name"),
        "dob": ("Ngày sinh", "Ngày tháng năm sinh", "Năm sinh", "Ngày/tháng/năm sinh", "Date of birth"),
        "sex": ("Giới tính", "Giới", "Nam/Nữ", "Sex", "Gender"),
        "number": (
            "CMND/CCCD/HC", "CCCD/CMND", "CMND/CCCD", "Số CMND/CCCD/HC", "Số CMND/CCCD", "Số CCCD", "CCCD", "Số căn cước",
            "Số căn cước công dân", "CMND/CCCD/Hộ chiếu", "Số CMND/CCCD/Hộ chiếu", "Số định danh", "Số định danh cá nhân",
            "CMND/CCCD/Mã định danh công dân", "ID number",
        ),
        "old_no": ("Số CMND cũ", "CMND cũ", "CMND", "Số CMND", "Old ID number"),
        "health_no": ("Số thẻ BHYT", "Thẻ BHYT", "Mã thẻ BHYT", "Mã BHYT", "BHYT", "Số BHYT", "Mã số BHXH", "Health insurance"),
        "phone": ("Số điện thoại", "SĐT", "Điện thoại", "Số ĐT", "Phone"),
        "group": (
            "Nhóm ưu tiên", "Mã nhóm đối tượng", "Nhóm đối tượng", "Nhóm đối tượng ưu tiên", "Mã nhóm ưu tiên",
            "Đối tượng ưu tiên", "Đối tượng", "Priority group",
        ),
        "work": ("Đơn vị công tác", "Nghề nghiệp", "Nơi làm việc", "Cơ quan", "Occupation"),
        **_PLACE,
    },
    FACILITIES: {
        "code": ("Mã cơ sở", "Mã cơ sở tiêm chủng", "Mã điểm tiêm", "Facility code", "Code"),
        "name": ("Tên cơ sở", "Tên cơ sở tiêm chủng", "Cơ sở tiêm chủng", "Tên điểm tiêm", "Điểm tiêm", "Facility", "Name"),
        "phone": ("Số điện thoại", "SĐT", "Điện thoại", "Đường dây nóng", "Hotline", "Phone"),
        "mobile": ("Loại hình", "Loại điểm tiêm", "Hình thức", "Cố định/Lưu động", "Lưu động", "Type"),
        "valid_from": ("Từ ngày", "Ngày bắt đầu", "Ngày hoạt động", "Hoạt động từ ngày", "From"),
        "valid_to": ("Đến ngày", "Ngày kết thúc", "Hoạt động đến ngày", "To"),
        **_PLACE,
    },
    STAFF: {
        "code": ("Mã cán bộ", "Mã nhân viên", "Mã số", "Staff code", "Code"),
        "name": ("Họ và tên", "Họ tên", "Họ tên cán bộ", "Tên cán bộ", "Full name", "Name"),
        "role": ("Vai trò", "Nhiệm vụ", "Vị trí", "Chức danh", "Bàn", "Role"),
        "site": ("Mã cơ sở", "Cơ sở tiêm chủng", "Tên cơ sở", "Cơ sở", "Điểm tiêm", "Nơi làm việc", "Facility"),
        "stopped": ("Trạng thái", "Đã nghỉ", "Tình trạng", "Status"),
    },
}  # fmt: skip
# One of each of these must be there, or nothing can be made of a file.
NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    RECIPIENTS: (("name",), ("dob",)),
    FACILITIES: (("name",),),
    STAFF: (("name",), ("role",)),
}
# A heading stands in one of so many first rows; titles and dates stand above it.
LOOKED_AT = 20


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where a file's columns are. `at`: field to column, from 0; `headings`: as the file has them; `row`: from 1."""

    at: dict[str, int]
    headings: tuple[str, ...]
    row: int

    def missing(self, kind: str) -> list[str]:
        """The headings, as we write them, of what is needed and is not there."""
        return [HEADINGS[kind][any_of[0]][0] for any_of in NEEDED[kind] if not any(one in self.at for one in any_of)]

    def unknown(self, kind: str) -> list[str]:
        """The file's headings that nothing is read from, but for those of running numbers and reasons."""
        taken = set(self.at.values())
        return [
            text
            for column, text in enumerate(self.headings)
            if text and column not in taken and _bare(text) not in _SILENT
        ]


def find(kind: str, rows: Sequence[Sequence[str]]) -> Layout | None:
    """The layout of a file whose first rows these are: the row with the most known headings; None where none has any."""
    best: Layout | None = None
    for number, cells in enumerate(rows[:LOOKED_AT], start=1):
        at: dict[str, int] = {}
        for column, text in enumerate(cells):
            field = _KNOWN[kind].get(_bare(text))
            if field is not None and field not in at:
                at[field] = column
        if at and (best is None or len(at) > len(best.at)):
            best = Layout(at=at, headings=tuple(cells), row=number)
    return best


def template(kind: str) -> list[str]:
    """The headings of an empty file of this kind, as we write them."""
    return [names[0] for names in HEADINGS[kind].values()]


def _bare(heading: str) -> str:
    """A heading without marks, brackets and what stands in them, asterisks and signs."""
    text = heading.partition("(")[0]
    return " ".join("".join(char if char.isalnum() else " " for char in fold_name(text)).split())


_KNOWN = {
    kind: {_bare(name): field for field, names in fields.items() for name in names} for kind, fields in HEADINGS.items()
}
_SILENT = {"", "stt", "tt", "no", _bare(REASON)}
