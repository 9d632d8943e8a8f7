# Server-sent events in the manner of 2018: each client's own, and those that a task pushes to all.
import uasyncio
import usys
import utime
import picoweb

sinks = set()


def own(req, resp):
    yield from resp.awrite("HTTP/1.0 200 OK\r\n")
    yield from resp.awrite("Content-Type: text/event-stream\r\n")
    yield from resp.awrite("\r\n")
    n = 0
    try:
        while n < 1000:
            yield from resp.awrite("data: %d\n\n" % n)
            yield from uasyncio.sleep_ms(50)
            n += 1
    except OSError:
        print("own: gone")
        yield from resp.aclose()


def pushed(req, resp):
    yield from resp.awrite("HTTP/1.0 200 OK\r\n")
    yield from resp.awrite("Content-Type: text/event-stream\r\n")
    yield from resp.awrite("\r\n")
    sinks.add(resp)
    return False


def push_all(event):
    gone = set()
    for resp in sinks:
        try:
            yield from resp.awrite("data: %s\n\n" % event)
        except OSError as e:
            print("pushed: gone")
            yield from resp.aclose()
            gone.add(resp)
    for resp in gone:
        sinks.remove(resp)


def push():
    n = 0
    start = utime.ticks_ms()
    while True:
        yield from push_all("%d after %d" % (n, utime.ticks_diff(utime.ticks_ms(), start)))
        n += 1
        yield from uasyncio.sleep(0.1)


ROUTES = [
    ("/own", own),
    ("/pushed", pushed),
]

import ulogging as logging

logging.basicConfig(level=logging.INFO)

loop = uasyncio.get_event_loop()
loop.create_task(push())

app = picoweb.WebApp(__name__, ROUTES)
app.run(debug=True, port=int(usys.argv[1]))
