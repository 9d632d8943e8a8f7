"""Three relays: a fan, a water pump and a grow light.

Each one is switched by a pin of the board (high is on):

    1  Fan          GPIO 4
    2  Water pump   GPIO 13
    3  Grow light   GPIO 14

These numbers suit a Pico, an ESP32 and an ESP8266. For another board change
PINS. Where there are no pins, as on a laptop, the states are only remembered.
"""

import picoweb
import ulogging

try:
    from machine import Pin
except ImportError:
    Pin = None

PINS = (4, 13, 14)
NAMES = ("Fan", "Water pump", "Grow light")

log = ulogging.getLogger("relays")

states = [{"n": i + 1, "name": name, "on": False} for i, name in enumerate(NAMES)]
pins = [Pin(number, Pin.OUT, value=0) for number in PINS] if Pin else []


def is_on(n):
    return states[n - 1]["on"]


def toggle(n):
    """Switch relay n over and return its new state; None where there is no such relay."""
    if not 1 <= n <= len(states):
        return None
    state = states[n - 1]
    state["on"] = not state["on"]
    if pins:
        pins[n - 1].value(state["on"])
    return state["on"]


async def switch(req, resp, n):
    """POST /relay/<n>: switch it over, then show the status page again."""
    on = toggle(n)
    if on is None:
        await picoweb.http_error(resp, 404)
        return
    log.info("relay %d %s", n, "on" if on else "off")
    await picoweb.redirect(resp, "/", 303)
