# What the programs of docs/safety.md do, asked in memory; run in a folder that holds them, on either Python.
import asyncio
import os

from picoweb.testing import Client


def module(name):
    return Client(__import__(name).app)


async def statuses(client, *requests):
    """The statuses of requests, each (method, path) or (method, path, headers)."""
    found = []
    for request in requests:  # MicroPython has no await in a comprehension
        found.append((await client.request(*request)).status)
    return found


async def cookies():
    client = module("jar")
    assert (await client.get("/")).text == "It is 21 °C."
    assert await statuses(client, ("POST", "/unit/K")) == [303]
    assert (await client.get("/")).text == "It is 21 K."
    assert await statuses(client, ("POST", "/forget")) == [303]
    assert (await client.get("/")).text == "It is 21 °C."


async def sessions():
    client = module("counter")
    for n in (1, 2, 3):
        assert (await client.get("/")).text == f"Visit {n}"
    client.cookies["session"] += "A"
    assert (await client.get("/")).text == "Visit 1"
    assert await statuses(client, ("POST", "/logout")) == [303]
    assert client.cookies == {}


ADA = {"Authorization": "Basic YWRhOnNlY3JldA=="}
EVE = {"Authorization": "Basic ZXZlOnNlY3JldA=="}


async def passwords():
    client = module("door")
    assert await statuses(client, ("GET", "/settings"), ("GET", "/settings", EVE)) == [401, 401]
    assert (await client.get("/settings", ADA)).text == "Hello ada!"
    assert await statuses(client, ("GET", "/both/9"), ("GET", "/both/10"), ("GET", "/both/10", ADA)) == [200, 401, 200]
    assert (await client.get("/api/now", {"Authorization": "Bearer sesame"})).json == {"for": "panel"}
    client = module("lookup")
    for path in ("/asked", "/hashed"):
        assert (await client.get(path, ADA)).text == "ada"
        assert await statuses(client, ("GET", path, EVE)) == [401]


HERE = {"Origin": "http://localhost"}
EVIL = {"Origin": "http://evil.example"}


async def forms():
    client = module("relay")
    assert await statuses(client, ("POST", "/relay", EVIL), ("POST", "/relay")) == [403, 403]
    assert await statuses(client, ("POST", "/relay", HERE)) == [303]
    client = module("form")
    page = (await client.get("/")).text
    token = page.split('value="')[1].split('"')[0]
    assert await statuses(client, ("POST", "/"), ("POST", "/", {"X-CSRF-Token": "x"})) == [403, 403]
    assert await statuses(client, ("POST", "/", {"X-CSRF-Token": token}), ("POST", "/", EVIL)) == [200, 403]


async def scripts():
    client = module("open_api")
    asked = {"Origin": "https://panel.example", "Access-Control-Request-Method": "PUT"}
    response = await client.request("OPTIONS", "/api/now", asked)
    assert response.status == 204
    assert response.headers["access-control-allow-methods"] == "GET, PUT"
    response = await client.get("/api/now", {"Origin": "https://panel.example"})
    assert response.json == {"temperature": 21.5}
    assert response.headers["access-control-allow-origin"] == "https://panel.example"
    assert "access-control-allow-origin" not in (await client.get("/api/now", EVIL)).headers


async def uploads():
    client = module("inbox")
    files = {"photo": ("../a b.png", b"x" * 5000, "image/png")}
    response = await client.post("/photo", {"title": "A"}, files=files)
    assert response.json == {"titles": ["A"], "files": [["a_b.png", 5000, "photos/a_b.png"]]}
    assert os.listdir("photos") == ["a_b.png"]
    too_long = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": 600000}
    assert await statuses(client, ("POST", "/photo", too_long)) == [413]
    assert os.listdir("photos") == ["a_b.png"]
    assert (await client.post("/note", files={"note": ("n.txt", b"text", "text/plain")})).text == "text"
    assert (await client.post("/count", {"a": "12"}, files=files)).json == {"a": 2, "photo": 5000}


async def main():
    for part in (cookies, sessions, passwords, forms, scripts, uploads):
        await part()
        print(part.__name__, "works")


asyncio.run(main())
