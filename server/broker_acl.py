"""Who may publish and read which topic at the broker, written as mosquitto's ACL file from the enrolled writers.

Fails closed: a certificate without lines here may do nothing, so revoking a kiosk is leaving it out and reloading.
Contains no business logic. Why not mosquitto's `pattern` lines: provisioning/DECISIONS.md, 2 and 3.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from protocol import topics
from server import revocations
from server.clock import machine_time
from server.hubs import Hub, hub_home, read_hubs
from server.pki import SERVER_NAME, Writer, write_private

HEADER = """\
# Who may publish and read what. Made by the server from its enrolled writers: do not edit, the next enrolment
# replaces it. Whoever is not named here may do nothing. After a change the broker needs SIGHUP.
"""


def acl_text(writers: Iterable[Writer], *, processes: Sequence[str] = (SERVER_NAME,), hubs: Iterable[Hub] = ()) -> str:
    """The centre's whole ACL file. The revoked are left out; order is by identity, so equal sets give equal text."""
    blocks = [HEADER]
    blocks += [_block(process, server_lines()) for process in processes]
    blocks += _writer_blocks(writers)
    for hub in sorted(hubs, key=lambda each: each.identity):
        if hub.revoked_at is None:
            blocks.append(_block(hub.identity, hub_lines(hub)))
    return "\n".join(blocks)


def hub_acl_text(hub: Hub, writers: Iterable[Writer]) -> str:
    """The ACL file on a hub: its own site's kiosks, with the very lines they have at the centre, and nobody else."""
    ours = [writer for writer in writers if (writer.shard, writer.site) == (hub.shard, hub.site)]
    return "\n".join([HEADER, *_writer_blocks(ours)])


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


def hub_lines(hub: Hub) -> tuple[str, ...]:
    """What a hub may do at the centre: carry its site's words up, its site's answers and lists down."""
    shard, site = hub.shard, hub.site
    return (
        f"topic write {topics.neighbours(topics.UP, shard, site)}",
        f"topic write {topics.neighbours(topics.STATE, shard, site)}",
        f"topic read {topics.neighbours(topics.DOWN, shard, site)}",
        f"topic read {topics.reference(shard, site)}/#",
    )


# Folders beside the processes' own.
RESERVED_PROCESSES = frozenset({"authority", "broker", "kiosks", "hubs"})


def processes_of(folder: Path) -> tuple[str, ...]:
    """The server's processes that have an identity in this folder, by name."""
    return tuple(sorted(path.parent.name for path in folder.glob("*/client.pem"))) or (SERVER_NAME,)


def write_acls(folder: Path, writers: Iterable[Writer], *, taken_back: Iterable[int] = ()) -> None:
    """Replace the centre's file and the one in each hub's kit; `folder`: where `server.pki` keeps keys.

    `taken_back`: numbers of certificates that are to open no connection any more. Each file in one step: a broker never
    reads half of it. The brokers must then be told to reload.
    """
    # First: whoever watches the ACL carries both.
    revocations.write_list(folder, taken_back, now=machine_time())
    known, hubs = tuple(writers), read_hubs(folder)
    text = acl_text(known, processes=processes_of(folder), hubs=hubs)
    write_private(folder / "broker" / "acl", text.encode("ascii"))
    for hub in hubs:
        write_private(hub_home(folder, hub.name) / "kit" / "acl", hub_acl_text(hub, known).encode("ascii"))


def _writer_blocks(writers: Iterable[Writer]) -> list[str]:
    standing = [writer for writer in writers if writer.revoked_at is None]
    return [_block(one.identity, writer_lines(one)) for one in sorted(standing, key=lambda each: each.identity)]


def _block(identity: str, lines: Iterable[str]) -> str:
    return "\n".join((f"user {identity}", *lines, ""))
