"""Which files lose what: a minifier for each kind."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..cache import Cache, code, version
from . import spaces
from .tools import Unsafe

if TYPE_CHECKING:
    from .pages import Embed

_PACKAGES = {"css": ("rcssmin", "tinycss2"), "js": ("rjsmin", "tree-sitter", "tree-sitter-javascript"), "svg": ()}
_KINDS = {".css": "css", ".htm": "html", ".html": "html", ".js": "js", ".mjs": "js", ".png": "png", ".svg": "svg"}

Warn = Callable[[str, int], None]


def kind_of(name: str) -> str | None:
    """What a file is, by the end of its name: "css", "html", "js", "png" or "svg"."""
    return _KINDS.get(os.path.splitext(name)[1].lower())


class Minifier:
    """Makes the shorter forms of files, and keeps them in a cache, when there is one.

    spaces: whether those of HTML may become fewer.
    """

    def __init__(self, cache: Cache | None, spaces: bool = True) -> None:
        self.cache = cache
        self.spaces = spaces

    def kept(self, key: tuple[str | bytes, ...], make: Callable[[], bytes]) -> bytes:
        return self.cache.get((*key, code("assets")), make) if self.cache else make()

    def image(self, data: bytes) -> bytes:
        """A PNG in fewer bytes."""
        return self.kept(("png", version("pillow"), zlib.ZLIB_RUNTIME_VERSION, data), lambda: _image(data))

    def __call__(self, kind: str, data: bytes, warn: Warn) -> bytes:
        """The shorter form of a file, or the file itself, where none is that is as good; warn() is told why."""
        if kind == "html":
            return self.html(data, warn)
        try:
            made = self.kept((kind, version(*_PACKAGES[kind]), data), lambda: _MAKE[kind](data))
        except Unsafe as e:
            warn(f"{e}; it is served as it is (put it into assets.keep to say so)", e.line)
            return data
        return made if len(made) < len(data) else data

    def html(self, data: bytes, warn: Warn) -> bytes:
        if not self.spaces:
            return data
        text = _text(data)
        if text is None or spaces.shows_spaces(text):
            return data
        told: list[tuple[str, int]] = []

        def make() -> bytes:
            from . import pages  # what makes something is imported when there is something to make

            made = pages.minify(text, self.embedded(lambda message, line: told.append((message, line))))
            return (b"!" if told else b"=") + made.encode()

        key = ("html", version(*_PACKAGES["css"], *_PACKAGES["js"]), data)
        made = self.kept(key, make)
        if made[:1] == b"!" and not told:  # it is to be told each time
            made = make()
        for message, line in told:
            warn(message, line)
        return made[1:]

    def embedded(self, warn: Warn) -> Embed:
        """What makes the scripts and style sheets in pages shorter."""

        def made(kind: str, text: str) -> str:
            return self(kind, text.encode(), lambda message, line: warn(f"<{_TAGS[kind]}>: {message}", 0)).decode()

        return made


_TAGS = {"css": "style", "js": "script"}


def _text(data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _made(minify: Callable[[str], str], data: bytes) -> bytes:
    text = _text(data)
    if text is None:
        raise Unsafe("it is not UTF-8")
    return minify(text).encode()


def _css(data: bytes) -> bytes:
    from . import styles

    return _made(styles.minify, data)


def _js(data: bytes) -> bytes:
    from . import scripts

    return _made(scripts.minify, data)


def _svg(data: bytes) -> bytes:
    from . import svg

    return svg.minify(data)


def _image(data: bytes) -> bytes:
    from . import images

    return images.recompress(data)


_MAKE = {"css": _css, "js": _js, "svg": _svg}
