"""Runs on the board while somebody uploads: looks at its files, and writes, checks and removes them.

Names are short, for they go over the wire. A file is written under its own name, which no live table refers to,
and read back: `o` opens it, `w` and `z` write base64 and deflated base64 to it, `c` copies
a file that is there, `e` ends it. `p` writes a small
file that is live in one piece: only a cut of the power can come between, and LittleFS has the old or the new one
then. What an OSError says goes to the computer.
"""

import binascii
import gc
import hashlib
import io
import json
import os
import sys

try:
    import deflate
except ImportError:
    deflate = None

buf = memoryview(bytearray(1024))
name = out = None  # the file that is being written


def say(*values):
    print("~" + json.dumps(values))


def sha(path):
    """The first 32 digits of a file's SHA-256."""
    h = hashlib.sha256()
    with open(path, "rb") as f:
        while True:
            n = f.readinto(buf)
            if not n:
                return binascii.hexlify(h.digest()[:16]).decode()
            h.update(buf[:n])


def show(path, name, known=""):
    """Says what a file is; of a record or a listing, each line too, but for the listing that the computer has."""
    try:
        say(name, os.stat(path)[6], sha(path))
        if name[:5] == "live." or (name[-5:] == ".list" and name != known):
            with open(path) as f:
                for line in f:
                    say(line)
    except (OSError, ValueError):
        pass


def walk(folder, known):
    """Says the name of a folder, then what is in it, then its folders."""
    folders = []
    try:
        say(folder + "/", 0, "")
        for entry in os.ilistdir(folder):
            if entry[1] & 0x4000:
                folders.append(folder + "/" + entry[0])
            else:
                show(folder + "/" + entry[0], entry[0], known)
    except (OSError, ValueError):
        pass
    for path in folders:
        walk(path, known)


def above():
    for path in ("main.py", "routes.json"):
        show(path, path)


def look(known):
    """Says what an upload may change."""
    above()
    try:
        os.stat("site")
        walk("site", known)
    except OSError:
        pass


def brief():
    """Says which site it runs, and the listings."""
    above()
    try:
        say("site/", 0, "")
        for entry in os.ilistdir("site"):
            if entry[0][:5] == "live." or entry[0][-5:] == ".list":
                show("site/" + entry[0], entry[0])
    except OSError:
        pass


def starts():
    """What main.py is: 0 not there, 1 empty, 2 it starts our site, 3 it does not."""
    kind = 1
    try:
        with open("main.py", "rb") as f:
            for line in f:
                if line.split(b"#")[0].strip() == b"site.start.run()":
                    return 2
                if line.strip():
                    kind = 3
    except OSError:
        return 0
    return kind


def fat():
    """Whether the file system takes names in either case: FAT does, LittleFS does not."""
    for entry in os.ilistdir():
        other = entry[0].upper()
        if other != entry[0]:
            try:
                os.stat(other)
                return True
            except OSError:
                return False
    return None


def info():
    gc.collect()
    heap = gc.mem_free()
    this = sys.implementation
    disk = os.statvfs(os.getcwd())
    machine = getattr(this, "_machine", sys.platform)
    say(list(this.version[:3]), getattr(this, "_mpy", 0) & 255, machine, disk[1] * disk[3], disk[1] * disk[2], disk[1],
        starts(), heap, fat(), bool(deflate))  # fmt: skip


def o(path):
    global out, name
    at = path.find("/")
    while at > 0:
        try:
            os.mkdir(path[:at])
        except OSError as e:
            if e.args[0] != 17:
                raise
        at = path.find("/", at + 1)
    out = open(path, "wb")
    name = path


def w(text):
    out.write(binascii.a2b_base64(text))


def z(text):
    try:
        pour(deflate.DeflateIO(io.BytesIO(binascii.a2b_base64(text)), deflate.RAW, 10))
    except (EOFError, OSError) as x:
        if x.args and x.args[0] == 28:
            raise
        raise OSError(5, name)  # it was damaged on its way


def c(path):
    with open(path, "rb") as f:
        pour(f)


def pour(f):
    while True:
        n = f.readinto(buf)
        if not n:
            break
        out.write(buf[:n])


def e(digest):
    global name
    out.close()
    check(name, digest)
    name = None


def check(path, digest):
    getattr(os, "sync", int)()
    if sha(path) != digest:
        raise OSError(5, path)


def p(path, text, digest):
    with open(path, "wb") as f:
        f.write(binascii.a2b_base64(text))
    check(path, digest)


def rm(path):
    try:
        os.rmdir(path[:-1]) if path[-1] == "/" else os.remove(path)
    except OSError as e:
        if path[-1] != "/" and e.args[0] != 2:
            raise


def fail(error):
    """Forgets a file half written, and says what went wrong."""
    for act in (out.close, lambda: os.remove(name)) if name else ():
        try:
            act()
        except OSError:
            pass
    if isinstance(error, OSError):
        say(*error.args)
    else:
        say(-1, repr(error))
