"""Writes what each module of picoweb costs in heap on MicroPython into docs/framework.md: python tools/heap_costs.py

Bytes of the 64-bit unix port, after a garbage collection, of the module with all that it imports, when the core is
loaded already; on 32-bit boards it is about half.
"""

import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parent.parent
PAGE = TOP / "docs" / "framework.md"
sys.path.insert(0, str(TOP))

from site_builder import runner  # noqa: E402

CORE = ("app", "server")
NOT_FOR_APPS = (
    *("__init__", "testing", "pair", "asgi", "asgi_http", "asgi_websocket", "compat_u", "unames", "cpython"),
    *("site", "boot", "groups", "lookup"),
)
# What runs in MicroPython: the heap that is used before and after.
PROBE = """\
import gc, sys
import asyncio, json, os, select, socket, struct, binascii, hashlib, random
asyncio.Event, asyncio.Lock, asyncio.StreamReader
for name in sys.argv[2:]:
    __import__("picoweb." + name)
gc.collect()
before = gc.mem_alloc()
__import__("picoweb." + sys.argv[1])
gc.collect()
print(gc.mem_alloc() - before)
"""


def modules() -> list[str]:
    """The modules that a program may or may not need."""
    loaded = _core()
    found = sorted(path.stem for path in (TOP / "picoweb").glob("*.py"))
    return [name for name in found if name not in NOT_FOR_APPS and name not in loaded]


def _core() -> list[str]:
    """The modules that every program loads."""
    program = "import sys, picoweb.app, picoweb.server\nprint(' '.join(name[8:] for name in sys.modules))"
    return _output(program).split()


def _output(program: str, *args: str) -> str:
    command = runner.micropython()
    assert command, "there is no MicroPython for this machine"
    path = TOP / "build" / "heap_probe.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(program)
    env = {"MICROPYPATH": f"{TOP}:.frozen"}
    done = subprocess.run([*command, str(path), *args], capture_output=True, text=True, env=env, check=True)
    return done.stdout


def cost(name: str) -> int:
    """Bytes that a module adds to a program."""
    return int(_output(PROBE, name, *CORE))


def core_cost() -> int:
    """Bytes of the core."""
    return int(_output(PROBE, "app")) + int(_output(PROBE, "server", "app"))


def purpose(name: str) -> str:
    """The first sentence of a module's docstring."""
    text = (TOP / "picoweb" / f"{name}.py").read_text(encoding="utf-8").split('"""')[1]
    return re.split(r"(?<=[.:])\s", text.strip())[0].rstrip(":.")


def table() -> str:
    """The table of the page."""
    lines = ["| module | bytes | what it is |", "|---|---|---|", f"| the core | {core_cost():,} | what every app has |"]
    lines += [f"| `{name}` | {cost(name):,} | {purpose(name)} |" for name in modules()]
    return "\n".join(lines) + "\n"


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    start = text.index("| module | bytes |")
    end = re.compile(r"\n(?!\|)").search(text, start)
    assert end
    PAGE.write_text(text[:start] + table() + text[end.end() :], encoding="utf-8")


if __name__ == "__main__":
    main()
