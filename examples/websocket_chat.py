"""A chat over WebSockets: whoever has the page open reads what the others write."""

import picoweb
from picoweb import websocket

PAGE = """\
<!doctype html>
<meta name="viewport" content="width=device-width">
<title>Chat</title>
<link rel="icon" href="data:,">
<ul id="said"></ul>
<form><input name="text" autocomplete="off" autofocus> <button>Say</button></form>
<script>
    const name = "guest" + Math.floor(Math.random() * 1000);
    const socket = new WebSocket(`ws://${location.host}/chat/${name}`);
    socket.onmessage = event => {
        const line = document.createElement("li");
        line.textContent = event.data;
        said.append(line);
    };
    document.forms[0].onsubmit = event => {
        event.preventDefault();
        socket.send(event.target.text.value);
        event.target.reset();
    };
</script>
"""

app = picoweb.WebApp("chat")
members = []


@app.route("/")
async def page(req, resp):
    await picoweb.respond(resp, PAGE)


@app.route("/chat/<name>")
@websocket.websocket(limit=1000)
async def chat(req, ws, name):
    members.append(ws)
    try:
        await tell(f"{name} is here")
        while True:
            await tell(f"{name}: {await ws.receive()}")
    finally:
        members.remove(ws)
        await tell(f"{name} has left")


async def tell(text):
    for ws in list(members):
        try:
            await ws.send(text)
        except websocket.Closed:  # its own handler will notice
            pass


if __name__ == "__main__":
    app.run()
