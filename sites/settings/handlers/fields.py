"""Kinds of fields: each is a function from what somebody typed to the value, or a ValueError that says what to do."""


def text(longest, unit="characters"):
    """Text of one line. unit: "bytes" where the bytes are limited, as in the name of a Wi-Fi."""

    def read(typed):
        value = typed.strip()
        if any(c < " " or c == "\x7f" for c in value):
            raise ValueError("Leave out line breaks and other invisible characters.")
        if not 1 <= len(value.encode() if unit == "bytes" else value) <= longest:
            raise ValueError("Give 1 to %d %s." % (longest, unit))
        return value

    return read


def number(low, high):
    """A whole number."""

    def read(typed):
        typed = typed.strip()
        digits = typed[1:] if typed[:1] == "-" else typed
        if not (digits.isdigit() and len(digits.encode()) == len(digits) < 10 and low <= int(typed) <= high):
            raise ValueError("Give a whole number from %d to %d." % (low, high))
        return int(typed)

    return read


def choice(options):
    """One of some values, which are str or int."""

    def read(typed):
        for option in options:
            if str(option) == typed:
                return option
        raise ValueError("Choose one of these.")

    return read


def flag(typed):
    """A check box: browsers send nothing for one that is not checked."""
    return bool(typed)


def check(kinds, typed):
    """Reads all fields: the values that are right, and what to do about each of the others. Both are dicts by name."""
    right, wrong = {}, {}
    for name in kinds:
        try:
            right[name] = kinds[name](typed.get(name, ""))
        except ValueError as e:
            wrong[name] = str(e)
    return right, wrong
