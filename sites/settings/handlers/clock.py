"""The clock's face."""

import time

from handlers import settings


def temperature():
    """The temperature in °C. Put your sensor here!"""
    return 21.5


def in_unit(celsius, unit):
    """ "70.7 °F"."""
    return "%.1f °%s" % (celsius * 9 / 5 + 32 if unit == "F" else celsius, unit)


def face(req):
    """The time where the clock stands, as text and as seconds for its hands; how bright it is; and the rest."""
    values = settings.values
    seconds = (int(time.time()) + 60 * values["zone"] + 3600 * values["summer"]) % 86400
    return {
        "name": values["name"],
        "brightness": values["brightness"],
        "temperature": in_unit(temperature(), values["unit"]),
        "time": "%02d:%02d" % (seconds // 3600, seconds // 60 % 60),
        "hands": (("hour", seconds % 43200), ("minute", seconds % 3600), ("second", seconds % 60)),
    }
