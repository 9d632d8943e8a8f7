"""Jinja's built-in filters (f_NAME) and tests (t_NAME), as they run on the board.

A site gets the functions that its templates use, and no other: the builder copies them from here by name, with the
names of this module that they mention. A parameter `auto` tells whether the template escapes by itself; `attribute` is
a function, getter("a.b"), or for f_sort getters("a.b,c"). The results are those of Jinja2 3.1, on MicroPython too, with
these exceptions:

- upper, lower, title and capitalize, and what ignores case, know only a-z on MicroPython, as its str does;
- format formats as the % of the runtime does: MicroPython rounds the decimal 1.25 up to 1.3, CPython down to 1.2;
- int and float read as the runtime does: MicroPython takes underscores anywhere, only the digits 0 to 9, and may be off
  by the last of 16 digits;
- striptags decodes numbers and the entities of _ENTITIES, each with its semicolon; others stay as they are;
- wordcount and wordwrap know letters outside ASCII by ranges, not one by one;
- indent takes a width that is Markup as text; last takes every iterable, also where Python has no reversed() of it;
- filesizeformat raises an error for infinity, and mapping is true for a dict, and no other class.
"""

# ruff: noqa: B006, B007, C419, RUF005, SIM105, SIM113, UP031
# mypy: ignore-errors

import math
import random

from picoweb.escaping import escape
from picoweb.markup import Markup
from picoweb.undefined import Undefined

missing = Undefined  # what stands for a value that is not there; Strict in a site that asks for it

_TEXT = (str, Markup)
_SPACE = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": "\xa0"}


# --- helpers ---


def _like(value, text):
    """The text as Markup when the value was Markup."""
    return Markup(text) if isinstance(value, Markup) else text


def _html(value):
    """The HTML of a value that has its own, else its text."""
    return value.__html__() if hasattr(value, "__html__") else str(value)


def _plain(value):
    return value.text if isinstance(value, Markup) else value


def _fold(value):
    return str(value).lower() if isinstance(value, _TEXT) else value


def getitem(value, name):
    """value[name], else value.name, else missing: Jinja's rule for value[name]."""
    if hasattr(name, "__html__"):  # MicroPython does not find Markup among a dict's keys
        name = name.__html__()
    try:
        return value[name]
    except (LookupError, TypeError, AttributeError):
        pass
    if isinstance(name, str):
        try:
            return getattr(value, name)
        except AttributeError:
            pass
    return missing(name)


def getter(attribute, default=None):
    """A function that looks up "a.b.0" (or a number) in its argument; None: that gives its argument."""
    parts = () if attribute is None else (attribute,)
    if isinstance(attribute, str):
        parts = [int(part) if part.isdigit() else part for part in attribute.split(".")]

    def get(value):
        for part in parts:
            value = getitem(value, part)
            if default is not None and isinstance(value, Undefined):
                value = default
        return value

    return get


def getters(attribute):
    """The same for each of "a.b,c"."""
    return [getter(part) for part in (attribute.split(",") if isinstance(attribute, str) else (attribute,))]


def _order(get, case_sensitive):
    """What an item is sorted by: what get() gives for it, else the item."""
    change = _plain if case_sensitive else _fold
    return (lambda value: change(get(value))) if get else change


def _sorted(values, order, reverse=False):
    """sorted(), stable: MicroPython's is not, and takes n² steps for what is sorted already."""
    keys = []
    out = []
    for value in values:
        k = order(value)
        low = 0
        high = len(keys)
        while low < high:
            middle = (low + high) // 2
            if keys[middle] < k if reverse else k < keys[middle]:
                high = middle
            else:
                low = middle + 1
        keys.insert(low, k)
        out.insert(low, value)
    return out


def _scaled(value, digits):
    """value * 10**digits as an int, rounded to the even one of two as near; value < 2**53."""
    count = int(value * (1 << 64)) * 10 ** max(digits, 0)
    unit = (1 << 64) * 10 ** max(-digits, 0)
    whole, rest = divmod(count, unit)
    return whole + (rest * 2 > unit or (rest * 2 == unit and whole & 1))


def _lines(text):
    """str.splitlines(), with all its line ends."""
    for end in ("\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"):
        text = text.replace(end, "\n")
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _is_word(char):
    """Whether re's \\w has it: exact to U+024F, by blocks beyond."""
    n = ord(char)
    if n < 128:
        return char.isalpha() or char.isdigit() or char == "_"
    if n < 0xC0:
        return char in "ªµº²³¹¼½¾"
    return not (n in (0xD7, 0xF7) or 0x2000 <= n < 0x2C00 or 0x3000 <= n < 0x3004 or 0x1F000 <= n < 0x20000)


# --- text ---


def f_upper(value):
    return _like(value, str(value).upper())


def f_lower(value):
    return _like(value, str(value).lower())


def f_capitalize(value):
    text = str(value)
    return _like(value, text[:1].upper() + text[1:].lower())


def f_title(value):
    text = str(value)
    breaks = "-({[<" + _SPACE
    out = []
    start = at = 0
    for char in text + " ":
        at += 1
        if char in breaks:
            out.append(text[start : start + 1].upper() + text[start + 1 : at].lower())
            start = at
    return "".join(out)


def f_trim(value, chars=None):
    text = str(value)
    chars = _SPACE if chars is None else str(chars)
    start = 0
    end = len(text)
    while start < end and text[start] in chars:
        start += 1
    while start < end and text[end - 1] in chars:
        end -= 1
    return _like(value, text[start:end])


def f_center(value, width=80):
    text = str(value)
    pad = max(width - len(text), 0)
    left = pad // 2 + (pad & width & 1)
    return _like(value, " " * left + text + " " * (pad - left))


def f_indent(value, width=4, first=False, blank=False):
    pad = str(width) if isinstance(width, _TEXT) else " " * width
    out = []
    for line in _lines(str(value + "\n")):
        if (line or blank) if out else first:
            line = pad + line
        out.append(line)
    return _like(value, "\n".join(out))


def f_truncate(value, length=255, killwords=False, end="...", leeway=None):
    if leeway is None:
        leeway = 5
    keep = length - len(end)
    if keep < 0 or leeway < 0:
        raise ValueError("truncate: the length is less than that of the end, or the leeway less than 0")
    if len(value) <= length + leeway:
        return value
    cut = value[:keep]
    if not killwords:
        cut = _like(cut, str(cut).rsplit(" ", 1)[0])
    return cut + end


def f_replace(auto, value, old, new, count=None):
    if auto and (hasattr(old, "__html__") or (hasattr(new, "__html__") and not hasattr(value, "__html__"))):
        value = Markup(escape(value))
    safe = auto and isinstance(value, Markup)
    new = str(escape(new) if safe else new)
    old = str(old)
    text = str(value)
    if count is None:
        count = -1
    if old:
        text = text.replace(old, new, count)
    else:  # MicroPython's replace() would cut characters outside ASCII
        parts = [""] + list(text) + [""]
        if count < 0:
            count = len(parts)
        text = new.join(parts[:count] + ["".join(parts[count:])] if count < len(parts) else parts)
    return Markup(text) if safe else text


def f_format(value, *args, **kwargs):
    if args and kwargs:
        raise ValueError("format: takes values by position or by name, not both")
    return (value if isinstance(value, _TEXT) else str(value)) % (kwargs or args)


def f_string(value):
    return value if isinstance(value, Markup) else str(value)


def f_escape(value):
    return Markup(escape(value))


def f_forceescape(value):
    return Markup(escape(_html(value)))


def f_safe(value):
    return Markup(_html(value))


def _unescape(text):
    parts = text.split("&")
    for i in range(1, len(parts)):
        name, end, rest = parts[i].partition(";")
        char = _ENTITIES.get(name) if end else None
        if end and name[:1] == "#":
            try:
                char = chr(int(name[2:], 16) if name[1:2] in ("x", "X") else int(name[1:]))
            except (ValueError, OverflowError):
                pass
        parts[i] = "&" + parts[i] if char is None else char + rest
    return "".join(parts)


def f_striptags(value):
    text = _html(value)
    parts = []
    at = 0
    while True:
        start = text.find("<", at)
        end = "-->" if text[start : start + 4] == "<!--" else ">"
        stop = text.find(end, start + len(end) + 1 if end != ">" else start)
        if start < 0 or stop < 0:
            break
        parts.append(text[at:start])
        at = stop + len(end)
    text = "".join(parts) + text[at:]
    for char in _SPACE:
        text = text.replace(char, " ")
    return _unescape(" ".join(text.split()))


def f_wordcount(value):
    count = 0
    inside = False
    for char in str(value):
        word = _is_word(char)
        if word and not inside:
            count += 1
        inside = word
    return count


def _hyphen(text, at, way):
    """Whether two letters, or a letter, a hyphen and a letter, stand next to the hyphen at `at`."""

    def letter(i):
        return 0 <= i < len(text) and _is_word(text[i]) and text[i] not in "0123456789"

    two = at + 2 * way
    return letter(at + way) and (letter(two) or (letter(two + way) and text[two] == "-"))


def _dashes(text, at):
    """Where the dashes between two words end that begin at `at`; 0: there are none."""
    end = at
    while text[end : end + 1] == "-":
        end += 1
    before = text[at - 1]
    if end - at > 1 and end < len(text) and _is_word(text[end]) and (_is_word(before) or before in "!\"'&.,?"):
        return end
    return 0


def _chunks(text, hyphens):
    """The pieces between which a line can end: words, parts of hyphenated words, dashes, white space."""
    space = " \t\n\r\x0b\x0c"
    out = []
    start = 0
    while start < len(text):
        end = (hyphens and start and _dashes(text, start)) or start + 1
        if end == start + 1:
            blank = text[start] in space
            while end < len(text) and (text[end] in space) == blank:
                if hyphens and text[end] == "-":
                    if _hyphen(text, end, -1) and _hyphen(text, end, 1):
                        end += 1
                        break
                    if _dashes(text, end):
                        break
                end += 1
        out.append(text[start:end])
        start = end
    return out


def _wrap(text, width, long_words, hyphens):
    """The lines of a paragraph: what textwrap.wrap() gives."""
    if width < 1:
        raise ValueError("wordwrap: width must be 1 or more")
    chunks = _chunks(text, hyphens)
    chunks.reverse()
    lines = []
    while chunks:
        line = []
        room = width
        if lines and not f_trim(chunks[-1]):
            chunks.pop()
        while chunks and len(chunks[-1]) <= room:
            room -= len(chunks[-1])
            line.append(chunks.pop())
        if chunks and len(chunks[-1]) > width:
            chunk = chunks[-1]
            if long_words:
                hyphen = chunk[:room].rfind("-") if hyphens else -1
                if hyphen > 0 and chunk[:hyphen].strip("-"):
                    room = hyphen + 1
                line.append(chunk[:room])
                chunks[-1] = chunk[room:]
            elif not line:
                line.append(chunks.pop())
        if line and not f_trim(line[-1]):
            line.pop()
        if line:
            lines.append("".join(line))
    return lines


def f_wordwrap(value, width=79, break_long_words=True, wrapstring=None, break_on_hyphens=True):
    out = []
    for line in _lines(str(value + "")):
        out += _wrap(line, width, break_long_words, break_on_hyphens) or [""]
    return f_join(True, out, "\n" if wrapstring is None else wrapstring)


def _percent(value, query):
    safe = "_.-~" if query else "_.-~/"
    out = []
    for n in str(value).encode():
        char = chr(n)
        if n < 128 and (char.isalpha() or char.isdigit() or char in safe):
            out.append(char)
        else:
            out.append("+" if query and n == 32 else "%%%02X" % n)
    return "".join(out)


def f_urlencode(value):
    if isinstance(value, _TEXT) or not t_iterable(value):
        return _percent(value, False)
    if isinstance(value, dict):
        value = value.items()
    return "&".join([_percent(k, True) + "=" + _percent(v, True) for k, v in value])


def f_xmlattr(auto, value, autospace=True):
    out = []
    for name, each in value.items():
        if each is None or isinstance(each, Undefined):
            continue
        for char in " \t\n\r\x0b\x0c/>=":
            if char in name:
                raise ValueError("xmlattr: %r can not be the name of an attribute" % name)
        out.append('%s="%s"' % (escape(name), escape(each)))
    text = " ".join(out)
    if autospace and text:
        text = " " + text
    return Markup(text) if auto else text


def _json_char(char):
    n = ord(char)
    at = '"\\\n\r\t\x08\x0c'.find(char)
    if at >= 0:
        return "\\" + '"\\nrtbf'[at]
    if n > 65535:
        return "\\u%04x\\u%04x" % (0xD7C0 + (n >> 10), 0xDC00 + (n & 1023))
    return "\\u%04x" % n


def _json(value, pad, line):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _TEXT):
        out = [c if " " <= c <= "~" and c not in "\"\\<>&'" else _json_char(c) for c in str(value)]
        return '"' + "".join(out) + '"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if value - value == 0:
            return str(value)
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    inner = line + pad
    ends = "[]"
    if isinstance(value, dict):
        ends = "{}"
        out = []
        for name in sorted(value):
            if isinstance(name, tuple):
                raise TypeError("tojson: a tuple can not be a key")
            text = _json(name, pad, line)
            out.append((text if text[0] == '"' else '"' + text + '"') + ": " + _json(value[name], pad, inner))
    elif isinstance(value, (list, tuple)):
        out = [_json(each, pad, inner) for each in value]
    else:
        raise TypeError("tojson: takes text, numbers, lists, dicts, true, false and none")
    return ends[0] + inner + ("," + (inner or " ")).join(out) + line + ends[1] if out else ends


def f_tojson(value, indent=None):
    if indent is None:
        return Markup(_json(value, "", ""))
    return Markup(_json(value, indent if isinstance(indent, str) else " " * indent, "\n"))


# --- numbers ---


def f_int(value, default=0, base=10):
    value = _plain(value)
    try:
        return int(value, base) if isinstance(value, str) else int(value)
    except (TypeError, ValueError):
        pass
    try:
        return int(_number(value))
    except (TypeError, ValueError, OverflowError):
        return default


def f_float(value, default=0.0):
    try:
        return _number(value)
    except (TypeError, ValueError):
        return default


def _number(value):
    """float(), which reads "." and "e5" as 0 on MicroPython."""
    value = _plain(value)
    if isinstance(value, Undefined):
        value.fail()
    if isinstance(value, str) and value.strip().lstrip("+-.")[:1] in ("", "e", "E"):
        raise ValueError
    return float(value)


def f_round(value, precision=0, method="common"):
    if method == "common":
        if not isinstance(value, float):
            return round(value + 0, precision)
        size = abs(value)
        if not 0 < size < 9007199254740992:
            return value
        count = _scaled(size, precision)
        if count < 9007199254740992:
            size = count / 10**precision if precision > 0 else float(count * 10**-precision)
        return -size if value < 0 else size
    if method not in ("ceil", "floor"):
        raise ValueError("round: method must be common, ceil or floor")
    return getattr(math, method)(value * 10**precision) / 10**precision


def f_filesizeformat(value, binary=False):
    size = _number(value)
    base = unit = 1024 if binary else 1000
    if size < base:
        return "1 Byte" if size == 1 else "%d Bytes" % int(size)
    for prefix in "KMGTPEZY" if binary else "kMGTPEZY":
        unit *= base
        if size < unit:
            break
    tenths = _scaled(base * size / unit, 1)
    return "%d.%d %s%s" % (tenths // 10, tenths % 10, prefix, "iB" if binary else "B")


# --- one of many, many of many ---


def f_default(value, default_value="", boolean=False):
    return default_value if isinstance(value, Undefined) or (boolean and not value) else value


def f_attr(value, name):
    try:
        return getattr(value, name)
    except AttributeError:
        return missing(name)


def f_first(value):
    for each in value:
        return each
    return missing("the first of an empty sequence")


def f_last(value):
    if isinstance(value, Markup):
        return value[-1:] or missing("the last of an empty sequence")
    for each in reversed(list(value)):
        return each
    return missing("the last of an empty sequence")


def f_random(value):
    return random.choice(value) if len(value) else missing("a random one of an empty sequence")


def f_reverse(value):
    items = reversed(list(value))
    return _like(value, "".join(items)) if isinstance(value, _TEXT) else items


def f_join(auto, value, d="", attribute=None):
    value = list(map(attribute, value) if attribute else value)
    if auto and any([hasattr(each, "__html__") for each in value + [d]]):
        return Markup(str(escape(d)).join([str(escape(each)) for each in value]))
    return str(d).join([str(each) for each in value])


def f_items(value):
    if not isinstance(value, Undefined):
        yield from value.items()


def f_dictsort(value, case_sensitive=False, by="key", reverse=False):
    if by not in ("key", "value"):
        raise ValueError('dictsort: by must be "key" or "value"')
    at = int(by == "value")
    return _sorted(value.items(), _order(lambda pair: pair[at], case_sensitive), reverse)


def f_sort(value, reverse=False, case_sensitive=False, attribute=None):
    orders = [_order(get, case_sensitive) for get in attribute or (None,)]
    return _sorted(value, lambda each: [order(each) for order in orders], reverse)


def f_unique(value, case_sensitive=False, attribute=None):
    order = _order(attribute, case_sensitive)
    seen = set()
    for each in value:
        k = order(each)
        if k not in seen:
            seen.add(k)
            yield each


def _extreme(function, value, case_sensitive, attribute):
    value = list(value)
    if value:
        return function(value, key=_order(attribute, case_sensitive))
    return missing("the least or most of an empty sequence")


def f_min(value, case_sensitive=False, attribute=None):
    return _extreme(min, value, case_sensitive, attribute)


def f_max(value, case_sensitive=False, attribute=None):
    return _extreme(max, value, case_sensitive, attribute)


def f_sum(value, attribute=None, start=0):
    return sum(map(attribute, value) if attribute else value, start)


class Group(tuple):
    """What groupby gives: (grouper, list)."""

    grouper = property(lambda self: self[0])
    list = property(lambda self: self[1])


def f_groupby(value, attribute, default=None, case_sensitive=False):
    get = getter(attribute, default)
    order = _order(get, case_sensitive)
    out = []
    for each in _sorted(value, order):
        if not out or order(each) != order(out[-1][1][0]):
            out.append(Group((get(each), [])))
        out[-1][1].append(each)
    return out


def f_batch(value, linecount, fill_with=None):
    row = []
    for each in value:
        if len(row) == linecount:
            yield row
            row = []
        row.append(each)
    if row:
        if fill_with is not None:
            row += [fill_with] * (linecount - len(row))
        yield row


def f_slice(value, slices, fill_with=None):
    items = list(value)
    size, more = divmod(len(items), slices)
    end = 0
    for i in range(slices):
        start = end
        end += size + (i < more)
        row = items[start:end]
        if fill_with is not None and i >= more:
            row.append(fill_with)
        yield row


def f_map(value, function, args=(), kwargs={}, auto=None):
    """Each item through a filter, or through a getter(); auto: whether templates escape, for a filter that takes it."""
    if value:
        for each in value:
            yield function(each, *args, **kwargs) if auto is None else function(auto, each, *args, **kwargs)


def f_select(value, keep, test=bool, args=(), kwargs={}, attribute=None):
    """The items whose test is as `keep`: select and reject; of an attribute: selectattr and rejectattr."""
    if value:
        for each in value:
            if bool(test(attribute(each) if attribute else each, *args, **kwargs)) == keep:
                yield each


# --- tests ---


def t_boolean(value):
    return isinstance(value, bool)


def t_defined(value):
    return not isinstance(value, Undefined)


def t_undefined(value):
    return isinstance(value, Undefined)


def t_divisibleby(value, num):
    return value % num == 0


def t_even(value):
    return value % 2 == 0


def t_odd(value):
    return value % 2 == 1


def t_escaped(value):
    return hasattr(value, "__html__")


def t_false(value):
    return value is False


def t_true(value):
    return value is True


def t_none(value):
    return value is None


def t_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def t_float(value):
    return isinstance(value, float)


def t_number(value):
    return isinstance(value, (int, float, bool))


def t_string(value):
    return isinstance(value, _TEXT)


def t_mapping(value):
    return isinstance(value, dict)


def t_sequence(value):
    try:
        len(value)
    except Exception:
        return False
    return isinstance(value, (str, list, tuple, dict, bytes, bytearray, range)) or hasattr(value, "__getitem__")


def t_iterable(value):
    try:
        iter(value)
    except (TypeError, AttributeError):
        return False
    return True


def t_lower(value):
    return str(value).islower()


def t_upper(value):
    return str(value).isupper()


def t_sameas(value, other):
    return value is other


def t_in(value, seq):
    return _plain(value) in seq


def t_eq(value, other):
    return value == other


def t_ne(value, other):
    return not value == other  # noqa: SIM201


def t_lt(value, other):
    return _plain(value) < _plain(other)


def t_le(value, other):
    return _plain(value) <= _plain(other)


def t_gt(value, other):
    return _plain(value) > _plain(other)


def t_ge(value, other):
    return _plain(value) >= _plain(other)
