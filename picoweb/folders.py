"""The files beside a program. Imported by the first app.sendfile(), or request for /static/…."""

import os
import sys

from .compat import both
from .errors import HTTPError
from .files import sendfile as send


def folder(pkg):
    """Where the files of a package are, or those of the program for "__main__": "" or a path that ends with "/"."""
    file = sys.argv[0] if sys.argv else ""
    if pkg and pkg != "__main__":
        module = sys.modules.get(pkg.split(".")[0])
        file = getattr(module, "__file__", None) or file
    return file[: file.rfind("/") + 1]


def _is_file(path):
    try:
        return os.stat(path)[0] & 0x4000 == 0
    except (OSError, ValueError):
        return False


def sendfile(app, resp, fname, content_type=None, headers=None):
    """Awaitable: as picoweb.sendfile(), with a file beside the program, else in the current folder."""
    path = folder(app.pkg) + fname
    return send(resp, path if _is_file(path) else fname, content_type, headers)


@both
async def handle_static(app, req, resp):
    """Answers with the file of static/ that the path names."""
    for part in req.path[1:].split("/"):
        if part in ("", ".", "..") or "\\" in part or "\0" in part or ":" in part:
            raise HTTPError(404)
    await sendfile(app, resp, req.path[1:])
