"""Pins without a board: what hands would move and eyes would see. For the fake and the tests; not flashed.

Does what `pins.Pins` does on the real board.
"""


class LeverPins:
    """Set `pressed`, `slip`, `tenths_c` and `fault`; look at `lamp`, and at what changed, in order: `lamps`, and `sounds` in hertz."""

    def __init__(self) -> None:
        """Nothing pressed, no slip, 5.0 degrees."""
        self.pressed = False
        self.slip = False
        self.tenths_c = 50
        self.fault = ""
        self.lamp = "off"
        self.lamps = []
        self.hertz = 0
        self.sounds = []

    def button_down(self) -> bool:
        """Whether a hand is on the button."""
        return self.pressed

    def slip_present(self) -> bool:
        """Whether paper hangs in the printer's mouth."""
        return self.slip

    def temperature(self) -> tuple:
        """The last measured tenths of a degree Celsius and "", or 0 and a word of `boardlink.FAULTS`."""
        return (0, self.fault) if self.fault else (self.tenths_c, "")

    def show_lamp(self, colour: str) -> None:
        """A word of `boardlink.LAMPS`; called at every turn."""
        if colour != self.lamp:
            self.lamp = colour
            self.lamps.append(colour)
            self.lamps = self.lamps[-50:]

    def tone(self, hertz: int) -> None:
        """The buzzer's tone, 0 for silence; called at every turn."""
        if hertz != self.hertz:
            self.hertz = hertz
            self.sounds.append(hertz)
            self.sounds = self.sounds[-50:]
