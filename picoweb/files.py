"""Files and other streams as answers. Imported by the first one that is sent."""

from .compat import both
from .errors import HTTPError
from .response import header_lines, start_response

_TYPES = (
    "\nhtml text/html; charset=utf-8\nhtm text/html; charset=utf-8\ncss text/css; charset=utf-8\n"
    "js text/javascript; charset=utf-8\njson application/json\ntxt text/plain; charset=utf-8\n"
    "py text/plain; charset=utf-8\ncsv text/csv; charset=utf-8\nxml text/xml\npng image/png\njpg image/jpeg\n"
    "jpeg image/jpeg\ngif image/gif\nsvg image/svg+xml\nico image/x-icon\nwebp image/webp\npdf application/pdf\n"
    "woff2 font/woff2\nmp3 audio/mpeg\nmp4 video/mp4\nwasm application/wasm\nzip application/zip\n"
)
_MISSING = (2, 20, 21, 22, 36)  # not there, or a folder, or no name of a file: ENOENT, ENOTDIR, EISDIR, EINVAL, …


def content_type(name):
    """The content type of a file, by the end of its name: "a.css" -> "text/css; charset=utf-8"."""
    start = _TYPES.find("\n%s " % name[name.rfind(".") + 1 :].lower())
    if "." not in name or start < 0:
        return "application/octet-stream"
    return _TYPES[_TYPES.find(" ", start) + 1 : _TYPES.find("\n", start + 1)]


@both
async def sendstream(resp, f):
    """Writes what an open file, or another object with readinto() or read(n), still has, through the buffer."""
    if resp.drops():
        return
    while True:
        if resp.limit - resp.fill < 64:
            await resp.flush()
        n = _fill(resp.view[resp.fill : resp.limit], f)
        if not n:
            return
        resp.fill += n


def _fill(view, f):
    if hasattr(f, "readinto"):
        return f.readinto(view)
    data = f.read(len(view))
    view[: len(data)] = data
    return len(data)


@both
async def sendfile(resp, fname, content_type=None, headers=None):
    """Answers with a file; its type is told by its name, unless it is given. Raises HTTPError 404 without the file.

    fname is the program's: never take one from a request without a check.
    """
    try:
        f = open(fname, "rb")
        f.read(1)  # fails for a folder
        size = f.seek(0, 2)
        f.seek(0)
    except ValueError:  # NUL in the name
        raise HTTPError(404)
    except OSError as e:
        if e.args[0] in _MISSING:
            raise HTTPError(404)
        raise
    with f:
        lines = header_lines(headers) + "Content-Length: %d\r\n" % size
        await start_response(resp, content_type or _content_type(fname), None, lines)
        await sendstream(resp, f)


_content_type = content_type
