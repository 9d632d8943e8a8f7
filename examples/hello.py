# The least program: one page. On MicroPython and CPython: http://127.0.0.1:8081/
import picoweb

app = picoweb.WebApp(__name__)


@app.route("/")
async def hello(req, resp):
    return "<h1>Hello</h1>"


app.run()
