"""An office with its web application and browsers: accounts of every role, a site, a person with a dose, a still clock."""

import io
import re
from typing import Any

from argon2 import PasswordHasher
from PIL import Image
from sqlalchemy import update

from server import accounts, reference, second_factor, units
from server.accounts import ACCOUNT, Passwords
from server.clock import Clock
from server.config import Config
from server.db import Database, upsert
from server.units import Unit
from server.web import create_web
from tests.server.made import DAY, MINUTE, MORNING, SHARD, SITE, Office, receipt
from tests.templates import COMPILED

HOST = "http://tram.test"
FIRST_PASSWORD = "mat-khau-dau-tien"
SECRET = b"the second factor 20"
KEY = b"k" * 32
PASSWORD = "mot cau de nho 2021"
UNITS = (
    ("VN", "Việt Nam", "country", ""),
    ("75", "Tỉnh Đồng Nai", "province", "VN"),
    ("731", "Thành phố Biên Hòa", "district", "75"),
    ("25993", "Phường Trảng Dài", "commune", "731"),
)
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class StillClock(Clock):
    """A clock that stands until a test moves it."""

    def __init__(self, now: int = MORNING) -> None:
        super().__init__()
        self.now = now

    def wall_ms(self) -> int:
        return self.now


class WebOffice(Office):
    """An office on 5 October 2021 at 09:00: one site, one delivery, person 1 with a dose from 08:10."""

    def __init__(self, db: Database, **settings: Any) -> None:
        super().__init__(db)
        self.clock = StillClock(MORNING + 60 * MINUTE)
        # Most tests sign in by password alone; test_second_factor.py asks for more.
        config = Config(**{"public_url": HOST + "/", "second_factor_roles": "", **settings})
        self.passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.app = create_web(
            config=config, db=db, clock=self.clock, ledger=self.ledger, key=KEY, passwords=self.passwords
        )
        self.app.jinja_env.bytecode_cache = COMPILED
        # A mistake in a view is a failing test, not a page; errors that views raise on purpose are pages still.
        self.app.config["PROPAGATE_EXCEPTIONS"] = True
        self.codes: list[str] = []
        self._fill()

    def _fill(self) -> None:
        row = {"site": SITE, "shard": SHARD, "name": "Trạm y tế Trảng Dài", "address": "", "hotline": "1900 9095"}
        with self.db.write() as conn:
            for code, name, level, parent in UNITS:
                unit = Unit(code=code, name=name, level=level, parent=parent, valid_from="2021-07-01", valid_to="")
                units.put(conn, unit)
            upsert(conn, reference.SITE, [{**row, "unit": "25993"}])
            for role in accounts.ROLES:
                self.account(conn, role, role=role, must_change=False, password=PASSWORD)
        self.append(receipt(vaccine="PFIZER"), now=MORNING - DAY)
        self.nurse = self.kiosk()
        self.accept(self.nurse, *self.nurse.visit(1, vaccine="PFIZER"), now=MORNING)

    def account(self, conn: Any, login: str, **given: Any) -> int:
        """An account that must change its first password, unless told otherwise."""
        made = {
            "name": "Nguyễn Thị Hoa", "email": "hoa@example.vn", "role": "officer", "unit": "75",
            "unit_from": "2021-07-01", "password": FIRST_PASSWORD, "must_change": True, **given,
        }  # fmt: skip
        number = accounts.create(conn, passwords=self.passwords, login=login, now=MORNING, **made)
        if made["role"] in accounts.APPOINTS and not made["must_change"]:
            sealed = second_factor.seal(SECRET, key=KEY)
            conn.execute(update(ACCOUNT).where(ACCOUNT.c.id == number).values(totp=sealed))
        return number

    def browser(self, login: str = "") -> "Browser":
        """A new browser, signed in where a login is given."""
        browser = Browser(self)
        if login:
            answer = browser.send("/console/sign-in", login=login, password=PASSWORD)
            assert answer.status_code == 303, answer.text
            if answer.location.startswith("/console/second-factor"):
                answer = browser.send("/console/second-factor/code", code=self.code())
                assert answer.status_code == 303, answer.text
        return browser

    def code(self) -> str:
        """The second factor's code of this moment; the clock stands, so the last one is made as if never used."""
        with self.db.write() as conn:
            conn.execute(update(ACCOUNT).values(totp_used=0))
        return second_factor.code_at(SECRET, now=self.clock.now)


class Browser:
    """Flask's test client that behaves as a browser: takes the form's token from the page, says its origin."""

    def __init__(self, office: WebOffice) -> None:
        self.client = office.app.test_client()

    def get(self, path: str, **given: Any) -> Any:
        # Buffered, so that the answer is closed as by a server, and the file behind it with it.
        return self.client.get(path, base_url=HOST, **{"buffered": True, **given})

    def send(self, path: str, **fields: Any) -> Any:
        """Load the page of a form, fill it in and send it; the answer is not followed."""
        page = self.get(path)
        token = CSRF.search(page.text)
        assert token, f"{path} has no form: {page.status_code}"
        return self.post(path, csrf=token[1], **fields)

    def post(self, path: str, *, headers: Any = None, **fields: Any) -> Any:
        said = {"Origin": HOST} if headers is None else headers
        answer = self.client.post(path, base_url=HOST, data=fields, headers=said)
        # The test client spools a large form into a file and leaves it open.
        answer.request.environ["wsgi.input"].close()
        return answer


def photo(*, size: tuple[int, int] = (60, 40), kind: str = "PNG", exif: bytes = b"") -> io.BytesIO:
    """A picture in a file, as a browser would send it."""
    out = io.BytesIO()
    given = {"exif": exif} if exif else {}
    Image.new("RGB", size, "#c0d0e0").save(out, kind, **given)
    out.seek(0)
    return out
