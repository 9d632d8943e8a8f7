"""Safe text: what templates escape, and what they leave as it is."""

from .escaping import escape


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
        return Markup(self.text + str(escape(other))) if _is_text(other) else NotImplemented

    def __radd__(self, other):
        return Markup(str(escape(other)) + self.text) if _is_text(other) else NotImplemented

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


def _is_text(value):
    return isinstance(value, str) or hasattr(value, "__html__")
