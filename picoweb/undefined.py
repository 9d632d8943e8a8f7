"""What templates have for values that they were not given."""


class UndefinedError(Exception):
    """A template used a value that it was not given."""


class Undefined:
    """What a template has for a name that it was not given: empty text, an empty list, false."""

    def __init__(self, name):
        self._name = name

    def fail(self, *args, **kwargs):
        raise UndefinedError("%s is undefined" % (self._name if " " in str(self._name) else repr(self._name)))

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        self.fail()

    def __str__(self):
        return ""

    def __contains__(self, item):
        return False

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def __bool__(self):
        return False

    def __eq__(self, other):
        return isinstance(other, Undefined)

    def __ne__(self, other):
        return not isinstance(other, Undefined)

    def __hash__(self):
        return 0

    __call__ = __getitem__ = fail
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = fail
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __neg__ = __pos__ = fail
    __lt__ = __le__ = __gt__ = __ge__ = __int__ = fail  # no __float__: MicroPython asks it for 2.5 == undefined


class Strict(Undefined):
    """The same where it may not even be looked at: everything but `is defined` and `default` raises UndefinedError."""

    __str__ = __contains__ = __iter__ = __len__ = __bool__ = __eq__ = __ne__ = __hash__ = Undefined.fail
