"""Content types, compression, and files named by their content."""

from __future__ import annotations

import gzip
import hashlib
import random
import subprocess
import sys

import pytest

from site_builder.assets import Store, content_type, digest, files_below
from tests.conftest import write_files

TYPES = {
    "a.html": "text/html; charset=utf-8",
    "a.HTM": "text/html; charset=utf-8",
    "a.css": "text/css; charset=utf-8",
    "a.js": "text/javascript; charset=utf-8",
    "a.min.mjs": "text/javascript; charset=utf-8",
    "a.json": "application/json",
    "a.svg": "image/svg+xml; charset=utf-8",
    "a.png": "image/png",
    "favicon.ico": "image/vnd.microsoft.icon",
    "a.woff2": "font/woff2",
    "a.webmanifest": "application/manifest+json",
    "a.tar": "application/x-tar",
    "robots.txt": "text/plain; charset=utf-8",
    "index.tpl": "text/html; charset=utf-8",
    "feed.xml.tpl": "text/xml; charset=utf-8",
    "data.json.tpl": "application/json",
    "sub.d/index.tpl": "text/html; charset=utf-8",
    "README": "application/octet-stream",
    ".png": "application/octet-stream",
    "a.unheard-of": "application/octet-stream",
}


@pytest.mark.parametrize("name", TYPES)
def test_the_type_comes_from_the_name(name):
    assert content_type(name) == TYPES[name]


def test_the_types_are_the_same_on_every_machine(tmp_path):
    (tmp_path / "mime.types").write_text("text/strange unheard-of png\n")
    code = (
        f"import mimetypes; mimetypes.init([{str(tmp_path / 'mime.types')!r}])\n"
        "from site_builder.assets import content_type; print(content_type('a.unheard-of'), content_type('a.png'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "application/octet-stream image/png\n"


def test_a_file_is_named_by_its_content():
    store = Store()
    name = store.add(b"hello")
    assert name == digest(b"hello") == hashlib.sha256(b"hello").hexdigest()[:16]
    assert store.files == {f"site/{name}": b"hello"}


def test_equal_files_are_stored_once():
    store = Store()
    assert store.asset("a.txt", b"same").name == store.asset("b.css", b"same").name
    assert len(store.files) == 1


def test_text_is_compressed_and_the_plain_form_is_kept():
    store = Store()
    data = b"hello, hello, " * 100
    asset = store.asset("a.txt", data)
    packed = store.files[f"site/{asset.gz_name}"]
    assert (asset.type, asset.size, asset.gz_size) == ("text/plain; charset=utf-8", len(data), len(packed))
    assert store.files[f"site/{asset.name}"] == data
    assert gzip.decompress(packed) == data
    assert len(packed) < len(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"short", b"a" * 64, random.Random(1).randbytes(5000), gzip.compress(random.Random(2).randbytes(5000))],
)
def test_what_compression_does_not_shrink_is_left_alone(data):
    store = Store()
    asset = store.asset("a.bin", data)
    assert (asset.gz_name, asset.gz_size, asset.size) == (None, 0, len(data))
    assert list(store.files.values()) == [data]


def test_compression_that_saves_next_to_nothing_is_left_alone():
    data = random.Random(3).randbytes(4000) + b" " * 120
    assert len(gzip.compress(data)) < len(data)
    assert Store().asset("a.bin", data).gz_name is None


def test_compression_gives_the_same_bytes_each_time():
    first, second = Store(), Store()
    data = bytes(range(256)) * 40
    assert first.asset("a.txt", data) == second.asset("b.txt", data)
    assert first.files == second.files
    (packed,) = [value for value in first.files.values() if value != data]
    assert packed[:4] == b"\x1f\x8b\x08\x00"
    assert packed[4:8] == b"\0\0\0\0", "the time in the header"


def test_files_below_a_folder_are_listed_without_hidden_ones(tmp_path):
    write_files(tmp_path, {"b.txt": "", "a/c.txt": "", "a/é.txt": "", ".hidden": "", ".git/x": "", "a/.x/y": ""})
    (tmp_path / "empty").mkdir()
    assert files_below(tmp_path) == {
        "a/c.txt": tmp_path / "a/c.txt",
        "a/é.txt": tmp_path / "a/é.txt",
        "b.txt": tmp_path / "b.txt",
    }
    assert files_below(tmp_path / "none") == {}
