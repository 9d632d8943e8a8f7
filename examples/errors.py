# One place for what goes wrong: by status, by class of exception, and for all the rest.
import picoweb


class Full(Exception):
    pass


class App(picoweb.WebApp):
    async def handle_exc(self, req, resp, exc):
        # For exceptions that no function below is for. What was written so far and has not gone out is taken back.
        await picoweb.start_response(resp, status=500)
        await resp.awrite("Something broke: " + type(exc).__name__)


app = App(__name__)


@app.errorhandler(404)
async def missing(req, resp):
    return "There is no %s here" % req.path


@app.errorhandler(Full)
async def full(req, resp, exc):
    return "The tank is full: %s" % exc, 409


@app.route("/fill")
async def fill(req, resp):
    raise Full("90 litres")


@app.route("/number")
async def number(req, resp):
    return "the half is %d" % (int(req.args["n"][0]) // 2)


@app.route("/secret")
async def secret(req, resp):
    await picoweb.http_error(resp, 403)


app.run()
