"""F60, F61: a network that wants a login page, or somebody else in the centre's place, is told apart from no network."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

from kiosk.away import asks_for_login, why
from provisioning.stage import wait_until
from tests.kiosk.whole import WAIT_S, Whole

PAGE = b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.fixture
def portal() -> Iterator[Callable[[bytes], int]]:
    """Somebody who gives every connection the same bytes, whatever it asks; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    answer = [PAGE]
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                link, _from = listener.accept()
            except OSError:
                return
            with link:
                link.settimeout(2)
                try:
                    link.recv(4096)
                    link.sendall(answer[0])
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()

    def at(said: bytes) -> int:
        answer[0] = said
        return int(listener.getsockname()[1])

    yield at
    ended.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_a_login_page_in_the_brokers_place(portal: Callable[[bytes], int], whole: Whole):
    """F60: refused (I21), told in words, and the work goes on."""
    whole.settings |= {"broker_host": "127.0.0.1", "broker_port": portal(PAGE)}
    whole.start()
    assert wait_until(lambda: whole.kiosk._desk.condition.away_why == "login_page", timeout_s=WAIT_S)
    assert wait_until(lambda: "Mạng này đòi đăng nhập." in whole.hands.whole(), timeout_s=WAIT_S)
    assert whole.check_in().screen == "ticket"
    whole.hands.touch("done")
    page = whole.hands.touch("status")
    assert "Dùng điện thoại đăng nhập mạng này" in page.text


def test_a_page_that_catches_only_the_web_is_found_by_asking(portal: Callable[[bytes], int], whole: Whole):
    """F60: the broker's port is simply closed there; the address that should say 204 tells why."""
    whole.settings |= {
        "broker_host": "127.0.0.1",
        "broker_port": 1,
        "login_check": f"http://127.0.0.1:{portal(PAGE)}/204",
    }
    whole.start()
    assert wait_until(lambda: whole.kiosk._desk.condition.away_why == "login_page", timeout_s=WAIT_S)


@pytest.mark.parametrize(
    ("said", "login"),
    [(PAGE, True), (b"HTTP/1.1 204 No Content\r\n\r\n", False), (b"", False), (b"SSH-2.0-x\r\n", False)],
)
def test_who_answers(portal: Callable[[bytes], int], said: bytes, *, login: bool):
    assert asks_for_login(f"http://127.0.0.1:{portal(said)}/204") is login


def tls_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


def not_verified(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (socket.gaierror(-2, "Name or service not known"), "no_name"),
        (ConnectionRefusedError(111, "refused"), "cut"),
        (TimeoutError(), "cut"),
        (tls_error("WRONG_VERSION_NUMBER"), "login_page"),
        (tls_error("SSLV3_ALERT_CERTIFICATE_EXPIRED"), "expired"),
        (tls_error("SSLV3_ALERT_CERTIFICATE_REVOKED"), "refused"),
        (tls_error("TLSV1_ALERT_INTERNAL_ERROR"), "cut"),
        (not_verified(10), "expired"),
        (not_verified(19), "stranger"),
        (not_verified(62), "stranger"),
    ],
)
def test_word(error: Exception, word: str):
    assert why(error) == word
