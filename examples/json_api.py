# A small API: a list of notes that can be read, added to, changed and shortened.
import picoweb

app = picoweb.WebApp(__name__)
notes = {1: "water the plants"}


def known(n):
    if n not in notes:
        raise picoweb.HTTPError(404)
    return {"id": n, "text": notes[n]}


async def text_of(req):
    value = await req.read_json()
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise picoweb.HTTPError(422)
    return value["text"]


@app.route("/notes")
async def every_note(req, resp):
    return [known(n) for n in sorted(notes)]


@app.route("/notes", methods=["POST"])
async def add(req, resp):
    n = max(notes or (0,)) + 1
    notes[n] = await text_of(req)
    return known(n), 201, {"Location": app.url_for("note", n=n)}


@app.route("/notes/<int:n>")
async def note(req, resp, n):
    return known(n)


@app.route("/notes/<int:n>", methods=["PUT"])
async def change(req, resp, n):
    known(n)
    notes[n] = await text_of(req)
    return known(n)


@app.route("/notes/<int:n>", methods=["DELETE"])
async def remove(req, resp, n):
    known(n)
    del notes[n]
    return None, 204


@app.errorhandler(404)
@app.errorhandler(422)
async def wrong(req, resp):
    return {"error": resp.status}


app.run()
