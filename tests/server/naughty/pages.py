"""Reads pages: their forms, and whether anything stands in them as markup that no template of ours writes."""

import csv
import io
import json
import re
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from urllib.parse import quote_plus, urlsplit

from openpyxl import load_workbook

from tests.server import sentences

PLAIN = {"checked", "required", "selected", "disabled", "open", "hidden", "autofocus", "multiple", "novalidate"}
VOID = {"javascript", "vbscript", "data"}
FORMULA = "=+@\t\r"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@cache
def written():
    """Tags and attributes that our templates write."""
    # The reader knows small letters only: it says viewbox where a picture says viewBox.
    text = " ".join(path.read_text("utf-8") for path in sentences.PAGES.rglob("*.html")).lower()
    return set(re.findall(r"<([a-z][a-z0-9]*)", text)), set(re.findall(r"([a-z][a-zA-Z-]*)=", text)) | PLAIN


@dataclass
class FormSeen:
    """One form: where it goes, what it carries along, what somebody may type or choose."""

    action: str
    method: str
    hidden: dict = field(default_factory=dict)
    typed: dict = field(default_factory=dict)
    chosen: dict = field(default_factory=dict)


class Reader(HTMLParser):
    """`forms` of a page, its `text`, and `strange`: markup of nobody's template."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.forms, self.strange, self.text, self._open, self._select = [], [], [], None, ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        tags, names = written()
        given = dict(attrs)
        if tag not in tags or any(name not in names or name.startswith("on") for name in given):
            self.strange.append(f"<{tag} {' '.join(given)}>"[:120])
        for name in ("href", "src", "action", "formaction"):
            if urlsplit((given.get(name) or "").strip()).scheme.lower() in VOID - ({"data"} if tag == "img" else set()):
                self.strange.append(f"{name}={given[name]}"[:120])
        if tag == "script" and not (given.get("src") or "").startswith("/"):
            self.strange.append("script")
        self._form(tag, given)

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None

    def handle_comment(self, data):
        self.strange.append(f"<!--{data}"[:120])

    def handle_pi(self, data):
        self.strange.append(f"<?{data}"[:120])

    def unknown_decl(self, data):
        self.strange.append(f"<![{data}"[:120])

    def handle_data(self, data):
        if self.get_starttag_text() and self.lasttag == "script" and data.strip():
            self.strange.append(data[:120])
        self.text.append(data)

    def _form(self, tag, given):
        if tag == "form":
            self._open = FormSeen(given.get("action") or "", (given.get("method") or "get").lower())
            self.forms.append(self._open)
        name = given.get("name") or ""
        if self._open is None:
            return
        if tag == "option" and self._select and given.get("value"):
            self._open.chosen[self._select] = given["value"]
        if not name:
            return
        kind = given.get("type") or "text"
        if tag == "select":
            self._select = name
        elif tag == "textarea" or (tag == "input" and kind not in ("hidden", "radio", "checkbox", "submit", "file")):
            self._open.typed[name] = given.get("value") or ""
        elif tag == "input" and kind == "hidden":
            self._open.hidden[name] = given.get("value") or ""
        elif tag in ("input", "button") and kind != "file":
            self._open.chosen[name] = given.get("value") or ""


def wrong_with(answer):
    """What of an answer is not as it should be, whatever its kind; an empty list is right."""
    found = [] if answer.status_code < 500 else [f"status {answer.status_code}"]
    found += [f"{name}: {value!r}" for name, value in answer.headers if not value.isprintable()]
    kind = answer.mimetype
    if kind == "text/html":
        found += Reader(answer.text).strange
    elif kind == "application/json":
        json.loads(answer.text)
    elif kind == "text/csv":
        cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
        found += [cell[:60] for cell in cells if cell.startswith(tuple(FORMULA))]
    elif kind == XLSX:
        book = load_workbook(io.BytesIO(answer.data))
        found += [str(cell.value)[:60] for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]
    return found


def encoded(fields):
    """A form's body; values may be bytes that are no text."""
    return "&".join(
        f"{quote_plus(name)}={quote_plus(value if isinstance(value, bytes) else value.encode('utf-8', 'surrogatepass'))}"
        for name, value in fields.items()
    )
