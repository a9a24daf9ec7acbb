"""Which driver stands behind which name: one table per device idea, loaded only when asked for.

A driver named in the settings is the driver that runs. A missing device or library is reported, never
replaced by another driver or by a fake. The fake QR reader, printer and I/O board are the far end of a wire: the kiosk
opens the real driver on their `path` or `address`.
"""

import importlib

CAMERAS = {
    "pi": "kiosk.hardware.camera_pi:PiCamera",
    "folder": "kiosk.hardware.camera_folder:FolderCamera",
    "fake": "kiosk.hardware.camera_fake:FakeCamera",
}
QR_READERS = {
    "serial": "kiosk.hardware.qr_reader_serial:SerialQRReader",
    "fake": "kiosk.hardware.qr_reader_fake:FakeQRReader",
}
PRINTERS = {
    "escpos": "kiosk.hardware.printer_escpos:EscposPrinter",
    "fake": "kiosk.hardware.printer_fake:VirtualPrinter",
}
IO_BOARDS = {
    "serial": "kiosk.hardware.io_board_serial:SerialIOBoard",
    "fake": "kiosk.hardware.io_board_fake:FakeIOBoard",
}
MACHINES = {
    "pi": "kiosk.hardware.machine_pi:PiMachine",
    "fake": "kiosk.hardware.machine_fake:FakeMachine",
}
SPEAKERS = {
    "espeak": "kiosk.hardware.speaker_espeak:EspeakSpeaker",
    "fake": "kiosk.hardware.speaker_fake:FakeSpeaker",
}
DECODERS = {
    "zxing": "kiosk.hardware.zxing_decoder:ZxingDecoder",
    "zbar": "kiosk.hardware.zbar_decoder:ZbarDecoder",
}


class UnknownDriver(LookupError):
    """The settings name a driver that the table does not hold."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no driver {name!r}; known: {', '.join(known)}")
        self.name = name
        self.known = known


def load(table: dict[str, str], name: str) -> type:
    """Return the class that `table` names under `name`; raise UnknownDriver when it names none.

    An ImportError of the driver's module passes through: the caller shows it, nothing stands in.
    """
    target = table.get(name)
    if target is None:
        raise UnknownDriver(name, tuple(sorted(table)))
    module, _, attribute = target.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, type):
        raise TypeError(f"{target} is not a class")
    return found
