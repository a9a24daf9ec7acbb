"""What a broker's log says of those it refused: who, what, how often. Pure: lines in, refusals out.

Rules:
1. Of a refused publish and of a subscription that reaches too far (this broker grants it and delivers nothing) the log
   names the client. It is written there only with `log_type debug` and `subscribe` (`provisioning/mosquitto/watched.conf`).
2. Of a refused handshake it names nobody, only that some connection failed: it is laid to the address that came last
   and has not got in, unless it failed so fast that the line itself names the address. Which kiosks came from that
   address before is told beside it, and proves nothing.
3. A topic is passed on only if it is one of ours: anybody can write anything there.
"""

import re
from collections import Counter, OrderedDict
from dataclasses import dataclass

from protocol import topics
from protocol.errors import ProtocolError
from server.broker_acl import writer_lines
from server.pki import Writer

LEVELS = 3
# Addresses and connections that are remembered; a stranger can come from any number of them.
MOST_ADDRESSES = 4096
MOST_OPEN = 64
MOST_NAMED = 3
_CAME = re.compile(r"New connection from (.+):\d+ on port \d+\.$")
_IN = re.compile(r"New client connected from (.+):\d+ as (\S+) \(")
_DENIED = re.compile(r"Denied PUBLISH from (\S+) \(d\d, q\d, r\d, m\d+, '(.*)', \.\.\. \(\d+ bytes\)\)$")
_ASKED = re.compile(r"(\S+/\S+/\S+) [012] (\S+)$")
_AT_ONCE = re.compile(r"Client connection from (.+) failed: (.*)$")
_TLS = (
    ("peer did not return a certificate", "no_certificate"),
    ("certificate verify failed", "bad_certificate"),
    ("certificate expired", "bad_certificate"),
    ("unknown ca", "other_authority"),
    ("http request", "no_tls"),
    ("wrong version number", "no_tls"),
    ("unsupported protocol", "no_tls"),
    ("packet length too long", "no_tls"),
)


@dataclass(frozen=True)
class Refusal:
    """One refusal. `who`: a writer or an address; `what`: a word of `terms.TURNED_AWAY`; `about`: topic or kiosks, or empty."""

    who: str
    what: str
    site: str = ""
    about: str = ""


class BrokerWords:
    """The memory of one log: who came from where, and has not got in yet."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._seen: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    def read(self, lines: list[str]) -> Counter[Refusal]:
        """What these lines, without line ends, tell of refusals."""
        found: Counter[Refusal] = Counter()
        for line in lines:
            text = line.partition(": ")[2]
            # Four of five lines of such a log: skipped before anything is tried on them.
            if text.startswith(("Received", "Sending", "\t", "No will")):
                continue
            refusal = self._one(text)
            if refusal is not None:
                found[refusal] += 1
        return found

    def _one(self, text: str) -> Refusal | None:
        if came := _CAME.match(text):
            self._open = [*self._open, came[1]][-MOST_OPEN:]
        elif entered := _IN.match(text):
            self._let_in(entered[1], entered[2])
        elif denied := _DENIED.match(text):
            return _published(denied[1], denied[2])
        elif text.startswith("OpenSSL Error"):
            what = _what_of_tls(text)
            return self._handshake(what, self._open.pop() if self._open else "?") if what else None
        elif failed := _AT_ONCE.match(text):
            what = _what_of_tls(failed[2])
            return self._handshake(what, failed[1]) if what else None
        elif (asked := _ASKED.match(text)) and not _may_read(asked[1], asked[2]):
            identity = asked[1].split("/")
            return Refusal(identity[2], "listens_wide", identity[1], _ours(asked[2]))
        return None

    def _let_in(self, address: str, identity: str) -> None:
        if address in self._open:
            self._open.remove(address)
        named = [one for one in self._seen.pop(address, ()) if one != identity]
        self._seen[address] = (*named, identity)[-MOST_NAMED:]
        while len(self._seen) > MOST_ADDRESSES:
            self._seen.popitem(last=False)

    def _handshake(self, what: str, address: str) -> Refusal:
        kiosks = [one.split("/") for one in self._seen.get(address, ()) if one.count("/") == LEVELS - 1]
        sites = {site for _, site, _ in kiosks}
        site = sites.pop() if len(sites) == 1 else ""
        return Refusal(address, what, site, " ".join(sorted(k for _, at, k in kiosks if at == site)))


def _what_of_tls(text: str) -> str:
    return next((word for sign, word in _TLS if sign in text), "")


def _published(identity: str, topic: str) -> Refusal:
    levels = identity.split("/")
    if len(levels) != LEVELS:
        return Refusal(identity, "not_its_topic", about=_ours(topic))
    shard, site, k = levels
    there = topic.split("/")
    try:
        leaf, writer = topics.read(topic)[3], there[4]
    except ProtocolError:
        leaf, writer = "", k
    if there[:2] == topics.ROOT.split("/") and there[2:4] != [shard, site]:
        what = "other_site"
    elif writer != k:
        what = "other_kiosk"
    else:
        # Its own and yet refused: it has no lines, or it is not for a kiosk to write.
        what = "not_its_topic" if leaf in ("", topics.DOWN) else "not_listed"
    return Refusal(k, what, site, _ours(topic))


def _may_read(identity: str, asked: str) -> bool:
    levels = identity.split("/")
    lines = writer_lines(Writer(levels[2], levels[0], levels[1], "", enrolled_at=0))
    granted = [line.split()[2] for line in lines if line.split()[1].startswith("read")]
    return any(_covers(one.split("/"), asked.split("/")) for one in granted)


def _covers(granted: list[str], asked: list[str]) -> bool:
    """Is whatever `asked` matches matched by `granted` too?"""
    for at, level in enumerate(granted):
        if level == "#":
            return True
        if at >= len(asked):
            # `a/#` covers `a` itself.
            return False
        if asked[at] == "#" or (level != "+" and level != asked[at]):
            return False
    return len(asked) == len(granted)


def _ours(topic: str) -> str:
    plain = all(char in "abcdefghijklmnopqrstuvwxyz0123456789-/+#" for char in topic)
    return topic if plain and topic.startswith(topics.ROOT.split("/")[0]) else ""
