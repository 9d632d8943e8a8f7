"""Jinja's built-in filters and tests: the function on the device for each, and the arguments it takes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ...errors import suggest


@dataclass(frozen=True)
class Test:
    """A test: `x is name(arguments)` becomes function(x, arguments).

    function: a function of filters.py (t_NAME), or of Python. parameters: what it takes beside the value, by the names
    that Jinja gives them; the first `required` of them have no default.
    """

    __test__ = False  # pytest: not a class of tests

    function: str
    parameters: tuple[str, ...] = ()
    required: int = 0

    def mistake(self, positional: int, keywords: Collection[str]) -> str | None:
        """What is wrong with a call with so many arguments and these keywords; None: nothing."""
        names = ", ".join(self.parameters)
        if positional > len(self.parameters):
            return f"takes no more arguments than: {names}" if names else "takes no arguments"
        given = [*self.parameters[:positional], *keywords]
        for name in keywords:
            if name not in self.parameters:
                return f"has no argument {name!r}{suggest(name, self.parameters)}"
            if given.count(name) > 1:
                return f"got two values for {name!r}"
        absent = [name for name in self.parameters[: self.required] if name not in given]
        return f"needs {' and '.join(absent)}" if absent else None


@dataclass(frozen=True)
class Filter(Test):
    """A filter: `x|name(arguments)` becomes function(x, arguments).

    auto: it takes whether templates escape, before the value: function(auto, x, arguments).
    getter: its argument `attribute`, when there is one, goes through this function: getter("a.b") or getters("a.b,c").
    safe: what it gives needs no escaping, whatever its arguments are: a number, or Markup (when escaping is on).
    safe_alone: the same, when it has no arguments. variadic: takes any arguments. special: how it is called otherwise:

    - "map": f_map(x, function, args, kwargs) with the function of the filter that the first argument names, and the
      others as a tuple and a dict; f_map(x, function, args, kwargs, auto) when that function takes auto.
      map(attribute=…, default=…) is f_map(x, getter(attribute, default)); its arguments are those of MAP_ATTRIBUTE.
    - "select": f_select(x, keep, test, args, kwargs), where keep is True, and False for reject. The test is a function
      of TESTS, by its name, the first argument; bool without one. For selectattr and rejectattr the attribute is the
      first argument, and goes as attribute=getter(…).
    """

    auto: bool = False
    getter: str = ""
    safe: bool = False
    safe_alone: bool = False
    variadic: bool = False
    special: str = ""
    keep: bool = True

    def mistake(self, positional: int, keywords: Collection[str]) -> str | None:
        return None if self.variadic else super().mistake(positional, keywords)


MAP_ATTRIBUTE = Filter("getter", ("attribute", "default"), 1)

_ORDER = ("case_sensitive", "attribute")
_FILL = ("fill_with",)

FILTERS: dict[str, Filter] = {
    "abs": Filter("abs", safe=True),
    "attr": Filter("f_attr", ("name",), 1),
    "batch": Filter("f_batch", ("linecount", *_FILL), 1),
    "capitalize": Filter("f_capitalize"),
    "center": Filter("f_center", ("width",)),
    "count": Filter("len", safe=True),
    "d": Filter("f_default", ("default_value", "boolean")),
    "default": Filter("f_default", ("default_value", "boolean")),
    "dictsort": Filter("f_dictsort", ("case_sensitive", "by", "reverse")),
    "e": Filter("f_escape", safe=True),
    "escape": Filter("f_escape", safe=True),
    "filesizeformat": Filter("f_filesizeformat", ("binary",), safe=True),
    "first": Filter("f_first"),
    "float": Filter("f_float", ("default",), safe_alone=True),
    "forceescape": Filter("f_forceescape", safe=True),
    "format": Filter("f_format", variadic=True),
    "groupby": Filter("f_groupby", ("attribute", "default", "case_sensitive"), 1),
    "indent": Filter("f_indent", ("width", "first", "blank")),
    "int": Filter("f_int", ("default", "base"), safe_alone=True),
    "items": Filter("f_items"),
    "join": Filter("f_join", ("d", "attribute"), auto=True, getter="getter"),
    "last": Filter("f_last"),
    "length": Filter("len", safe=True),
    "list": Filter("list"),
    "lower": Filter("f_lower"),
    "map": Filter("f_map", variadic=True, special="map"),
    "max": Filter("f_max", _ORDER, getter="getter"),
    "min": Filter("f_min", _ORDER, getter="getter"),
    "random": Filter("f_random"),
    "reject": Filter("f_select", variadic=True, special="select", keep=False),
    "rejectattr": Filter("f_select", variadic=True, special="select", keep=False, getter="getter"),
    "replace": Filter("f_replace", ("old", "new", "count"), 2, auto=True),
    "reverse": Filter("f_reverse"),
    "round": Filter("f_round", ("precision", "method"), safe=True),
    "safe": Filter("f_safe", safe=True),
    "select": Filter("f_select", variadic=True, special="select"),
    "selectattr": Filter("f_select", variadic=True, special="select", getter="getter"),
    "slice": Filter("f_slice", ("slices", *_FILL), 1),
    "sort": Filter("f_sort", ("reverse", *_ORDER), getter="getters"),
    "string": Filter("f_string"),
    "striptags": Filter("f_striptags"),
    "sum": Filter("f_sum", ("attribute", "start"), getter="getter"),
    "title": Filter("f_title"),
    "tojson": Filter("f_tojson", ("indent",), safe=True),
    "trim": Filter("f_trim", ("chars",)),
    "truncate": Filter("f_truncate", ("length", "killwords", "end", "leeway")),
    "unique": Filter("f_unique", _ORDER, getter="getter"),
    "upper": Filter("f_upper"),
    "urlencode": Filter("f_urlencode"),
    "wordcount": Filter("f_wordcount", safe=True),
    "wordwrap": Filter("f_wordwrap", ("width", "break_long_words", "wrapstring", "break_on_hyphens")),
    "xmlattr": Filter("f_xmlattr", ("autospace",), auto=True, safe=True),
}

_BOTH = {
    "eq": ("==", "equalto"),
    "ge": (">=",),
    "gt": (">", "greaterthan"),
    "le": ("<=",),
    "lt": ("<", "lessthan"),
    "ne": ("!=",),
}

TESTS: dict[str, Test] = {
    "boolean": Test("t_boolean"),
    "callable": Test("callable"),
    "defined": Test("t_defined"),
    "divisibleby": Test("t_divisibleby", ("num",), 1),
    "escaped": Test("t_escaped"),
    "even": Test("t_even"),
    "false": Test("t_false"),
    "float": Test("t_float"),
    "in": Test("t_in", ("seq",), 1),
    "integer": Test("t_integer"),
    "iterable": Test("t_iterable"),
    "lower": Test("t_lower"),
    "mapping": Test("t_mapping"),
    "none": Test("t_none"),
    "number": Test("t_number"),
    "odd": Test("t_odd"),
    "sameas": Test("t_sameas", ("other",), 1),
    "sequence": Test("t_sequence"),
    "string": Test("t_string"),
    "true": Test("t_true"),
    "undefined": Test("t_undefined"),
    "upper": Test("t_upper"),
    **{alias: Test(f"t_{name}", ("other",), 1) for name, more in _BOTH.items() for alias in (name, *more)},
}

UNSUPPORTED: dict[str, str] = {
    "pprint": "it formats as Python's pprint module does, which a board lacks; write the value with |tojson(indent=2)",
    "urlize": "finding links in text takes patterns that MicroPython's re lacks; write the <a> in the template, or "
    "make the links in the handler and give them as Markup",
}
