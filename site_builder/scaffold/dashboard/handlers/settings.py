"""The settings: a form, and the file settings.json on the board."""

import json
import os

import picoweb
from picoweb.csrf import Csrf

FILE = "settings.json"

csrf = Csrf()
values = {"label": "Temperature", "limit": 30, "every": 2}  # until others are saved

try:
    with open(FILE) as f:
        values.update(json.load(f))
except (OSError, ValueError):  # nothing saved yet
    pass


def number(text, low, high):
    """The whole number that somebody typed. Raises ValueError with what to do."""
    try:
        value = int(text)
    except ValueError:
        raise ValueError("Give a whole number.")
    if not low <= value <= high:
        raise ValueError("Give a number from %d to %d." % (low, high))
    return value


def label(text):
    text = text.strip()
    if not 1 <= len(text) <= 20:
        raise ValueError("Give 1 to 20 characters.")
    return text


CHECKS = {
    "label": label,
    "limit": lambda text: number(text, -50, 150),
    "every": lambda text: number(text, 1, 60),
}


def check(typed):
    """What was typed -> the values that are right, and a message for each that is wrong."""
    right, wrong = {}, {}
    for name in CHECKS:
        try:
            right[name] = CHECKS[name](typed[name])
        except ValueError as e:
            wrong[name] = str(e)
    return right, wrong


def entered(req):
    """The fields of a form that was sent, as text."""
    return {name: req.form.get(name, [""])[0] for name in CHECKS}


def form(req):
    """The values of the form: those that are saved, or what was just typed and what is wrong with it."""
    if req.method != "POST":
        return {"now": values, "wrong": {}}
    typed = entered(req)
    return {"now": typed, "wrong": check(typed)[1]}


async def save(req, resp):
    """POST /settings/save: keeps the values, or shows the form again (see 422 in site.yaml)."""
    await csrf.protect(req, resp)  # not for forms of other sites
    await req.read_form_data()
    right, wrong = check(entered(req))
    if wrong:
        await picoweb.http_error(resp, 422)
    with open(FILE + ".new", "w") as f:
        json.dump(right, f)
    os.rename(FILE + ".new", FILE)  # so that a power cut leaves the old file or the new one
    values.update(right)
    await picoweb.redirect(resp, "/settings", 303)
