"""The pins of a Raspberry Pi Pico: the only file of the firmware that touches `machine`. It decides nothing.

Wiring: README.md of provisioning. Lamp GP16 red, GP17 green, GP18 blue (common cathode); buzzer GP15; button GP14 to
ground; slip sensor GP13 (open collector, low while paper is seen); DS18B20 data on GP22 with 4.7 kΩ to 3.3 V.
"""

import machine
import onewire

RED, GREEN, BLUE, BUZZER, BUTTON, SLIP, THERMOMETER = 16, 17, 18, 15, 14, 13, 22
COLOURS = {"off": (0, 0, 0), "green": (0, 1, 0), "amber": (1, 1, 0), "red": (1, 0, 0), "white": (1, 1, 1)}
HALF_DUTY = 32768
# DS18B20 data sheet: family code and commands.
DS18B20, CONVERT, READ_SCRATCHPAD = 0x28, 0x44, 0xBE
# A turn takes milliseconds; writing to a host that does not read blocks for up to half a second.
WATCHDOG_MS = 8000


class Watchdog:
    """Starts the board anew unless fed every WATCHDOG_MS; 8388 ms is the RP2040's most."""

    def __init__(self) -> None:
        """Running from now on; it cannot be stopped."""
        self._timer = machine.WDT(timeout=WATCHDOG_MS)

    def feed(self) -> None:
        """Alive."""
        self._timer.feed()


class Pins:
    """See `levers.LeverPins` for what each of these means."""

    def __init__(self) -> None:
        """Take the pins and begin the first measurement."""
        self._lamp = [machine.Pin(number, machine.Pin.OUT, value=0) for number in (RED, GREEN, BLUE)]
        self._buzzer = machine.PWM(machine.Pin(BUZZER))
        self._buzzer.duty_u16(0)
        self._button = machine.Pin(BUTTON, machine.Pin.IN, machine.Pin.PULL_UP)
        self._slip = machine.Pin(SLIP, machine.Pin.IN, machine.Pin.PULL_UP)
        self._wire = onewire.OneWire(machine.Pin(THERMOMETER))
        self._scratch = bytearray(9)
        self._rom = None
        self._hertz = 0
        self._colour = ""
        self._convert()

    def button_down(self) -> bool:
        """The button pulls its pin to ground."""
        return not self._button.value()

    def slip_present(self) -> bool:
        """The sensor pulls its pin to ground while it sees paper."""
        return not self._slip.value()

    def temperature(self) -> tuple:
        """What was measured since the last call; begins the next measurement, which takes 750 ms."""
        if self._rom is None:
            self._convert()
            return 0, "absent"
        try:
            self._wire.reset(True)
            self._wire.select_rom(self._rom)
            self._wire.writebyte(READ_SCRATCHPAD)
            self._wire.readinto(self._scratch)
        except onewire.OneWireError:
            self._rom = None
            return 0, "absent"
        self._convert()
        # The ninth byte makes the check sum of all nine zero. By hand: the library's ds18x20 raises a bare Exception here.
        if self._wire.crc8(self._scratch):
            return 0, "garbage"
        sixteenths = self._scratch[0] | self._scratch[1] << 8
        if sixteenths & 0x8000:
            sixteenths -= 0x10000
        return (sixteenths * 10 + 8) // 16, ""

    def show_lamp(self, colour: str) -> None:
        """Set the three colours, when they change."""
        if colour != self._colour:
            self._colour = colour
            for pin, value in zip(self._lamp, COLOURS[colour]):
                pin.value(value)

    def tone(self, hertz: int) -> None:
        """Half duty at `hertz`, or silence."""
        if hertz != self._hertz:
            self._hertz = hertz
            if hertz:
                self._buzzer.freq(hertz)
            self._buzzer.duty_u16(HALF_DUTY if hertz else 0)

    def _convert(self) -> None:
        try:
            self._rom = None
            for rom in self._wire.scan():
                if rom[0] == DS18B20:
                    self._rom = rom
            if self._rom is not None:
                self._wire.reset(True)
                self._wire.select_rom(self._rom)
                self._wire.writebyte(CONVERT)
        except onewire.OneWireError:
            self._rom = None
