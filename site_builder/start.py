"""Runs on the board: starts the newest site that an upload has left there whole. main.py imports it, and calls run().

`site/live.0` and `site/live.1` are records, each of which names a table; an upload writes the older one, in one piece.
A record says everything twice, so that one that was cut short, or written over in part, is told from a whole one.
Where there is no record, somebody has copied a bundle by hand: then its routes.json is the table.
"""

import asyncio
import json
import os
import sys


def newest():
    """The newer of the whole records as bytes, "live NUMBER TABLE TIME"; empty when there is none."""
    best = b""
    for name in ("site/live.0", "site/live.1"):
        try:
            with open(name, "rb") as f:
                text = f.read(99)
        except OSError:
            continue
        half = text[: len(text) // 2]
        if half + half == text and len(half) == 40 and half[:5] == b"live " and half > best:
            best = half
    return best


def tidy(number):
    """Removes what that upload has made stale: the names in site/stale, after a line with the upload's number."""
    try:
        with open("site/stale", "rb") as f:
            is_due = f.readline() == number + b"\n"
            for line in f:
                if is_due and line[:5] == b"site/" and line[-1:] == b"\n":
                    path = line[:-1].decode()
                    try:
                        os.rmdir(path[:-1]) if path[-1] == "/" else os.remove(path)
                    except OSError:  # it is gone, or is not empty
                        pass
        os.remove("site/stale")
    except OSError:
        pass


async def listening(name):
    """Tells who has uploaded the site that it has started: the loop runs when the server listens."""
    print("picoweb: serving", name)


def run():
    """Serves the site, until it is interrupted."""
    import picoweb

    picoweb.run(table=table)


words = newest().split()
table = name = "routes.json"
if words:
    tidy(words[1])
    name = words[2].decode()
    table = "site/%s.json" % name
try:
    with open(table) as f:
        sys.path[:0] = json.load(f)["path"]
except (OSError, ValueError, LookupError, TypeError):  # picoweb says what is wrong with it
    sys.path[:0] = ["site/" + entry for entry in os.listdir("site") if entry[:4] == "lib-"]
asyncio.create_task(listening(name))
f = None
del newest, tidy, listening, words, f  # main.py calls run() when all of this is gone from memory
