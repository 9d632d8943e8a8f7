# Mounted apps, lazily initialised, and one place for all exceptions, in the manner of 2019.
import usys
import picoweb
import part


class Site(picoweb.WebApp):
    async def handle_exc(self, req, resp, exc):
        try:
            await picoweb.start_response(resp, status="500")
            await resp.awrite("all is lost: %r" % exc.args[0])
        except Exception as e:
            print(repr(e))

    def serve(self, loop, host, port):
        print("serving")
        super().serve(loop, host, port)


site = Site(__name__)
site.mount("/part", part.app)
site.mount("/late", part.late)


@site.route("/")
def index(req, resp):
    yield from picoweb.start_response(resp)
    yield from resp.awrite("whole %d" % len(part.started))


@site.route("/wrong")
def wrong(req, resp):
    1 / 0


@site.route("/half")
def half(req, resp):
    yield from picoweb.start_response(resp)
    yield from resp.awrite("half of it")
    raise KeyError("half")


site.run("127.0.0.1", int(usys.argv[1]), -1, True)
