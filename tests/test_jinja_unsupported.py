# ruff: noqa: E501  a row of a table is one line
"""What of Jinja's language is refused: the message says where, what, and what to write instead. Nothing else is."""

import inspect

import jinja2
import pytest
from jinja2 import nodes

from site_builder.templates import TemplateError
from site_builder.templates.jinja.builtins import FILTERS, TESTS, UNSUPPORTED
from site_builder.templates.jinja.frames import GLOBALS
from site_builder.templates.jinja.statements import Writer

from .jinja_harness import MAIN, case, compiled

WHERE = "templates/t.html:2: "
BLOCK = "{% block a %}{% endblock %}"
MACRO = "{% macro f(a) %}{{ a }}{% endmacro %}"

# (text of line 2, message)
REFUSED = {
    # templates by a name that is not known ahead
    "{% extends x %}": '{% extends %} needs a name in quotes, such as "base.html"; choose with if and else',
    "{% include x %}": '{% include %} needs a name in quotes, such as "base.html"; choose with if and else',
    "{% include ['a.html', x] %}": '{% include %} needs a name in quotes, such as "base.html"; choose with if and else',
    "{% include [] %}": '{% include %} needs a name in quotes, such as "base.html"; choose with if and else',
    "{% import x as m %}": '{% import %} needs a name in quotes, such as "base.html"; choose with if and else',
    "{% from x import m %}": '{% import %} needs a name in quotes, such as "base.html"; choose with if and else',
    "{% if x %}{% extends 'b.html' %}{% endif %}": "{% extends %} cannot stand in another statement; put the if into blocks instead",
    "{% extends 'b.html' %}{% extends 'b.html' %}": "a template can extend one other, not two",
    "{% include 'none.html' %}": "template 'none.html' not found in templates/; did you mean 't.html'?",
    "{% extends 'none.html' %}": "template 'none.html' not found in templates/; did you mean 't.html'?",
    "{% import 'bb.html' as m %}": "template 'bb.html' not found in templates/; did you mean 'b.html'?",
    "{% include 't.html' %}": "t.html includes itself; write a recursive loop or a macro",
    "{% extends 't.html' %}": "t.html extends itself",
    "{% import 't.html' as m %}": "t.html imports itself",
    "{% include 'u.tpl' %}": "u.tpl is in utemplate's syntax; a template in Jinja's cannot use it",
    "{% extends 'u.tpl' %}": "u.tpl is in utemplate's syntax; a template in Jinja's cannot use it",
    # what a template that extends another cannot show
    "{% extends 'b.html' %}{% include 'b.html' %}": "{% include %} outside of a block, in a template that extends another; put it into a block",
    "{% extends 'b.html' %}"
    + MACRO
    + "{% call f() %}{% endcall %}": "{% call %} outside of a block, in a template that extends another; put it into a block",
    "{% extends 'b.html' %}{% filter upper %}{% endfilter %}": "{% filter %} outside of a block, in a template that extends another; put it into a block",
    "{% extends 'b.html' %}{% for x in y recursive %}{% endfor %}": "recursive loop outside of a block, in a template that extends another; put it into a block",
    "{% extends 'b.html' %}{% for x in y %}"
    + BLOCK
    + "{% endfor %}": "block 'a' stands in another statement of a template that extends one",
    # blocks
    BLOCK + "{{ self.a() }}{{ self.b() }}": "there is no block 'b'; expected one of: a",
    BLOCK + "{% block a %}{% endblock %}": "block 'a' is defined twice; show it again with self.a()",
    "{% block c %}{{ self.c() }}{% endblock %}": "block 'c' shows itself",
    "{{ super() }}": "super() needs a block around it",
    "{% block c %}{{ super() }}{% endblock %}": "there is no block 'c' in an extended template for super() to show",
    "{% extends 'b.html' %}{% block b %}{{ super.super() }}{% endblock %}": "'super' cannot be a value; use super() or self.NAME()",
    "{{ self }}": "'self' cannot be a value; use super() or self.NAME()",
    BLOCK + "{{ self.a(1) }}": "super() and self.NAME() take no arguments",
    "{% block c required %}{% endblock %}": "block 'c' is required; a template that extends this one must give it",
    "{% if x %}{% elif self.a() %}{% endif %}"
    + BLOCK: "super() and self.NAME() cannot stand in {% elif %}; set a variable to it before",
    "{% for x in y if self.a() %}{% endfor %}"
    + BLOCK: "super() and self.NAME() cannot stand in the condition of a for; set a variable to it before",
    "{{ x and self.a() }}"
    + BLOCK: "super() and self.NAME() cannot stand in the right side of and; set a variable to it before",
    "{{ (self.a() if x)|upper }}"
    + BLOCK: "super() and self.NAME() cannot stand in a … if … else …; set a variable to it before",
    # macros, imports and loops are no values
    MACRO + "{{ f }}": "the macro 'f' cannot be a value; call it: f(…)",
    MACRO + "{% set g = f %}": "the macro 'f' cannot be a value; call it: f(…)",
    "{% import 'm.html' as m %}{{ m }}": "'m' is an imported template; use m.NAME",
    "{% import 'm.html' as m %}{{ m.f }}": "the macro 'f' cannot be a value; call it: f(…)",
    "{% import 'm.html' as m %}{{ m.q }}": "m.html has no 'q'; expected one of: f, g",
    "{% import 'm.html' as m %}{{ m.i }}": "m.html has no 'i'; it only imports it: import it from where it is made",
    "{% from 'm.html' import ff %}": "m.html has no 'ff'; did you mean 'f'?",
    "{% from 'b.html' import v with context %}": "b.html sets 'v' in an if only; set it before that too",
    "{% macro f() %}{{ caller }}{% endmacro %}": "caller cannot be a value; call it: caller(…), or ask {% if caller %}",
    "{% for x in y %}{{ loop }}{% endfor %}": "loop cannot be a value; use one of loop.index, loop.index0, loop.revindex, loop.revindex0, loop.length, loop.depth, loop.depth0, loop.first, loop.last, loop.previtem, loop.nextitem, loop.cycle, loop.changed",
    "{% for x in y %}{{ loop.cycle }}{% endfor %}": "loop.cycle is not a value; call it: loop.cycle(…)",
    "{% for x in y %}{{ loop.idx }}{% endfor %}": "loop.idx is not a value; did you mean 'index'?",
    "{% for x in y %}{{ loop.cycle() }}{% endfor %}": "loop.cycle() takes the values to cycle through",
    "{% for x in y %}{{ loop(x) }}{% endfor %}": "loop(…) needs a recursive loop; write {% for … in … recursive %}",
    "{% for x in y recursive %}{{ loop(x, 1) }}{% endfor %}": "loop(…) takes one list",
    "{% for x in y if loop.first %}{% endfor %}": "the condition of a for cannot use loop; use an if in its body",
    "{% for x in y if x > ns.a %}{{ loop.last }}{% set ns.a = 1 %}{% endfor %}": "the condition of a for whose body asks how many there are cannot call or use what it changes",
    "{% if x %}"
    + MACRO
    + "{% endif %}{{ f(1) }}{{ f }}": "'f' is a macro or an import in one branch of an if only; move it before the if",
    MACRO + MACRO: "'f' is made twice; give one of them another name",
    MACRO + "{% set f = 1 %}": "'f' is a macro or an import; choose another name",
    "{{ f(1) }}" + MACRO: "the macro 'f' is made below; move it before this",
    "{{ f is defined }}" + MACRO: "the macro 'f' is made below; move it before this",
    # arguments of macros
    MACRO + "{{ f(1, 2) }}": "the macro 'f' takes 1 argument, not 2",
    MACRO + "{{ f(b=2) }}": "the macro 'f' takes no 'b'; expected one of: a",
    MACRO + "{{ f(1, a=2) }}": "the macro 'f' is given 'a' twice",
    MACRO + "{{ f(*x) }}": "a macro cannot be called with * or **; give its arguments one by one",
    MACRO + "{{ f(**x) }}": "a macro cannot be called with * or **; give its arguments one by one",
    MACRO + "{% call f(1) %}{% endcall %}": "the macro 'f' does not use caller(), so {% call %} cannot call it",
    "{% call x() %}{% endcall %}": "{% call %} needs a macro, such as {% call card() %}",
    "{% macro f() %}{{ caller() }}{% endmacro %}{{ f(caller=x) }}": "caller cannot be given like this; write {% call … %}…{% endcall %}",
    "{% macro f(caller=none) %}{{ caller() }}{% endmacro %}": "caller is there without being a parameter; leave it out",
    "{% macro f() %}{{ caller() }}{% endmacro %}{% call(a) f() %}{{ varargs }}{% endcall %}": "varargs and kwargs cannot be used in a {% call %}; give it parameters",
    "{% macro f(a, b=c, c=1) %}{% endmacro %}": "the default of 'b' uses 'c', which has no value yet",
    "{% macro f(a=a) %}{% endmacro %}": "the default of 'a' uses 'a', which has no value yet",
    # filters and tests
    "{{ x|uper }}": "unknown filter 'uper'; did you mean 'upper'?",
    "{{ x is od }}": "unknown test 'od'; did you mean 'odd'?",
    "{{ x is filter }}": "`is filter` needs a name in quotes",
    "{{ x is test }}": "`is test` needs a name in quotes",
    "{{ x|pprint }}": f"the filter 'pprint' is not supported; {UNSUPPORTED['pprint']}",
    "{{ x|urlize }}": f"the filter 'urlize' is not supported; {UNSUPPORTED['urlize']}",
    "{{ x|map('pprint')|list }}": f"the filter 'pprint' is not supported; {UNSUPPORTED['pprint']}",
    "{{ x|map('uper')|list }}": "unknown filter 'uper'; did you mean 'upper'?",
    "{{ x|map(y)|list }}": "|map needs the name of a filter in quotes",
    "{{ x|map('upper', 1)|list }}": "|map('upper') takes no arguments",
    "{{ x|map }}": "|map needs attribute",
    "{{ x|select(y)|list }}": "|select needs the name of a test in quotes",
    "{{ x|select('od')|list }}": "unknown test 'od'; did you mean 'odd'?",
    "{{ x|select('odd', 1)|list }}": "the test 'odd' takes no arguments",
    "{{ x|selectattr }}": "|selectattr needs the name of an attribute",
    "{{ x|rejectattr('a', y)|list }}": "|rejectattr needs the name of a test in quotes",
    "{{ x|upper(1) }}": "|upper takes no arguments",
    "{{ x|indent(widht=2) }}": "|indent has no argument 'widht'; did you mean 'width'?",
    "{{ x|replace('a') }}": "|replace needs new",
    "{{ x|join(*y) }}": "|join cannot be called with * or **; give its arguments one by one",
    "{{ x|map(**y)|list }}": "|map cannot be called with * or **; give its arguments one by one",
    "{{ x|select(*y)|list }}": "|select cannot be called with * or **; give its arguments one by one",
    "{{ x is divisibleby }}": "the test 'divisibleby' needs num",
    "{% filter striptags %}{% endfilter %}": "what |striptags gives is not safe, as this would say; write {{ …|striptags }}",
    "{% set x | striptags %}{% endset %}": "what |striptags gives is not safe, as this would say; write {{ …|striptags }}",
    # names
    "{{ class }}": "'class' cannot be the name of a value from outside; choose another",
    "{{ _x }}": "'_x' cannot be the name of a value from outside; choose another",
    "{{ class.x }}{% if lambda %}{% endif %}": "'class' cannot be the name of a value from outside; choose another",
    "{{ lipsum() }}": "lipsum() is not supported; write the text into the template",
    "{% set loop = 1 %}": "'loop' has a meaning of its own; choose another name",
    "{% set site = 1 %}": "'site' has a meaning of its own; choose another name",
    "{% for self in x %}{% endfor %}": "'self' has a meaning of its own; choose another name",
    "{% macro super() %}{% endmacro %}": "'super' has a meaning of its own; choose another name",
    "{% for i in y %}{% macro f() %}{{ x }}{% endmacro %}{% include 'b.html' %}{% set x = 1 %}{% endfor %}": "'x' is set below what uses it; set it before",
    # the rest
    "{% autoescape x %}{% endautoescape %}": "{% autoescape %} needs true or false",
    "{% autoescape false %}"
    + BLOCK
    + "{% endautoescape %}": "blocks cannot stand in an {% autoescape %} that changes it; put it outside",
    "{% autoescape false %}"
    + MACRO
    + "{% endautoescape %}": "macros cannot stand in an {% autoescape %} that changes it; put it outside",
    MACRO
    + "{% autoescape false %}{{ f(1) }}{% endautoescape %}": "macros cannot be called in an {% autoescape %} that changes it; call it before",
    "{% break %}": "{% break %} needs a for around it in the same template, macro and block",
    "{% for x in y %}{% macro f() %}{% continue %}{% endmacro %}{% endfor %}": "{% continue %} needs a for around it in the same template, macro and block",
    "{{ 1 < x in y }}{{ x in y in z }}": "`in` cannot stand in a chain of comparisons; write them one by one with `and`",
    "{% trans %}x{% endtrans %}": "{% trans %} is not supported; put the texts of each language into the page's context",
    "{% blok a %}": "encountered unknown tag 'blok'",
    "{% debug %}": "encountered unknown tag 'debug'",
    "{{ x": "unexpected end of template, expected 'end of print statement'",
    "{% if x %}": "unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'",
}
OTHERS = {
    "b": "{% block b %}{% endblock %}{% if x %}{% set v = 1 %}{% endif %}",
    "m": "{% macro f() %}{% endmacro %}{% set g = 1 %}{% from 'i.html' import i %}",
    "i": "{% set i = 1 %}",
}


def mistake(text):
    item = case("\n" + text, **OTHERS)
    item.texts["u.tpl"] = "u"
    with pytest.raises(TemplateError) as error:
        compiled(item)
    return str(error.value.problem)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_says_where_and_what_to_write(text):
    assert mistake(text) == WHERE + REFUSED[text]


def test_a_mistake_in_another_template_is_told_there():
    item = case("{% include 'b.html' %}", b="a\nb\n{{ x|uper }}")
    with pytest.raises(TemplateError) as error:
        compiled(item)
    assert str(error.value.problem) == "templates/b.html:3: unknown filter 'uper'; did you mean 'upper'?"


# That none is forgotten: all of Jinja's grammar is supported, or refused above.

PARTS = {"Template", "Output", "Extends", "Pair", "Keyword", "Operand", "Slice", "NSRef"}  # of other nodes
BINARY = {"Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow", "And", "Or", "Not", "Neg", "Pos"}
MADE_BY_EXTENSIONS = {  # no syntax makes these
    "EnvironmentAttribute", "ExtensionAttribute", "ImportedName", "InternalName", "MarkSafe", "MarkSafeIfAutoescape",
    "ContextReference", "DerivedContextReference", "OverlayScope", "EvalContextModifier",
}  # fmt: skip


def test_every_node_of_jinja2_is_known():
    kinds = {
        name
        for name, kind in vars(nodes).items()
        if inspect.isclass(kind) and issubclass(kind, nodes.Node) and not kind.abstract
    }
    written = {name[2:] for name in dir(Writer) if name[:2] in ("s_", "x_")}
    assert kinds == written | PARTS | BINARY | MADE_BY_EXTENSIONS | {"_FilterTestCommon"} & kinds


def test_nodes_that_only_extensions_make_are_refused():
    for name in MADE_BY_EXTENSIONS:
        assert not hasattr(Writer, f"s_{name}")
        assert not hasattr(Writer, f"x_{name}")


def test_every_filter_test_and_global_is_known():
    assert set(jinja2.filters.FILTERS) == set(FILTERS) | set(UNSUPPORTED)
    assert set(jinja2.tests.TESTS) == set(TESTS) | {"filter", "test"}
    assert set(jinja2.defaults.DEFAULT_NAMESPACE) == {*GLOBALS, "lipsum"}


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_every_filter_compiles(name):
    arguments = {"map": "'upper'", "selectattr": "'a'", "rejectattr": "'a'"}.get(name)
    arguments = arguments or ", ".join(["1"] * FILTERS[name].required)
    assert compiled(case(f"{{{{ x|{name}({arguments}) }}}}")).source


@pytest.mark.parametrize("name", sorted(name for name in TESTS if name.isidentifier()))
def test_every_test_compiles(name):
    arguments = f"({', '.join(['1'] * TESTS[name].required)})" if TESTS[name].required else ""
    assert compiled(case(f"{{{{ x is {name}{arguments} }}}}")).source


def test_the_main_template_is_called_as_the_table_says():
    assert f"templates/{MAIN}:2: " == WHERE
