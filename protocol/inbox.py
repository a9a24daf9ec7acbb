"""The receiving end: which sequence numbers are covered, what is missing, the acknowledgement that says so.

Theory of operation: a writer's log is covered by a set of disjoint ranges. `committed` is the end of the range
that starts at 1; every hole below the highest number known is a `need`. Nothing here says that anything is
durable: the caller acknowledges only after its COMMIT (invariant I2).
"""

from protocol import canon, fields
from protocol.errors import ProtocolError

HELLO_ORDER = ("hello", "v", "k", "inc")
ACK_ORDER = ("ack", "v", "k", "inc", "committed")
# Ranges named in one acknowledgement; the rest is named by the next, when these are filled.
MAX_NEED = 32
MAX_STATUS = 200
# Carried records named in one acknowledgement: a full message of them.
MAX_HERE = 64

_HELLO = (
    ("hello", fields.integer(1, 1), True),
    ("v", fields.integer(1, 1000), True),
    ("k", fields.word, True),
    ("inc", fields.hexadecimal(16), True),
    ("first", fields.integer(1), True),
    ("last", fields.integer(0), True),
    ("head", fields.hexadecimal(64), True),
    ("boot", fields.word, True),
    ("wall", fields.integer(0), True),
    ("sure", fields.one_of("synced", "holdover", "unknown"), True),
    # The boot's monotonic clock beside `wall`: how old a record of this boot is, whatever the wall clock says.
    ("mono", fields.integer(0), False),
    ("app", fields.word, True),
    # Numbers up to this one stood in an off-host backup for KEEP_DAYS and are no longer on the writer's disk.
    ("gone", fields.integer(1), False),
)
_ACK = (
    ("ack", fields.integer(1, 1), True),
    ("v", fields.integer(1, 1000), True),
    ("k", fields.word, True),
    ("inc", fields.hexadecimal(16), True),
    ("committed", fields.integer(0), True),
    ("need", fields.list_of(fields.list_of(fields.integer(1), 2), MAX_NEED), True),
    ("status", fields.list_of(fields.list_of(fields.text(64), 3), MAX_STATUS), True),
    ("archived", fields.integer(0), True),
    ("now", fields.integer(0), True),
    ("head", fields.text(64), True),
    ("whole", fields.text(64), False),
    # The highest number covered: above `committed` and up to here, what no hole of `need` names is covered too.
    ("top", fields.integer(0), False),
    # Digests of the records that the answered message carried for a neighbour and that are durable here, byte for byte.
    ("here", fields.list_of(fields.hexadecimal(64), MAX_HERE), False),
)


class Ranges:
    """A set of positive integers kept as sorted disjoint ranges `[first, last]`."""

    __slots__ = ("spans",)

    def __init__(self, spans=()):
        """`spans`: sorted disjoint `[first, last]` lists, as read back from a store."""
        self.spans = [[first, last] for first, last in spans]

    def add(self, number: int) -> bool:
        """Add one number. False when it was already there."""
        spans = self.spans
        low, high = 0, len(spans)
        while low < high:
            middle = (low + high) // 2
            if spans[middle][1] < number:
                low = middle + 1
            else:
                high = middle
        if low < len(spans) and spans[low][0] <= number:
            return False
        joins_left = low > 0 and spans[low - 1][1] == number - 1
        joins_right = low < len(spans) and spans[low][0] == number + 1
        if joins_left and joins_right:
            spans[low - 1][1] = spans[low][1]
            spans.pop(low)
        elif joins_left:
            spans[low - 1][1] = number
        elif joins_right:
            spans[low][0] = number
        else:
            spans.insert(low, [number, number])
        return True

    def fill(self, last: int) -> None:
        """Add every number from 1 to `last`."""
        end, behind = last, []
        for first, top in self.spans:
            if first <= end + 1:
                end = max(end, top)
            else:
                behind.append([first, top])
        self.spans = [[1, end]] + behind if end else behind

    def committed(self) -> int:
        """The end of the range that starts at 1; 0 when 1 is missing."""
        if self.spans and self.spans[0][0] == 1:
            return self.spans[0][1]
        return 0

    def missing(self, last: int) -> list:
        """The holes `[first, last]` between 1 and `last`, or the highest number held if that is more."""
        holes = []
        expected = 1
        for first, end in self.spans:
            if first > expected:
                holes.append([expected, first - 1])
            expected = end + 1
        if last >= expected:
            holes.append([expected, last])
        return holes


def read_hello(line: bytes) -> dict:
    """The hello that `line` spells, or `ProtocolError`."""
    value = canon.read(line, HELLO_ORDER)
    fields.check_table(value, _HELLO, "hello")
    return value


def is_hello(line: bytes) -> bool:
    """Is this line of a message a hello (and not a record)?"""
    return line.startswith(b'{"hello":')


def make_ack(
    *, k, inc, covered: Ranges, last: int, status: list, archived: int, now: int, head: str, whole=None, here=()
) -> bytes:
    """The line of an acknowledgement. `last`: the writer's last number as its hello gave it, 0 if not said.

    `whole`: only for a hello whose writer knows of nothing here (`first` is 1): the digest of its `head` when every record
    of the chain that ends there is durable, else empty. Of two branches under one name only this says "yours".

    `here`: only for records that a neighbour carried: the digests of those that are durable; no more than MAX_HERE are named.

    `status`: `[seq text, word, reason]` for records that are covered but not taken (`quarantined`, `fork`); the last
    ones are left out when they would not fit. What `read_ack` would refuse at the other end is refused here.
    """
    committed = covered.committed()
    need = [hole for hole in covered.missing(last) if hole[1] > committed][:MAX_NEED]
    value = {
        "ack": 1, "v": 1, "k": k, "inc": inc, "committed": committed, "need": need,
        "status": status[:MAX_STATUS], "archived": archived, "now": now, "head": head,
        "top": covered.spans[-1][1] if covered.spans else 0,
    }  # fmt: skip
    if whole is not None:
        value["whole"] = whole
    if here:
        value["here"] = list(here)[:MAX_HERE]
    line = canon.write(value, ACK_ORDER)
    # Words are short, so 200 statuses fit; reasons of full length may not, and the mark must get through.
    while len(line) > canon.MAX_RECORD:
        value["status"] = value["status"][: len(value["status"]) // 2]
        line = canon.write(value, ACK_ORDER)
    _check_ack(value)
    return line


def read_ack(line: bytes) -> dict:
    """The acknowledgement that `line` spells, or `ProtocolError`."""
    value = canon.read(line, ACK_ORDER)
    _check_ack(value)
    return value


def _check_ack(value: dict) -> None:
    fields.check_table(value, _ACK, "ack")
    for hole in value["need"]:
        if len(hole) != 2 or hole[0] > hole[1]:
            raise ProtocolError("bad_range", "need")
    for row in value["status"]:
        if len(row) != 3:
            raise ProtocolError("bad_length", "status")
