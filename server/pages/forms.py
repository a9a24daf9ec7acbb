"""Reading what people typed into forms: clean text, days, counts. A fault is a sentence beside its field."""

import unicodedata
from collections.abc import Iterable, Mapping

from protocol import cccd, fields
from protocol.errors import ProtocolError
from server.pages import picking
from server.pages.words import tr

Values = Mapping[str, str]


class Form:
    """One form's typed values; each reading notes its fault under the field's name and gives an empty value."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self.faults: dict[str, str] = {}

    def text(self, name: str, *, limit: int, required: bool = True) -> str:
        """Text in NFC with single blanks, at most `limit` characters, without hidden or control characters."""
        value = unicodedata.normalize("NFC", " ".join(self._values.get(name, "").split()))
        if not value and required:
            self.faults[name] = tr("Please fill this in.")
            return ""
        try:
            fields.text(limit)(value, name)
        except ProtocolError as wrong:
            long = wrong.code == "too_long"
            self.faults[name] = tr("This is too long.") if long else tr("There are signs in it that we cannot read.")
            return ""
        return value

    def word(self, name: str, *, required: bool = True) -> str:
        """A code such as a lot's or a document's: text of at most 32 characters."""
        return self.text(name, limit=32, required=required)

    def name(self, name: str) -> str:
        """A name that our own page made and the form carries along, such as a receipt's; anything else is a fault."""
        value = self._values.get(name, "")
        try:
            fields.word(value, name)
        except ProtocolError:
            self.faults["form"] = tr("This form is not as we sent it. Please load the page again.")
        return value

    def choice(self, name: str, options: Iterable[str | None], *, required: bool = True) -> str:
        """One of the options offered; of a list too long for a menu (`picking`) also what was typed of its name."""
        value = self._values.get(name, "")
        if value and value in options:
            return value
        if value and isinstance(options, Mapping) and picking.long(options):
            code, fault = picking.pick(value, options)
            if fault:
                self.faults[name] = fault
            return code
        if value or required:
            self.faults[name] = tr("Please choose one.")
        return ""

    def day(self, name: str, *, today: str, required: bool = True, year_alone: bool = False, past: bool = True) -> str:
        """A day `YYYY-MM-DD` typed as `3/10/2021`, `03-10-2021` or `2021-10-03`; or a bare year where that will do."""
        typed = self._values.get(name, "").strip()
        if not typed:
            if required:
                self.faults[name] = tr("Please fill this in.")
            return ""
        value = read_day(typed)
        if not value and year_alone and fields.digits(typed, 4) and typed > "1850":
            value = typed
        if not value:
            self.faults[name] = tr("Please write the day as day/month/year, for example 14/04/1979.")
        elif past and value > today:
            self.faults[name] = tr("This day has not come yet.")
            return ""
        return value

    def number(self, name: str, *, low: int, high: int, required: bool = True) -> int | None:
        """A whole number from `low` to `high`; None when empty or at fault."""
        typed = self._values.get(name, "").strip()
        if not typed and not required:
            return None
        if not fields.digits(typed) or len(typed) > 9 or not low <= int(typed) <= high:
            self.faults[name] = tr("Please write a number from %(low)s to %(high)s.", low=low, high=high)
            return None
        return int(typed)

    def phone(self, name: str) -> str:
        """A Vietnamese telephone number as ten digits from 0, however it was typed."""
        digits = phone_digits(self._values.get(name, ""))
        if not digits:
            self.faults[name] = tr("Please write a phone number of ten digits, for example 0912345678.")
        return digits

    def doc_no(self, name: str, *, required: bool = True) -> str:
        """The number of an ID card: twelve digits of the citizen card or nine of the old one."""
        typed = self._values.get(name, "").replace(" ", "").replace(".", "")
        if not typed and not required:
            return ""
        if not fields.digits(typed, 9, 12):
            self.faults[name] = tr("An ID number has 12 digits, or 9 on the old card.")
            return ""
        return typed


def phone_digits(typed: str) -> str:
    """Ten digits from 0 for `+84 912 345 678`, `0912.345.678` and the like; empty when it is no such number."""
    digits = "".join(char for char in typed if char in "0123456789")
    if digits.startswith("84") and len(digits) == 11:
        digits = "0" + digits[2:]
    return digits if len(digits) == 10 and digits.startswith("0") else ""


def identity(form: Form, *, today: str) -> dict[str, str]:
    """Who a person says to be, as `records.IDENTITY`, from fields name, dob, sex, doc_no and phone."""
    number = form.doc_no("doc_no", required=False)
    kind = {12: "cccd", 9: "cmnd"}.get(len(number), "none")
    return {
        "doc_type": kind,
        "doc_no": number,
        "old_no": "",
        "name": form.text("name", limit=fields.MAX_NAME),
        "dob": form.day("dob", today=today, year_alone=True),
        "sex": form.choice("sex", ("M", "F", "U"), required=False) or "U",
        "address": "",
        "phone": form.phone("phone"),
    }


def read_day(typed: str) -> str:
    """The day `YYYY-MM-DD` for `3/10/2021`, `03-10-2021`, `3.10.2021` or `2021-10-03`; empty when it is no day."""
    parts = typed.strip().replace("-", "/").replace(".", "/").split("/")
    if len(parts) == 3 and all(fields.digits(part) for part in parts):
        if len(parts[0]) == 4:
            typed = f"{parts[0]}-{int(parts[1]):02d}-{int(parts[2]):02d}"
        else:
            typed = f"{int(parts[0]):02d}/{int(parts[1]):02d}/{parts[2]}"
    read = str(cccd.read_day(typed))
    return read if fields.is_day(read) else ""
