# picoweb_app.py PORT CHUNK ROUTES: the same work as a program of routes and handlers.
import sys

from handlers import data
from handlers.work import form, hello
from templates.page_tpl import render

from picoweb import WebApp, jsonify, start_response
from picoweb.static import send_file

app = WebApp("bench")
app.route("/")(hello)
app.route("/form", ["POST"])(form)


@app.route("/static/<name>")
async def static(req, resp, name):
    await file(resp, "image/jpeg", "static/" + name, 10240)


@app.route("/download/big.bin")
async def big(req, resp):
    await file(resp, "application/octet-stream", "big.bin", 1048576)


async def file(resp, kind, path, size):
    resp.start(200, "Content-Type: " + kind + "\r\n", size)
    await send_file(resp, path, size)


@app.route("/page")
async def page(req, resp):
    await start_response(resp)
    for chunk in render(data.ROWS):
        await resp.awrite(chunk)


@app.route("/now")
async def now(req, resp):
    await jsonify(resp, data.NOW)


for n in range(int(sys.argv[3])):
    app.route("/more/" + str(n))(hello)

app.run("127.0.0.1", int(sys.argv[1]), debug=-1)
