"""Server-sent events, pushed: what happens is published once, and all open pages hear of it."""

import picoweb
from picoweb import sse

PAGE = """\
<!doctype html>
<meta name="viewport" content="width=device-width">
<title>Door</title>
<link rel="icon" href="data:,">
<p>The door is <output id="door">…</output>.</p>
<button value="open">Open</button> <button value="closed">Close</button>
<script>
    new EventSource("/news").onmessage = event => door.textContent = JSON.parse(event.data).door;
    onclick = event => event.target.value && fetch(`/door/${event.target.value}`, {method: "POST"});
</script>
"""

app = picoweb.WebApp("push")
news = sse.Channel(history=8)
state = {"door": "closed"}


@app.route("/")
async def page(req, resp):
    await picoweb.respond(resp, PAGE.replace("…", state["door"]))


@app.route("/news")
async def serve_news(req, resp):
    await news.serve(req, resp)


@app.route("/door/<position>", methods=["POST"])
async def door(req, resp, position):
    if position not in ("open", "closed"):
        await picoweb.http_error(resp, 404)
    state["door"] = position
    news.publish(state)
    await picoweb.jsonify(resp, state)


if __name__ == "__main__":
    app.run()
