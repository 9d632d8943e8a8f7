# A form: shown, read, checked. Values are lists of str, as the standard library's parse_qs gives them.
import picoweb

app = picoweb.WebApp(__name__)
PAGE = """<!doctype html>
<meta charset=utf-8>
<form method=post>
<input name=name> <label><input type=checkbox name=lamp value=hall>hall</label>
<label><input type=checkbox name=lamp value=stairs>stairs</label> <button>Switch</button>
</form>
"""


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


@app.route("/")
async def show(req, resp):
    return PAGE


@app.route("/", methods=["POST"])
async def switch(req, resp):
    await req.read_form_data()
    if "name" not in req.form:
        return "Who are you?", 422
    lamps = ", ".join(req.form.get("lamp", ["no lamp"]))
    return "%s switches %s" % (escaped(req.form["name"][0]), escaped(lamps))


@app.route("/search")
async def search(req, resp):
    return {"words": req.args.get("q", []), "page": int(req.args.get("page", ["1"])[0])}


app.run()
