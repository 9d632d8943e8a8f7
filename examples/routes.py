# Three ways to say which function answers which path, and the parts of a path.
import re

import picoweb


async def about(req, resp):
    return "about this"


def year(req, resp):
    return "all of %s" % req.url_match.group(1)


# 1. A list, as Django has it. Its paths may be regular expressions.
app = picoweb.WebApp(
    __name__,
    [
        ("/about", about),
        (re.compile(r"^/archive/(\d\d\d\d)$"), year),
    ],
)


# 2. Decorators, as Flask has them. Parts of the path are arguments.
@app.route("/")
async def index(req, resp):
    return ", ".join([app.url_for("about"), app.url_for("item", n=3), app.url_for("file", name="a/b.txt")])


@app.route("/item/<int:n>", methods=["GET", "DELETE"])
async def item(req, resp, n):
    return "%s item %d" % (req.method, n)


# 3. One by one.
async def file(req, resp, name):
    return "the file %s" % name


app.add_url_rule("/file/<path:name>", file)

app.run()
