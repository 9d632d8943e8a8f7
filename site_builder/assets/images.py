"""Pictures in fewer bytes, with every pixel as it was: PNG, where Pillow's optimiser helps."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from PIL import Image

# What a PNG may be made of, so that Pillow writes all of it that a browser shows. Animations, colour profiles, gamma
# and the like are none of these: such a picture stays as it is.
_PLAIN = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"sRGB", b"pHYs", b"tEXt", b"zTXt", b"iTXt", b"tIME", b"bKGD"}


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        yield name, data[at + 8 : at + 8 + size]
        at += 12 + size


def _is_plain(data: bytes) -> bool:
    """A PNG of at most 8 bits a channel, at rest, and with nothing that Pillow would lose."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        return False
    chunks = list(_chunks(data))
    head = chunks[0][1] if chunks else b""
    return {name for name, _ in chunks} <= _PLAIN and len(head) == 13 and head[8] <= 8 and head[12] == 0


def _pixels(data: bytes) -> tuple[tuple[int, int], bytes]:
    with Image.open(io.BytesIO(data)) as image:
        return image.size, image.convert("RGBA").tobytes()


def recompress(data: bytes) -> bytes:
    """The same picture in fewer bytes, or `data`."""
    if not _is_plain(data):
        return data
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            info = {name: image.info[name] for name in ("transparency", "dpi") if name in image.info}
            image.info = {}  # texts, and what else a browser does not show
            out = io.BytesIO()
            image.save(out, "PNG", optimize=True, **info)
        made = out.getvalue()
        return made if len(made) < len(data) and _pixels(made) == _pixels(data) else data
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):  # what Pillow raises for a broken one
        return data
