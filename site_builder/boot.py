# Runs the bundle in the working folder, on MicroPython or CPython, as its main.py does on a board:
#     micropython boot.py HOST PORT
# Exits with 98 when the port is taken.
import json
import os
import sys

_EADDRINUSE = (98, 48, 10048)

try:
    with open("routes.json") as f:
        sys.path[:1] = json.load(f)["path"]
except (OSError, ValueError, LookupError, TypeError):
    sys.path[:1] = ["site/" + name for name in os.listdir("site") if name.startswith("lib-")]

import picoweb  # noqa: E402  the path to it is known only now

try:
    picoweb.run(sys.argv[1], int(sys.argv[2]))
except OSError as e:
    if e.errno not in _EADDRINUSE:
        raise
    sys.exit(98)
