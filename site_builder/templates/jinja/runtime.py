"""What compiled Jinja templates call on the device, beside filters. Each site gets those that it uses, no others."""

from picoweb.markup import Markup, Undefined, escape

missing = Undefined  # what stands for a value that is not there; Strict in a site that asks for it


def attr(value, name):
    """value.name: the attribute, else the item, else Undefined."""
    try:
        return getattr(value, name)
    except AttributeError:
        pass
    try:
        return value[name]
    except (TypeError, LookupError, AttributeError):
        return missing(name)


def key(value, name):
    """value.name, for a name that dicts have no attribute of."""
    if type(value) is dict and name in value:
        return value[name]
    return attr(value, name)


def item(value, name):
    """value[name]: the item, else the attribute, else Undefined."""
    try:
        return value[name]
    except (TypeError, LookupError, AttributeError):
        if isinstance(name, str):
            try:
                return getattr(value, name)
            except AttributeError:
                pass
        return missing(name)


def step(value, start, stop, by):
    """value[start:stop:by]; MicroPython has no steps in slices of text."""
    text = isinstance(value, (str, Markup))
    value = list(value)
    size = len(value)
    if by is None or by > 0:
        low, high = 0, size
    else:
        low, high = -1, size - 1
    start = (low if not by or by > 0 else high) if start is None else start + size if start < 0 else start
    stop = (high if not by or by > 0 else low) if stop is None else stop + size if stop < 0 else stop
    part = [value[i] for i in range(max(low, min(start, high)), max(low, min(stop, high)), by or 1)]
    return "".join(part) if text else part


def collect(pieces):
    """The pieces of a page, or of a part of it, as one text."""
    return "".join([piece if type(piece) is str else str(piece, "utf-8") for piece in pieces])


def concat(auto, *values):
    """a ~ b: text; safe, with the others escaped, when one of them is safe and escaping is on."""
    if auto:
        for value in values:
            if hasattr(value, "__html__"):
                return Markup("".join([str(escape(value)) for value in values]))
    return "".join([str(value) for value in values])


def changed(state, *value):
    """loop.changed(): whether the value is another than at the last call."""
    if state and state[0] == value:
        return False
    state[:] = [value]
    return True


class namespace:
    """Names with values that templates can set from within loops."""

    def __init__(self, *pairs, **values):
        for some in pairs:
            for name in some:
                setattr(self, name, some[name])
        for name in values:
            setattr(self, name, values[name])

    def __getitem__(self, name):
        try:
            return getattr(self, name)
        except AttributeError:
            raise KeyError(name)


class cycler:
    """Gives its values in turn."""

    def __init__(self, *items):
        self.items = items
        self.pos = 0

    @property
    def current(self):
        return self.items[self.pos]

    def next(self):
        value = self.items[self.pos]
        self.pos = (self.pos + 1) % len(self.items)
        return value

    def reset(self):
        self.pos = 0


class joiner:
    """Gives its text each time but the first."""

    def __init__(self, sep=", "):
        self.sep = sep
        self.used = False

    def __call__(self):
        if self.used:
            return self.sep
        self.used = True
        return ""
