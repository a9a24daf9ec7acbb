"""What every answer says to a browser: policies, types, cookies; and nothing that another site could read (ASVS 5.0 V3, V4)."""

import socket
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from server import audit
from server.accounts import ACCOUNT
from server.pages import access
from server.web_server import WebServer
from tests.server.web_office import HOST, PASSWORD, WebOffice


@pytest.fixture
def office(db):
    return WebOffice(db)


def test_every_answer_bears_every_header_and_says_its_type(office):
    officer, manager = office.browser("officer"), office.browser("manager")
    found = [
        officer.get("/"), officer.get("/console/"), officer.get("/console/nowhere"), officer.get("/console/stock"),
        officer.get("/assets/x/pages.css"), officer.get("/assets/x/tables.js"), manager.get("/console/stock?save=csv"),
        manager.get("/console/stock?save=xlsx"), officer.get("/api/v1/progress"), officer.get("/api/v1/health"),
    ]  # fmt: skip
    assert [answer.status_code for answer in found] == [200, 200, 404, 403, 200, 200, 200, 200, 401, 200]
    for answer in found:
        assert all(answer.headers[name] == value for name, value in access.HEADERS.items()), answer.request.path
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store" or "/assets/" in answer.request.path
        kind = answer.headers["Content-Type"]
        assert "charset=utf-8" in kind or not kind.startswith("text/"), kind
    policy = access.HEADERS["Content-Security-Policy"]
    assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert found[6].headers["Content-Disposition"] == "attachment; filename=tram-stock-2021-10-05.csv"
    for method in ("TRACE", "PUT", "DELETE", "PATCH"):
        assert officer.client.open("/console/", method=method, base_url=HOST).status_code == 405


def test_cookies_over_https_are_tied_to_this_host(db):
    """`Secure`, `HttpOnly`, `SameSite`, the prefix `__Host-`: and the office works with them."""
    office = WebOffice(db, cookie_secure=True)
    told = []
    browser = office.browser()
    for answer in (
        office.app.test_client().get("/console/?lang=en&look=dark", base_url=HOST.replace("http:", "https:")),
        browser.get("/complain"),
    ):
        told += answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in told} == {"__Host-lang", "__Host-look", "__Host-tram"}
    for cookie in told:
        parts = {part.strip() for part in cookie.split(";")}
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts, cookie
        assert "Domain" not in cookie
    assert "includeSubDomains" in answer.headers["Strict-Transport-Security"]


def test_a_new_server_has_no_account_and_a_wrong_try_is_noted(office, other_db):
    with other_db.read() as conn:
        assert conn.execute(select(func.count()).select_from(ACCOUNT)).scalar_one() == 0
    for login in ("officer", "mat-khau-go-nham-o"):
        office.browser().send("/console/sign-in", login=login, password="khong dung")
    browser = office.browser()
    browser.send("/console/sign-in", login="admin", password=PASSWORD)
    browser.send("/console/second-factor/code", code="000000")
    with office.db.read() as conn:
        noted = [(entry.act, entry.account) for entry in audit.entries(conn, limit=9)]
    assert noted[:2] == [("code_missed", "admin"), ("sign_in_missed", "officer")]
    assert "mat-khau" not in str(noted)
    assert not office.app.debug


def test_where_a_message_ends_cannot_be_doubted():
    """Of two words about a body's length the chunks hold, and two lengths are refused: nothing is smuggled behind."""
    taken = []

    def app(environ, start_response):
        taken.append((environ["PATH_INFO"], environ["wsgi.input"].read()))
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    server = WebServer(app, host="127.0.0.1", port=0, threads=1)
    server.start()
    try:
        both = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n"
        asked(server, both)
        assert taken == [("/a", b"")]
        twice = b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\nxx"
        assert b" 400 " in asked(server, twice)
        assert ("/b", b"xx") not in taken
    finally:
        server.stop()


def test_only_our_own_proxy_is_believed_about_a_caller():
    """A forged list of forwarders changes neither the address that limits count nor the scheme (ASVS 4.1.3, 15.3.4)."""
    taken = []

    def app(environ, start_response):
        told = {name for name in environ if "FORWARDED" in name}
        taken.append((environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ["HTTP_HOST"], told))
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    def call(*headers, **settings):
        server = WebServer(app, host="127.0.0.1", port=0, threads=1, **settings)
        server.start()
        try:
            lines = "".join(f"{line}\r\n" for line in ("Host: tram.test", *headers, "Connection: close"))
            said = asked(server, f"GET / HTTP/1.1\r\n{lines}\r\n".encode())
        finally:
            server.stop()
        return taken.pop() if b" 200 " in said else said

    forged = ("X-Forwarded-For: 198.51.100.1, 203.0.113.9", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.test")
    stranger = ("127.0.0.1", "http", "tram.test", set())
    assert call(*forged) == stranger
    assert call(*forged, "Forwarded: for=198.51.100.1", proxy="192.0.2.1") == stranger
    # What the proxy itself wrote stands last; what its caller had written stands before it.
    assert call(*forged, proxy="127.0.0.1")[:3] == ("203.0.113.9", "https", "tram.test")
    assert call(*forged, proxy="127.0.0.1", proxies=2)[:3] == ("198.51.100.1", "https", "tram.test")
    assert call(proxy="127.0.0.1") == stranger


def asked(server, text):
    """The first line of what the server answers."""
    place = urlsplit(server.address)
    with socket.create_connection((place.hostname, place.port), timeout=30) as line:
        line.sendall(text)
        return line.makefile("rb").readline()
