# microdot_app.py PORT CHUNK ROUTES: the same work in Microdot, as its documentation shows it.
import sys

import data
from microdot import Microdot, Response, send_file
from microdot.utemplate import Template
from utemplate import compiled

# Its fastest ways: templates are compiled ahead and never looked at again ("Using the uTemplate Engine"), and a page
# is render()ed, which is one write, where generate() is one for each piece. Files go in pieces as large as ours.
Template.initialize(loader_class=compiled.Loader)
Response.send_file_buffer_size = int(sys.argv[2])

app = Microdot()


@app.get("/")
async def hello(request):
    return "Hello"


@app.get("/static/<path:path>")
async def static(request, path):
    if ".." in path:
        return "Not found", 404
    return send_file("static/" + path)


@app.get("/page")
async def page(request):
    return Template("page.tpl").render(data.ROWS), {"Content-Type": "text/html; charset=utf-8"}


@app.get("/now")
async def now(request):
    return data.NOW


@app.get("/download/big.bin")
async def big(request):
    return send_file("big.bin")


@app.post("/form")
async def form(request):
    return "Hello " + request.form["name"]


for n in range(int(sys.argv[3])):
    app.get("/more/" + str(n))(hello)

app.run("127.0.0.1", int(sys.argv[1]))
