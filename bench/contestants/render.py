# render.py WAY PAGE TIMES: renders a page into a sink that counts its bytes, TIMES times, and prints what it took.
#
# WAY: "jinja" or "tpl", picoweb's; "utemplate"; "microdot", which joins the pieces of a page, as its documentation
# shows it; "microdot-stream", which sends them one by one. math.erf() is called before and after, see probe.py.
import gc
import json
import math
import sys

WAY, PAGE, TIMES = sys.argv[1], sys.argv[2], int(sys.argv[3])
if WAY in ("jinja", "tpl"):
    from picoweb.templates import load
elif WAY != "utemplate":
    import microdot  # noqa: F401  what there is before the first template


def rows(count):
    return [{"n": n, "name": "sensor %s" % n, "value": 20 + n / 4, "on": n % 3 > 0} for n in range(1, count + 1)]  # noqa: UP031


def values():
    if PAGE != "layout":
        return {"rows": rows(500 if PAGE == "table" else 20)}
    places = [{"path": "/%s" % name.lower(), "title": name} for name in ("Home", "Sensors", "Settings", "About", "Log")]  # noqa: UP031
    fields = [{"name": "f%s" % n, "label": "Field %s" % n, "value": n * 10} for n in range(8)]  # noqa: UP031
    return {"title": "Settings", "places": places, "fields": fields, "count": 12, "version": "1.2"}


def library():
    """Imports what all pages of this kind share."""
    global find, page
    if WAY in ("jinja", "tpl"):
        name = PAGE + (".html" if WAY == "jinja" else ".tpl")
        for shared in ("picoweb.escaping", "picoweb.undefined", "templates._jinja") if WAY == "jinja" else ():
            try:
                __import__(shared)
            except ImportError:  # the page needs nothing of it
                gc.collect()
        find = lambda: load(name)  # noqa: E731
        page = lambda: load(name).render(**given)  # noqa: E731
        return
    from utemplate import compiled

    name = PAGE + ".tpl"
    if WAY == "utemplate":
        loader = compiled.Loader(None, "templates")
        find = lambda: loader.load(name)  # noqa: E731
        page = lambda: loader.load(name)(**given)  # noqa: E731
        return
    from microdot.utemplate import Template

    Template.initialize(loader_class=compiled.Loader)
    find = lambda: Template(name)  # noqa: E731
    if WAY == "microdot":
        page = lambda: (Template(name).render(**given),)  # noqa: E731
    else:
        page = lambda: Template(name).generate(**given)  # noqa: E731


def sink(pieces):
    size = 0
    for piece in pieces:
        if type(piece) is str:
            piece = piece.encode()
        size += len(piece)
    return size


def deep(n):
    return n and deep(n - 1)


def used():
    deep(20)  # what earlier calls left on the stack would keep garbage alive
    gc.collect()
    return gc.mem_alloc()


given = values()
find = page = None
before = used()
library()
shared = used()
find()
own = used()
text = b"".join([piece if isinstance(piece, bytes) else piece.encode() for piece in page()])
gc.collect()
gc.disable()
start = gc.mem_alloc()
sink(page())
allocated = gc.mem_alloc() - start
math.erf(0.5)
math.erf(0.5)
for _ in range(TIMES):
    sink(page())
math.erf(0.5)
print(json.dumps({"library": shared - before, "page": own - shared, "allocated": allocated, "text": text.decode()}))
