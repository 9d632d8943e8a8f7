# Decorators in the manner of 2017: one function shows a form and takes it.
import usys
import picoweb

app = picoweb.WebApp(__name__)


def needs_token(func):
    def checked(req, resp):
        if req.qs == "no":
            yield from picoweb.http_error(resp, "403")
            return
        yield from func(req, resp)

    return checked


@app.route("/form")
def form(req, resp):
    if req.method == "POST":
        yield from req.read_form_data()
    else:
        yield from req.parse_qs()
    yield from picoweb.start_response(resp)
    yield from resp.awrite("Hello " + ", ".join(req.form["name"]))


@app.route("/checked")
@needs_token
def checked(req, resp):
    yield from picoweb.start_response(resp)
    yield from resp.awrite("checked " * 500)


import ulogging as logging

logging.basicConfig(level=logging.INFO)

app.run(host="127.0.0.1", port=int(usys.argv[1]), debug=True)
