"""The settings of the clock, and the form that changes them."""

import picoweb
from picoweb.csrf import Csrf

from handlers import store
from handlers.fields import check, choice, flag, number, text

FILE = "settings.json"

UNITS = (("C", "Celsius"), ("F", "Fahrenheit"))
ZONES = (  # minutes from UTC, and a city that all know
    (-480, "Los Angeles"),
    (-300, "New York"),
    (-180, "São Paulo"),
    (0, "London"),
    (60, "Berlin"),
    (120, "Cairo"),
    (180, "Nairobi"),
    (330, "Delhi"),
    (480, "Singapore"),
    (540, "Tokyo"),
    (600, "Sydney"),
    (720, "Auckland"),
)

KINDS = {
    "name": text(24),
    "wifi": text(32, "bytes"),
    "brightness": number(0, 100),
    "unit": choice([code for code, _ in UNITS]),
    "zone": choice([minutes for minutes, _ in ZONES]),
    "summer": flag,
}
DEFAULTS = {"name": "Clock", "wifi": "home", "brightness": 70, "unit": "C", "zone": 0, "summer": False}

csrf = Csrf()


def as_text(values):
    """Values as a form would send them: what is not checked is empty."""
    return {name: "" if values[name] is None or values[name] is False else str(values[name]) for name in values}


def load():
    """What is saved. For what is missing or wrong, as in a file that somebody edited, the default."""
    values = dict(DEFAULTS)
    values.update(check(KINDS, as_text(store.load(FILE)))[0])
    return values


values = load()


def current(req):
    """The values, for programs."""
    return values


def utc(minutes):
    """ "UTC+05:30"."""
    return "UTC%s%02d:%02d" % ("-" if minutes < 0 else "+", abs(minutes) // 60, abs(minutes) % 60)


def form(req):
    """What the form shows: the values, or what was just typed and what is wrong with it."""
    typed, wrong = as_text(values), {}
    if req.method == "POST":
        typed = entered(req)
        wrong = check(KINDS, typed)[1]
    return {
        "now": typed,
        "wrong": wrong,
        "done": {"saved": "Saved.", "reset": "All is as it was at first."}.get(req.qs),
        "units": UNITS,
        "zones": [(str(minutes), utc(minutes) + " " + city) for minutes, city in ZONES],
    }


def entered(req):
    """The fields that were sent, as text."""
    return {name: req.form.get(name, [""])[0] for name in KINDS}


async def save(req, resp):
    """POST /settings/save: keeps all values, or none (422)."""
    await csrf.protect(req, resp)  # not for forms of other sites
    await req.read_form_data()
    right, wrong = check(KINDS, entered(req))
    if wrong:
        await picoweb.http_error(resp, 422)
    await keep(resp, right)
    await picoweb.redirect(resp, "/settings?saved", 303)  # so that a reload does not send the form again


async def reset(req, resp):
    """POST /settings/reset: back to the defaults."""
    await csrf.protect(req, resp)
    await keep(resp, DEFAULTS)
    await picoweb.redirect(resp, "/settings?reset", 303)


async def keep(resp, new):
    try:
        store.save(FILE, new)
    except OSError:
        await picoweb.http_error(resp, 507)
    values.update(new)
