"""The network lever: what passes, what is refused, what waits."""

import contextlib
import os
import resource
import socket
import threading
import time
from pathlib import Path

import pytest

from kiosk.hardware.cable import DELAYS, TO_CLIENT, Cable
from provisioning.stage import port_answers

pytestmark = pytest.mark.integration


@pytest.fixture
def echo():
    """The port of a server that sends back what it gets."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard = bytearray()

    def serve(connection):
        with connection, contextlib.suppress(OSError):
            while read := connection.recv(65536):
                heard.extend(read)
                connection.sendall(read)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threads.append(threading.Thread(target=serve, args=(listener.accept()[0],)))
                threads[-1].start()

    threads = [threading.Thread(target=accept)]
    threads[0].start()
    yield listener.getsockname()[1], heard
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for thread in threads:
        thread.join(5)


@pytest.fixture
def proxy(echo):
    with Cable("127.0.0.1", echo[0]) as running:
        yield running


@pytest.fixture
def dial(proxy):
    with contextlib.ExitStack() as opened:
        yield lambda: opened.enter_context(socket.create_connection(("127.0.0.1", proxy.port), timeout=2))


def ask(connection, words=b"hello"):
    connection.sendall(words)
    answer = b""
    while len(answer) < len(words):
        read = connection.recv(65536)
        if not read:
            break
        answer += read
    return answer


def test_bytes_pass_both_ways(dial):
    assert ask(dial()) == b"hello"


def test_much_passes_whole(dial):
    words = bytes(range(256)) * 12_000
    connection = dial()
    sender = threading.Thread(target=connection.sendall, args=(words,))
    sender.start()
    answer = bytearray()
    while len(answer) < len(words):
        answer += connection.recv(65536)
    sender.join(5)
    assert answer == words


def test_end_of_one_side_reaches_the_other(dial):
    connection = dial()
    connection.sendall(b"last words")
    connection.shutdown(socket.SHUT_WR)
    assert connection.recv(100) == b"last words"
    assert connection.recv(100) == b""


def test_cut_resets_and_refuses_and_mend_accepts_again(proxy, dial):
    connection = dial()
    assert ask(connection) == b"hello"
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert proxy.connections == 0
    with pytest.raises(ConnectionRefusedError):
        dial()
    proxy.mend()
    assert ask(dial()) == b"hello"


def test_port_stays_ours_while_cut(proxy):
    proxy.cut()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", proxy.port))


def test_blackhole_accepts_and_says_nothing_then_goes_on(proxy, dial):
    """F48: half-open."""
    old = dial()
    assert ask(old) == b"hello"
    proxy.blackhole()
    new = dial()
    for connection in (old, new):
        connection.settimeout(0.3)
        connection.sendall(b"late")
        with pytest.raises(TimeoutError):
            connection.recv(1)
    proxy.mend()
    for connection in (old, new):
        connection.settimeout(2)
        assert connection.recv(100) == b"late"


def test_one_way_blackhole_lets_records_up_and_no_acknowledgement_down(proxy, dial, echo):
    """F47: the server hears, the kiosk does not."""
    proxy.blackhole(TO_CLIENT)
    connection = dial()
    connection.settimeout(0.3)
    connection.sendall(b"record")
    with pytest.raises(TimeoutError):
        connection.recv(1)
    assert bytes(echo[1]) == b"record"
    proxy.mend()
    assert connection.recv(100) == b"record"


def test_unreachable_target_resets_the_client():
    with (
        Cable("127.0.0.1", 1) as proxy,
        pytest.raises(ConnectionResetError),
        socket.create_connection(("127.0.0.1", proxy.port), timeout=2) as client,
    ):
        client.recv(1)


@contextlib.contextmanager
def no_descriptors():
    """This process can open nothing more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = [os.dup(0)]
    highest = max(int(one.name) for one in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, before[1]))
    try:
        with contextlib.suppress(OSError):
            while True:
                held.append(os.dup(0))
        yield
    finally:
        for one in held:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_without_a_descriptor_a_caller_waits_and_is_served_afterwards(proxy):
    """Tier P, seed 9920: the proxy's thread had ended, and no lever of the network moved again."""
    with socket.socket() as caller:
        caller.settimeout(2)
        with no_descriptors():
            caller.connect(("127.0.0.1", proxy.port))
            time.sleep(0.3)
        assert ask(caller) == b"hello"


def test_a_cable_that_cannot_be_plugged_can_be_plugged_later(proxy, dial, monkeypatch):
    monkeypatch.setitem(DELAYS, "lever", 0.3)
    proxy.cut()
    with no_descriptors(), pytest.raises(RuntimeError):
        proxy.mend()
    monkeypatch.undo()
    proxy.mend()
    assert ask(dial()) == b"hello"


def test_stop_frees_the_port_and_may_be_said_twice(echo):
    proxy = Cable("127.0.0.1", echo[0])
    proxy.start()
    assert port_answers("127.0.0.1", proxy.port)
    proxy.stop()
    proxy.stop()
    assert not port_answers("127.0.0.1", proxy.port)


def test_idle_proxy_uses_no_processor(proxy, dial):
    """A level-triggered selector would spin on a held-back or half-closed connection."""
    connection = dial()
    ask(connection)
    proxy.blackhole()
    connection.sendall(b"x")
    before = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before < 0.2
