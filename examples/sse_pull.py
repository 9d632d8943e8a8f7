"""Server-sent events, pulled: the handler looks once a second, and tells its page."""

import asyncio
import time

import picoweb
from picoweb import sse

PAGE = """\
<!doctype html>
<meta name="viewport" content="width=device-width">
<title>Seconds</title>
<link rel="icon" href="data:,">
<p>Running for <output id="seconds">…</output> s.</p>
<script>
    new EventSource("/seconds").onmessage = event => seconds.textContent = event.data;
</script>
"""

app = picoweb.WebApp("pull")
start = time.time()


@app.route("/")
async def page(req, resp):
    await picoweb.respond(resp, PAGE)


@app.route("/seconds")
async def seconds(req, resp):
    events = await sse.start(resp)
    while True:  # until the page is closed
        await events.send(int(time.time() - start))
        await asyncio.sleep(1)


if __name__ == "__main__":
    app.run()
