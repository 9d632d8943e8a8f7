"""What compiled Jinja templates call on the device, beside filters. Each site gets those that it uses, no others."""

# ruff: noqa: B904, UP031
# mypy: ignore-errors

from picoweb.escaping import escape
from picoweb.markup import Markup
from picoweb.undefined import Undefined

missing = Undefined  # what stands for a value that is not there; Strict in a site that asks for it
_type = type  # found in the module, these are found faster
_dict = dict
_str = str


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
    if _type(value) is _dict:
        try:
            return value[name]
        except KeyError:
            pass
    return attr(value, name)


def text(value, name):
    """What stands for value.name in HTML: escape(key(value, name)), for most values without those calls."""
    value = value[name] if _type(value) is _dict and name in value else attr(value, name)
    if _type(value) is not _str or "&" in value or "<" in value or ">" in value or "'" in value or '"' in value:
        return escape(value)
    return value


def step(value, start, stop, by):
    """value[start:stop:by]; MicroPython has no steps in slices of text and tuples."""
    if by is None:
        return value[start:stop]
    if not isinstance(value, (str, list, tuple, Markup)):
        return value[start:stop:by]
    if by == 0:
        raise ValueError("slice step cannot be zero")
    items = list(value)
    size = len(items)
    low, high = (0, size) if by > 0 else (-1, size - 1)
    start = (low if by > 0 else high) if start is None else start + size if start < 0 else start
    stop = (high if by > 0 else low) if stop is None else stop + size if stop < 0 else stop
    part = [items[i] for i in range(max(low, min(start, high)), max(low, min(stop, high)), by)]
    if isinstance(value, (str, Markup)):
        part = "".join(part)
    return part if isinstance(value, list) else type(value)(part)


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
        values = dict(*pairs, **values)
        for name in values:
            setattr(self, name, values[name])

    def __getitem__(self, name):
        try:
            return getattr(self, name)
        except AttributeError:
            raise KeyError(name)

    def __repr__(self):
        return "<Namespace %r>" % self.__dict__


def settable(value):
    """A value whose attributes a template can set: a namespace."""
    if not isinstance(value, namespace):
        raise TypeError("a template can set attributes of a namespace() only")
    return value


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
