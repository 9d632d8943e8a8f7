# An app that others mount, in the manner of 2016.
import picoweb

app = picoweb.WebApp(__name__)
started = []


class Late(picoweb.WebApp):
    def init(self):
        started.append("late")
        super().init()


late = Late(__name__)


@app.route("/")
def index(req, resp):
    yield from picoweb.start_response(resp)
    yield from resp.awrite("part at " + req.path)


@late.route("/page")
def page(req, resp):
    yield from picoweb.start_response(resp)
    yield from resp.awrite("late %d" % len(started))


if __name__ == "__main__":
    app.run(debug=True)
