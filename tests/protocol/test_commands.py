"""Commands on the wire: what is made reads back, an unknown one is refused with a word."""

from protocol import commands
from protocol.errors import ProtocolError
from tests.protocol.examples import changed
from tests.protocol.raising import raises

STOP = {
    "command": "c-1", "k": "kiosk-03", "n": 4, "what": "stop_lot", "text": "", "about": "FF1234",
    "issued": 1633410000000, "until": 1634014800000,
}  # fmt: skip


def test_a_command_reads_back():
    for what in commands.WHATS:
        line = commands.make(changed(STOP, what=what, text="Lô này\ndừng tiêm"))
        assert commands.is_command(line)
        assert commands.read(line) == changed(STOP, v=1, what=what, text="Lô này\ndừng tiêm")


def test_what_nobody_knows_is_refused_at_both_ends():
    assert raises(ProtocolError, commands.make, changed(STOP, what="explode")).code == "unknown_word"
    assert raises(ProtocolError, commands.make, changed(STOP, n=0)).code == "out_of_range"
    assert raises(ProtocolError, commands.read, b'{"command":"c-1","v":1,"k":"kiosk-03","n":1}').code == "missing"
    assert not commands.is_command(b'{"ack":1}')
