"""A board on the bench, in MicroPython: its flash is in memory, and the power goes at any step. bench.py SYSTEM KIB.

Without a serial port and new processes an upload takes milliseconds, so that it can be cut at each of its steps. File
systems, helper and start.py are the real ones. It answers lines of JSON, [WHAT, ARGUMENT], with lines and an end mark.
"""

import asyncio
import gc
import io
import json
import os
import sys

import vfs

_BLOCK = 4096
_PAGE = 256
_SECTOR = 512
_EIO = 5
_MODULES = set(sys.modules)


class Flash:
    """Flash with blocks to erase and pages to program."""

    size = _BLOCK

    def __init__(self, data):
        self.data = data
        self.left = 0  # steps to the power cut, 0 for none
        self.half = False  # whether half of the last step is done
        self.dead = False

    def step(self, at, new):
        """Write, unless the power goes now: then nothing changes any more, whatever the program still does.

        (An exception here would jump out of the midst of a file system in C, which does not survive that.)
        """
        if self.left:
            self.left -= 1
            if not self.left:
                self.dead = True
                if self.half:
                    half = len(new) // 2
                    self.data[at : at + half] = new[:half]
        if self.dead:
            return -_EIO
        self.data[at : at + len(new)] = new
        return 0

    def readblocks(self, block, buf, offset=0):
        at = block * self.size + offset
        buf[:] = self.data[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        return self.step(block * self.size + offset, buf)

    def ioctl(self, operation, argument):
        if operation == 4:
            return len(self.data) // self.size
        if operation == 5:
            return self.size
        if operation == 6:
            return self.step(argument * self.size, b"\xff" * self.size)
        return 0


class Card(Flash):
    """A memory card: it writes whole sectors, one after the other."""

    size = _SECTOR

    def writeblocks(self, block, buf, offset=0):
        for at in range(0, len(buf), _SECTOR):
            self.step(block * _SECTOR + at, buf[at : at + _SECTOR])  # FAT does not ask how it went

    def ioctl(self, operation, argument):
        return 0 if operation == 6 else super().ioctl(operation, argument)


class Board:
    def __init__(self, system, kib):
        self.fat = system == "fat"
        self.options = {} if self.fat else {"progsize": _PAGE, "readsize": _PAGE}
        self.kind = vfs.VfsFat if self.fat else vfs.VfsLfs2
        data = bytearray(1024 * kib)
        self.kind.mkfs(self.flash(data), **self.options)
        vfs.umount("/")
        self.mounted = False
        self.power(data)

    def flash(self, data):
        return (Card if self.fat else Flash)(data)

    def power(self, data):
        """Power comes back."""
        self.device = self.flash(data)
        self.mount()

    def mount(self):
        if self.mounted:
            vfs.umount("/")
        vfs.mount(self.kind(self.device, **self.options), "/")
        self.mounted = True
        os.chdir("/")
        sys.path[:] = ["", ".frozen", "/lib"]
        for name in list(sys.modules):
            if name not in _MODULES:
                del sys.modules[name]
        asyncio.new_event_loop()
        gc.collect()

    # What can be asked

    def enter(self, _):
        self.mount()
        self.names = {"__name__": "__main__"}

    def exec(self, source):
        exec(source, self.names)

    def boot(self, _):
        """What firmware does, but for boot.py; the file system is mounted anew."""
        self.mount()
        try:
            with open("main.py") as f:
                source = f.read()
        except OSError:
            return
        try:
            exec(source, {"__name__": "__main__"})
        except Exception as e:
            sys.print_exception(e)
            print(">>> ", end="")

    def cut(self, options):
        self.device.left, self.device.half = options

    def left(self, _):
        print(self.device.left)

    def again(self, _):
        """Power comes back after a cut."""
        self.power(self.device.data)

    def save(self, name):
        saved[name] = bytes(self.device.data)

    def load(self, name):
        self.power(bytearray(saved[name]))

    def put(self, files):
        for path, text in files.items():
            above = ""
            for name in path.split("/")[:-1]:
                above += name
                if name not in os.listdir("/" + above[: -len(name)].rstrip("/")):
                    os.mkdir(above)
                above += "/"
            with open(path, "w") as f:
                f.write(text)


def answer(board, what, argument):
    try:
        getattr(board, what)(argument)
        return "\x04cut" if board.device.dead else "\x04"
    except Exception as e:
        if board.device.dead:
            return "\x04cut"
        text = io.StringIO()
        sys.print_exception(e, text)
        return "\x04" + json.dumps(text.getvalue())


saved = {}
this = Board(sys.argv[1], int(sys.argv[2]))
while True:
    line = sys.stdin.readline()
    if not line:
        break
    print("\n" + answer(this, *json.loads(line)))
