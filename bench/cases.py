"""What is asked of everyone: six workloads, three kinds of connection, and the only right answers."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

from .contestants import data

_BROWSER = """\
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
Accept-Language: en-GB,en;q=0.7,de;q=0.3
Accept-Encoding: gzip, deflate, br, zstd
Referer: http://bench.test/index.html
Cookie: theme=dark; session=5f2a9c31d7e84b60
Upgrade-Insecure-Requests: 1
Sec-Fetch-Dest: document
Sec-Fetch-Mode: navigate
Sec-Fetch-Site: same-origin
"""
_HEADERS = {  # the kinds of connection, and the lines that ask for them; "browser" has twelve, with Host
    "closed": "Connection: close\r\n",
    "kept": "",
    "browser": _BROWSER.replace("\n", "\r\n") + "Connection: close\r\n",
}
KINDS = tuple(_HEADERS)


@dataclass(frozen=True)
class Workload:
    """A request, and the one right answer to it: `content` byte by byte, or the value that its JSON has."""

    name: str
    title: str
    path: str
    type: str
    content: bytes
    file: str = ""  # where the content comes from, for those who send files
    form: bytes = b""
    counted: int = 100  # requests for which instructions are counted

    def request(self, kind: str) -> bytes:
        """The bytes of a request on one of KINDS of connections."""
        lines = f"{'POST' if self.form else 'GET'} {self.path} HTTP/1.1\r\nHost: bench.test\r\n{_HEADERS[kind]}"
        if self.form:
            lines += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(self.form)}\r\n"
        return lines.encode() + b"\r\n" + self.form

    def is_right(self, status: int, body: bytes) -> bool:
        """True for the one right answer."""
        if status != 200:
            return False
        if self.type != "application/json":
            return body == self.content
        try:
            return bool(json.loads(body) == json.loads(self.content))
        except ValueError:
            return False


def _noise(size: int) -> bytes:
    """Bytes that no compression makes smaller, so that everyone sends as many; always the same ones."""
    return random.Random(size).randbytes(size)


def _page() -> bytes:
    rows = [f"<tr><td>{row['n']}</td><td>{row['name']}</td><td>{row['value']} °C</td></tr>\n" for row in data.ROWS]
    top = "<!doctype html>\n<title>Sensors</title>\n<h1>Sensors</h1>\n<table>\n"
    return (top + "".join(rows) + "</table>\n").encode()


_FORM = b"name=Ada+Lovelace&email=ada%40example.org&city=London&note=water+the+tomatoes%2C+please&lines=3&go=Send"
_BINARY = "application/octet-stream"

WORKLOADS = {
    workload.name: workload
    for workload in [
        Workload("hello", "Hello", "/", "text/plain", b"Hello"),
        Workload("static", "10 KB file", "/static/photo.jpg", "image/jpeg", _noise(10 * 1024), "static/photo.jpg"),
        Workload("template", "page of 20 rows", "/page", "text/html; charset=utf-8", _page(), counted=50),
        Workload("json", "JSON", "/now", "application/json", json.dumps(data.NOW).encode()),
        Workload("download", "1 MB file", "/download/big.bin", _BINARY, _noise(1024 * 1024), "big.bin", counted=4),
        Workload("form", "form", "/form", "text/plain", b"Hello Ada Lovelace", form=_FORM),
    ]
}


def more(n: int) -> Workload:
    """The route that programs with more than `n` additional ones have at this place."""
    return Workload("more", "", f"/more/{n}", "text/plain", b"Hello", counted=40)


def small_file(n: int) -> Workload:
    """One of many small files."""
    name = f"static/f{n:04}.jpg"
    return Workload("file", "", "/" + name, "image/jpeg", _noise(100 + n), name)
