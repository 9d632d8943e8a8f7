"""What a request's methods make of its query and body. Imported when the first one is used."""

import json

from .compat import DONE, both
from .errors import HTTPError
from .forms import decoded
from .forms import parse_qs as parse


def parse_qs(req, keep_blank_values=False):
    """Makes req.form of the query: {name: [value, …]}. It need not be awaited, but may be."""
    req.form = parse(req.qs, keep_blank_values)
    return DONE


@both
async def read_form_data(req, keep_blank_values=False):
    """Makes req.form of the body: {name: [value, …]}; for multipart/form-data also req.files, see multipart.py.

    Raises HTTPError 413 for a body longer than the server's body_limit.
    """
    head = b"\r\n" + req.block.lower()
    at = head.find(b"\r\ncontent-type:") + 15  # the other fields need not be read
    if at > 14 and head[at : head.find(b"\r", at)].strip().startswith(b"multipart/form-data"):
        from .multipart import read

        await read(req)
    else:
        req.form = parse(decoded(await req.read()), keep_blank_values)


@both
async def read_json(req):
    """Returns the value that the body is in JSON. Raises HTTPError 400 when it is none, 413 when it is too long."""
    body = await req.read()
    try:
        return json.loads(str(body, "utf-8"))
    except (ValueError, RuntimeError):  # RuntimeError: too deep
        raise HTTPError(400)
