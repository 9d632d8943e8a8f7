"""The schema of site.yaml: what may stand there, its defaults, and what is said about what may not."""

from __future__ import annotations

import pytest
import yaml

from site_builder import model
from site_builder.errors import SiteError
from site_builder.source import read


@pytest.fixture
def load(tmp_path):
    """A site.yaml's text to its site and the lines that are said about it."""

    def load(text: str):
        (tmp_path / "site.yaml").write_text(text)
        site, problems = model.load(read(tmp_path / "site.yaml", "site.yaml"))
        return site, [str(problem).removeprefix("site.yaml:") for problem in sorted(problems)]

    return load


@pytest.fixture
def target(load):
    """A target's YAML, in one line, to the target."""

    def target(text: str) -> model.Target:
        site, problems = load(f"routes: {{/: {text}}}")
        assert problems == []
        return site.routes["/"]

    return target


def test_every_default(load):
    site, problems = load("routes: {}")
    assert problems == []
    assert (site.title, site.context, site.routes, site.errors) == ("", {}, {}, {})
    assert site.server.model_dump(exclude_none=True) == {"host": "0.0.0.0", "port": 80}


def test_names_with_nothing_behind_them_have_their_defaults(load):
    site, problems = load("title:\ncontext:\nroutes:\nerrors:\nserver:\n")
    assert problems == []
    assert site == load("routes: {}")[0]


def test_a_whole_site(load):
    site, problems = load(
        "title: Home\ncontext: {a: [1, {b: null}]}\nroutes: {/: index.tpl}\nerrors: {404: {file: 404.html}}\n"
        "server: {host: 127.0.0.1, port: 8080, connections: 4, buffer: 2048, body_limit: 0, head_timeout: 1,"
        " body_timeout: 2, write_timeout: 3, idle_timeout: 4}\n"
    )
    assert problems == []
    assert (site.title, site.context) == ("Home", {"a": [1, {"b": None}]})
    assert site.routes["/"] == model.Template(template="index.tpl")
    assert site.errors[404] == model.File(file="404.html")
    assert list(site.server.model_dump().values()) == ["127.0.0.1", 8080, 4, 2048, 0, 1, 2, 3, 4]


TARGETS = {
    "{file: a.txt}": model.File(file="a.txt"),
    "{file: a/b.txt, cache: 1h, headers: {X-A: b c}}": model.File(file="a/b.txt", cache=3600, headers={"X-A": "b c"}),
    "{dir: static, cache: 0}": model.Directory(dir="static", cache=0),
    "{template: a.tpl}": model.Template(template="a.tpl", data=None, context={}, type=None),
    "{template: a.tpl, data: a.b, context: {c: 1}, type: text/xml}": model.Template(
        template="a.tpl", data="a.b", context={"c": 1}, type="text/xml"
    ),
    "{json: sensors.now}": model.Json(json="sensors.now"),
    "{json: {a: [1]}}": model.Json(json={"a": [1]}),
    "{json: []}": model.Json(json=[]),
    "{json: 5}": model.Json(json=5),
    "{json: }": model.Json(json=None),
    "{handler: a.b.c}": model.Handler(handler="a.b.c", methods=["GET"]),
    "{handler: a.b, methods: [PUT, DELETE]}": model.Handler(handler="a.b", methods=["PUT", "DELETE"]),
    "{redirect: /x}": model.Redirect(redirect="/x", status=302),
    "{redirect: 'https://example.org/?a=b#c', status: 308}": model.Redirect(
        redirect="https://example.org/?a=b#c", status=308
    ),
    "index.tpl": model.Template(template="index.tpl"),
    "static/a.txt": model.File(file="static/a.txt"),
}


@pytest.mark.parametrize("text", TARGETS)
def test_every_kind_of_target(target, text):
    assert TARGETS[text] == target(text)


DURATIONS = {"0": 0, "90": 90, "'90'": 90, "30s": 30, "10 m": 600, "2h": 7200, "1d": 86400, "2w": 1209600}


@pytest.mark.parametrize(("text", "seconds"), [*DURATIONS.items(), ("1y", 31536000), ("", None)])
def test_a_time_is_seconds_or_has_a_unit(target, text, seconds):
    assert seconds == target(f"{{file: a, cache: {text}}}").cache


_TIME = "a time is a number and s, m, h, d, w or y, such as 30s or 1d"
_PATH = "a path is relative to the site's folder, with /, and without '.' and '..'"
_NAME = "a name is module.function, such as sensors.now for now() in handlers/sensors.py"
_HEADER = "is not a header: names are letters, digits and -, values are one line of ASCII"
_ADDRESS = "an address has only ASCII characters and no spaces; write others as %XX"
_METHODS = "methods must be one of 'GET', 'POST', 'PUT', 'PATCH', 'DELETE' or 'OPTIONS'"

WRONG_TARGETS = {
    "5": "a target is a mapping such as {template: index.tpl}, not 5",
    "": "a target is a mapping such as {template: index.tpl}, not nothing",
    "{}": "a target is a mapping such as {template: index.tpl}, not an empty one",
    "[a]": "a target is a mapping such as {template: index.tpl}, not a list",
    "{tmplate: a.tpl}": "no kind of target is called 'tmplate'; did you mean 'template'?",
    "{x: y}": "no kind of target is called 'x'; expected one of: dir, file, handler, json, redirect, template",
    "{5: y}": "no kind of target is called 5; expected one of: dir, file, handler, json, redirect, template",
    "{file: a, template: b.tpl}": "'template' beside 'file': a route has one kind of target",
    "{file: a, chache: 1d}": "unknown key 'chache'; did you mean 'cache'?",
    "{json: a.b, value: 5}": "unknown key 'value'; expected one of: cache, headers, json",
    "{file: a, methods: [GET]}": "unknown key 'methods'; expected one of: cache, file, headers",
    "{file: }": "file must be text, not nothing",
    "{file: 5}": "file must be text, not 5; put quotes around it",
    "{file: yes}": "file must be text, not true; put quotes around it",
    "{file: 2020-01-02}": "file must be text, not 2020-01-02; put quotes around it",
    "{file: [a]}": "file must be text, not a list",
    "{file: ''}": f"file: '': {_PATH}",
    "{file: /a}": f"file: '/a': {_PATH}",
    "{file: ../a}": f"file: '../a': {_PATH}",
    "{file: a//b}": f"file: 'a//b': {_PATH}",
    "{file: 'a\\b'}": f"file: 'a\\\\b': {_PATH}",
    "{dir: .}": f"dir: '.': {_PATH}",
    "{dir: static/}": f"dir: 'static/': {_PATH}",
    "/a.tpl": f"template: '/a.tpl': {_PATH}",
    "{file: a, cache: 1x}": f"cache: '1x': {_TIME}",
    "{file: a, cache: 1.5}": f"cache: 1.5: {_TIME}",
    "{file: a, cache: yes}": f"cache: true: {_TIME}",
    "{file: a, cache: [1]}": f"cache: a list: {_TIME}",
    "{file: a, cache: -1}": "cache must be at least 0, not -1",
    "{file: a, headers: [a]}": "headers must be a mapping (name: value), not a list",
    "{file: a, headers: {X A: b}}": f"headers: 'X A' {_HEADER}",
    '{file: a, headers: {X-A: "b\\r\\nX: y"}}': f"headers: 'X-A' {_HEADER}",
    "{file: a, headers: {X-A: é}}": f"headers: 'X-A' {_HEADER}",
    "{file: a, headers: {X-A: 5}}": "X-A must be text, not 5; put quotes around it",
    "{file: a, headers: {5: a}}": "headers: the key 5 is not text; put quotes around it",
    "{template: a.tpl, data: now}": f"data: 'now': {_NAME}",
    "{template: a.tpl, data: sensors.now()}": f"data: 'sensors.now()': {_NAME}",
    "{template: a.tpl, context: [a]}": "context must be a mapping (name: value), not a list",
    "{template: a.tpl, context: {on: 1}}": "context: the key true is not text; put quotes around it",
    '{template: a.tpl, type: "a\\nb: c"}': (
        "type: 'a\\nb: c': a Content-Type is one line of ASCII, such as text/html; charset=utf-8"
    ),
    "{json: hello}": f"json: 'hello': {_NAME}",
    "{handler: a b.c}": f"handler: 'a b.c': {_NAME}",
    "{handler: ..os.x}": f"handler: '..os.x': {_NAME}",
    "{handler: a.b, methods: GET}": "methods must be a list, such as [GET, POST], not 'GET'",
    "{handler: a.b, methods: []}": "methods must not be empty",
    "{handler: a.b, methods: [get]}": f"{_METHODS}, not 'get'; did you mean GET?",
    "{handler: a.b, methods: [FETCH]}": f"{_METHODS}, not 'FETCH'",
    "{handler: a.b, methods: [5]}": f"{_METHODS}, not 5",
    "{redirect: a b}": f"redirect: 'a b': {_ADDRESS}",
    "{redirect: /é}": f"redirect: '/é': {_ADDRESS}",
    "{redirect: ''}": f"redirect: '': {_ADDRESS}",
    '{redirect: "/\\n"}': f"redirect: '/\\n': {_ADDRESS}",
    "{redirect: /, status: 200}": "status must be one of 301, 302, 303, 307 or 308, not 200",
    "{redirect: /, status: '301'}": "status must be one of 301, 302, 303, 307 or 308, not '301'",
}


@pytest.mark.parametrize("text", WRONG_TARGETS)
def test_a_wrong_target_is_told_and_left_out(load, text):
    site, problems = load(f"title: x\nroutes:\n  /a: b.tpl\n  /: {text}\n")
    assert [f"4: {WRONG_TARGETS[text]}"] == problems
    assert list(site.routes) == ["/a"]


WRONG_SITES = {
    "": ["1: the file is empty; start with 'routes:'"],
    "- a": ["1: a site must be a mapping (name: value), not a list"],
    "hello": ["1: a site must be a mapping (name: value), not 'hello'"],
    "\nruotes: {}": ["2: unknown key 'ruotes'; did you mean 'routes'?"],
    "1: a": ["1: unknown key 1; expected one of: assets, context, errors, routes, server, templates, title"],
    "title: 5": ["1: title must be text, not 5; put quotes around it"],
    "title: [a]": ["1: title must be text, not a list"],
    "context: [a]": ["1: context must be a mapping (name: value), not a list"],
    "context: {1: a}": ["1: context: the key 1 is not text; put quotes around it"],
    "routes: [a]": ["1: routes must be a mapping (name: value), not a list"],
    "errors: x": ["1: errors must be a mapping (name: value), not 'x'"],
    "server: 80": ["1: server must be a mapping (name: value), not 80"],
    "server: {prot: 80}": ["1: unknown key 'prot'; did you mean 'port'?"],
    "server: {port: '80'}": ["1: port must be a whole number, not '80'"],
    "server: {port: 80.0}": ["1: port must be a whole number, not 80.0"],
    "server: {port: yes}": ["1: port must be a whole number, not true"],
    "server: {port: 0}": ["1: port must be at least 1, not 0"],
    "server: {port: 70000}": ["1: port must be at most 65535, not 70000"],
    "server: {host: 5}": ["1: host must be text, not 5; put quotes around it"],
    "server: {buffer: 100}": ["1: buffer must be at least 512, not 100"],
}


@pytest.mark.parametrize("text", WRONG_SITES)
def test_a_wrong_site_is_told(load, text):
    assert load(text)[1] == WRONG_SITES[text]


def test_all_problems_are_told_at_once_and_the_rest_is_understood(load):
    site, problems = load(
        "title: [a]\nserver: {port: 0, x: 1}\nroutes:\n  /a: {file: a, cache: x, headers: 5}\n  /b: {file: b}\n"
        "  /c: {}\ncontext: {a: 1}\ncolour: red\n"
    )
    assert [problem.split(":")[0] for problem in problems] == ["1", "2", "2", "4", "4", "6", "8"]
    assert site.routes == {"/b": model.File(file="b")}


def test_must_load_raises_every_problem(tmp_path):
    (tmp_path / "site.yaml").write_text("title: 5\nx: 1\n")
    with pytest.raises(SiteError) as caught:
        model.must_load(read(tmp_path / "site.yaml", "site.yaml"))
    assert [problem.line for problem in caught.value.problems] == [1, 2]


def test_every_field_says_what_it_is_for():
    for cls in [model.Site, model.Server, *model.TARGETS.values()]:
        assert cls.__doc__
        for name, field in cls.model_fields.items():
            assert field.description, f"{cls.__name__}.{name}"


def test_the_schema_can_be_given_to_an_editor():
    schema = model.Site.model_json_schema()
    assert {"title", "context", "routes", "errors", "templates", "assets", "server"} == schema["properties"].keys()
    assert yaml.safe_load(yaml.safe_dump(schema)) == schema
