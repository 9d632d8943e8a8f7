# Images: a file of the folder static/, and one that is made while it is sent, row by row.
import struct

import picoweb

app = picoweb.WebApp(__name__)
SIZE = 256


def bitmap():
    """The pieces of a BMP file: no more than a row of it is in memory."""
    yield b"BM" + struct.pack("<IHHI", 54 + 3 * SIZE * SIZE, 0, 0, 54)
    yield struct.pack("<IiiHHIIiiII", 40, SIZE, SIZE, 1, 24, 0, 0, 2835, 2835, 0, 0)
    row = bytearray(3 * SIZE)
    for y in range(SIZE):
        for x in range(SIZE):
            row[3 * x] = y
            row[3 * x + 1] = x
            row[3 * x + 2] = 255 - x
        yield row


@app.route("/")
async def index(req, resp):
    return "<img src=colours.bmp> <img src=static/leaf.svg width=256>"


@app.route("/colours.bmp")
async def colours(req, resp):
    return bitmap(), 200, {"Content-Type": "image/bmp"}


@app.route("/leaf")
async def leaf(req, resp):
    await app.sendfile(resp, "static/leaf.svg", headers={"Cache-Control": "max-age=60"})


app.run()
