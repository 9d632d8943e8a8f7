"""The schema of site.yaml: what may stand there, its defaults, and what is said about what may not."""

from __future__ import annotations

import pytest

from site_builder import model, reader
from site_builder.source import read


@pytest.fixture
def load(tmp_path):
    """A site.yaml's text to its site and the lines that are said about it."""

    def load(text: str):
        (tmp_path / "site.yaml").write_text(text)
        site, problems = reader.load(read(tmp_path / "site.yaml", "site.yaml"))
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
_SIZE = "a size is a number of bytes, or a number and K or M, such as 512 or 8K; 1K is 1024 bytes"
_MILLISECONDS = "a time is a number and ms, s, m or h, such as 500ms or 30s; a number alone is milliseconds"
_METHODS = "methods must be one of 'GET', 'POST', 'PUT', 'PATCH', 'DELETE' or 'OPTIONS'"

WRONG_TARGETS = {
    "5": "3: a target is a mapping such as {template: index.tpl}, not 5",
    "": "3: a target is a mapping such as {template: index.tpl}, not nothing",
    "{}": "3: a target is a mapping such as {template: index.tpl}, not an empty one",
    "[a]": "3: a target is a mapping such as {template: index.tpl}, not a list",
    "{tmplate: a.tpl}": "7: no kind of target is called 'tmplate'; did you mean 'template'?",
    "{x: y}": "7: no kind of target is called 'x'; expected one of: dir, file, handler, json, redirect, template",
    "{5: y}": "7: no kind of target is called 5; expected one of: dir, file, handler, json, redirect, template",
    "{file: a, template: b.tpl}": "16: 'template' beside 'file': a route has one kind of target",
    "{file: a, chache: 1d}": "16: unknown key 'chache'; did you mean 'cache'?",
    "{json: a.b, value: 5}": "18: unknown key 'value'; expected one of: cache, headers, json",
    "{file: a, methods: [GET]}": "16: unknown key 'methods'; expected one of: cache, file, headers",
    "{file: }": "7: file must be text, not nothing",
    "{file: 5}": "7: file must be text, not 5; put quotes around it",
    "{file: yes}": "7: file must be text, not true; put quotes around it",
    "{file: 2020-01-02}": "7: file must be text, not 2020-01-02; put quotes around it",
    "{file: [a]}": "7: file must be text, not a list",
    "{file: ''}": f"7: file: '': {_PATH}",
    "{file: /a}": f"7: file: '/a': {_PATH}",
    "{file: ../a}": f"7: file: '../a': {_PATH}",
    "{file: a//b}": f"7: file: 'a//b': {_PATH}",
    "{file: 'a\\b'}": f"7: file: 'a\\\\b': {_PATH}",
    "{dir: .}": f"7: dir: '.': {_PATH}",
    "{dir: static/}": f"7: dir: 'static/': {_PATH}",
    "/a.tpl": f"3: template: '/a.tpl': {_PATH}",
    "{file: a, cache: 1x}": f"16: cache: '1x': {_TIME}",
    "{file: a, cache: 1.5}": f"16: cache: 1.5: {_TIME}",
    "{file: a, cache: yes}": f"16: cache: true: {_TIME}",
    "{file: a, cache: [1]}": f"16: cache: a list: {_TIME}",
    "{file: a, cache: -1}": "16: cache must be at least 0, not -1",
    "{file: a, headers: [a]}": "16: headers must be a mapping (name: value), not a list",
    "{file: a, headers: {X A: b}}": f"16: headers: 'X A' {_HEADER}",
    '{file: a, headers: {X-A: "b\\r\\nX: y"}}': f"16: headers: 'X-A' {_HEADER}",
    "{file: a, headers: {X-A: é}}": f"16: headers: 'X-A' {_HEADER}",
    "{file: a, headers: {X-A: 5}}": "26: X-A must be text, not 5; put quotes around it",
    "{file: a, headers: {5: a}}": "26: headers: the key 5 is not text; put quotes around it",
    "{template: a.tpl, data: now}": f"24: data: 'now': {_NAME}",
    "{template: a.tpl, data: sensors.now()}": f"24: data: 'sensors.now()': {_NAME}",
    "{template: a.tpl, context: [a]}": "24: context must be a mapping (name: value), not a list",
    "{template: a.tpl, context: {on: 1}}": "34: context: the key true is not text; put quotes around it",
    '{template: a.tpl, type: "a\\nb: c"}': (
        "24: type: 'a\\nb: c': a Content-Type is one line of ASCII, such as text/html; charset=utf-8"
    ),
    "{json: hello}": f"7: json: 'hello': {_NAME}",
    "{handler: a b.c}": f"7: handler: 'a b.c': {_NAME}",
    "{handler: ..os.x}": f"7: handler: '..os.x': {_NAME}",
    "{handler: a.b, methods: GET}": "21: methods must be a list, such as [GET, POST], not 'GET'",
    "{handler: a.b, methods: []}": "21: methods must not be empty",
    "{handler: a.b, methods: [get]}": f"31: {_METHODS}, not 'get'; did you mean GET?",
    "{handler: a.b, methods: [FETCH]}": f"31: {_METHODS}, not 'FETCH'",
    "{handler: a.b, methods: [5]}": f"31: {_METHODS}, not 5",
    "{redirect: a b}": f"7: redirect: 'a b': {_ADDRESS}",
    "{redirect: /é}": f"7: redirect: '/é': {_ADDRESS}",
    "{redirect: ''}": f"7: redirect: '': {_ADDRESS}",
    '{redirect: "/\\n"}': f"7: redirect: '/\\n': {_ADDRESS}",
    "{redirect: /, status: 200}": "20: status must be one of 301, 302, 303, 307 or 308, not 200",
    "{redirect: /, status: '301'}": "20: status must be one of 301, 302, 303, 307 or 308, not '301'",
}


@pytest.mark.parametrize("text", WRONG_TARGETS)
def test_a_wrong_target_is_told_and_left_out(load, text):
    site, problems = load(f"title: x\nroutes:\n  /a: b.tpl\n  /: {text}\n")
    assert [f"4:{WRONG_TARGETS[text]}"] == problems
    assert list(site.routes) == ["/a"]


WRONG_SITES = {
    "": ["1:1: the file is empty; start with 'routes:'"],
    "- a": ["1:1: a site must be a mapping (name: value), not a list"],
    "hello": ["1:1: a site must be a mapping (name: value), not 'hello'"],
    "\nruotes: {}": ["2:1: unknown key 'ruotes'; did you mean 'routes'?"],
    "1: a": [f"1:1: unknown key 1; expected one of: {', '.join(sorted(model.Site.model_fields))}"],
    "title: 5": ["1:1: title must be text, not 5; put quotes around it"],
    "title: [a]": ["1:1: title must be text, not a list"],
    "context: [a]": ["1:1: context must be a mapping (name: value), not a list"],
    "context: {1: a}": ["1:11: context: the key 1 is not text; put quotes around it"],
    "routes: [a]": ["1:1: routes must be a mapping (name: value), not a list"],
    "errors: x": ["1:1: errors must be a mapping (name: value), not 'x'"],
    "server: 80": ["1:1: server must be a mapping (name: value), not 80"],
    "server: {prot: 80}": ["1:10: unknown key 'prot'; did you mean 'port'?"],
    "server: {port: '80'}": ["1:10: port must be a whole number, not '80'"],
    "server: {port: 80.0}": ["1:10: port must be a whole number, not 80.0"],
    "server: {port: yes}": ["1:10: port must be a whole number, not true"],
    "server: {port: 0}": ["1:10: port must be at least 1, not 0"],
    "server: {port: 70000}": ["1:10: port must be at most 65535, not 70000"],
    "server: {host: 5}": ["1:10: host must be text, not 5; put quotes around it"],
    "server: {buffer: 100}": ["1:10: buffer must be at least 512, not 100"],
    "server: {buffer: 1M}": ["1:10: buffer must be at most 65000, not 1048576"],
    "server: {buffer: 8X}": [f"1:10: buffer: '8X': {_SIZE}"],
    "server: {body_limit: 1.5K}": [f"1:10: body_limit: '1.5K': {_SIZE}"],
    "server: {body_limit: -1}": ["1:10: body_limit must be at least 0, not -1"],
    "server: {idle_timeout: 2 days}": [f"1:10: idle_timeout: '2 days': {_MILLISECONDS}"],
    "server: {idle_timeout: 1.5}": [f"1:10: idle_timeout: 1.5: {_MILLISECONDS}"],
    "server: {idle_timeout: 0s}": ["1:10: idle_timeout must be at least 1, not 0"],
    "server: {idle_timeout: 25h}": ["1:10: idle_timeout must be at most 86400000, not 90000000"],
    "board: pico": ["1:1: board: 'pico': no board is called so; did you mean 'pico-w'?"],
    "board: 5": ["1:1: board must be text, not 5; put quotes around it"],
    "budget: {ram: 5}": ["1:10: unknown key 'ram'; expected one of: flash, heap"],
    "budget: {flash: much}": [f"1:10: flash: 'much': {_SIZE}"],
    "templates: {strict: 5}": ["1:13: strict must be true or false, not 5"],
    "defaults: {chache: 1}": ["1:12: unknown key 'chache'; did you mean 'cache'?"],
    "defaults: {file: {mehtods: 1}}": ["1:19: unknown key 'mehtods'; expected one of: cache, headers"],
    "defaults: {handler: {method: []}}": ["1:22: unknown key 'method'; did you mean 'methods'?"],
    "defaults: {file: 5}": ["1:12: file must be a mapping (name: value), not 5"],
    "defaults: {json: {cache: x}}": [f"1:19: cache: 'x': {_TIME}"],
    "defaults: {headers: {Date: x}}": ["1:12: headers: 'Date' is set by picoweb itself; leave it out"],
    ".page: {}": ["1:1: unknown key '.page'; keys of your own, to hang anchors on, begin with x-"],
    "context: {title: a}": [
        "1:11: templates see the site's title as site.title; write it as 'title: …' above",
    ],
}


@pytest.mark.parametrize("text", WRONG_SITES)
def test_a_wrong_site_is_told(load, text):
    assert load(text)[1] == WRONG_SITES[text]


# Sites that are right; the test of the schema for editors uses them too.

RIGHT_SITES = [
    "routes: {}",
    "title:\ncontext:\nroutes:\nerrors:\ndefaults:\ntemplates:\nbudget:\nserver:\n",
    "x-page: &page {cache: 1d}\nx-other: 2020-01-02\nroutes:\n  /: {<<: *page, file: a.txt}\n",
    "board: pico-w\nbudget: {flash: 200K, heap: 61440}\n",
    "defaults: {cache: 1h, headers: {X-A: b}, handler: {methods: [POST]}, json: {cache: null}, file: {headers: null}}",
    "server: {buffer: 4K, body_limit: 1M, head_timeout: 500ms, idle_timeout: 2m}\n",
    "routes:\n  /a: {handler: a.b, methods: null, cache: null, headers: {X-A: null}}\n  /b: {file: b, headers: null}\n",
    "errors: {404: 404.html, 500: {json: {error: 500}}}\ntemplates: {strict: true, filters: {up: text.upper}}\n",
]


@pytest.mark.parametrize("text", RIGHT_SITES)
def test_a_site_that_is_right_has_no_problems(load, text):
    assert load(text)[1] == []


def test_keys_that_begin_with_x_are_the_users_own(load):
    site, problems = load("x-page: &page {cache: 1d}\nroutes:\n  /: {<<: *page, file: a.txt}\n")
    assert problems == []
    assert site.routes == {"/": model.File(file="a.txt", cache=86400)}


def test_sizes_and_times_become_bytes_and_milliseconds(load):
    site, _ = load("server: {buffer: 4K, body_limit: 1M, head_timeout: 500ms, body_timeout: 700, idle_timeout: 2m}")
    server = site.server
    assert (server.buffer, server.body_limit) == (4096, 1048576)
    assert (server.head_timeout, server.body_timeout, server.idle_timeout) == (500, 700, 120000)


def test_board_and_budget_are_for_the_stages_that_count(load):
    site, _ = load("board: esp8266\nbudget: {flash: 200K}")
    assert (site.board, site.budget.flash, site.budget.heap) == ("esp8266", 204800, None)


# Defaults: what stands in `defaults`, what in the route, and what the route has then

DEFAULTED = {
    ("{cache: 1h}", "{file: a}"): {"cache": 3600},
    ("{cache: 1h}", "{file: a, cache: 0}"): {"cache": 0},
    ("{cache: 1h}", "{file: a, cache: null}"): {"cache": None},
    ("{cache: 1h, file: {cache: 1d}}", "{file: a}"): {"cache": 86400},
    ("{cache: 1h, file: {cache: null}}", "{file: a}"): {"cache": None},
    ("{cache: 1h, dir: {cache: 1d}}", "{file: a}"): {"cache": 3600},
    ("{json: {cache: 5}}", "{json: {}}"): {"cache": 5},
    ("{headers: {A: '1', B: '2'}}", "{file: a}"): {"headers": {"A": "1", "B": "2"}},
    ("{headers: {A: '1'}, file: {headers: {B: '2'}}}", "{file: a, headers: {C: '3'}}"): {
        "headers": {"A": "1", "B": "2", "C": "3"}
    },
    ("{headers: {X-Frame: a}}", "{file: a, headers: {x-frame: b}}"): {"headers": {"x-frame": "b"}},
    ("{headers: {X-A: a, X-B: b}}", "{file: a, headers: {x-a: null}}"): {"headers": {"X-B": "b"}},
    ("{headers: {X-A: a}}", "{file: a, headers: null}"): {"headers": {}},
    ("{headers: {X-A: a}, file: {headers: null}}", "{file: a, headers: {B: b}}"): {"headers": {"B": "b"}},
    ("{}", "{file: a, headers: {X-A: null}}"): {"headers": {}},
    ("{handler: {methods: [GET, POST]}}", "{handler: a.b}"): {"methods": ["GET", "POST"]},
    ("{handler: {methods: [GET, POST]}}", "{handler: a.b, methods: [PUT]}"): {"methods": ["PUT"]},
    ("{handler: {methods: [POST]}}", "{handler: a.b, methods: null}"): {"methods": ["GET"]},
}


@pytest.mark.parametrize(("defaults", "target"), DEFAULTED)
def test_a_route_has_what_it_says_and_the_defaults(load, defaults, target):
    site, problems = load(f"defaults: {defaults}\nroutes: {{/: {target}}}")
    assert problems == []
    assert {name: getattr(site.routes["/"], name) for name in DEFAULTED[defaults, target]} == DEFAULTED[
        defaults, target
    ]


def test_an_error_page_takes_the_headers_of_the_defaults_and_not_the_cache(load):
    site, _ = load("defaults: {cache: 1d, headers: {A: b}}\nerrors: {404: a.html, 500: {file: b, cache: 5}}")
    assert (site.errors[404].cache, site.errors[404].headers) == (None, {"A": "b"})
    assert site.errors[500].cache == 5


def test_all_problems_are_told_at_once_and_the_rest_is_understood(load):
    site, problems = load(
        "title: [a]\nserver: {port: 0, x: 1}\nroutes:\n  /a: {file: a, cache: x, headers: 5}\n  /b: {file: b}\n"
        "  /c: {}\ncontext: {a: 1}\ncolour: red\n"
    )
    assert [problem.split(":")[0] for problem in problems] == ["1", "2", "2", "4", "4", "6", "8"]
    assert site.routes == {"/b": model.File(file="b")}


def test_every_field_says_what_it_is_for():
    for cls in [model.Site, *model.SECTIONS.values(), *model.TARGETS.values()]:
        assert cls.__doc__
        for name, field in cls.model_fields.items():
            assert field.description, f"{cls.__name__}.{name}"
