"""The pins of a Raspberry Pi Pico: the only file of the firmware that touches `machine`. It decides nothing.

Wiring: README.md of provisioning. Lamp GP16 red, GP17 green, GP18 blue (common cathode); buzzer GP15; button GP14 to
ground; slip sensor GP13 (open collector, low while paper is seen); DS18B20 data on GP22 with 4.7 kΩ to 3.3 V.
"""

import ds18x20
import machine
import onewire

RED, GREEN, BLUE, BUZZER, BUTTON, SLIP, THERMOMETER = 16, 17, 18, 15, 14, 13, 22
COLOURS = {"off": (0, 0, 0), "green": (0, 1, 0), "amber": (1, 1, 0), "red": (1, 0, 0), "white": (1, 1, 1)}
HALF_DUTY = 32768
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
        self._sensor = ds18x20.DS18X20(onewire.OneWire(machine.Pin(THERMOMETER)))
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
            celsius = self._sensor.read_temp(self._rom)
        except onewire.OneWireError:
            self._rom = None
            return 0, "absent"
        except Exception:  # noqa: BLE001 - ds18x20 raises a bare Exception for a wrong check sum  # loop edge
            return 0, "garbage"
        self._convert()
        return int(celsius * 10 + (0.5 if celsius >= 0 else -0.5)), ""

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
            found = self._sensor.scan()
            self._rom = found[0] if found else None
            if found:
                self._sensor.convert_temp()
        except onewire.OneWireError:
            self._rom = None
