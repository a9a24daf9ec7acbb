"""`python -m tests.bench.staff`: fifty people of the staff sign in at once and look at today's page, over HTTP; JSON lines.

Real `web` processes on SQLite (one) and PostgreSQL (two), and in the same run a bare Flask page behind the same listener.
"""

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import click

from provisioning.stage import free_port, url_answers, wait_until
from server import accounts, app, reference, units
from server.db import Database, upsert
from server.units import Unit
from tests.bench.backlog import spread
from tests.bench.centre import SHARD, Centre
from tests.server import databases
from tests.server.made import MINUTE, Kiosk

PASSWORD = "mot cau de nho 2021"
PATIENCE_S = 300.0
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        return None


class Person:
    """One browser. `sign_in` and `look` give the seconds they took."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), _Stay())

    def look(self, path: str) -> float:
        """Fetch a page."""
        return self._ask(path)[0]

    def sign_in(self, login: str) -> float:
        """Send the form that was fetched before; only the sending is timed."""
        token = _CSRF.search(self._ask("/console/sign-in")[1])
        assert token
        fields = {"csrf": token[1], "login": login, "password": PASSWORD}
        return self._ask("/console/sign-in", urlencode(fields).encode(), wanted=303)[0]

    def _ask(self, path: str, data: bytes | None = None, *, wanted: int = 200) -> tuple[float, str]:
        begun = time.perf_counter()
        request = urllib.request.Request(self._url + path, data=data, headers={"Origin": self._url})  # noqa: S310 - our own
        try:
            with self._opener.open(request, timeout=PATIENCE_S) as answer:
                status, text = answer.status, answer.read().decode("utf-8")
        except urllib.error.HTTPError as answered:
            with answered:
                status, text = answered.code, ""
        assert status == wanted, (path, status)
        return time.perf_counter() - begun, text


def fill(centre: Centre, people: int, visits: int) -> None:
    """Accounts of one province, one site, and a morning's visits there."""
    with closing(Database(centre.config.database_url)) as db:
        ledger, now = (
            app.start_ledger(centre.config, db=db, clock=app.make_clock(centre.config)),
            int(time.time() * 1000),
        )
        passwords = accounts.Passwords()
        with db.write() as conn:
            for code, name, level, parent in (("VN", "Việt Nam", "country", ""), ("75", "Đồng Nai", "province", "VN")):
                units.put(
                    conn, Unit(code=code, name=name, level=level, parent=parent, valid_from="2021-07-01", valid_to="")
                )
            site = {"site": "site-1", "shard": SHARD, "name": "Trạm y tế", "address": "", "hotline": "", "unit": "75"}
            upsert(conn, reference.SITE, [site])
            for n in range(people):
                accounts.create(
                    conn, passwords=passwords, login=f"can-bo-{n}", name="Nguyễn Thị Hoa", email="", role="officer", unit="75",
                    unit_from="2021-07-01", password=PASSWORD, must_change=False, now=now,
                )  # fmt: skip
            kiosk = Kiosk("kiosk-x", site="site-1")
            ledger.enrol(conn, k=kiosk.k, shard=SHARD, site=kiosk.site, public_key=kiosk.signer.public_pem, now=1)
        for n in range(visits):
            ledger.accept(kiosk.visit(n, now - 60 * MINUTE), k=kiosk.k, site=kiosk.site, now=now)


def at_once(works: list[Callable[[], float]], *, times: int) -> list[float]:
    """Do all, each on a thread of its own, from one moment on, so many times; all the seconds they gave."""
    start, found, wrong = threading.Barrier(len(works)), [], []

    def run(work: Callable[[], float]) -> None:
        start.wait()
        try:
            found.extend(work() for _ in range(times))
        except (AssertionError, OSError) as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(work,), name=f"tram-staff-{n}") for n, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[0]
    return found


@contextmanager
def bare() -> Iterator[str]:
    """The peer: one bare page of Flask behind waitress."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "tests.bench.plain_pages", str(port)]) as process:
        try:
            assert wait_until(lambda: url_answers(f"http://127.0.0.1:{port}/"), timeout_s=60)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def bench(name: str, folder: Path, *, people: int, looks: int, visits: int, **centre: object) -> dict[str, object]:
    """Sign-in and today's page of `people` at once; `looks`: pages of each."""
    with Centre(folder, kiosks=1, **centre) as held, bare() as peer:
        fill(held, people, visits)
        crowd = [Person(held.web) for _ in range(people)]
        signed = at_once([partial(one.sign_in, f"can-bo-{n}") for n, one in enumerate(crowd)], times=1)
        begun = time.perf_counter()
        today = at_once([partial(one.look, "/console/") for one in crowd], times=looks)
        took = time.perf_counter() - begun
        strangers = [Person(peer) for _ in range(people)]
        begun = time.perf_counter()
        plain = at_once([partial(one.look, "/") for one in strangers], times=looks)
        bare_took = time.perf_counter() - begun
    return {
        "bench": f"{people} people, {name}", "sign_in": spread(signed), "today": spread(today), "pages_per_s": round(len(today) / took),
        "bare_page": spread(plain), "bare_per_s": round(len(plain) / bare_took), "visits": visits,
    }  # fmt: skip


@click.command()
@click.option("--people", default=50, help="Who come at once; one address may try sixty times in five minutes.")
@click.option("--looks", default=10, help="How often each looks at today's page.")
@click.option("--visits", default=100, help="Visits of that day.")
def main(people: int, looks: int, visits: int) -> None:
    """Print one line for each database."""
    given = {"people": people, "looks": looks, "visits": visits}
    with tempfile.TemporaryDirectory(prefix="tram-bench-") as folder:
        print(json.dumps(bench("SQLite, 1 web", Path(folder), processes=("web-1",), **given)), flush=True)
    if databases.binaries() is not None:
        with tempfile.TemporaryDirectory(prefix="tram-bench-") as folder, databases.postgresql(fsync=True) as address:
            row = bench("PostgreSQL, 2 web", Path(folder), database=address, processes=("web-1", "web-2"), **given)
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
