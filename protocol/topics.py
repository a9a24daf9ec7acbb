"""Topic names. Personal data never stands in one; the ACL of the broker names the same words (a test compares)."""

from protocol.errors import ProtocolError

ROOT = "tram/1"
# Of one writer (a kiosk, a board): up records and hellos, down acknowledgements and commands, state birth and will,
# held what it holds of its neighbours' records.
UP = "up"
DOWN = "down"
STATE = "state"
HELD = "held"
# Of a site: the signed manifest of reference lists, and each list's body below it.
REF = "ref"
CLAIMS = "claims"
_LEAVES = (UP, DOWN, STATE, HELD)
_SAFE = set("abcdefghijklmnopqrstuvwxyz0123456789-")


def check_level(value: str) -> str:
    """`value` if it may be a level of a topic: 1 to 32 of a-z, 0-9 and `-`. Otherwise `ProtocolError`."""
    if not isinstance(value, str) or not 1 <= len(value) <= 32:
        raise ProtocolError("bad_length", "topic")
    for char in value:
        if char not in _SAFE:
            raise ProtocolError("bad_character", "topic")
    return value


def writer(shard: str, site: str, k: str, leaf: str) -> str:
    """`tram/1/<shard>/<site>/<k>/<leaf>`, leaf one of UP, DOWN, STATE, HELD."""
    if leaf not in _LEAVES:
        raise ProtocolError("unknown_word", "topic")
    return "/".join((ROOT, check_level(shard), check_level(site), check_level(k), leaf))


def reference(shard: str, site: str, name: str = "") -> str:
    """The topic of a site's manifest, or of the body of list `name`."""
    top = "/".join((ROOT, check_level(shard), check_level(site), REF))
    return top if not name else top + "/" + check_level(name)


def claims(shard: str, site: str) -> str:
    """The topic on which a site's desks and its queue keeper speak."""
    return "/".join((ROOT, check_level(shard), check_level(site), CLAIMS))


def every(leaf: str, shard: str = "+") -> str:
    """The server's subscription to `leaf` of every writer of a shard."""
    return "/".join((ROOT, shard, "+", "+", leaf))


def neighbours(leaf: str, shard: str, site: str) -> str:
    """A kiosk's subscription to `leaf` of every writer of its own site."""
    return "/".join((ROOT, check_level(shard), check_level(site), "+", leaf))


def read(topic: str) -> tuple:
    """`(shard, site, k, leaf)` of a writer's topic; anything else is a `ProtocolError`."""
    parts = topic.split("/")
    if len(parts) != 6 or "/".join(parts[:2]) != ROOT or parts[5] not in _LEAVES:
        raise ProtocolError("bad_topic")
    for part in parts[2:5]:
        check_level(part)
    return (parts[2], parts[3], parts[4], parts[5])
