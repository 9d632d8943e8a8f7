"""What the development server changes in requests and answers: only what pages need to reload."""

from __future__ import annotations

import re
from collections.abc import Iterable

import h11

Fields = list[tuple[bytes, bytes]]
_CONDITIONS = (b"if-none-match", b"if-modified-since", b"if-range", b"range")
_MAX_AGE = re.compile(rb"(?im)^(cache-control:)(?![^\r\n]*immutable)[^\r\n]*max-age[^\r\n]*")
_PAGES = (b"document", b"iframe", b"frame")


def fields_of(message: h11.Request | h11.Response | h11.InformationalResponse) -> Fields:
    """The header fields, with names as they came."""
    return list(message.headers.raw_items())


def value(fields: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    """The value of a field, in lower case; b"" without it."""
    return b", ".join(content for key, content in fields if key.lower() == name).lower()


def asks_for_page(request: h11.Request) -> bool:
    """True when a browser will show the answer as a page: then its script is added. What a script fetches is not."""
    fields = fields_of(request)
    shown = value(fields, b"sec-fetch-dest")
    return b"text/html" in value(fields, b"accept") and (not shown or shown in _PAGES)


def for_page(request: h11.Request) -> h11.Request:
    """The request for a page that can be added to: whole, new, and not compressed."""
    fields = [
        (name, b"identity" if name.lower() == b"accept-encoding" else content)
        for name, content in fields_of(request)
        if name.lower() not in _CONDITIONS
    ]
    return h11.Request(method=request.method, target=request.target, headers=fields, http_version=request.http_version)


def is_page(answer: h11.Response) -> bool:
    """True for an answer that can be added to."""
    fields = fields_of(answer)
    plain = not value(fields, b"content-encoding").replace(b"identity", b"")
    return (
        value(fields, b"content-type").startswith(b"text/html") and plain and answer.status_code not in (204, 206, 304)
    )


def longer(answer: h11.Response, more: int) -> h11.Response:
    """The head of a page to which so many bytes are added; it is not to be kept."""
    fields = []
    for name, content in fields_of(answer):
        if name.lower() == b"content-length":
            content = b"%d" % (int(content) + more)
        if name.lower() not in (b"cache-control", b"etag"):
            fields.append((name, content))
    fields.append((b"Cache-Control", b"no-store"))
    return h11.Response(
        status_code=answer.status_code, headers=fields, reason=answer.reason, http_version=answer.http_version
    )


def fresh(head: bytes) -> bytes:
    """The head of a file that the browser may keep, but asks for again each time, for it may change any moment."""
    return _MAX_AGE.sub(rb"\1 no-cache", head)
