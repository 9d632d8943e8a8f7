"""What the site of picoweb does in Python: the other targets are files and the table's."""

from handlers import data

import picoweb
from picoweb.targets import unquote


async def hello(req, resp):
    await picoweb.respond(resp, "Hello", "text/plain")


def rows(req):
    return {"rows": data.ROWS}


def now(req):
    return data.NOW


async def form(req, resp):
    fields = parse(await req.read())
    await picoweb.respond(resp, "Hello " + fields["name"], "text/plain")


def parse(body):
    """The fields of an urlencoded form, bytes, as {name: value}."""
    found = {}
    for pair in body.split(b"&"):
        name, _, value = pair.partition(b"=")
        found[decode(name)] = decode(value)
    return found


def decode(text):
    return unquote(text.replace(b"+", b" "))
