# Apps within an app: each has its own routes and error pages, and is initialised before its first request.
import picoweb

lamps = picoweb.WebApp("lamps")


@lamps.route("/")
async def show(req, resp):
    return "the lamps at %s, reached as %s" % (lamps.url_for("show"), req.path)


@lamps.errorhandler(404)
async def no_lamp(req, resp):
    return "no lamp at " + req.path


class Sensors(picoweb.WebApp):
    def init(self):
        self.readings = [21.5, 22.0]
        super().init()


sensors = Sensors("sensors")


@sensors.route("/<int:n>")
async def reading(req, resp, n):
    return {"reading": sensors.readings[n]}


@sensors.errorhandler(IndexError)
async def no_sensor(req, resp, exc):
    return "no such sensor", 404


house = picoweb.WebApp(__name__)
house.mount("/lamps", lamps)
house.mount("/sensors", sensors)


@house.route("/")
async def index(req, resp):
    return "<a href='%s'>lamps</a> <a href='%s'>sensor</a>" % (house.url_for("show"), house.url_for("reading", n=0))


house.run(lazy_init=True)
