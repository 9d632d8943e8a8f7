"""A counter for each browser, in a signed cookie; only this site's own buttons may change it."""

import picoweb
from picoweb.csrf import Csrf
from picoweb.sessions import Sessions
from picoweb.signing import key_file

app = picoweb.WebApp(__name__)
sessions = Sessions(key_file("session.key"))
csrf = Csrf()

PAGE = """\
<h1>%d clicks</h1>
<form method="post" action="/click"><button>Click</button></form>
<form method="post" action="/forget"><button>Forget me</button></form>
"""


@app.route("/")
async def index(req, resp):
    await picoweb.respond(resp, PAGE % sessions.load(req).get("clicks", 0))


@app.route("/click", methods=["POST"])
async def click(req, resp):
    await csrf.protect(req, resp)
    session = sessions.load(req)
    session["clicks"] = session.get("clicks", 0) + 1
    sessions.save(resp, session)
    await picoweb.redirect(resp, "/", 303)


@app.route("/forget", methods=["POST"])
async def forget(req, resp):
    await csrf.protect(req, resp)
    sessions.save(resp, {})
    await picoweb.redirect(resp, "/", 303)


if __name__ == "__main__":
    app.run()
