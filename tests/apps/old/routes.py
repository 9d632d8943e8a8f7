# One list of routes in the manner of 2015, with regular expressions and a template.
import ure as re
import usys
import ujson
import ulogging as logging

import picoweb


def front(req, resp):
    # The whole answer by hand.
    yield from resp.awrite("HTTP/1.0 200 OK\r\n")
    yield from resp.awrite("Content-Type: text/html\r\n")
    yield from resp.awrite("\r\n")
    yield from resp.awrite("See the <a href='squares'>squares</a>.")


def squares(req, resp):
    yield from picoweb.start_response(resp)
    yield from app.render_template(resp, "squares.tpl", (req,))


def greet(req, resp):
    yield from picoweb.start_response(resp, content_type="text/plain")
    yield from resp.awrite("Hi, " + req.url_match.group(1))


def data(req, resp):
    yield from picoweb.jsonify(resp, {"method": req.method, "qs": req.qs})


def body(req, resp):
    size = int(req.headers[b"Content-Length"])
    data = yield from req.reader.readexactly(size)
    yield from picoweb.start_response(resp, "application/json")
    yield from resp.awritestr(ujson.dumps({"got": data.decode()}))


def secret(req, resp):
    if b"Authorization" not in req.headers:
        yield from resp.awrite('HTTP/1.0 401 NA\r\nWWW-Authenticate: Basic realm="Old"\r\n\r\n')
        return
    yield from picoweb.start_response(resp)
    yield from resp.awrite("inside")


def away(req, resp):
    headers = {"Location": "/"}
    yield from picoweb.start_response(resp, status="303", headers=headers)


def styles(req, resp):
    name = req.url_match.group(1)
    headers = b"Cache-Control: max-age=86400\r\n"
    if b"gzip" in req.headers.get(b"Accept-Encoding", b""):
        headers += b"X-Could: gzip\r\n"
    yield from app.sendfile(resp, "static/" + name, "text/css", headers)


def shown(req, resp):
    yield from picoweb.start_response(resp)
    for name, value in req.headers.items():
        yield from resp.awrite(b"%s=%s\n" % (name, value))


def skipped(req, resp):
    assert not hasattr(req, "headers")
    yield from picoweb.start_response(resp)
    yield from resp.awrite("none")


def left(req, resp):
    yield from picoweb.start_response(resp)
    while True:
        line = yield from req.reader.readline()
        if line == b"\r\n":
            break
        yield from resp.awrite(line)


ROUTES = [
    ("/", front),
    ("/squares", squares),
    ("/source", lambda req, resp: (yield from app.sendfile(resp, "routes.py"))),
    (re.compile("^/hi/(.+)"), greet),
    (re.compile(r"^/(.+\.css)$"), styles),
    ("/data", data),
    ("/body", body),
    ("/secret", secret),
    ("/away", away),
    ("/shown", shown, {"headers": "parse"}),
    ("/skipped", skipped, {"headers": "skip"}),
    ("/left", left, {"headers": "leave"}),
    ("/gone", lambda req, resp: (yield from picoweb.http_error(resp, "410"))),
]

logging.basicConfig(level=logging.INFO)

app = picoweb.WebApp(__name__, ROUTES)
app.run(port=int(usys.argv[1]), debug=1)
