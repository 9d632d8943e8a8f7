"""Which files lose what: a minifier for each kind."""

from __future__ import annotations

from collections.abc import Callable

from ..cache import Cache
from . import images, pages, scripts, spaces, styles, svg
from .tools import Unsafe, own_version, version

_PACKAGES = {"css": styles.PACKAGES, "js": scripts.PACKAGES, "svg": ()}
_KINDS = {".css": "css", ".htm": "html", ".html": "html", ".js": "js", ".mjs": "js", ".png": "png", ".svg": "svg"}

Warn = Callable[[str, int], None]


def kind_of(suffix: str) -> str | None:
    """What a file is, by the end of its name: "css", "html", "js", "png" or "svg"."""
    return _KINDS.get(suffix.lower())


class Minifier:
    """Makes the shorter forms of files, and keeps them in a cache, when there is one.

    spaces: whether those of HTML may become fewer.
    """

    def __init__(self, cache: Cache | None, spaces: bool = True) -> None:
        self.cache = cache
        self.spaces = spaces

    def kept(self, key: tuple[str | bytes, ...], make: Callable[[], bytes]) -> bytes:
        return self.cache.get((*key, own_version()), make) if self.cache else make()

    def image(self, data: bytes) -> bytes:
        """A PNG in fewer bytes."""
        return self.kept(("png", images.engine(), data), lambda: images.recompress(data))

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
            made = pages.minify(text, self.embedded(lambda message, line: told.append((message, line))))
            return (b"!" if told else b"=") + made.encode()

        key = ("html", version(*styles.PACKAGES, *scripts.PACKAGES), data)
        made = self.kept(key, make)
        if made[:1] == b"!" and not told:  # it is to be told each time
            made = make()
        for message, line in told:
            warn(message, line)
        return made[1:]

    def embedded(self, warn: Warn) -> pages.Embed:
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


_MAKE: dict[str, Callable[[bytes], bytes]] = {
    "css": lambda data: _made(styles.minify, data),
    "js": lambda data: _made(scripts.minify, data),
    "svg": svg.minify,
}
