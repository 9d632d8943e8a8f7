"""The greenhouse's readings.

On a board they are measured:

    air     a DHT22 on GPIO 5; without one, a Pico tells its own temperature
    light   a light-dependent resistor and 10 kΩ as a divider, on the first pin of ADC_PINS
    soil    a capacitive moisture sensor, on the second pin of ADC_PINS

What is not there is None. DARK, BRIGHT, DRY and WET are raw readings: measure
your own sensors and change them. The clock should be right before the site
starts (see ntptime), for the history and the time shown.

Elsewhere, as on a laptop, a calm imaginary day is computed from the clock.
"""

import math
import sys
import time

from handlers import relays

try:
    from machine import ADC, Pin
except ImportError:  # no board, or one without analogue inputs
    ADC = None

ADC_PINS = {"rp2": (26, 27), "esp32": (34, 35), "esp8266": (None, 0)}
DHT_PIN = 5
DARK, BRIGHT = 2000, 60000
DRY, WET = 50000, 22000

POINTS = 24  # the history: one temperature an hour, the last one of now
EVERY = 3600

started = time.time()
history = []
next_point = started
night = False


# The imaginary greenhouse. Hours count from the start of the year.


def daylight(hours):
    """0 at night, 1 at one o'clock on a clear day."""
    sun = (math.cos((hours - 13) * math.pi / 12) + 0.25) / 1.25
    clouds = 0.12 * (1 + math.sin(hours * 1.7))
    return max(0, sun) * (1 - clouds)


def warmth(hours):
    day = math.cos((hours - 14.5) * math.pi / 12)
    return 20.6 + 4.6 * day + 0.9 * day * day + math.sin(hours / 17) + 0.4 * math.sin(hours * 1.3)


def clock_hours():
    now = time.localtime()
    return now[7] * 24 + now[3] + now[4] / 60 + now[5] / 3600


def imagine():
    hours = clock_hours()
    temperature = warmth(hours)
    humidity = 112 - 2.2 * temperature + 3 * math.sin(hours / 2.9)
    light = 92 * daylight(hours)
    soil = 63 - 0.8 * ((hours - 7) % 24)  # watered at seven every morning
    if relays.is_on(1):
        temperature -= 1.4
        humidity -= 6
    if relays.is_on(2):
        soil += 12
    if relays.is_on(3):
        light = max(light, 35) + 5
    return temperature, humidity, light, soil


# The real one.


def analogue(index):
    pin = ADC_PINS.get(sys.platform, (None, None))[index]
    if pin is None:
        return None
    if sys.platform == "esp32":
        return ADC(Pin(pin), atten=ADC.ATTN_11DB)
    return ADC(pin)


def percent(adc, zero, full):
    if adc is None:
        return None
    return min(100, max(0, 100 * (adc.read_u16() - zero) / (full - zero)))


def air():
    try:
        dht.measure()
        return dht.temperature(), dht.humidity()
    except Exception:  # no sensor there, or its answer was disturbed
        pass
    if sys.platform == "rp2":
        volts = ADC(4).read_u16() * 3.3 / 65535
        return 27 - (volts - 0.706) / 0.001721, None
    return None, None


def measure():
    """All readings; a DHT22 wants two seconds of rest, so they are kept that long."""
    global latest, measured
    if latest is None or abs(time.time() - measured) > 2:
        temperature, humidity = air()
        light, soil = percent(light_adc, DARK, BRIGHT), percent(soil_adc, DRY, WET)
        latest = temperature, humidity, light, soil
        measured = time.time()
    return latest


if ADC:
    from dht import DHT22

    latest = None
    measured = 0
    dht = DHT22(Pin(DHT_PIN))
    light_adc = analogue(0)
    soil_adc = analogue(1)
    read = measure
else:
    read = imagine
    history = [round(warmth(clock_hours() - i), 1) for i in range(POINTS - 1, 0, -1)]
    next_point += EVERY


# What the page shows.


def remember(temperature):
    """Add a point for every hour that has passed; hours nobody asked in get the reading of now."""
    global next_point
    if abs(time.time() - next_point) > POINTS * EVERY:  # the clock was set
        next_point = time.time()
    while time.time() >= next_point:
        next_point += EVERY
        history.append(temperature)
        if len(history) >= POINTS:
            history.pop(0)


def curve(values):
    """The points of an SVG line in a field 230 wide and 60 high."""
    low = min(values)
    scale = 50 / max(max(values) - low, 2)
    step = 230 / max(len(values) - 1, 1)
    return " ".join("%d,%d" % (i * step, 55 - (v - low) * scale) for i, v in enumerate(values))


def uptime():
    minutes = int(time.time() - started) // 60
    if minutes < 60:
        return "%d min" % minutes
    if minutes < 48 * 60:
        return "%d h %d min" % (minutes // 60, minutes % 60)
    return "%d days" % (minutes // 1440)


def is_night(light):
    """Whether it is dark outside. While the grow light is on, what was true before."""
    global night
    if light is not None and not relays.is_on(3):
        night = light < 4
    return night


def advise(temperature, soil, night):
    if soil is not None and soil < 30:
        return "The soil is dry.", "Let the water pump run for a while."
    if temperature is not None and temperature > 30:
        return "It is hot inside.", "Switch the fan on, or open a window."
    if temperature is not None and temperature < 8:
        return "It is cold inside.", "Close the windows for the night."
    if night:
        return "A quiet night.", "All is well under the glass."
    return "All is growing well.", "Nothing to do but watch."


def now(req):
    temperature, humidity, light, soil = read()
    dark = is_night(light)
    headline, advice = advise(temperature, soil, dark)
    recent = history
    if temperature is not None:
        temperature = round(temperature, 1)
        remember(temperature)
        recent = history + [temperature]
    clock = time.localtime()
    return {
        "headline": headline,
        "advice": advice,
        "temperature": temperature,
        "humidity": None if humidity is None else round(humidity),
        "light": None if light is None else round(light),
        "soil": None if soil is None else round(soil),
        "night": dark,
        "history": recent,
        "points": curve(recent) if recent else "",
        "low": min(recent) if recent else None,
        "high": max(recent) if recent else None,
        "time": "%02d:%02d" % (clock[3], clock[4]),
        "uptime": uptime(),
        "relays": relays.states,
    }
