"""Safe text: what templates escape, and what they leave as it is."""

_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#39;"), ('"', "&#34;"))


class Markup:
    """Text that is HTML already, which templates do not escape again. Not a str: str(value) is its text.

    What is added to it, or filled into it with %, is escaped first, so it stays HTML.
    """

    def __init__(self, text=""):
        self.text = text.__html__() if hasattr(text, "__html__") else str(text)

    def __html__(self):
        return self.text

    def __str__(self):
        return self.text

    def __repr__(self):
        return "Markup(%r)" % self.text

    def __len__(self):
        return len(self.text)

    def __iter__(self):
        return iter(self.text)

    def __contains__(self, part):
        return str(part) in self.text

    def __getitem__(self, at):
        return Markup(self.text[at])

    def __eq__(self, other):
        return self.text == (other.text if isinstance(other, Markup) else other)

    def __lt__(self, other):
        return self.text < str(other)

    def __le__(self, other):
        return self.text <= str(other)

    def __gt__(self, other):
        return self.text > str(other)

    def __ge__(self, other):
        return self.text >= str(other)

    def __hash__(self):
        return hash(self.text)

    def __add__(self, other):
        return Markup(self.text + str(escape(other)))

    def __radd__(self, other):
        return Markup(str(escape(other)) + self.text)

    def __mul__(self, times):
        return Markup(self.text * times)

    __rmul__ = __mul__

    def __mod__(self, values):
        if isinstance(values, dict):
            return Markup(self.text % {name: escape(value) for name, value in values.items()})
        return Markup(self.text % tuple([escape(v) for v in (values if isinstance(values, tuple) else (values,))]))

    def __getattr__(self, name):
        """The methods of a str; what they give is safe too, because what they put in is escaped."""
        if name.startswith("__"):
            raise AttributeError(name)
        method = getattr(self.text, name)

        def call(*args, **kwargs):
            if name == "join":
                args = ([str(escape(part)) for part in args[0]],)
            elif name in ("format", "replace"):
                args = [escape(arg) for arg in args]
                kwargs = {key: escape(value) for key, value in kwargs.items()}
            result = method(*args, **kwargs)
            if isinstance(result, list):
                return [Markup(part) for part in result]
            return Markup(result) if isinstance(result, str) else result

        return call


def escape(value):
    """What stands for a value in HTML: text with & < > ' " escaped; numbers, and what has __html__(), as they are."""
    kind = type(value)
    if kind is int or kind is float or kind is bool:
        return value
    if kind is not str:
        if hasattr(value, "__html__"):
            return value.__html__()
        value = str(value)
    for char, entity in _ESCAPES:
        if char in value:
            value = value.replace(char, entity)
    return value


class UndefinedError(Exception):
    """A template used a value that it was not given."""


class Undefined:
    """What a template has for a name that it was not given: empty text, an empty list, false."""

    def __init__(self, name):
        self._name = name

    def fail(self, *args, **kwargs):
        raise UndefinedError("%s is undefined" % (self._name if " " in self._name else repr(self._name)))

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
    __lt__ = __le__ = __gt__ = __ge__ = __int__ = __float__ = fail


class Strict(Undefined):
    """The same where it may not even be looked at: everything but `is defined` and `default` raises UndefinedError."""

    __str__ = __contains__ = __iter__ = __len__ = __bool__ = __eq__ = __ne__ = __hash__ = Undefined.fail
