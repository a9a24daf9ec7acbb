"""MQTT packets taken apart and put together; what is damaged is again a whole packet. No socket."""

import random

import pytest

from tests.processes import frames
from tests.processes.wire import altered


def publish(topic=b"tram/1/a/b/k/up", payload=b"payload", *, mid=7, properties=b""):
    body = len(topic).to_bytes(2, "big") + topic
    body += mid.to_bytes(2, "big") if mid else b""
    body += bytes((len(properties),)) + properties + payload
    return bytes((0x30 | (0x02 if mid else 0),)) + frames._spelled(len(body)) + body


@pytest.mark.parametrize("size", [0, 1, 100, 127, 128, 16_383, 16_384, 300_000])
def test_packets_are_found_whole_however_the_bytes_come(size):
    packets = [publish(payload=b"x" * size), b"\xc0\x00", b"\x40\x02\x00\x07", publish(mid=0)]
    stream = b"".join(packets)
    whole = frames.Splitter()
    assert whole.feed(stream) == packets
    piecemeal = frames.Splitter()
    step = max(1, len(stream) // 50)
    found = [one for at in range(0, len(stream), step) for one in piecemeal.feed(stream[at : at + step])]
    assert found == packets


def test_a_publish_says_what_it_carries():
    one = frames.publish_of(publish(properties=b"\x01\x00", payload=b"line\nsignature\n"))
    assert (one.topic, one.mid, one.payload) == ("tram/1/a/b/k/up", 7, b"line\nsignature\n")
    assert frames.publish_of(b"\xc0\x00") is None
    assert frames.publish_of(publish(mid=0)).mid == 0
    assert frames.answer(one) == b"\x40\x02\x00\x07"


@pytest.mark.parametrize("payload", [b"", b"x", b"y" * 200_000])
def test_another_payload_makes_a_whole_packet(payload):
    packet = frames.with_payload(frames.publish_of(publish()), payload)
    assert frames.Splitter().feed(packet) == [packet]
    assert frames.publish_of(packet).payload == payload


def test_a_repetition_says_so_and_nothing_else():
    packet = publish()
    assert frames.again(packet)[0] == packet[0] | frames.DUP
    assert frames.again(packet)[1:] == packet[1:]


@pytest.mark.parametrize("data", [b"\x30\xff\xff\xff\xff", b"\x30\xff\xff\xff\x7f"])
def test_what_is_no_mqtt_is_said(data):
    with pytest.raises(frames.NotMqttError):
        frames.Splitter().feed(data)


@pytest.mark.parametrize("packet", [b"\x32\x00", b"\x32\x03\x00\x05a", b"\x32\x04\x00\x02\xff\xff"])
def test_a_publish_that_is_none_is_said(packet):
    with pytest.raises(frames.NotMqttError):
        frames.publish_of(packet)


@pytest.mark.parametrize("payload", [b"", b"abc", b'{"committed":41}'])
def test_altered_text_has_its_length_and_one_other_byte(payload):
    for seed in range(20):
        changed = altered(payload, random.Random(seed))
        assert len(changed) == len(payload)
        assert sum(one != other for one, other in zip(changed, payload, strict=True)) == bool(payload)
