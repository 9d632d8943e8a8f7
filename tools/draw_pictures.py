"""Draw the pictures of sites/example that are not SVG: leaf.png and favicon.ico.

    python tools/draw_pictures.py [FOLDER]

The output depends on nothing but this file and the version of Pillow.
"""

import sys
from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent.parent / "sites" / "example" / "static"
FINER = 4  # drawn this much larger, then reduced: smooth edges

NIGHT, GLASS, BAR = "#173d2b", "#24543c", "#3f7a5a"
LEAF, SHADE, VEIN = "#8fd07a", "#6cb866", "#dff2c4"
GREEN = "#3f9560"


def bezier(p0, p1, p2, p3, steps=40):
    """Points of a cubic curve."""
    for i in range(steps + 1):
        t = i / steps
        u = 1 - t
        a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
        yield a * p0[0] + b * p1[0] + c * p2[0] + d * p3[0], a * p0[1] + b * p1[1] + c * p2[1] + d * p3[1]


def placed(points, x, y, size, angle):
    """Points turned by an angle in degrees, scaled, and moved to (x, y)."""
    c, s = cos(angle * pi / 180) * size, sin(angle * pi / 180) * size
    return [(x + c * px - s * py, y + s * px + c * py) for px, py in points]


# A leaf that grows upwards from (0, 0) to (0, -1): its left half, its right half and its middle.
LEFT = [*bezier((0, 0), (-0.5, -0.1), (-0.5, -0.6), (0, -1))]
RIGHT = [(-x, y) for x, y in LEFT]


def leaf(draw, x, y, size, angle, veins=4):
    draw.polygon(placed(LEFT, x, y, size, angle), LEAF)
    draw.polygon(placed(RIGHT, x, y, size, angle), SHADE)
    width = max(1, round(size / 45))
    draw.line(placed([(0, 0), (0, -0.93)], x, y, size, angle), VEIN, width)
    for i in range(veins):
        start = -0.16 - 0.17 * i
        reach = (0.2, 0.24, 0.21, 0.13)[i]
        for side in (-1, 1):
            draw.line(placed([(0, start), (side * reach, start - 0.13)], x, y, size, angle), VEIN, width)


def picture(size=280):
    """A seedling under a glass roof."""
    n = size * FINER
    image = Image.new("RGB", (n, n), NIGHT)
    draw = ImageDraw.Draw(image)

    def at(*points):
        return [(x * n, y * n) for x, y in points]

    draw.polygon(at((0.5, 0.1), (0.9, 0.38), (0.9, 1), (0.1, 1), (0.1, 0.38)), GLASS)
    bar = round(n * 0.012)
    for x in (0.1, 0.3, 0.5, 0.7, 0.9):
        draw.line(at((x, 0.1 + abs(x - 0.5) * 0.7), (x, 1)), BAR, bar)
    draw.line(at((0.1, 0.62), (0.9, 0.62)), BAR, bar)
    draw.line(at((0.05, 0.415), (0.5, 0.1), (0.95, 0.415)), BAR, bar * 2, joint="curve")
    stem = [(x * n, y * n) for x, y in bezier((0.5, 1), (0.47, 0.85), (0.52, 0.75), (0.5, 0.6))]
    draw.line(stem, SHADE, bar * 2, joint="curve")
    leaf(draw, 0.497 * n, 0.8 * n, 0.34 * n, -66)
    leaf(draw, 0.5 * n, 0.74 * n, 0.36 * n, 60)
    leaf(draw, 0.5 * n, 0.66 * n, 0.44 * n, -4)
    return image.resize((size, size), Image.Resampling.LANCZOS)


# The seedling of the pages' header, on a field of 24 by 24.
SEEDLING = [
    *bezier((11, 14), (4, 15), (1, 10), (1, 4)),
    *bezier((1, 4), (8, 4), (11, 7), (12, 12)),
    *bezier((12, 12), (13, 6), (17, 3), (23, 3)),
    *bezier((23, 3), (23, 10), (19, 14), (13, 14)),
    (13, 23),
    (11, 23),
]


def icon(size):
    """The seedling alone, for a browser's tab."""
    n = size * FINER * 2
    image = Image.new("RGBA", (n, n), GREEN + "00")
    ImageDraw.Draw(image).polygon([(x * n / 24, y * n / 24) for x, y in SEEDLING], GREEN)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def main(folder=FOLDER):
    folder = Path(folder)
    few = picture().quantize(18, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(folder / "leaf.png", optimize=True)
    small, large = icon(16), icon(32)
    large.save(folder / "favicon.ico", sizes=[(16, 16), (32, 32)], append_images=[small])


if __name__ == "__main__":
    main(*sys.argv[1:])
