"""What the table of tests/test_jinja_filters.py does not say of the filters: messages, laziness, order, attributes."""

from jinja_cases import filters

from picoweb.markup import Markup
from picoweb.undefined import Strict, Undefined, UndefinedError


def raised(kind, function, *args, **kwargs):
    """The message of the error that a call must raise."""
    try:
        function(*args, **kwargs)
    except kind as e:
        return str(e)
    raise AssertionError("no error")


def test_what_is_missing_is_undefined():
    for function in (filters.f_first, filters.f_last, filters.f_random, filters.f_min, filters.f_max):
        assert type(function([])) is Undefined
    assert type(filters.f_attr([], "nope")) is Undefined
    assert raised(UndefinedError, lambda: filters.f_first([]) + 1) == "the first of an empty sequence is undefined"


def test_a_site_can_have_missing_values_raise_errors():
    filters.missing = Strict
    try:
        assert raised(UndefinedError, str, filters.getitem({}, "colour")) == "'colour' is undefined"
        assert filters.f_default(filters.getitem({}, "colour"), "red") == "red"
        assert filters.t_undefined(filters.f_first([]))
    finally:
        filters.missing = Undefined


def test_getitem_takes_the_item_before_the_attribute():
    class Both:
        colour = "attribute"

        def __getitem__(self, name):
            if name == "colour":
                return "item"
            raise KeyError(name)

    assert filters.getitem(Both(), "colour") == "item"
    assert filters.getitem([1, 2], 1) == 2
    assert filters.getitem([1, 2], "append") is not None
    assert type(filters.getitem([1, 2], 2)) is Undefined
    assert type(filters.getitem(None, "x")) is Undefined
    assert type(filters.getitem(Both(), 1)) is Undefined


def test_a_value_that_is_undefined_has_no_attributes():
    assert raised(UndefinedError, filters.getitem, Undefined("user"), "name") == "'user' is undefined"
    assert raised(UndefinedError, filters.getter("a.b"), {}) == "'a' is undefined"
    assert filters.getter("a.b", "none")({"a": {}}) == "none"


def test_groups_have_names_and_can_be_unpacked():
    group = filters.f_groupby([{"town": "Rome", "n": 1}, {"town": "rome", "n": 2}], "town")[0]
    assert group.grouper == "Rome"
    assert [item["n"] for item in group.list] == [1, 2]
    town, people = group
    assert town == "Rome"
    assert len(people) == 2
    assert group == ("Rome", people)


def test_sort_keeps_the_order_of_equals_both_ways():
    rows = [(i * 7 % 10, i) for i in range(200)]
    up = filters.f_sort(rows, attribute=filters.getters(0))
    down = filters.f_sort(rows, True, attribute=filters.getters(0))
    assert [row[1] for row in up] == sorted(range(200), key=lambda i: (i * 7 % 10) * 1000 + i)
    assert [row[1] for row in down] == sorted(range(200), key=lambda i: -(i * 7 % 10) * 1000 + i)


def test_what_gives_many_gives_them_one_by_one():
    def endless():
        while True:
            yield 3

    for many in (
        filters.f_map(endless(), filters.f_string),
        filters.f_map(endless(), filters.getter(None)),
        filters.f_select(endless(), True, filters.t_odd),
        filters.f_unique(endless()),
        filters.f_batch(endless(), 1),
    ):
        assert str(next(many)) in ("3", "[3]")


def test_map_hands_on_arguments_and_whether_templates_escape():
    assert next(filters.f_map(["a<"], filters.f_replace, ("a", Markup("&")), {}, True)).text == "&&lt;"
    assert list(filters.f_map(["a<"], filters.f_replace, ("a", Markup("&")), {}, False)) == ["&<"]
    assert list(filters.f_map([1.25], filters.f_round, (1,), {"method": "ceil"})) == [1.3]


def test_select_takes_tests_with_arguments_and_attributes():
    rows = [{"n": 1}, {"n": 2}, {}]
    assert list(filters.f_select(rows, True, filters.t_eq, (2,), {}, filters.getter("n"))) == [{"n": 2}]
    assert list(filters.f_select(rows, False, filters.t_defined, attribute=filters.getter("n"))) == [{}]
    assert list(filters.f_select([0, 1], False)) == [0]


def test_random_takes_an_item_of_the_sequence():
    assert filters.f_random([7]) == 7
    assert {filters.f_random("ab") for _ in range(100)} == {"a", "b"}
    assert isinstance(filters.f_random(Markup("<")), Markup)


def test_errors_tell_what_is_wrong():
    assert "truncate: the length" in raised(ValueError, filters.f_truncate, "text", 2)
    assert raised(ValueError, filters.f_round, 1.5, 0, "up") == "round: method must be common, ceil or floor"
    assert raised(ValueError, filters.f_dictsort, {}, by="x") == 'dictsort: by must be "key" or "value"'
    assert "by position or by name" in raised(ValueError, filters.f_format, "%s", 1, a=2)
    assert "'a b' can not be" in raised(ValueError, filters.f_xmlattr, True, {"a b": 1})
    assert "width must be 1" in raised(ValueError, filters.f_wordwrap, "text", 0)
    assert "tojson: takes" in raised(TypeError, filters.f_tojson, [object()])
    assert "tuple" in raised(TypeError, filters.f_tojson, {(1,): 1})


def test_user_input_stays_escaped():
    evil = "</script><img src=x onerror='a(\"b\")'>&"
    pieces = (
        filters.f_escape(evil),
        filters.f_forceescape(Markup(evil)),
        filters.f_tojson({evil: evil}),
        filters.f_replace(True, Markup("x"), "x", evil),
        filters.f_replace(True, evil, Markup("x"), "y"),
        filters.f_join(True, [Markup("<br>"), evil], evil)[4:],
        filters.f_format(Markup("%s"), evil),
        filters.f_truncate(Markup("abc def"), 3, True, "", 0) + evil,
        filters.f_xmlattr(True, {"id": evil})[5:-1],
        filters.f_wordwrap(evil, 500, True, Markup("<br>")),
    )
    for piece in pieces:
        assert isinstance(piece, Markup)
        for char in "<>'":
            assert char not in piece.text
    for piece in (filters.f_striptags(Markup("&lt;b&gt;")), filters.f_title(Markup("<b>")), filters.f_wordwrap(evil)):
        assert isinstance(piece, str)


def test_letters_outside_ascii_are_kept():
    for function in (filters.f_title, filters.f_trim, filters.f_string, filters.f_striptags):
        assert function("→日 \U0001f600€") == "→日 \U0001f600€"
    assert filters.f_replace(False, "日本", "", "-") == "-日-本-"
    assert filters.f_trim("…a…", "…") == "a"
    assert filters.f_trim("\u2003\xa0a\u3000") == "a"
    assert filters.f_reverse("aü日") == "日üa"
    assert filters.f_wordcount("naïve café — „Straße“ 日本") == 4


def test_striptags_leaves_the_entities_it_does_not_know():
    assert filters.f_striptags("&eacute; &lt &#120; &#x79; &#999999999;") == "&eacute; &lt x y &#999999999;"


def test_decimals_are_rounded_the_same_everywhere():
    assert filters.f_round(2.675, 2) == 2.67
    assert filters.f_round(0.5) == 0.0
    assert filters.f_round(42.55, 1) == 42.5
    assert filters.f_filesizeformat(1250) == "1.2 kB"
    assert filters.f_filesizeformat(1350) == "1.4 kB"
