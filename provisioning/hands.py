"""Hands on a kiosk's touchscreen and on its virtual bench, through the pages' own HTTP: what a person would do.

It reads the page as a browser would and touches only what the page offers. It knows nothing of the kiosk's inside.
"""

import http.client
import json
import math
import re
import time
import urllib.parse
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

TIMEOUT_S = 15.0
POLL_S = 0.05
# A page that came so long ago is still before their eyes: no need to look again before they touch it.
MOMENT_S = 0.3
# What a healthy grown person measures, whichever of these their form asks for.
VITALS = {"temperature": "36.8", "pulse": "76", "resp": "16", "bp_systolic": "121", "bp_diastolic": "78"}


class KioskAway(ConnectionError):
    """The kiosk does not answer: it was killed, or is starting."""


@dataclass
class Page:
    """A page as a person sees it: which screen, its words, the visits its buttons name.

    `ticket_of`: for each visit the ticket number that stands before its first button, if any.
    """

    screen: str = ""
    token: str = ""
    text: str = ""
    visits: list[str] = field(default_factory=list)
    ticket_of: dict[str, str] = field(default_factory=dict)

    @property
    def tickets(self) -> list[str]:
        """Ticket numbers shown, in the order of the page."""
        return re.findall(r"\b[A-Z]-\d{3}\b", self.text)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "body":
            self.page.screen = given.get("data-screen") or ""
            self.page.token = given.get("data-token") or ""
        if tag == "button" and given.get("name") == "visit" and given.get("value"):
            visit = str(given["value"])
            if visit not in self.page.visits:
                self.page.visits.append(visit)
                self.page.ticket_of[visit] = (self.page.tickets or [""])[-1]
        if tag in ("script", "style", "footer", "header"):
            self._silent += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "footer", "header"):
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.page.text += data.strip() + " "


def healthy(forms: Path) -> dict[str, str | list[str]]:
    """The fields with which a healthy person agrees and is found fit, whichever form their age calls for.

    `forms`: the file of screening forms. A form takes of these what it asks for.
    """
    items = [item for form in json.loads(forms.read_text("utf-8"))["forms"] for item in form["items"]]
    answers = {f"answer.{item['code']}": "no" for item in items}
    return {"consent": "yes", **answers, **{f"vital.{name}": value for name, value in VITALS.items()}}


class Hands:
    """One pair of hands at one kiosk."""

    def __init__(self, url: str) -> None:
        """`url`: the address of the kiosk's screen."""
        parts = urllib.parse.urlsplit(url)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._seen, self._seen_at = Page(), -math.inf

    def look(self) -> Page:
        """The page on the screen now."""
        reader = _Reader()
        reader.feed(self._ask("GET", "/", None))
        self._seen, self._seen_at = reader.page, time.monotonic()
        return reader.page

    def whole(self) -> str:
        """The page's source, top and bottom lines among it."""
        return self._ask("GET", "/", None)

    def status(self) -> str:
        """How the machine says it is: JSON, as the terminal gets it."""
        return self._ask("GET", "/status.json", None)

    def touch(self, act: str, **fields: str | list[str]) -> Page:
        """Touch a button of the page on the screen; gives the page after."""
        token = (self._seen if time.monotonic() - self._seen_at < MOMENT_S else self.look()).token
        self._ask("POST", f"/act/{act}", {"token": token, **fields})
        return self.look()

    def pull(self, lever: str, value: str) -> None:
        """Pull a lever of the virtual bench."""
        self._seen_at = -math.inf
        self._ask("POST", "/bench/pull", {"name": lever, "value": value})

    def wait_for(self, *screens: str, timeout_s: float = TIMEOUT_S) -> Page:
        """Look until one of `screens` shows; gives the page last seen in any case."""
        until = time.monotonic() + timeout_s
        page = self.look()
        while page.screen not in screens and time.monotonic() < until:
            time.sleep(POLL_S)
            page = self.look()
        return page

    def _ask(self, method: str, path: str, form: dict[str, str | list[str]] | None) -> str:
        body = urllib.parse.urlencode(form, doseq=True) if form is not None else None
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        link = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        try:
            link.request(method, path, body, headers)
            answer = link.getresponse()
            text = answer.read().decode("utf-8")
        except (OSError, http.client.HTTPException) as error:
            raise KioskAway(str(error)) from error
        finally:
            link.close()
        if answer.status >= http.client.BAD_REQUEST:
            message = f"{method} {path} answered {answer.status}"
            raise RuntimeError(message)
        return text
