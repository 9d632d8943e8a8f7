"""What a bundle takes of flash: its parts, and blocks as a real LittleFS has them."""

from __future__ import annotations

import os
import subprocess

import pytest

from site_builder import bundle, littlefs

YAML = """\
routes:
  /:          {template: page.tpl, data: a.now}
  /ready:     ready.html
  /static/*:  {dir: static}
  /logo:      logo.png
errors: {404: lost.html}
"""
FILES = {
    "templates/page.tpl": "x",
    "templates/ready.html": "ready " * 100,
    "templates/lost.html": "lost",
    "static/a.txt": "a",
    "static/b.css": "a { color: red }\n" * 100,
    "logo.png": os.urandom(5000),
    "handlers/a.py": "import ulogging\ndef now(req):\n    return {}\n",
}

# Puts a bundle on a LittleFS as boards have, and prints how many blocks it takes: those that were erased, and the
# second one of each folder, which is erased when the first is full. (statvfs() counts folders twice.)
LITTLEFS = """\
import os, sys, vfs

class Blocks:
    data = bytearray(4096 * 2000)
    used = set()
    def readblocks(self, n, buf, off=0):
        at = n * 4096 + off
        buf[:] = self.data[at : at + len(buf)]
    def writeblocks(self, n, buf, off=0):
        at = n * 4096 + off
        self.data[at : at + len(buf)] = buf
    def ioctl(self, op, arg):
        if op == 6:
            self.used.add(arg)
        return {4: 2000, 5: 4096, 6: 0}.get(op)

def copy(name):
    if os.stat(name)[0] & 0x4000:
        if name != ".":
            fs.mkdir(name)
            folders.append(name)
        for entry in sorted(os.listdir(name)):
            copy(name + "/" + entry)
    else:
        with open(name, "rb") as f, fs.open(name, "wb") as g:
            g.write(f.read())

blocks = Blocks()
folders = []
vfs.VfsLfs2.mkfs(blocks)
fs = vfs.VfsLfs2(blocks)
copy(".")
print(len(blocks.used) + len(folders))
"""


def used(made, tmp_path, micropython):
    """The blocks that a bundle takes on a real LittleFS."""
    bundle.write(made, tmp_path / "out")
    (tmp_path / "out" / ".gitignore").unlink()
    (tmp_path / "copy.py").write_text(LITTLEFS)
    command = [*micropython, "-X", "heapsize=64m", str(tmp_path / "copy.py")]
    return int(subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True, check=True).stdout)


def test_each_file_is_of_one_part(site):
    made = bundle.build(site(YAML, FILES))
    found = {part.name: part for part in littlefs.parts(made)}
    assert list(found) == ["picoweb", "libraries", "handlers", "templates", "pages", "files", "table", "folders"]
    counts = {name: part.files for name, part in found.items() if name != "picoweb"}
    # Pages: ready, ready compressed, lost. Files: a.txt, b.css, b.css compressed, logo. Table: with the folder's list.
    assert counts == {
        "libraries": 1,
        "handlers": 1,
        "templates": 2,
        "pages": 3,
        "files": 4,
        "table": 4,
        "folders": 0,
    }
    assert sum(part.files for part in found.values()) == len(made.files)
    assert sum(part.size for part in found.values()) == made.size


def test_a_part_that_has_nothing_is_not_there(site):
    made = bundle.build(site("routes: {/: {json: {a: 1}}}"))
    assert [part.name for part in littlefs.parts(made)] == ["picoweb", "table", "folders"]


@pytest.mark.parametrize(
    ("size", "blocks"),
    # Measured on LittleFS with blocks of 4,096 bytes.
    [(0, 0), (128, 0), (129, 1), (4096, 1), (4097, 2), (8188, 2), (8189, 3), (12284, 4), (100_000, 25), (409_600, 101)],
)
def test_a_file_takes_the_blocks_that_littlefs_gives_it(size, blocks):
    assert abs(littlefs.blocks(size) - blocks) <= (size == 12284)  # a block's pointers may or may not fit just there


@pytest.mark.parametrize("count", [0, 300])
def test_blocks_are_those_of_a_real_littlefs(site, tmp_path, micropython, count):
    files = {f"static/{n}.bin": os.urandom(300) for n in range(count)}
    made = bundle.build(site(YAML, {**FILES, **files}))
    real = used(made, tmp_path, micropython)
    assert abs(sum(part.blocks for part in littlefs.parts(made)) - real) <= 2 + real // 50


def test_modules_are_told_largest_first(site):
    found = littlefs.modules(bundle.build(site(YAML, FILES)))
    assert [module.size for module in found] == sorted((module.size for module in found), reverse=True)
    names = {module.name: module.part for module in found}
    assert names["picoweb.server"] == "picoweb"
    assert names["handlers.a"] == "handlers"
    assert names["templates.page_tpl"] == "templates"
    assert names["ulogging"] == "libraries"
