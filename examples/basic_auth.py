"""Pages behind a password, and an API behind a token.

Open http://127.0.0.1:8081/settings and log in as ada with the password "secret", or:
    curl -H "Authorization: Bearer sesame" http://127.0.0.1:8081/api/now
"""

import time

import picoweb
from picoweb.auth import Basic, Bearer

app = picoweb.WebApp(__name__)
people = Basic({"ada": "secret", "bob": "other"}, realm="Greenhouse")
programs = Bearer({"sesame": "the panel"})


@app.route("/")
async def index(req, resp):
    await picoweb.respond(resp, '<h1>Greenhouse</h1><p><a href="/settings">Settings</a>')


@app.route("/settings")
@people
async def settings(req, resp):
    await picoweb.respond(resp, f"<h1>Settings</h1><p>Hello {req.user}!")


@app.route("/api/now")
@programs
async def now(req, resp):
    await picoweb.jsonify(resp, {"seconds": time.time(), "for": req.user})


if __name__ == "__main__":
    app.run()
