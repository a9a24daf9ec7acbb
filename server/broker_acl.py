"""Who may publish and read which topic at the broker, written as mosquitto's ACL file from the enrolled writers.

Fails closed: a certificate without lines here may do nothing, so revoking a kiosk is leaving it out and reloading.
Contains no business logic. Why not mosquitto's `pattern` lines: provisioning/DECISIONS.md, 2 and 3.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from protocol import topics
from server.pki import SERVER_NAME, Writer, write_private

HEADER = """\
# Who may publish and read what. Made by the server from its enrolled writers: do not edit, the next enrolment
# replaces it. Whoever is not named here may do nothing. After a change the broker needs SIGHUP.
"""


def acl_text(writers: Iterable[Writer], *, processes: Sequence[str] = (SERVER_NAME,)) -> str:
    """The whole ACL file. Revoked writers are left out; order is by identity, so equal sets give equal text."""
    blocks = [HEADER]
    blocks += [_block(process, server_lines()) for process in processes]
    for writer in sorted(writers, key=lambda each: each.identity):
        if writer.revoked_at is None:
            blocks.append(_block(writer.identity, writer_lines(writer)))
    return "\n".join(blocks)


def server_lines() -> tuple[str, ...]:
    """What the centre may do, at every site."""
    return (
        f"topic read {topics.every(topics.UP)}",
        f"topic read {topics.every(topics.STATE)}",
        f"topic write {topics.every(topics.DOWN)}",
        f"topic write {topics.ROOT}/+/+/{topics.REF}/#",
        f"topic read {topics.ROOT}/+/+/{topics.CLAIMS}",
    )


def writer_lines(writer: Writer) -> tuple[str, ...]:
    """What one kiosk may do: write its own, read its whole site. `ref/#` covers the manifest `ref` and `ref/<list>`."""
    shard, site, k = writer.shard, writer.site, writer.k
    return (
        f"topic write {topics.writer(shard, site, k, topics.UP)}",
        f"topic write {topics.writer(shard, site, k, topics.STATE)}",
        f"topic write {topics.writer(shard, site, k, topics.HELD)}",
        f"topic read {topics.neighbours(topics.UP, shard, site)}",
        f"topic read {topics.neighbours(topics.DOWN, shard, site)}",
        f"topic read {topics.neighbours(topics.HELD, shard, site)}",
        f"topic read {topics.reference(shard, site)}/#",
        f"topic readwrite {topics.ROOT}/{shard}/{site}/{topics.CLAIMS}",
    )


def write_acl(path: Path, writers: Iterable[Writer], *, processes: Sequence[str] = (SERVER_NAME,)) -> None:
    """Replace the file in one step: the broker never reads half of it. The broker must then be told to reload."""
    write_private(path, acl_text(writers, processes=processes).encode("ascii"))


def _block(identity: str, lines: Iterable[str]) -> str:
    return "\n".join((f"user {identity}", *lines, ""))
