"""The envelope of a record: naming `(k, inc, seq)`, chaining by `prev`, checking. Signing is passed in.

Theory of operation: a writer seals a body into one canonical line; anybody parses a line back into a `Record`.
On the wire a document is two lines, the document's and its signature's; a message holds one or more such
pairs. A line that cannot be parsed costs its own pair only, never the pairs behind it.
"""

from protocol import canon, fields, records
from protocol.errors import ProtocolError, UnknownKind

VERSION = 1
GENESIS = "0" * 64
ORDER = ("v", "k", "inc", "seq", "prev", "t", "site", "session", "who", "ref", "kind", "body")
# A signature line: algorithm, blank, base64url without padding. An ES256 signature takes 92 characters.
MAX_SIGNATURE = 200
# Records per message when catching up: 64 of the largest would be 1 MB, the broker's limit.
MAX_PAIRS = 64

_TIME = (
    ("wall", fields.integer(0), True),
    ("mono", fields.integer(0), True),
    ("boot", fields.word, True),
    ("sure", fields.one_of("synced", "holdover", "unknown"), True),
    ("err", fields.integer(0), True),
    ("hlc", fields.list_of(fields.integer(0), 2), True),
)
_WHO = (
    ("id", fields.word, True),
    ("by", fields.one_of("badge", "pin", "password", "code", "self", "machine"), True),
)
_NAME = (
    ("v", fields.integer(1, 1000), True),
    ("k", fields.word, True),
    ("inc", fields.hexadecimal(16), True),
    ("seq", fields.integer(1), True),
)
_ENVELOPE = (
    ("prev", fields.hexadecimal(64), True),
    ("t", fields.table(_TIME), True),
    ("site", fields.word, True),
    ("session", fields.text(64), True),
    ("who", fields.table(_WHO), True),
    ("ref", fields.mapping(fields.integer(0), 20), True),
    ("kind", fields.word, True),
)


class Record:
    """One parsed fact. `line` are its exact bytes, `digest` their SHA-256; everything else reads from them.

    `at`, `sure`, `err` are its time as its own clock said it; who knows better (`besttime`) says it of a copy. `t` stays.
    """

    __slots__ = (
        "at", "body", "digest", "err", "inc", "k", "kind", "line", "prev", "ref", "seq", "session", "site", "sure", "t",
        "who",
    )  # fmt: skip

    def __init__(self, value: dict, line: bytes):
        """`value`: the checked object that `line` spells."""
        self.line = line
        self.digest = canon.digest(line)
        self.k = value["k"]
        self.inc = value["inc"]
        self.seq = value["seq"]
        self.prev = value["prev"]
        self.t = value["t"]
        self.at = self.t["wall"]
        self.sure = self.t["sure"]
        self.err = self.t["err"]
        self.site = value["site"]
        self.session = value["session"]
        self.who = value["who"]
        self.ref = value["ref"]
        self.kind = value["kind"]
        self.body = value["body"]

    def name(self) -> tuple:
        """`(k, inc, seq)`."""
        return (self.k, self.inc, self.seq)

    def sort_key(self) -> tuple:
        """The order in which derivations read records: `(hlc, k, inc, seq, digest)`; never the order of arrival.

        The digest decides between the two branches of a cloned log alone.
        """
        hlc = self.t["hlc"]
        return (hlc[0], hlc[1], self.k, self.inc, self.seq, self.digest)


def seal(*, k, inc, seq, prev, t, site, session, who, ref, kind, body) -> bytes:
    """The canonical line of a new record. Raises `ProtocolError` if anything in it breaks its table."""
    if kind not in records.KINDS:
        raise UnknownKind("unknown_kind", kind)
    fields.check_table(body, records.KINDS[kind], "body")
    value = {
        "v": VERSION, "k": k, "inc": inc, "seq": seq, "prev": prev, "t": t, "site": site,
        "session": session, "who": who, "ref": ref, "kind": kind, "body": body,
    }  # fmt: skip
    fields.check_table(value, _NAME, "record")
    _check(value)
    line = canon.write(value, ORDER)
    if len(line) > canon.MAX_RECORD:
        raise ProtocolError("too_long")
    return line


def parse(line: bytes) -> Record:
    """The record that `line` spells. `UnknownKind` when its kind or version is newer than this release."""
    value = canon.read(line, ORDER)
    # Name and version first: the rest of a newer envelope may hold words that this release cannot check.
    fields.check_table(value, _NAME, "record")
    if value["v"] != VERSION:
        raise UnknownKind("unknown_version")
    _check(value)
    if value["kind"] not in records.KINDS:
        raise UnknownKind("unknown_kind")
    fields.check_table(value["body"], records.KINDS[value["kind"]], "body")
    return Record(value, bytes(line))


def _check(value: dict) -> None:
    fields.check_table(value, _ENVELOPE, "record")
    if len(value["t"]["hlc"]) != 2:
        raise ProtocolError("bad_length", "hlc")
    if not isinstance(value.get("body"), dict):
        raise ProtocolError("not_object", "body")


def peek_name(line: bytes):
    """`(k, inc, seq)` of a line that may be unacceptable otherwise, or None: what a quarantine row covers."""
    try:
        value = canon.read(line, ORDER)
        fields.check_table(value, _NAME, "record")
    except ProtocolError:
        return None
    return (value["k"], value["inc"], value["seq"])


def pack(pairs) -> bytes:
    """A message of `(line, signature line)` pairs."""
    return b"".join([line + b"\n" + signature + b"\n" for line, signature in pairs])


class PairReader:
    """Takes a message whole or in pieces; gives `(line, signature line)` pairs. Memory is bounded by one pair."""

    __slots__ = ("_buffer", "_line", "_pairs")

    def __init__(self):
        """An empty reader."""
        self._buffer = b""
        self._line = None
        self._pairs = 0

    def feed(self, data: bytes) -> list:
        """The pairs completed by `data`. Raises `ProtocolError` for a line or a message beyond its limit."""
        self._buffer += data
        found = []
        while True:
            at = self._buffer.find(b"\n")
            if at < 0:
                break
            line = self._buffer[:at]
            self._buffer = self._buffer[at + 1 :]
            self._take(line, found)
        self._limit(len(self._buffer))
        return found

    def finish(self) -> None:
        """Say that no more bytes come; a pair left open is a `ProtocolError`."""
        if self._buffer or self._line is not None:
            raise ProtocolError("cut_short")

    def _take(self, line: bytes, found: list) -> None:
        self._limit(len(line))
        if self._line is None:
            self._line = line
            return
        self._pairs += 1
        if self._pairs > MAX_PAIRS:
            raise ProtocolError("too_many")
        found.append((self._line, line))
        self._line = None

    def _limit(self, length: int) -> None:
        if length > (canon.MAX_RECORD if self._line is None else MAX_SIGNATURE):
            raise ProtocolError("too_long")


def unpack(message: bytes) -> list:
    """All pairs of a whole message."""
    reader = PairReader()
    pairs = reader.feed(message)
    reader.finish()
    return pairs
