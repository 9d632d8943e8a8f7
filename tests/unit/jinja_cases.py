"""Calls of Jinja's filters as data, and their results: the same on CPython and MicroPython.

On MicroPython: micropython jinja_cases.py CASES.json, a file of lines [code, context], prints a line of JSON for each.
A context of null is that of the line before.
"""

import json
import sys

ROOT = __file__.rpartition("/")[0] + "/../.."
sys.path += [ROOT, ROOT + "/site_builder/templates/jinja"]
import filters  # noqa: E402

del sys.path[-2:]
NAMES = {name: getattr(filters, name) for name in dir(filters)}
KINDS = {"Markup": "m", "Undefined": "u", "StrictUndefined": "u", "Strict": "u", "Thing": "o"}


class Thing:
    """An object with attributes."""

    def __init__(self, **values):
        for name in values:
            setattr(self, name, values[name])

    def __repr__(self):
        return "a thing"


def describe(value):
    """A value as JSON that tells its kind."""
    kind = KINDS.get(type(value).__name__)
    if kind == "m":
        return ["m", str(value.__html__())]
    if kind == "o":
        return ["o", sorted([name, describe(item)] for name, item in value.__dict__.items())]
    if kind == "u":
        return ["u", None]
    if value is None or isinstance(value, (bool, str)):
        return ["v", value]
    if isinstance(value, int):
        return ["i", str(value)]
    if isinstance(value, float):
        return ["f", repr(value)]
    if isinstance(value, tuple):
        return ["t", [describe(item) for item in value]]
    if isinstance(value, dict):
        return ["d", sorted([describe(key), describe(value[key])] for key in value)]
    return ["l" if isinstance(value, list) else "g", [describe(item) for item in value]]


def build(case, markup, undefined):
    """The value that was described."""
    kind, data = case
    if kind == "v":
        return data
    if kind == "m":
        return markup(data)
    if kind == "u":
        return undefined(name="nothing")
    if kind == "i":
        return int(data)
    if kind == "f":
        return float(data)
    if kind == "o":
        return Thing(**{name: build(item, markup, undefined) for name, item in data})
    if kind == "d":
        return dict([[build(part, markup, undefined) for part in pair] for pair in data])
    items = [build(item, markup, undefined) for item in data]
    return items if kind == "l" else tuple(items) if kind == "t" else (item for item in items)


def evaluate(code, context):
    """What a call of our filters gives, described; ["error", its name] when it raises."""
    names = dict(NAMES)
    for name in context:
        if name in code:
            names[name] = build(context[name], filters.Markup, filters.Undefined)
    try:
        return describe(eval(code, names))
    except Exception as e:
        return ["error", type(e).__name__]


def main(path):
    context = {}
    with open(path) as file:
        for line in file:
            code, new = json.loads(line)
            context = new or context
            print(json.dumps(evaluate(code, context)))


if __name__ == "__main__":
    main(sys.argv[1])
