"""Header fields by name, in any case. Imported when the first handler asks for them."""


def _text(value):
    """Bytes as a str; those that are no UTF-8 byte by byte (RFC 9110 §5.5 leaves their meaning open)."""
    try:
        return str(value, "utf-8")
    except ValueError:
        return "".join([chr(c) for c in value])


class Headers:
    """The fields of a request: headers[b"Host"] is bytes, headers["host"] a str.

    Iterating gives the names as bytes in lower case; items() and values() are bytes too. Fields that came more than
    once are joined with ", " (RFC 9110 §5.2).
    """

    def __init__(self, fields):
        self.fields = fields

    def get(self, name, default=None):
        """The value of a field, `default` without it."""
        if isinstance(name, str):
            value = self.fields.get(name.lower().encode())
            return default if value is None else _text(value)
        return self.fields.get(name.lower(), default)

    def __getitem__(self, name):
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name):
        return self.get(name) is not None

    def __iter__(self):
        return iter(self.fields)

    def __len__(self):
        return len(self.fields)

    def __eq__(self, other):
        return self.fields == other

    def __repr__(self):
        return repr(self.fields)

    def keys(self):
        """The names."""
        return self.fields.keys()

    def values(self):
        """The values."""
        return self.fields.values()

    def items(self):
        """(name, value) of each field."""
        return self.fields.items()
