"""What thermal paper, pockets and a hand before the camera do to a printed slip. Pictures in, pictures out; dice are given."""

import random

from PIL import Image, ImageDraw, ImageFilter

FRAME = (1280, 720)
DESK = 120
# The code and what stands around it: the lower end of the slip, in dots.
LOWER_END = 760


def printed(picture: Image.Image, dice: random.Random) -> Image.Image:
    """The lower end of a slip as it lies there some days later: faded, speckled, with dead heat elements, stretched."""
    paper, ink = dice.randint(205, 245), dice.randint(15, 120)
    grey = picture.crop((0, max(0, picture.height - LOWER_END), picture.width, picture.height)).convert("L")
    grey = grey.point(lambda value: paper if value else ink)
    draw = ImageDraw.Draw(grey)
    for _ in range(dice.choice((0, 0, 1, 2, 4))):
        column = dice.randrange(grey.width)
        draw.line((column, 0, column, grey.height), fill=paper, width=dice.choice((1, 1, 2)))
    specks = int(grey.width * grey.height * dice.uniform(0, 0.006))
    for shade in (paper, ink):
        places = [(dice.randrange(grey.width), dice.randrange(grey.height)) for _ in range(specks // 2)]
        draw.point(places, fill=shade)
    # Slack rollers: the paper runs slower or faster than the dots.
    return grey.resize((grey.width, round(grey.height * dice.uniform(0.93, 1.07))), Image.Resampling.BILINEAR)


def held(slip: Image.Image, dice: random.Random) -> Image.Image:
    """One camera frame of the slip in a hand: turned, leaning, not quite sharp, dim, with the sensor's noise."""
    room = Image.new("L", (slip.width + 200, slip.height + 200), DESK)
    room.paste(slip, (100, 100))
    lean = dice.uniform(0, 0.08)
    wide, high = room.size
    left, right = (round(high * lean * dice.random()) for _ in range(2))
    above, below = (round(wide * lean * dice.random()) for _ in range(2))
    corners = (-above, -left, -below, high + left, wide + below, high + right, wide + above, -right)
    turned = room.transform(room.size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR, fillcolor=DESK)
    turned = turned.rotate(dice.uniform(-25, 25), Image.Resampling.BILINEAR, fillcolor=DESK)
    near = dice.uniform(0.75, 1.25)
    turned = turned.resize((round(turned.width * near), round(turned.height * near)), Image.Resampling.BILINEAR)
    frame = Image.new("L", FRAME, DESK)
    # The code stands in the upper half of the slip's lower end: that is what a person holds before the camera.
    across = (frame.width - turned.width) // 2 + dice.randint(-80, 80)
    frame.paste(turned, (across, round(frame.height / 2 - turned.height * 0.42) + dice.randint(-30, 30)))
    if (blur := dice.uniform(0, 1.6)) > 0.3:
        frame = frame.filter(ImageFilter.GaussianBlur(blur))
    light = dice.uniform(0.4, 1.05)
    frame = frame.point(lambda value: min(255, int(value * light)))
    noise = Image.effect_noise(FRAME, dice.uniform(2, 14))
    return Image.blend(frame, noise, 0.12)
