"""What the site of picoweb does in Python: the other targets are files and the table's."""

from handlers import data

import picoweb


async def hello(req, resp):
    await picoweb.respond(resp, "Hello", "text/plain")


def rows(req):
    return {"rows": data.ROWS}


def now(req):
    return data.NOW


async def form(req, resp):
    await req.read_form_data()
    return "Hello " + req.form["name"][0]
