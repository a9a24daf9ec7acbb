"""Pictures in which a code under a lamp's reflection can be read. Decides nothing, keeps nothing but a few patches.

Theory of operation: light only adds. At a reflection's edge dark and light still differ, so `evened` compares each dot with what
lies around it. Where it is white nothing is left to compare; but who holds a card moves it, and the reflection stays: `Layers`
cuts the code out of each frame that shows where it lies, sets them upright and keeps the darkest of each dot.
"""

import math
from collections import deque
from functools import reduce

from PIL import Image, ImageChops, ImageFilter

# Dots around each dot: some two modules either way, of a held card's code at half size and of one cut out.
AROUND_PX, AROUND_CUT_OUT_PX = 6, 10
GAIN, MIDDLE = 6, 140
# Two seconds of frames, as the camera's thread takes them.
MOST_PATCHES = 24
# So many frames without a code in sight, and it is another card.
FORGET_AFTER = 3
SIDE_PX, MARGIN_PX = 200, 16
# A code seen askew is cut out badly, a small "code" is a corner of one.
MOST_ASKEW, LEAST_PX, MOST_GROWTH = 1.25, 60, 1.12

Corner = tuple[float, float]
# Top left, top right, bottom right, bottom left.
Corners = tuple[Corner, Corner, Corner, Corner]


def evened(grey: Image.Image, around_px: int = AROUND_PX) -> Image.Image:
    """The picture as light and dark against its surroundings; 3 ms for a frame at half size here."""
    around = grey.filter(ImageFilter.BoxBlur(around_px))
    return ImageChops.subtract(grey, around, 1.0 / GAIN, MIDDLE)


class Layers:
    """The last frames' patches of one code that none of them shows whole. For one thread."""

    def __init__(self) -> None:
        self._patches: deque[Image.Image] = deque(maxlen=MOST_PATCHES)
        self._side = 0.0
        self._without = 0

    def forget(self) -> None:
        """Another card, or none."""
        self._patches.clear()
        self._without = 0

    def add(self, grey: Image.Image, found: list[Corners]) -> Image.Image | None:
        """Take a frame and where codes seem to lie in it; the darkest of all patches, once there are two."""
        sides = {corners: _side(corners) for corners in found if _is_upright(corners)}
        if not sides:
            self._without += 1
            if self._without >= FORGET_AFTER:
                self.forget()
            return None
        # The largest: a finder pattern alone is sometimes taken for a code.
        best = max(sides, key=lambda corners: sides[corners])
        if self._patches and not 1 / MOST_GROWTH < sides[best] / self._side < MOST_GROWTH:
            self.forget()
        self._side, self._without = sides[best], 0
        self._patches.append(_cut_out(grey, best))
        if len(self._patches) == 1:
            return None
        return reduce(ImageChops.darker, self._patches)


def _side(corners: Corners) -> float:
    return min(math.dist(corners[at], corners[at - 1]) for at in range(4))


def _is_upright(corners: Corners) -> bool:
    lengths = [math.dist(corners[at], corners[at - 1]) for at in range(4)]
    return min(lengths) >= LEAST_PX and max(lengths) <= MOST_ASKEW * min(lengths)


def _cut_out(grey: Image.Image, corners: Corners) -> Image.Image:
    """The code and a margin around it as an upright square."""
    middle = [sum(corner[axis] for corner in corners) / 4 for axis in (0, 1)]
    grown = 1 + 2 * MARGIN_PX / SIDE_PX
    wide = [tuple(middle[axis] + (corner[axis] - middle[axis]) * grown for axis in (0, 1)) for corner in corners]
    left_up, right_up, right_down, left_down = wide
    size = SIDE_PX + 2 * MARGIN_PX
    return grey.transform(
        (size, size),
        Image.Transform.QUAD,
        (*left_up, *left_down, *right_down, *right_up),
        Image.Resampling.BILINEAR,
    )
