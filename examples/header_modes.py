# What becomes of the header fields of a request: parsed when asked for, dropped, or left to be read line by line.
import picoweb

app = picoweb.WebApp(__name__)


@app.route("/parse")
async def parsed(req, resp):
    return "You are " + req.headers.get("User-Agent", "silent")


@app.route("/skip", headers="skip")
async def skipped(req, resp):
    return "req.headers: %s" % hasattr(req, "headers")


@app.route("/leave", headers="leave")
async def left(req, resp):
    await picoweb.start_response(resp, "text/plain")
    line = await req.reader.readline()
    while line != b"\r\n":
        await resp.awrite(line)
        line = await req.reader.readline()


app.run()
