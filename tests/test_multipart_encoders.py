"""picoweb.multipart against forms that others encode: our own generator, urllib3 and aiohttp; cut anywhere."""

from __future__ import annotations

import asyncio
import contextlib

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.filepost import encode_multipart_formdata

from picoweb.errors import HTTPError
from picoweb.multipart import safe_name
from tests.unit.test_multipart import Body, gather

from . import test_wire_fuzz  # noqa: F401  its settings

# Content that looks like a boundary's beginning again and again
CONTENT = st.lists(
    st.sampled_from([b"\r", b"\n", b"\r\n", b"-", b"--", b"\r\n--", b"x", b"\0", b"\xff\xfe", b"B"])
).map(b"".join)
BIG = st.integers(0, 3000).flatmap(lambda n: CONTENT.map(lambda content: content + b"\r\n-" * n))
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='%\\"'), max_size=20)
KIND = st.sampled_from(["text/plain", "image/png", "text/csv; charset=utf-8"])
# (name, None or (filename, content type), content)
PART = st.tuples(TEXT, st.none() | st.tuples(TEXT.filter(bool), KIND), CONTENT | BIG)
FORM = st.lists(PART, max_size=5)
# How it arrives: bytes that a read gives, bytes of the buffer, bytes that are taken at once
WAY = st.tuples(st.integers(1, 600), st.integers(300, 1500), st.none() | st.integers(1, 700))


def expected_of(form):
    return [
        (name, file and safe_name(file[0]), file[1] if file else "text/plain", content) for name, file, content in form
    ]


def read(body, kind, way):
    piece, size, by = way
    return asyncio.run(gather(Body(body, kind.encode(), piece), size, by))


def encode(form, boundary, preamble, epilogue, padding):
    body = preamble + b"\r\n" if preamble is not None else b""
    for name, file, content in form:
        body += b"--" + boundary + padding + b'\r\nContent-Disposition: form-data; name="' + name.encode() + b'"'
        if file:
            body += b'; filename="' + file[0].encode() + b'"\r\nContent-Type: ' + file[1].encode()
        body += b"\r\n\r\n" + content + b"\r\n"
    return body + b"--" + boundary + b"--" + epilogue


@given(
    FORM,
    st.text("Bb-'()+_,./:=?9 ", min_size=1, max_size=70).filter(lambda text: not text.endswith(" ")),
    st.none() | CONTENT,
    st.sampled_from([b"", b"\r\n", b"\r\nmore"]),
    st.sampled_from([b"", b" ", b"\t \t"]),
    WAY,
)
def test_our_own(form, boundary, preamble, epilogue, padding, way):
    mark = boundary.encode()
    if any(b"--" + mark in b"\r\n" + content for _, _, content in [*form, ("", None, preamble or b"")]):
        return
    body = encode(form, mark, preamble, epilogue, padding)
    assert read(body, f'multipart/form-data; boundary="{boundary}"', way) == expected_of(form)


@given(FORM, WAY)
def test_urllib3s(form, way):
    fields = [(name, (file[0], content, file[1]) if file else content) for name, file, content in form]
    body, kind = encode_multipart_formdata(fields)
    assert read(body, kind, way) == expected_of(form)


@given(FORM, WAY)
def test_aiohttps(form, way):
    async def encoded():
        data = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        for name, file, content in form:
            if file:
                data.add_field(name, content, filename=file[0], content_type=file[1])
            else:
                data.add_field(name, content.decode("latin-1"), content_type="text/plain; charset=latin-1")
        payload = data()
        writer = Writer()
        await payload.write(writer)
        return writer.data, payload.headers["Content-Type"]

    body, kind = asyncio.run(encoded())
    found = read(body, kind, way)
    assert [(name, filename, content) for name, filename, _, content in found] == [
        (name, filename, content) for name, filename, _, content in expected_of(form)
    ]


class Writer:
    """What aiohttp writes a body to."""

    def __init__(self):
        self.data = b""

    async def write(self, data):
        self.data += data


@given(FORM, WAY, st.data())
def test_what_breaks_off_is_refused(form, way, data):
    body = encode(form, b"B-B", None, b"", b"")
    if any(b"--B-B" in b"\r\n" + content for _, _, content in form):
        return
    cut = body[: data.draw(st.integers(0, len(body) - 1))]
    with pytest.raises(HTTPError, match="400"):
        read(cut, "multipart/form-data; boundary=B-B", way)


@given(st.binary(max_size=400), WAY)
def test_noise_is_refused_or_read_and_nothing_else(noise, way):
    for body in (noise, b"--B\r\n" + noise, b'--B\r\nContent-Disposition: form-data; name="' + noise):
        with contextlib.suppress(HTTPError):
            read(body, "multipart/form-data; boundary=B", way)


@given(st.text(max_size=100))
def test_a_safe_name_is_never_a_path(name):
    safe = safe_name(name)
    assert safe_name(safe) == safe
    assert 0 < len(safe) <= 64
    assert safe.isascii()
    assert not safe.startswith(".")
    assert not set(safe) & set("/\\:\0\r\n ")
