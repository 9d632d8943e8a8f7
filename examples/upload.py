"""Files from a form, written to the folder uploads/, piece by piece: they may be larger than the memory."""

import os

import picoweb
from picoweb import multipart
from picoweb.csrf import Csrf

FOLDER = "uploads"
LIMIT = 500_000  # bytes

app = picoweb.WebApp(__name__)
csrf = Csrf()

FORM = """\
<h1>Files</h1>
<form method="post" enctype="multipart/form-data">
<input type="file" name="file" multiple required> <button>Send</button>
</form>
<ul>
"""


@app.route("/")
async def index(req, resp):
    await picoweb.start_response(resp)
    await resp.awrite(FORM)
    for name in sorted(os.listdir(FOLDER)):
        if not name.startswith("."):  # what has not come to its end
            size = os.stat(FOLDER + "/" + name)[6]
            await resp.awrite(f"<li>{name}, {size} bytes\n")


@app.route("/", methods=["POST"])
async def upload(req, resp):
    await csrf.protect(req, resp)
    await multipart.read(req, folder=FOLDER, file_limit=LIMIT)
    await picoweb.redirect(resp, "/", 303)


if FOLDER not in os.listdir("."):
    os.mkdir(FOLDER)

if __name__ == "__main__":
    app.run()
