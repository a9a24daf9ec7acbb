"""The frame proxy: stands between a program and the broker, sees whole MQTT packets and mishandles them on order.

It has the keys of both ends: the broker's certificate towards the program, the program's own towards the broker, so both
still prove who they are to somebody who has the province's keys. It plays a broker and a network gone bad, not a
stranger: one without keys ends at TLS. `raw` passes TLS from end to end, for faults of the certificates themselves.
"""

import asyncio
import random
import socket
import ssl
import threading
from contextlib import suppress

from tests.processes import frames

HOST = "127.0.0.1"
CHUNK = 65_536
ORDER_S = 10.0
UP, DOWN, BOTH = "up", "down", "both"
# What may befall the packets of one direction; how likely it is for each PUBLISH that passes.
KINDS = {
    "twice": 0.7,  # a packet comes twice, the second marked as a repetition
    "swapped": 0.7,  # a packet is overtaken by the next one
    "late": 0.8,  # a packet takes its time, those behind it wait
    "shortened": 0.5,  # the payload ends too early, the packet is whole
    "dropped": 0.5,  # a packet is gone
    "kept": 0.5,  # a packet is gone and its sender is told that it is safe
    "altered": 0.6,  # another digit or letter in the payload
    "bent": 0.5,  # one bit somewhere in the packet
    "torn": 0.5,  # half a packet, then the connection is gone
    "still": 1.0,  # nothing passes; at its end the connection goes on or is gone
}
LONGEST_LATE_S = 0.6
OVERTAKEN_S = 0.4


class Link:
    """One program's way to the broker. `identity`: its folder with ca.pem, client.pem, client.key."""

    def __init__(self, name, *, identity, seed):
        self.name = name
        self.identity = identity
        self.chance = random.Random(f"{seed}:{name}")
        self.placeholder = _bound(0)
        self.port = self.placeholder.getsockname()[1]
        self.raw = False
        self.faults = {UP: "", DOWN: ""}
        self.flows = {UP: asyncio.Event(), DOWN: asyncio.Event()}
        self.flows[UP].set()
        self.flows[DOWN].set()
        self.server = None
        self.connections = set()


class FrameProxy:
    """All links of a province, on one thread. `watch(link, direction, topic, payload)` sees each whole PUBLISH.

    `watch` is called when a packet has come from its sender (`direction` up) and when it is on its way to its receiver
    (down), never for what was damaged here.
    """

    def __init__(self, *, target_port, broker, watch, seed=0, kinds=KINDS):
        """`broker`: folder with ca.pem, broker.pem, broker.key; `kinds`: how likely each is for a packet."""
        self._kinds = kinds
        self._target = target_port
        self._broker = broker
        self._watch = watch
        self._seed = seed
        self._links = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tram-frames", daemon=True)
        # How many packets were mishandled, by kind.
        self.hit = dict.fromkeys(KINDS, 0)

    def add(self, name, *, identity):
        """Make a link; gives the port on which its program finds the broker."""
        self._links[name] = Link(name, identity=identity, seed=self._seed)
        return self._links[name].port

    def start(self):
        """Listen on every link. The identities must exist by now."""
        self._thread.start()
        for link in self._links.values():
            self._do(self._listen(link))

    def stop(self):
        """End all connections and the thread. May be called twice."""
        if self._thread.is_alive():
            for link in self._links.values():
                self._do(self._close(link))
            self._do(self._rest())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(ORDER_S)
        if not self._loop.is_running():
            self._loop.close()
        for link in self._links.values():
            link.placeholder.close()

    def mishandle(self, name, direction, kind):
        """Let `kind` befall one direction of a link, or both; empty: nothing more. What was held back goes on its way."""
        for each in (UP, DOWN) if direction == BOTH else (direction,):
            self._do(self._order(self._links[name], each, kind))

    def pass_raw(self, name, *, raw):
        """Pass TLS from end to end, or see packets again. Connections are reset: the next one is of the new kind."""
        self._do(self._turn(self._links[name], raw=raw))

    def renew(self):
        """The broker has another certificate: show that one from now on."""
        for link in self._links.values():
            self._do(self._turn(link, raw=link.raw))

    def mend(self, *, but=()):
        """Everything passes as it should, but for the kinds that go on."""
        for link in self._links.values():
            for direction in (UP, DOWN):
                if link.faults[direction] not in but:
                    self._do(self._order(link, direction, ""))
            if link.raw:
                self._do(self._turn(link, raw=False))

    def _do(self, order):
        return asyncio.run_coroutine_threadsafe(order, self._loop).result(ORDER_S)

    # Below: only the thread's own.

    async def _order(self, link, direction, kind):
        was = link.faults[direction]
        link.faults[direction] = kind
        if kind == "still":
            self.hit[kind] += 1
            link.flows[direction].clear()
        else:
            link.flows[direction].set()
        if was == "still" and link.chance.random() < 0.5:
            self._reset(link)

    async def _turn(self, link, *, raw):
        await self._close(link)
        link.raw = raw
        await self._listen(link)

    async def _listen(self, link):
        context = None
        if not link.raw:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._broker / "broker.pem", self._broker / "broker.key")
            context.load_verify_locations(self._broker / "ca.pem")
            context.verify_mode = ssl.CERT_REQUIRED
        link.server = await asyncio.start_server(
            lambda reader, writer: self._serve(link, reader, writer), sock=_bound(link.port), ssl=context
        )

    async def _close(self, link):
        if link.server is not None:
            link.server.close()
            link.server = None
        self._reset(link)

    def _reset(self, link):
        for writer in list(link.connections):
            writer.transport.abort()

    async def _rest(self):
        """What still runs on the loop, to its end."""
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        # Transports close one round of the loop after they were told to.
        await asyncio.sleep(0.01)

    async def _serve(self, link, reader, writer):
        link.connections.add(writer)
        far = None
        try:
            far_reader, far = await asyncio.open_connection(HOST, self._target, ssl=self._context(link))
            link.connections.add(far)
            sides = (
                asyncio.ensure_future(self._pump(link, UP, reader, far, writer)),
                asyncio.ensure_future(self._pump(link, DOWN, far_reader, writer, far)),
            )
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
            # A last word (DISCONNECT) is passed on before the connection ends.
            with suppress(OSError, asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.gather(far.drain(), writer.drain()), 0.2)
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            # The broker is away, refuses us, a side broke off, or we end: the other side learns it from the end below.
            pass
        finally:
            for each in (writer, far):
                if each is not None:
                    link.connections.discard(each)
                    await _ended(each)

    def _context(self, link):
        if link.raw:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(link.identity / "ca.pem")
        context.load_cert_chain(link.identity / "client.pem", link.identity / "client.key")
        return context

    async def _pump(self, link, direction, reader, writer, back):
        """Everything from `reader` to `writer`; `back` leads to the sender."""
        splitter = frames.Splitter()
        overtaken = []
        with suppress(OSError, frames.NotMqttError):
            while data := await reader.read(CHUNK):
                await link.flows[direction].wait()
                if link.raw:
                    _write(writer, data)
                else:
                    for packet in splitter.feed(data):
                        if not await self._pass(link, direction, packet, writer=writer, back=back, overtaken=overtaken):
                            return
                        await link.flows[direction].wait()
                        # A side that broke off is told of here, not after the whole burst.
                        await asyncio.sleep(0)
                await writer.drain()

    async def _pass(self, link, direction, packet, *, writer, back, overtaken):
        """One packet on its way; False when the connection is torn here."""
        one = frames.publish_of(packet)
        if one is not None and direction == UP:
            self._watch(link.name, UP, one.topic, one.payload)
        kind, chance = link.faults[direction], link.chance
        if one is None or not kind or chance.random() >= self._kinds[kind] or kind == "still":
            self._send(link, direction, one, packet, writer)
            _release(overtaken)
            return True
        self.hit[kind] += 1
        if kind == "twice":
            self._send(link, direction, one, packet, writer)
            _write(writer, frames.again(packet))
        elif kind == "swapped":
            # It goes when the next one has gone, or soon when there is none.
            send = _Once(lambda: self._send(link, direction, one, packet, writer))
            overtaken.append(send)
            asyncio.get_running_loop().call_later(OVERTAKEN_S, send)
            return True
        elif kind == "late":
            await asyncio.sleep(chance.uniform(0.05, LONGEST_LATE_S))
            self._send(link, direction, one, packet, writer)
        elif kind == "shortened":
            _write(writer, frames.with_payload(one, one.payload[: chance.randrange(len(one.payload) + 1)]))
        elif kind == "altered":
            _write(writer, frames.with_payload(one, altered(one.payload, chance)))
        elif kind == "bent":
            # Not in the length: a receiver would wait for bytes that never come, until its keepalive ends it.
            at = chance.randrange(one.at - len(one.topic.encode()) - 4, len(packet))
            _write(writer, packet[:at] + bytes((packet[at] ^ 1 << chance.randrange(8),)) + packet[at + 1 :])
        elif kind == "kept" and one.mid:
            _write(back, frames.answer(one))
        elif kind == "torn":
            _write(writer, packet[: chance.randrange(1, len(packet))])
            with suppress(OSError):
                await writer.drain()
            return False
        _release(overtaken)
        return True

    def _send(self, link, direction, one, packet, writer):
        if one is not None and direction == DOWN:
            self._watch(link.name, DOWN, one.topic, one.payload)
        _write(writer, packet)


class _Once:
    """A call that happens once, whoever asks first."""

    def __init__(self, act):
        self._act = act

    def __call__(self):
        act, self._act = self._act, lambda: None
        act()


def altered(payload, chance):
    """`payload` with one digit or small letter changed into another: text that still reads well."""
    places = [at for at, byte in enumerate(payload) if byte in b"0123456789"] or list(range(len(payload)))
    if not places:
        return payload
    at = chance.choice(places)
    return (
        payload[:at]
        + bytes((chance.choice([each for each in b"0123456789" if each != payload[at]]),))
        + payload[at + 1 :]
    )


def _write(writer, data):
    if not writer.is_closing():
        writer.write(data)


def _release(overtaken):
    while overtaken:
        overtaken.pop(0)()


async def _ended(writer):
    writer.transport.abort()
    with suppress(OSError, asyncio.TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), 1.0)


def _bound(port):
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((HOST, port))
    return made
