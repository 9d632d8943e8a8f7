"""Draw the pictures of sites/product that are not SVG: evening.png and icon.png.

    python tools/draw_product.py [FOLDER]

The output depends on nothing but this file and the version of Pillow.
"""

import sys
from math import sin
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent.parent / "sites" / "product" / "static"
FINER = 4  # drawn this much larger, then reduced: smooth edges
COLOURS = 96

# Three skies, from top to bottom, and the hills before them, from far to near.
SKIES = (("#bcd3e4", "#dfe3dc", "#f6e3c4"), ("#5c6a9c", "#c9788a", "#f6ad6a"), ("#10162c", "#1f2a4d", "#3a3f6b"))
HILLS = (("#a9bdb5", "#7f9f92", "#4f7566"), ("#8a5f7e", "#5f4468", "#3a2d4d"), ("#27305a", "#1b2344", "#0f1530"))
LIGHTS = ("#fff6e0", "#ffd58a", "#f0863c")  # the lamp in the house's window
MOON, NIGHT = "#fdf3d6", "#141b35"


def between(a, b, t):
    """A colour between two."""
    pairs = [(int(a[i : i + 2], 16), int(b[i : i + 2], 16)) for i in (1, 3, 5)]
    return tuple(round(x + (y - x) * t) for x, y in pairs)


def sky(draw, left, width, height, colours):
    """Bands of colour, so that the picture stays small."""
    bands = 12
    for i in range(bands):
        t = 2 * i / (bands - 1)
        first = min(int(t), 1)
        colour = between(colours[first], colours[first + 1], t - first)
        draw.rectangle((left, height * i // bands, left + width, height), colour)


def hills(draw, left, width, height, colours):
    for n, colour in enumerate(colours):
        top = height * (0.52 + 0.15 * n)
        line = [(left + x, top + height * 0.05 * sin(x / width * (4 + n) + 2 * n)) for x in range(0, width + 1, FINER)]
        draw.polygon([*line, (left + width, height), (left, height)], colour)


def house(draw, x, y, size, wall, light):
    draw.polygon([(x - size, y), (x, y - 0.8 * size), (x + size, y)], wall)
    draw.rectangle((x - 0.8 * size, y, x + 0.8 * size, y + size), wall)
    draw.rectangle((x - 0.3 * size, y + 0.2 * size, x + 0.3 * size, y + 0.75 * size), light)


def evening(width=960, height=300):
    """Six, nine and eleven o'clock."""
    n, m = width * FINER, height * FINER
    image = Image.new("RGB", (n, m))
    draw = ImageDraw.Draw(image)
    part = n // 3
    for i in range(3):
        left = i * part
        sky(draw, left, part, m, SKIES[i])
        if i == 2:
            r = m * 0.09
            x, y = left + part * 0.7, m * 0.25
            draw.ellipse((x - r, y - r, x + r, y + r), MOON)
            draw.ellipse((x - 0.5 * r, y - 1.2 * r, x + 1.3 * r, y + 0.6 * r), NIGHT)
        hills(draw, left, part, m, HILLS[i])
        house(draw, left + part * 0.3, m * 0.72, m * 0.08, between(HILLS[i][2], "#000000", 0.35), LIGHTS[i])
    return image.resize((width, height), Image.LANCZOS).quantize(COLOURS, dither=Image.Dither.NONE)


def icon(size=180):
    """The lamp, for the home screens of phones."""
    n = size * FINER
    image = Image.new("RGB", (n, n), "#26304f")
    draw = ImageDraw.Draw(image)
    for i in range(10):  # from the rim to the middle
        t = 1 - 0.07 * i
        shape = (n / 2 - 0.32 * n * t, n / 2 - 0.28 * n * t, n / 2 + 0.32 * n * t, n / 2 + 0.28 * n * t)
        draw.ellipse(shape, between("#f0a154", "#fff3d2", i / 9))
    for y in (0.41, 0.5, 0.59):
        draw.line((n * 0.22, n * y, n * 0.78, n * y), "#c97d3c", n // 90)
    for y in (0.19, 0.76):
        draw.rectangle((n * 0.39, n * y, n * 0.61, n * (y + 0.05)), "#7a4a2c")
    return image.resize((size, size), Image.LANCZOS).quantize(32, dither=Image.Dither.NONE)


def main(folder=FOLDER):
    evening().save(Path(folder) / "evening.png", optimize=True)
    icon().save(Path(folder) / "icon.png", optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:2])
