"""The composition root: makes every part, hands each what it needs, stops them in reverse. Decides nothing else.

Nothing outside this file constructs a database, a ledger, a client or a thread of the server.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from server import (
    aefi,
    boxes,
    certificates,
    commands,
    hubs,
    inventory,
    links,
    messages,
    people,
    pki,
    reference,
    revocations,
    site_days,
    slips,
    texts,
    vaccinations,
    visits,
)
from server.broker_acl import RESERVED_PROCESSES
from server.broker_link import Link
from server.broker_watch import BrokerWatch
from server.clock import Clock, DemoClock, machine_time
from server.complaints import rechecks
from server.complaints import tables as complaints
from server.config import Config
from server.crypto import Signer
from server.db import Database
from server.door import Door
from server.enrolment import Enrolment, make_enrolment, write_acl
from server.eviction import Eviction
from server.features import Feature
from server.imports.work import Importer
from server.ingest import Ingest
from server.ledger import release
from server.ledger.ledger import Ledger
from server.migrations.upgrade import upgrade
from server.reference import ReferenceLists
from server.rounds import Rounds
from server.sealing import Unsealer
from server.sessions import expected
from server.web import create_web
from server.web_server import WebServer
from server.worker import Worker, make_provider

logger = logging.getLogger(__name__)

WEB, INGEST, WORKER = "web", "ingest", "worker"
PARTS = (WEB, INGEST, WORKER)
HOUR_MS = 3_600_000
# How often `run` looks whether its threads still live, and how long its rounds rest when there is nothing to do.
DELAYS = {"watch_s": 1.0, "imports_every_s": 1.0, "eviction_every_s": 0.3, "broker_watch_every_s": 1.0}


class PartDied(RuntimeError):
    """A thread of the server ended by itself; the process ends, so that systemd starts it afresh."""


def make_clock(config: Config) -> Clock:
    """The machine's clock, or a demonstration's."""
    return DemoClock(Path(config.demo_clock)) if config.demo_clock else Clock()


def features() -> tuple[Feature, ...]:
    """Every feature that derives something from records."""
    made = (
        links,
        people,
        visits,
        vaccinations,
        certificates,
        slips,
        aefi,
        inventory,
        messages,
        reference,
        commands,
        site_days,
        rechecks,
    )
    deadlines = reference.read_data("sla")["complaints"]
    return (*(module.feature() for module in made), complaints.feature(deadlines))


def run(
    config: Config, *, clock: Clock, stop: threading.Event, say: Callable[[str], None], parts: tuple[str, ...] = PARTS
) -> None:
    """Run `parts` until `stop` is set; `say` gets one line with the address once they are ready."""
    stops: list[Callable[[], None]] = []
    try:
        db = start_db(config)
        stops.append(db.close)
        ledger = start_ledger(config, db=db, clock=clock)
        release.settle(ledger, now=clock.wall_ms())
        alive: dict[str, Callable[[], bool]] = {}
        watched: dict[str, Callable[[], bool]] = {}
        if INGEST in parts:
            ingest = start_ingest(config, ledger=ledger, clock=clock)
            stops.append(ingest.stop)
            alive[INGEST] = ingest.alive
            evicting = start_eviction(config, ledger=ledger, clock=clock)
            if evicting is not None:
                stops.append(evicting.stop)
                alive[evicting.name] = evicting.alive
            watched["broker"] = ingest.connected.is_set
            if config.broker_log:
                watch = BrokerWatch(db=ledger.db, clock=clock, path=Path(config.broker_log))
                following = Rounds("broker_watch", watch.step, every_s=DELAYS["broker_watch_every_s"])
                following.start()
                stops += [watch.close, following.stop]
                alive[following.name] = following.alive
        if WORKER in parts:
            importer = Importer(
                db=ledger.db, clock=clock, day_offset_min=config.day_offset_min, rows_days=config.import_rows_days
            )
            stops.append(importer.close)
            worker = make_worker(config, ledger=ledger, clock=clock)
            for rounds in (
                Rounds(WORKER, worker.step, every_s=config.worker_every_ms / 1000),
                Rounds("imports", importer.step, every_s=DELAYS["imports_every_s"]),
            ):
                rounds.start()
                stops.append(rounds.stop)
                alive[rounds.name] = rounds.alive
            stops.append(worker.end)
        if WEB in parts:
            if config.door_port:
                door = start_door(config, ledger=ledger, clock=clock)
                stops.append(door.stop)
                alive["door"] = door.alive
            web = start_web(config, ledger=ledger, clock=clock, watched={**watched, **alive})
            stops.append(web.stop)
            alive[WEB] = web.alive
        say(f"Tram is ready at {web.address}" if WEB in parts else f"Tram is ready: {', '.join(parts)}")
        while not stop.wait(DELAYS["watch_s"]):
            for name, question in alive.items():
                if not question():
                    raise PartDied(name)
    finally:
        for each in reversed(stops):
            each()


def start_db(config: Config) -> Database:
    """The database, at the newest schema."""
    # SQLite makes durable what stands in the folder, never the folder's own name: records would go with it (F26).
    pki.private_folder(config.folder.absolute())
    db = Database(config.database_url)
    upgrade(db)
    return db


def start_ledger(config: Config, *, db: Database, clock: Clock) -> Ledger:
    """The ledger with all features, its own desk enrolled."""
    ensure_keys(config)
    signer = Signer.from_pem(config.signing_key_file.read_bytes())
    ledger = Ledger(
        db,
        features=features(),
        clock=clock,
        signer=signer,
        shard=config.desk_shard,
        site=config.desk,
        k=config.desk,
        unsealer=Unsealer.of_folder(config.keys_folder),
    )
    ledger.open_desk(now=clock.wall_ms())
    return ledger


def start_web(
    config: Config, *, ledger: Ledger, clock: Clock, watched: Mapping[str, Callable[[], bool]] | None = None
) -> WebServer:
    """The pages and the API, listening. `watched`: the process's other parts."""
    app = create_web(
        config=config, db=ledger.db, clock=clock, ledger=ledger, key=session_key(config), watched=watched,
        enrolment=make_enrolment(config, ledger=ledger, clock=clock),
    )  # fmt: skip
    web = WebServer(
        app, host=config.web_host, port=config.web_port, threads=config.web_threads, shared=config.share_ports,
        proxy=config.proxy, proxies=config.proxies,
    )  # fmt: skip
    web.start()
    return web


def start_door(config: Config, *, ledger: Ledger, clock: Clock) -> Door:
    """The kiosks' door. Raises `pki.NoAuthority` where it could not answer anybody."""
    made, place = Enrolment(config=config, ledger=ledger, clock=clock), config.keys_folder / "broker"
    door = Door(enrolment=made, place=place, host=config.door_host, port=config.door_port, shared=config.share_ports)
    door.start()
    return door


def _texts(campaign: texts.Campaign, conn: Connection, day: str) -> Callable[[Mapping[str, Any]], list[dict[str, str]]]:
    told = texts.Speaker(conn, day=day, campaign=campaign)
    return lambda site: told.items(site=site["site"], unit=site["unit"])


def start_ingest(config: Config, *, ledger: Ledger, clock: Clock) -> Ingest:
    """The taking in of records; it waits for its broker by itself."""
    lists = ReferenceLists(
        db=ledger.db,
        signer=ledger.signer,
        portal=config.public_url,
        day_offset_min=config.day_offset_min,
        valid_ms=config.reference_valid_h * HOUR_MS,
        stock=inventory.at_day_start,
        expected=expected.items,
        texts=partial(_texts, reference.read_data("texts")["texts"]),
    )
    link = Link(
        host=config.broker_host,
        port=config.broker_port,
        identity=config.identity_folder,
        client_id=config.process,
        shards=tuple(config.shards.split()),
    )
    ingest = Ingest(
        ledger=ledger, lists=lists, clock=clock, link=link, lists_every_s=float(config.reference_every_s),
        enrolment=make_enrolment(config, ledger=ledger, clock=clock),
    )  # fmt: skip
    ingest.start()
    return ingest


def start_eviction(config: Config, *, ledger: Ledger, clock: Clock) -> Rounds | None:
    """Who ends revoked kiosks' connections; None where the authority's key lies on another machine."""
    try:
        made = Eviction(
            db=ledger.db, clock=clock, keys=config.keys_folder, host=config.broker_host, port=config.broker_port
        )
    except pki.NoAuthority:
        return None
    rounds = Rounds("eviction", made.step, every_s=DELAYS["eviction_every_s"])
    rounds.start()
    return rounds


def make_worker(config: Config, *, ledger: Ledger, clock: Clock) -> Worker:
    """The sending of messages."""
    provider = make_provider(config.provider, outbox=config.outbox_file)
    alarm = reference.read_data("aefi_alarm")
    return Worker(
        ledger=ledger, provider=provider, clock=clock, portal=config.public_url,
        deadlines=reference.read_data("sla")["complaints"],
        say=partial(messages.compose, reference.read_data("sms_templates")["templates"]),
        unseen_min=alarm["unseen_min"], stale_h=alarm["stale_h"],
        quiet=reference.read_data("quiet_hours")["periods"] if config.quiet_hours else (),
    )  # fmt: skip


def ensure_keys(config: Config) -> None:
    """On the first start: authority, broker's and server's identities, signing and sealing key. None is replaced."""
    if not config.signing_key_file.exists():
        now = machine_time()
        pki.make_authority(config.keys_folder, now=now)
        names = () if config.broker_host in ("127.0.0.1", "localhost") else (config.broker_host,)
        pki.make_server_identity(config.keys_folder, names, now=now, processes=(config.process,))
    # Of a folder made by an earlier release: it has no sealing key yet.
    pki.make_sealing_key(config.keys_folder)
    revocations.ensure_list(config.keys_folder)


def session_key(config: Config) -> bytes:
    """The secret under cookies: the setting, or a file made once and shared by all processes of this folder."""
    if config.session_key:
        return config.session_key.reveal().encode("utf-8")
    if not config.session_key_file.exists():
        pki.write_private(config.session_key_file, secrets.token_bytes(32))
    return config.session_key_file.read_bytes()


def enrol(config: Config, *, ledger: Ledger, kiosk: str, site: str, shard: str, host: str, port: int) -> pki.Writer:
    """Make a kiosk's keys and kit, let it write, and put it into the broker's ACL file.

    Done again for the same kiosk (after a crash half-way) it makes no new keys. Raises `pki.PkiError`.
    """
    folder = config.keys_folder
    door = (config.broker_host, config.door_port) if config.door_port else None
    try:
        made = pki.enrol_kiosk(
            folder, shard=shard, site=site, writer=kiosk, broker_host=host, broker_port=port, door=door,
            now=machine_time(),
        )  # fmt: skip
    except pki.AlreadyEnrolled:
        held = {writer.k: writer for writer in pki.read_writers(folder)}.get(kiosk)
        if held is None or (held.shard, held.site) != (shard, site):
            raise
        made = held

    def register(conn: Connection) -> None:
        ledger.enrol(
            conn, k=made.k, shard=made.shard, site=made.site, public_key=made.public_key_pem, now=made.enrolled_at
        )
        certificate = pki.kiosk_home(folder, made.k) / "kit" / "client.pem"
        if certificate.exists():
            boxes.note_issued(conn, made.k, revocations.serial_of(certificate.read_bytes()))

    ledger.db.transact(register)
    write_acl(config, ledger)
    return made


def add_process(config: Config, *, ledger: Ledger, name: str) -> None:
    """Give one more ingest process its identity and its lines in the broker's ACL; again: no harm. `pki.PkiError`."""
    pki.check_name(name)
    place = config.keys_folder / name
    if not (place / "client.pem").exists():
        if place.exists() or name in RESERVED_PROCESSES:
            raise pki.BadName(f"{place} is something else, choose another name")
        authority = pki.Authority(config.keys_folder)
        authority.issue(place, stem="client", name=name, validity=pki.VALIDITY["server"], now=machine_time())
    write_acl(config, ledger)


def enrol_hub(config: Config, *, ledger: Ledger, name: str, site: str, shard: str, hosts: Sequence[str]) -> hubs.Hub:
    """Make the keys of a site's hub and write its lines into the broker's ACL file, and the site's kiosks into its own.

    Done again for the same hub it makes no new keys. Raises `pki.PkiError`.
    """
    folder = config.keys_folder
    try:
        made = hubs.enrol_hub(folder, name=name, shard=shard, site=site, hosts=hosts, now=machine_time())
    except pki.AlreadyEnrolled:
        held = {hub.name: hub for hub in hubs.read_hubs(folder)}.get(name)
        if held is None or (held.shard, held.site) != (shard, site):
            raise
        made = held
    write_acl(config, ledger)
    return made


def revoke_hub(config: Config, *, ledger: Ledger, name: str) -> hubs.Hub:
    """Take a hub's lines out of the broker's ACL file. Raises `pki.PkiError`."""
    revoked = hubs.revoke_hub(config.keys_folder, name=name, now=machine_time())
    write_acl(config, ledger)
    return revoked
