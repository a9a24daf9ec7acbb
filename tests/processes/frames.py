"""MQTT 5 packets as bytes: finds where each ends, what a PUBLISH says, and makes damaged ones. Pure; owns no socket.

Theory of operation: a packet is one byte of kind and flags, its length in one to four bytes of seven bits, and so many
bytes. `Splitter` keeps what is not yet whole. Whatever is made here is again a whole packet: the receiver finds the end.
"""

from dataclasses import dataclass

PUBLISH, PUBACK = 3, 4
DUP, QOS = 0x08, 0x06
# The longest packet our broker lets pass is 2 MiB (provisioning/mosquitto); anything longer is no MQTT.
LONGEST = 4 * 1024 * 1024


class NotMqttError(ValueError):
    """These bytes are no packets."""


@dataclass(frozen=True)
class Publish:
    """A PUBLISH taken apart. `at`: where its payload begins in the packet; `mid`: its number, 0 without an answer."""

    packet: bytes
    topic: str
    mid: int
    at: int

    @property
    def payload(self):
        """What it carries."""
        return self.packet[self.at :]


class Splitter:
    """Bytes in, whole packets out."""

    def __init__(self):
        self._held = bytearray()

    def feed(self, data):
        """The packets that `data` completes, in order. Raises `NotMqttError`."""
        self._held += data
        found = []
        while (end := _end(self._held)) is not None and end <= len(self._held):
            found.append(bytes(self._held[:end]))
            del self._held[:end]
        return found


def kind_of(packet):
    """The packet's type, 1 to 15."""
    return packet[0] >> 4


def publish_of(packet):
    """The `Publish` that `packet` is, or None. Raises `NotMqttError` when it claims to be one and is none."""
    if kind_of(packet) != PUBLISH:
        return None
    try:
        at = _length(packet)[1]
        size = int.from_bytes(packet[at : at + 2], "big")
        topic = packet[at + 2 : at + 2 + size].decode("utf-8")
        at += 2 + size
        mid = 0
        if packet[0] & QOS:
            mid = int.from_bytes(packet[at : at + 2], "big")
            at += 2
        properties, begin = _number(packet, at)
    except (IndexError, UnicodeDecodeError) as error:
        raise NotMqttError("a PUBLISH that is none") from error
    return Publish(packet, topic, mid, begin + properties)


def again(packet):
    """The same packet as sent a second time."""
    return bytes((packet[0] | DUP,)) + packet[1:]


def with_payload(one, payload):
    """The packet of `Publish` `one` with another payload and a length that fits."""
    begin = _length(one.packet)[1]
    body = one.packet[begin : one.at] + payload
    return one.packet[:1] + _spelled(len(body)) + body


def answer(one):
    """The PUBACK "success" for `Publish` `one`."""
    return bytes((PUBACK << 4, 2)) + one.mid.to_bytes(2, "big")


def _end(held):
    """Where the first packet ends; None while its length is not here."""
    if len(held) < 2:
        return None
    found = _length(held)
    if found is None:
        return None
    size, begin = found
    if size > LONGEST:
        raise NotMqttError(f"a packet of {size} bytes")
    return begin + size


def _length(packet):
    """`(remaining length, where it begins)`; None while incomplete."""
    try:
        return _number(packet, 1)
    except IndexError:
        return None


def _number(data, at):
    """A number of seven bits a byte at `at`: `(value, where the next thing begins)`."""
    value = 0
    for place in range(4):
        value |= (data[at + place] & 0x7F) << (7 * place)
        if not data[at + place] & 0x80:
            return value, at + place + 1
    raise NotMqttError("a length without an end")


def _spelled(value):
    made = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        made.append(low | (0x80 if value else 0))
        if not value:
            return bytes(made)
