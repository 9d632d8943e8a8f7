"""The live values: a reading every few seconds, its history, and a switch."""

import asyncio
import math
import sys
import time

import picoweb
from picoweb.csrf import Csrf
from handlers import settings

try:
    from machine import ADC, Pin
except ImportError:  # a computer, or a board without analogue inputs
    Pin = None
try:
    from esp32 import mcu_temperature
except ImportError:  # another board, or one whose chip does not tell
    mcu_temperature = None

UNIT = "°C"
POINTS = 60  # of the history
LEDS = {"rp2": "LED", "esp32": 2, "esp8266": 2}  # the pin that the switch sets

csrf = Csrf()
history = []
tasks = []
on = False


def read():
    """The reading of now. Put your own sensor here!

    This is how warm the chip itself is, where it tells; elsewhere an example that goes up and down.
    """
    if sys.platform == "rp2" and Pin:
        return 27 - (ADC(4).read_u16() * 3.3 / 65535 - 0.706) / 0.001721
    if mcu_temperature:
        return mcu_temperature()
    seconds = time.time() % 86400
    return 22 + 2 * math.sin(seconds / 30) + 0.4 * math.sin(seconds / 7)


def remember():
    history.append(round(read(), 1))
    if len(history) > POINTS:
        history.pop(0)


async def sample():
    """Runs for ever, beside the pages."""
    while True:
        await asyncio.sleep(settings.values["every"])
        try:
            remember()
        except Exception as e:  # a sensor may fail now and then
            print("no reading:", e)


def curve():
    """The history as an SVG line, 600 wide and 200 high with the newest at the right, and what is below that line."""
    low = min(history)
    scale = 160 / max(max(history) - low, 2)
    step = 600 / (POINTS - 1)
    start = 600 - step * (len(history) - 1)
    points = " ".join("%d,%d" % (start + i * step, 180 - (v - low) * scale) for i, v in enumerate(history))
    return points, "M%d 200L%s 600,200z" % (start, points)


async def now(req):
    """The values of the first page, and of /api/now. The first one who asks starts the history."""
    if not tasks:
        remember()
        tasks.append(asyncio.create_task(sample()))
    value, limit = history[-1], settings.values["limit"]
    points, hill = curve()
    return {
        "label": settings.values["label"],
        "value": value,
        "unit": UNIT,
        "low": min(history),
        "high": max(history),
        "above": value > limit,
        "note": "%s %d %s" % ("Above" if value > limit else "Fine, up to", limit, UNIT),
        "points": points,
        "hill": hill,
        "on": on,
    }


async def switch(req, resp):
    """POST /switch: the LED goes on or off, then the first page is shown again."""
    global on
    await csrf.protect(req, resp)  # not for forms of other sites
    on = not on
    pin = LEDS.get(sys.platform)
    if Pin and pin is not None:
        Pin(pin, Pin.OUT).value(on)
    await picoweb.redirect(resp, "/", 303)
