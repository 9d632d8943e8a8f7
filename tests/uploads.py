"""Bundles for tests of uploads: small sites that say which one they are, and check that all their files are there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from site_builder import onboard

# In the place of the framework: what main.py and site/start.py, which are the real ones, run.
PICOWEB = b"""import asyncio, json, os
def run(table):
    with open(table) as f:
        table = json.load(f)
    assert all(os.stat(path)[6] == size for path, size in table['files'].items())
    print('now serving', table['name'])
    asyncio.get_event_loop().run_until_complete(serve())
async def serve():
    while True:
        await asyncio.sleep(3600)
"""
LIB = "site/lib-0a1b2c3d4e5f6789"
SERVER = f"{LIB}/picoweb.py"
FIRST = {
    SERVER: PICOWEB,
    f"{LIB}/picoweb.bin": b"M\x06\x00\x1f" * 700,
    "site/app-1111222233334444/handlers/relays.mpy": b"one",
    "site/3fa93fa93fa93fa9": b"<h1>1</h1>",
}
SECOND = {
    SERVER: PICOWEB,
    f"{LIB}/picoweb.bin": FIRST[f"{LIB}/picoweb.bin"],
    "site/app-5555666677778888/handlers/relays.mpy": b"two",
    "site/77c077c077c077c0": b"<h1>2</h1>",
}


def table_of(name: str, site: Mapping[str, bytes]) -> bytes:
    """routes.json of a site."""
    sizes = {path: len(data) for path, data in site.items()}
    value = {"picoweb": 1, "path": [LIB], "site": {"title": name.title()}, "name": name, "files": sizes}
    return json.dumps(value).encode()


def write(folder: Path, name: str, site: Mapping[str, bytes], main: bytes = onboard.MAIN) -> Path:
    """Write a bundle and return its folder."""
    bundle = folder / name
    start = {"main.py": main, onboard.START: onboard.source("start.py"), "routes.json": table_of(name, site)}
    for path, data in {**site, **start}.items():
        (bundle / path).parent.mkdir(parents=True, exist_ok=True)
        (bundle / path).write_bytes(data)
    return bundle


def on_board(bundle: Path) -> dict[str, bytes]:
    """The files of a bundle by their names on a board, without the record."""
    site = onboard.Site.read(bundle)
    return {**site.files, **site.start}


def plain(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a board without its folders and its records."""
    return {path: data for path, data in files.items() if not path.endswith("/") and "site/live." not in path}
