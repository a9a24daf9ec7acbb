"""The composition root of a kiosk: reads top to bottom, stops in reverse. Nothing else makes a device or a store."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from kiosk.box import hardware_id
from kiosk.clock import Clock, DemoClock, SystemClock
from kiosk.cold_box import Measured
from kiosk.config import APP, Config, Enrolment, addresses, place, read_enrolment
from kiosk.crypto import Sealer, Signer, Verifier
from kiosk.day_list_file import DayListFile
from kiosk.day_list_pages import pdf
from kiosk.desk import anew, calling, commands, drill, prints, site_day
from kiosk.desk.condition import Condition
from kiosk.desk.day_list import file_of
from kiosk.desk.io_board import IOBoardDesk
from kiosk.desk.log import open_log
from kiosk.desk.loop import MACHINE, Desk
from kiosk.desk.retention import Retention
from kiosk.desk.rot import NightlyLook
from kiosk.desk.touch import Touch
from kiosk.feeds import start_camera, start_reader, work
from kiosk.hardware import IO_BOARDS, MACHINES, SPEAKERS, load
from kiosk.hardware.bench import VirtualBench
from kiosk.hardware.cable import Cable
from kiosk.hardware.io_board import Event, IOBoardFeed, Pressed, Signal, Slip
from kiosk.hardware.io_board_fake import FakeIOBoard
from kiosk.hardware.io_board_serial import SerialIOBoard
from kiosk.hardware.machine import Machine, MachineFeed
from kiosk.hardware.machine_fake import FakeMachine
from kiosk.hardware.printer_escpos import EscposPrinter
from kiosk.hardware.printer_fake import VirtualPrinter
from kiosk.hardware.printer_profile import profile
from kiosk.one_writer import OneWriter
from kiosk.outcome import Fact, Outcome
from kiosk.record_reader import RecordReader
from kiosk.renewal import Renewal
from kiosk.reserve import Reserve
from kiosk.salvage import open_store
from kiosk.screens.pages import create_screens
from kiosk.screens.serving import serve
from kiosk.screens.voice import Voice
from kiosk.screens.wall import serve_wall
from kiosk.sheet_picture import render
from kiosk.status import MEGABYTE
from kiosk.supervisor import Supervisor
from kiosk.sync import Sync
from kiosk.telemetry import Telemetry
from kiosk.wire import Wire

log = logging.getLogger(__name__)
# Crockford's base32: nothing in it is mistaken for anything else when read aloud.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# A broker that does not answer holds one step of the thread for two time limits: of connecting and of the handshake.
SYNC_STOP_S = 15.0


def mint(count: int) -> str:
    """`count` fresh random characters; 10 of them are 50 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def condition_of(config: Config) -> Condition:
    """What the settings say of this machine."""
    fitted = (name for name in ("printer", "reader", "camera", "board") if config.text(name) != "none")
    reserve = Reserve(config.path("folder") / "reserve", config.number("reserve_mb") * MEGABYTE)
    return Condition(fitted=frozenset(fitted), room_mb=config.number("room_mb"), reserve=reserve)


class Kiosk:
    """A running kiosk. `start()`, `wait()`, `stop()`. `bench`: the levers of its fakes, if it has any."""

    def __init__(self, config: Config) -> None:
        """`config`: the settings in force."""
        self.config = config
        self.url = ""
        self.wall_url = ""
        self.bench: VirtualBench | None = None
        self._desk: Desk
        self._stack = ExitStack()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Bring everything up, in order. On a failure what already runs is stopped again."""
        with ExitStack() as stack:
            config = self.config
            enrolment = read_enrolment(config)
            clock: Clock = DemoClock(config.path("demo_clock")) if config.text("demo_clock") else SystemClock()
            desk = self._desk = self._start_desk(stack, enrolment, clock)
            touch = Touch(desk)
            cables = self._start_cables(stack, enrolment)
            camera = start_camera(stack, config, touch, clock, lend=touch.lend_camera)
            reader = start_reader(stack, config, touch, clock)
            printer = self._start_printer(stack, touch)
            board = self._start_board(stack, touch, clock, enrolment)
            machine = self._start_machine(stack, touch)
            self._start_sync(stack, enrolment, desk, clock, cables)
            self._start_day_list(stack, touch, clock)
            if config.demo:
                cards = config.path("demo_cards") if config.text("demo_cards") else None
                skip = clock.skip if isinstance(clock, DemoClock) else None
                self.bench = VirtualBench(
                    camera=camera,
                    reader=reader,
                    printer=printer,
                    board=board,
                    machine=machine,
                    cables=cables,
                    slips=self._slips(),
                    cards=cards,
                    skip=skip,
                )
                stack.callback(self.bench.close)
            self._start_screens(stack, touch, self.bench)
            if (named := config.text("voice")) != "none":
                voice = Voice(seen=touch, speaker=load(SPEAKERS, named)(), lang=config.text("voice_lang"))
                work(stack, "voice", voice.step, voice.close)
            supervisor = Supervisor()
            desk.on_tick.append(lambda _moment: supervisor.alive())
            supervisor.ready()
            self._stack = stack.pop_all()

    def devices(self) -> dict[str, str]:
        """`printer`, `camera`, `reader`: what each last said of itself. For a running kiosk."""
        return dict(self._desk.devices)

    def wait(self) -> None:
        """Until `stop()`."""
        self._stopped.wait()

    def stop_soon(self) -> None:
        """Let `wait()` return; safe in a signal handler."""
        self._stopped.set()

    def stop(self) -> None:
        """Take everything down in reverse."""
        self._stopped.set()
        self._stack.close()

    def _slips(self) -> Path:
        folder = self.config.path("folder") / "slips"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _start_desk(self, stack: ExitStack, enrolment: Enrolment, clock: Clock) -> Desk:
        folder, signer = self.config.path("folder"), Signer(enrolment.kit / "record-signing.key")
        writer = stack.enter_context(OneWriter(folder))
        store, aside = open_store(
            folder / "kiosk.db", verifier=signer.verifier(), k=enrolment.k, journal=writer.journal
        )
        stack.callback(store.close)
        record_log, fresh = open_log(store, enrolment=enrolment, signer=signer)
        lane, name = place(self.config, enrolment)
        desk = Desk(
            store=store,
            clock=clock,
            record_log=record_log,
            lane=lane,
            name=name,
            demo=self.config.demo,
            mint=mint,
            keeper=self.config.text("keeper"),
        )
        desk.condition = condition_of(self.config)
        desk.condition.keep_room()
        desk.on_tick += [
            lambda _moment: calling.tick(desk),
            lambda _moment: site_day.tick(desk),
            lambda _moment: drill.tick(desk),
        ]
        desk.on_tick.append(NightlyLook(desk, signer=signer, verifier=signer.verifier()).step)
        if fresh:
            desk.write(Outcome(facts=(Fact("log.opened", {"app": APP, "why": "enrolled"}),)), who=MACHINE)
        elif aside is not None:
            # The old log's last numbers may be lost: they are not ours to use again (I4).
            anew.begin(desk, forked=record_log.inc, inc=secrets.token_hex(8), why="restored", app=APP)
        if aside is not None:
            desk.front.touched = clock.ticks()
            desk.say("store_salvaged", "warn")
        desk.condition.salvaged = any(folder.glob("kiosk.db.damaged-*"))
        prints.recover(desk)
        commands.started(desk)
        desk.on_tick.append(lambda _moment: commands.tick(desk, restart=self.stop_soon))
        desk.start()
        stack.callback(desk.stop)
        return desk

    def _start_cables(self, stack: ExitStack, enrolment: Enrolment) -> tuple[Cable, ...]:
        if not self.config.demo:
            return ()
        cables = tuple(Cable(host, port) for host, port in enrolment.brokers)
        for cable in cables:
            cable.start()
            stack.callback(cable.stop)
        return cables

    def _start_printer(self, stack: ExitStack, touch: Touch) -> VirtualPrinter | None:
        kind = self.config.text("printer")
        if kind == "none":
            return None
        make, width = profile(self.config.text("printer_profile"), paper_mm=self.config.number("paper_mm"))
        fake = (
            stack.enter_context(VirtualPrinter(width_dots=width, folder=self._slips(), profile=make))
            if kind == "fake"
            else None
        )
        tables = self.config.path("folder") / "printer-tables"
        tables.mkdir(parents=True, exist_ok=True)
        printer = EscposPrinter(
            kind=fake.kind if fake else kind,
            address=fake.address if fake else self.config.text("printer_address"),
            width_dots=width,
            baud=self.config.number("printer_baud") or make.baud,
            profile=make,
            capabilities_dir=str(tables),
        )

        def step() -> None:
            status = printer.status()
            touch.device("printer", status)
            if status != "ready":
                return
            taken = touch.take_print()
            if taken is None:
                return
            job, words = taken
            touch.device("printer", "busy")
            result = "unknown"
            try:
                result = printer.print_picture(render(words, width_dots=width))
            finally:
                # Whatever went wrong, the job does not stay "being sent": a person may order the next copy.
                touch.print_done(job, result)

        work(stack, "printer", step, printer.close)
        return fake

    def _start_board(self, stack: ExitStack, touch: Touch, clock: Clock, enrolment: Enrolment) -> FakeIOBoard | None:
        driver = self.config.text("board")
        if driver == "none":
            return None
        load(IO_BOARDS, driver)
        fake = stack.enter_context(FakeIOBoard()) if driver == "fake" else None
        key = enrolment.kit / "board.key"
        # Without a key the lamp works, and no temperature is believed: the screen says whose board it is not.
        board = SerialIOBoard(
            path=fake.path if fake else str(self.config.path("board_path")),
            key=fake.key if fake else bytes.fromhex(key.read_text("utf-8").strip()) if key.exists() else b"",
            now_ms=clock.ticks,
        )
        desk_side = IOBoardDesk(
            self._desk,
            show=lambda signal: board.show(Signal(*signal)),
            button=bool(self.config.values["board_button"]),
        )

        def take(event: Event) -> None:
            if isinstance(event, Pressed):
                touch.post(desk_side.pressed)
            elif isinstance(event, Slip):
                touch.post(partial(desk_side.slip, event.present))
            else:
                proof = {"boot": event.boot, "n": event.n, "up_s": event.up_s, "mac": event.mac}
                touch.post(partial(desk_side.measured, Measured(event.box, event.tenths_c, event.fault, proof)))

        feed = IOBoardFeed(board, take, lambda status: touch.device("board", status))
        work(stack, "board", feed.step, feed.close)
        return fake

    def _start_machine(self, stack: ExitStack, touch: Touch) -> FakeMachine | None:
        driver = self.config.text("machine")
        if driver == "none":
            return None
        machine: Machine = load(MACHINES, driver)(folder=self.config.path("folder"))
        feed = MachineFeed(machine, touch.machine)
        work(stack, "machine", feed.step, feed.close)
        return machine if isinstance(machine, FakeMachine) else None

    def _start_sync(
        self, stack: ExitStack, enrolment: Enrolment, desk: Desk, clock: Clock, cables: tuple[Cable, ...]
    ) -> None:
        kit = enrolment.kit
        wire = Wire(
            brokers=tuple(("127.0.0.1", cable.port) for cable in cables) or enrolment.brokers,
            shard=enrolment.shard,
            site=enrolment.site,
            k=enrolment.k,
            ca=kit / "ca.pem",
            certificate=kit / "client.pem",
            key=kit / "client.key",
            silent_ms=self.config.number("neighbour_silent_min") * 60_000,
            login_check=self.config.text("login_check"),
        )
        reader = RecordReader(desk.store.path)
        # A kit of an earlier release has none: then nothing is sealed, and the top line says so.
        sealing = kit / "server-sealing.pub"
        retention = Retention(desk, Sealer(sealing) if sealing.exists() else None)
        desk.on_tick.append(retention.step)
        sync = Sync(
            wire=wire,
            desk=desk,
            retention=retention,
            reader=reader,
            signer=Signer(kit / "record-signing.key"),
            verifier=Verifier(kit / "server-signing.pub"),
            clock=clock,
            telemetry=Telemetry(desk, hardware=hardware_id()),
            renewal=Renewal(kit=kit, k=enrolment.k, hardware=hardware_id(), door=enrolment.door, clock=SystemClock()),
        )
        work(stack, "sync", sync.step, reader.close, sync.close, stop_s=SYNC_STOP_S)

    def _start_day_list(self, stack: ExitStack, touch: Touch, clock: Clock) -> None:
        if not self.config.text("day_list_folder"):
            return
        folder, names = self.config.path("day_list_folder"), bool(self.config.values["day_list_names"])
        # A demonstration's stick is any folder.
        mounted = Path.is_dir if self.config.demo else os.path.ismount

        def take() -> tuple[str, bytes]:
            name, one = file_of(touch.day_list(), names=names)
            return name, pdf(one)

        writer = DayListFile(
            folder=folder, every_ms=self.config.number("day_list_min") * 60_000, now_ms=clock.ticks, take=take,
            tell=touch.day_list_written, mounted=mounted,
        )  # fmt: skip
        work(stack, "day_list", writer.step)

    def _start_screens(self, stack: ExitStack, touch: Touch, bench: VirtualBench | None) -> None:
        app = create_screens(desk=touch, bench=bench, demo=self.config.demo, hall=touch)
        port, stop = serve(app, self.config.number("screen_port"))
        self.url = f"http://127.0.0.1:{port}/"
        stack.callback(stop)
        if self.config.text("wall"):
            self.wall_url = serve_wall(stack, touch, addresses("wall", self.config.text("wall"), lowest=0))
