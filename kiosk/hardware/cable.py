"""The network cable as a device with levers: a TCP proxy between a kiosk and its broker, for demo and tests.

Theory of operation. One thread owns every socket; a lever hands it an order and waits until it is carried out: when
`cut()` has returned, no byte passes any more. `flowing`: bytes pass. `cut`: connections are reset, new ones refused, as
with a cable pulled behind a router that says so. `blackhole`: connections stay and new ones are accepted, but bytes
wait unread, as with a half-open connection; `mend()` lets what waited go on. It never looks into the bytes.
"""

import logging
import queue
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
CHUNK = 65536
# Bytes held for a side that does not read; beyond it the other side is not read either, as TCP itself would do.
HELD_MAX = 262_144
# Seconds.
DELAYS = {"lever": 5.0, "connect": 2.0, "again": 0.1}
RESET = struct.pack("ii", 1, 0)

FLOWING, CUT, BLACKHOLE = "flowing", "cut", "blackhole"
BOTH, TO_SERVER, TO_CLIENT = "both", "to_server", "to_client"

logger = logging.getLogger(__name__)


def _reset(connection: socket.socket) -> None:
    """Close with RST: the other end learns at once, as from a router that says "no route"."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()


class _Side:
    """One socket, the bytes waiting to be written to it, and its partner."""

    def __init__(self, connection: socket.socket, *, direction: str) -> None:
        self.connection = connection
        # Which way the bytes read from this socket travel.
        self.direction = direction
        self.waiting = bytearray()
        # Its program said its last word; the partner was told so.
        self.ended = False
        self.told = False
        self.partner: _Side | None = None


class Cable:
    """Forwards 127.0.0.1:`port` to a target. Start with `start()` or as a context manager.

    The port stays ours while cut: a socket bound to it, never listening, keeps it from other programs.
    """

    def __init__(self, target_host: str, target_port: int, *, port: int = 0) -> None:
        self.target = (target_host, target_port)
        self._placeholder = _bound(port)
        self.port = int(self._placeholder.getsockname()[1])
        self.state = FLOWING
        self._blocked = frozenset[str]()
        self._listener: socket.socket | None = None
        self._sides: dict[socket.socket, _Side] = {}
        self._selector = selectors.DefaultSelector()
        self._waker, self._woken = socket.socketpair()
        self._orders: queue.SimpleQueue[tuple[str, str, threading.Event]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"cut-proxy-{self.port}", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen and forward."""
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._listen()
        self._thread.start()

    def cut(self) -> None:
        """Reset all connections and refuse new ones."""
        self._order(CUT)

    def blackhole(self, direction: str = BOTH) -> None:
        """Accept and keep connections, pass nothing in `direction` (`both`, `to_server`, `to_client`)."""
        self._order(BLACKHOLE, direction)

    def mend(self) -> None:
        """Pass bytes again; those held back in a blackhole first."""
        self._order(FLOWING)

    @property
    def connections(self) -> int:
        """How many clients are connected now."""
        return sum(side.direction == TO_SERVER for side in list(self._sides.values()))

    def stop(self) -> None:
        """Reset everything and end the thread. May be called twice."""
        if self._thread.is_alive():
            self._order("stop")
            self._thread.join(DELAYS["lever"])
            if self._thread.is_alive():
                raise RuntimeError(f"{self._thread.name} did not end")
        for each in (self._placeholder, self._waker, self._woken, self._listener):
            if each is not None:
                each.close()
        self._selector.close()

    def _order(self, state: str, direction: str = BOTH) -> None:
        done = threading.Event()
        self._orders.put((state, direction, done))
        self._waker.send(b"!")
        if not done.wait(DELAYS["lever"]):
            raise RuntimeError(f"{self._thread.name} did not carry out {state!r}")

    # Below: only the thread's own.

    def _run(self) -> None:
        while self.state != "stop":
            for key, _events in self._selector.select():
                if key.fileobj is self._woken:
                    self._obey()
                elif key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket) and (side := self._sides.get(key.fileobj)):
                    self._move(side, _events)
        self._drop_all()

    def _obey(self) -> None:
        self._woken.recv(CHUNK)
        while not self._orders.empty():
            state, direction, done = self._orders.get()
            self.state = state
            both = frozenset({TO_SERVER, TO_CLIENT})
            self._blocked = frozenset() if state == FLOWING else both if direction == BOTH else frozenset({direction})
            if state in (CUT, "stop"):
                self._deafen()
                self._drop_all()
            elif self._listener is None:
                try:
                    self._listen()
                except OSError as trouble:
                    # No descriptor left: it stays out, whoever plugs it hears so, and the next order tries again.
                    logger.warning("not_plugged port=%d reason=%s", self.port, trouble)
                    continue
            for side in list(self._sides.values()):
                self._watch(side)
            done.set()

    def _listen(self) -> None:
        listener = _bound(self.port)
        listener.listen()
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ)
        self._listener = listener

    def _deafen(self) -> None:
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None

    def _accept(self) -> None:
        if self._listener is None:
            return
        try:
            client, _address = self._listener.accept()
        except OSError as trouble:
            # No descriptor left: whoever calls waits in line.
            logger.warning("not_accepted port=%d reason=%s", self.port, trouble)
            time.sleep(DELAYS["again"])
            return
        try:
            server = socket.create_connection(self.target, timeout=DELAYS["connect"])
        except OSError as trouble:
            logger.info("target_unreachable port=%d reason=%s", self.target[1], trouble)
            _reset(client)
            return
        ours, theirs = _Side(client, direction=TO_SERVER), _Side(server, direction=TO_CLIENT)
        ours.partner, theirs.partner = theirs, ours
        for side in (ours, theirs):
            side.connection.setblocking(False)
            side.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sides[side.connection] = side
            self._watch(side)

    def _watch(self, side: _Side) -> None:
        """Tell the selector what this socket may do now."""
        partner = side.partner
        events = 0
        if partner is not None:
            if not side.ended and side.direction not in self._blocked and len(partner.waiting) < HELD_MAX:
                events |= selectors.EVENT_READ
            if side.waiting and partner.direction not in self._blocked:
                events |= selectors.EVENT_WRITE
        known = side.connection in self._selector.get_map()
        if events and known:
            self._selector.modify(side.connection, events)
        elif events:
            self._selector.register(side.connection, events)
        elif known:
            self._selector.unregister(side.connection)

    def _move(self, side: _Side, events: int) -> None:
        partner = side.partner
        if partner is None:
            return
        try:
            if events & selectors.EVENT_READ:
                read = side.connection.recv(CHUNK)
                side.ended = not read
                partner.waiting += read
            if events & selectors.EVENT_WRITE and side.waiting:
                sent = side.connection.send(side.waiting)
                side.waiting = side.waiting[sent:]
            for each, other in ((side, partner), (partner, side)):
                if each.ended and not each.told and not other.waiting:
                    each.told = True
                    other.connection.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            self._drop(side)
            return
        if side.told and partner.told:
            self._drop(side, close=socket.socket.close)
            return
        self._watch(side)
        self._watch(partner)

    def _drop(self, side: _Side, *, close: Callable[[socket.socket], None] = _reset) -> None:
        for each in (side, side.partner):
            if each is not None and self._sides.pop(each.connection, None) is not None:
                if each.connection in self._selector.get_map():
                    self._selector.unregister(each.connection)
                close(each.connection)

    def _drop_all(self) -> None:
        while self._sides:
            self._drop(next(iter(self._sides.values())))


def _bound(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((HOST, port))
    return made
