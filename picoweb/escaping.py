"""Text as HTML."""

# Names of builtins are looked up in the module first: those that it has itself are found sooner.
_type = type
_str = str
_NUMBERS = (int, float, bool)
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#39;"), ('"', "&#34;"))


def escape(value):
    """What stands for a value in HTML: text with & < > ' " escaped; numbers, and what has __html__(), as they are."""
    kind = _type(value)
    if kind is not _str:
        if kind in _NUMBERS:
            return value
        if hasattr(value, "__html__"):
            return value.__html__()
        value = _str(value)
    if "&" in value or "<" in value or ">" in value or "'" in value or '"' in value:
        for char, entity in _ESCAPES:
            value = value.replace(char, entity)
    return value
