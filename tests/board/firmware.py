"""What a board's firmware does between power and its prompt, in MicroPython: firmware.py FLASH SYSTEM JOB [FILE].

SYSTEM is `littlefs`, on flash with pages and blocks to erase, or `fat`, on a card with sectors of 512 bytes.

JOB `main` runs boot.py and main.py, `boot` only boot.py (a raw prompt follows), `prompt` neither. `list`
prints the files of the flash, `put` changes them as the JSON in FILE says (null removes).
"""

import binascii
import json
import os
import sys

import vfs

_BLOCK = 4096
_PAGE = 256
_SECTOR = 512


class Flash:
    """A flash chip whose cells are a file; `FLASH.cut` holds how many steps are left to a power cut, or 0."""

    def __init__(self, path):
        self.file = open(path, "r+b")  # noqa: SIM115
        self.cut = open(path + ".cut", "r+b")  # noqa: SIM115
        self.blocks = os.stat(path)[6] // _BLOCK

    def readblocks(self, block, buf, offset=0):
        self.whole(self.read, block * _BLOCK + offset, buf)

    def writeblocks(self, block, buf, offset=None):
        if offset is None:
            self.whole(self.erase, block)
        self.whole(self.program, block * _BLOCK + (offset or 0), buf)

    def whole(self, work, *args):
        """A driver in C knows no Ctrl-C: work to the end, and ask the supervisor for another Ctrl-C."""
        while True:
            try:
                return work(*args)
            except KeyboardInterrupt:
                print("\x05", end="")

    def read(self, at, buf):
        self.file.seek(at)
        self.file.readinto(buf)

    def program(self, at, buf):
        self.step()
        self.file.seek(at)
        self.file.write(buf)

    def erase(self, block):
        self.step()
        self.file.seek(block * _BLOCK)
        self.file.write(b"\xff" * _BLOCK)

    def step(self):
        """Count one step of erasing or programming; the cut comes instead of the step."""
        self.cut.seek(0)
        left = int(self.cut.read(8) or 0)
        if left:
            self.cut.seek(0)
            self.cut.write(b"%08d" % (left - 1))
            if left == 1:
                os.system("kill -9 $PPID")

    def ioctl(self, operation, argument):
        if operation == 4:
            return self.blocks
        if operation == 5:
            return _BLOCK
        if operation == 6:
            self.whole(self.erase, argument)
        return 0


class Card(Flash):
    """A memory card: it writes whole sectors."""

    def readblocks(self, block, buf, offset=0):
        self.whole(self.read, block * _SECTOR, buf)

    def writeblocks(self, block, buf, offset=0):
        for at in range(0, len(buf), _SECTOR):
            self.whole(self.program, block * _SECTOR + at, memoryview(buf)[at : at + _SECTOR])

    def ioctl(self, operation, argument):
        if operation == 4:
            return self.blocks * (_BLOCK // _SECTOR)
        return _SECTOR if operation == 5 else 0


def mount(path, system):
    """The flash becomes the whole file system; a blank flash is formatted."""
    if system == "fat":
        flash, kind, options = Card(path), vfs.VfsFat, {}
    else:
        flash, kind, options = Flash(path), vfs.VfsLfs2, {"progsize": _PAGE, "readsize": _PAGE}
    try:
        disk = kind(flash, **options)
        vfs.mount(disk, "/flash")  # FAT looks at what it has only now
        vfs.umount("/flash")
    except OSError:
        kind.mkfs(flash, **options)
        disk = kind(flash, **options)
    vfs.umount("/")
    vfs.mount(disk, "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]


def run(name):
    """Run a file as firmware does: what it raises is printed and ends nothing else."""
    try:
        if name in os.listdir():
            with open(name) as file:
                code = compile(file.read(), name, "exec")
            exec(code, globals())
    except (Exception, KeyboardInterrupt) as error:
        sys.print_exception(error)


def show(folder):
    for name, kind, *_ in os.ilistdir(folder or "/"):
        path = folder + "/" + name
        if kind & 0x4000:
            print(json.dumps([path[1:] + "/", ""]))
            show(path)
        else:
            with open(path, "rb") as file:
                print(json.dumps([path[1:], binascii.b2a_base64(file.read()).decode()]))


def put(path, text):
    """Write the file (None: remove it) with the folders above it."""
    if text is None:
        return os.remove(path)
    folder = ""
    for name in path.split("/")[:-1]:
        if name not in os.listdir("/" + folder.rstrip("/")):  # FAT wants no slash at the end
            os.mkdir(folder + name)
        folder += name + "/"
    with open(path, "wb") as file:
        file.write(binascii.a2b_base64(text))


def boot(job):
    print("\x06", end="")
    if job != "prompt":
        run("boot.py")
    if job == "main":
        run("main.py")
    if job == "boot":
        print("\x06", end="")


def start(path, system, job, source=None):
    if job == "put":
        with open(source) as file:
            changes = json.load(file)
    mount(path, system)
    if job == "put":
        for name, text in changes.items():
            put(name, text)
    elif job == "list":
        show("")
    else:
        boot(job)


start(*sys.argv[1:])
