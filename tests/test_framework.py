"""The framework as programs use it and clients see it, on both Pythons."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from site_builder import bundle, runner
from tests.conftest import write_files
from tests.programs import ROOT, RUNTIMES, Program, serving
from tests.wireclient import BrokenOff, Client, Reply, ask, request

_PROGRAM = Path(__file__).parent / "apps" / "framework_app.py"
Start = Callable[..., Program]


@pytest.fixture(scope="module", params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def start(runtime: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A function that starts framework_app.py with limits such as head_timeout=500."""
    with contextlib.ExitStack() as stack:

        def start_one(**limits: int) -> Program:
            log = tmp_path_factory.mktemp("framework") / "log"
            args = [f"{name}={n}" for name, n in limits.items()]
            return stack.enter_context(serving(runtime, _PROGRAM, log, *args))

        yield start_one


@pytest.fixture(scope="module")
def app(start: Start) -> Program:
    return start()


def get(app: Program, path: str, *lines: str) -> Reply:
    return ask(app.port, "GET", path, *lines)


def post(app: Program, path: str, body: bytes = b"", *lines: str) -> Reply:
    return ask(app.port, "POST", path, *lines, body=body)


def got_json(reply: Reply) -> object:
    assert (reply.status, reply["Content-Type"]) == (200, "application/json"), reply
    return json.loads(reply.body)


HTML = "text/html; charset=utf-8"
JSON = "application/json"

# What a handler returns: (status, content type, body), and more header lines.
RETURNED = {
    "str": (200, HTML, "<p>é</p>".encode()),
    "empty": (200, HTML, b""),
    "bytes": (200, HTML, b"\x00\xff"),
    "bytearray": (200, HTML, b"abc"),
    "list": (200, JSON, b"[1, 2]"),
    "empty-dict": (200, JSON, b"{}"),
    "created": (201, HTML, b"made"),
    "status-text": (404, HTML, b"x"),
    "headers": (200, JSON, b'{"a": 1}', ("X-A", "b")),
    "both": (202, HTML, b"x", ("X-A", "b")),
    "raw-headers": (202, HTML, b"x", ("X-A", "b")),
    "typed": (200, "text/csv", b"a,b\n", ("Content-Length", "4")),
    "nothing": (204, None, b"", ("Content-Length", None)),
    "not-modified": (304, None, b"", ("ETag", '"1"')),
}
REFUSED = {
    "none": "wrote no answer",
    "number": "returned a int",
    "true": "returned a bool",
    "set": "returned a set",
    "object": "returned a object",
    "four": "not (body, status, headers)",
    "bad-status": "not (body, status, headers)",
    "bad-tuple": "not (body, status, headers)",
    "injection": "line break in header",
}


class TestReturnedValues:
    @pytest.mark.parametrize("name", RETURNED)
    @pytest.mark.parametrize("way", ["value", "plain", "old"])
    def test_it_is_the_answer(self, app: Program, way: str, name: str) -> None:
        status, kind, body, *more = RETURNED[name]
        with Client(app.port) as client:
            reply = client.ask(request("GET", f"/{way}/{name}"))
            assert (reply.status, reply["Content-Type"], reply.body) == (status, kind, body)
            assert [(field, reply[field]) for field, _ in more] == more
            assert client.is_open()

    @pytest.mark.parametrize("way", ["value", "plain"])
    def test_a_dict_is_json(self, app: Program, way: str) -> None:
        assert got_json(get(app, f"/{way}/dict")) == {"a": [1, None, "é"]}

    @pytest.mark.parametrize("name", REFUSED)
    @pytest.mark.parametrize("way", ["value", "plain"])
    def test_what_can_not_be_sent_is_a_500_and_told_in_the_log(self, app: Program, way: str, name: str) -> None:
        reply = get(app, f"/{way}/{name}")
        assert (reply.status, reply.body) == (500, b"500 Internal Server Error\n")
        assert REFUSED[name] in app.text()

    @pytest.mark.parametrize("name", ["str", "dict", "both"])
    def test_head_gives_the_head_alone(self, app: Program, name: str) -> None:
        whole = get(app, f"/value/{name}")
        with Client(app.port) as client:
            assert client.ask(request("HEAD", f"/value/{name}")).fields == whole.fields
            assert client.is_open()

    @pytest.mark.parametrize("n", [0, 1, 3, 1000])
    def test_a_generator_is_streamed(self, app: Program, n: int) -> None:
        body = b"".join(b"piece %d\n" % i for i in range(n))
        for path in ("pieces", "async-pieces"):
            with Client(app.port) as client:
                reply = client.ask(request("GET", f"/{path}/{n}"))
                assert (reply.body, reply.chunked) == (body, n == 1000), path
                assert client.is_open()

    def test_a_generator_in_a_tuple_has_its_status_and_headers(self, app: Program) -> None:
        reply = get(app, "/async-pieces/2")
        assert (reply.status, reply["Content-Type"], reply["X-A"]) == (201, "text/plain", "b")

    def test_other_iterators_are_streamed(self, app: Program) -> None:
        assert get(app, "/map").body == b"0123"
        assert get(app, "/open-file").body == (ROOT / "LICENSE").read_bytes()
        assert get(app, "/slow").body == b"slow 1\nslow 2\nslow 3\n"

    def test_a_generator_that_raises_at_once_gives_the_error_page(self, app: Program) -> None:
        assert get(app, "/breaks/0").status == 500
        assert got_json(get(app, "/seen")) == ["closed"]

    def test_a_generator_that_raises_later_breaks_the_answer_off(self, app: Program) -> None:
        with pytest.raises(BrokenOff):
            get(app, "/breaks/10")
        assert got_json(get(app, "/seen")) == ["closed"]

    def test_a_generator_is_closed_when_nobody_wants_its_body(self, app: Program) -> None:
        assert ask(app.port, "HEAD", "/breaks/5").status == 200
        assert got_json(get(app, "/seen")) == ["closed"]

    def test_pieces_that_are_no_text_are_told(self, app: Program) -> None:
        assert get(app, "/bad-pieces").status == 500
        assert "makes pieces of int" in app.text()

    def test_a_coroutine_that_is_returned_is_awaited(self, app: Program) -> None:
        assert get(app, "/returns-awaitable").body == b"x" * 5000
        assert got_json(get(app, "/lambda-respond")) == [1]

    def test_what_is_returned_after_an_answer_is_not_sent(self, app: Program) -> None:
        assert get(app, "/returns-too").body == b"written"
        assert "had begun to answer" in app.text()


class TestHandlers:
    def test_all_kinds_of_functions_are_handlers(self, app: Program) -> None:
        assert get(app, "/decorated").body == b"decorated"
        assert get(app, "/method").body == b"method"
        assert get(app, "/plain-method").body == b"plain method"
        assert got_json(get(app, "/lambda")) == {"a": 1}

    def test_a_generator_function_awaits_with_yield_from(self, app: Program) -> None:
        assert get(app, "/generator").body == b"one " + b"x" * 5000 + b"two"

    def test_what_is_awaited_can_be_a_task_of_its_own(self, app: Program) -> None:
        assert post(app, "/tasks", b"ab").body == b"ab" * 3000

    def test_the_first_of_two_functions_answers(self, app: Program) -> None:
        assert get(app, "/twice").body == b"first"
        assert ask(app.port, "POST", "/twice", body=b"").body == b"second"
        assert ask(app.port, "PUT", "/twice", body=b"").body == b"third"
        assert set((ask(app.port, "PATCH", "/twice", body=b"")["Allow"] or "").split(", ")) == {
            "GET", "HEAD", "POST", "PUT", "OPTIONS",
        }  # fmt: skip


class TestRoutes:
    def test_a_list_answers_all_methods_unless_it_says_otherwise(self, app: Program) -> None:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            assert ask(app.port, method, "/list", body=b"").body == f"{method} of the list".encode()
        assert post(app, "/list-get").status == 405

    def test_decorated_functions_answer_get(self, app: Program) -> None:
        assert post(app, "/item").status == 405

    def test_expressions_matchers_and_functions_find_paths(self, app: Program) -> None:
        assert get(app, "/regex/a/b").body == b"regex a/b"
        assert get(app, "/matcher/abc").body == b"matched abc"
        assert get(app, "/any/thing.xyz").body == b"called"
        assert get(app, "/regex/").status == 404
        assert get(app, "/matcher/").status == 404

    def test_urls_are_made_of_names(self, app: Program) -> None:
        assert got_json(get(app, "/url")) == [
            "/",
            "/item",
            "/item/3",
            "/item/3?q=a%20b&r=%C3%A9",
            "/other",
            "/tree/a%20b/%C3%A9",
            "/plain/a%2Fb%3F",
            "/sub/",
            "/sub/item/2",
            "/sub/",
            "/sub/inner/",
        ]

    def test_a_name_that_is_not_there_is_told(self, app: Program) -> None:
        assert get(app, "/url-missing").body == b"no route named 'nothing' takes a"


class TestMounts:
    def test_a_mounted_app_sees_the_rest_of_the_path(self, app: Program) -> None:
        assert get(app, "/sub/item/3?a=b").body == b"sub item 3 at /item/3?a=b"
        for path in ("/sub", "/sub/"):
            assert get(app, path).body == b"sub / 1"
        for path in ("/sub/inner", "/sub/inner/"):
            assert get(app, path).body == b"inner /"

    def test_only_whole_parts_of_a_path_lead_to_it(self, app: Program) -> None:
        assert get(app, "/subway").body == b"nothing at /subway"

    def test_it_is_initialised_once(self, app: Program) -> None:
        assert got_json(get(app, "/sub/inner/inits")) == [1, 1]

    def test_its_hooks_and_error_handlers_are_its_own(self, app: Program) -> None:
        reply = get(app, "/sub/fails")
        assert (reply.status, reply.body) == (409, b"sub caught of sub")
        reply = get(app, "/sub/nothing")
        assert (reply.status, reply.body) == (404, b"sub has no /nothing")
        assert get(app, "/sub/")["X-Sub"] == "/"
        assert get(app, "/")["X-Sub"] is None

    def test_what_it_does_not_handle_goes_to_the_app_around_it(self, app: Program) -> None:
        assert get(app, "/sub/inner/nothing").body == b"sub has no /inner/nothing"
        assert get(app, "/sub/unhandled").status == 500
        assert post(app, "/sub/").status == 405

    def test_the_log_has_the_whole_path(self, app: Program) -> None:
        get(app, "/sub/item/7")
        assert "GET /sub/item/7 200" in app.text()


class TestHooks:
    def test_they_run_around_the_handler(self, app: Program) -> None:
        get(app, "/seen")
        reply = get(app, "/hooked/")
        assert (reply.body, reply["X-After"]) == (b"hooked", "200")
        assert got_json(get(app, "/seen")) == ["before /", "second", "after 200"]

    def test_those_after_see_the_status_that_is_returned(self, app: Program) -> None:
        reply = get(app, "/hooked/made")
        assert (reply.status, reply["X-After"]) == (201, "201")

    def test_what_one_before_returns_is_the_answer(self, app: Program) -> None:
        get(app, "/seen")
        reply = get(app, "/hooked/?stop")
        assert (reply.status, reply.body, reply["X-After"]) == (403, b"stopped", "403")
        assert got_json(get(app, "/seen")) == ["before /", "after 403"]

    def test_one_before_can_write_the_answer(self, app: Program) -> None:
        assert get(app, "/hooked/?write").body == b"written by the hook"

    @pytest.mark.parametrize(("path", "status"), [("/?raise", 418), ("/fails", 500), ("/nothing", 404)])
    def test_those_after_see_errors_too(self, app: Program, path: str, status: int) -> None:
        reply = get(app, "/hooked" + path)
        assert (reply.status, reply["X-After"]) == (status, str(status))

    def test_another_method_is_405_with_their_fields(self, app: Program) -> None:
        reply = post(app, "/hooked/")
        assert (reply.status, reply["X-After"], reply["Allow"]) == (405, "405", "GET, HEAD, OPTIONS")


class TestErrors:
    def test_the_nearest_class_answers(self, app: Program) -> None:
        reply = get(app, "/raise/base")
        assert (reply.status, json.loads(reply.body)) == (400, {"base": "why"})
        reply = get(app, "/raise/derived")
        assert (reply.status, reply.body) == (500, b"derived why")

    def test_an_exception_that_is_handled_leaves_no_traceback(self, app: Program) -> None:
        with app.quiet_log():
            get(app, "/raise/base")

    @pytest.mark.parametrize("name", ["index", "other"])
    def test_others_are_a_500_with_a_traceback(self, app: Program, name: str) -> None:
        start = len(app.text())
        assert get(app, f"/raise/{name}").status == 500
        assert "Traceback" in app.text()[start:]

    def test_without_memory_it_is_a_503(self, app: Program) -> None:
        assert get(app, "/raise/memory").status == 503

    def test_when_part_has_gone_out_the_answer_breaks_off(self, app: Program) -> None:
        with pytest.raises(BrokenOff):
            get(app, "/raise/sent")

    @pytest.mark.parametrize(
        ("n", "body"), [(404, b"nothing at /error/404"), (410, b"gone"), (403, b"403 Forbidden\n")]
    )
    def test_pages_by_status(self, app: Program, n: int, body: bytes) -> None:
        reply = get(app, f"/error/{n}")
        assert (reply.status, reply.body) == (n, body)

    @pytest.mark.parametrize("path", ["before", "buffered"])
    def test_handle_exc_answers(self, app: Program, path: str) -> None:
        reply = get(app, f"/handles/{path}")
        body = b"handled 'early'" if path == "before" else b"handled 'buffered'"
        assert (reply.status, reply.body) == (500, body)

    def test_handle_exc_may_leave_it(self, app: Program) -> None:
        assert get(app, "/handles/before?default").body == b"500 Internal Server Error\n"

    def test_handle_exc_is_too_late_when_part_has_gone_out(self, app: Program) -> None:
        with pytest.raises(BrokenOff):
            get(app, "/handles/sent")


class TestRequests:
    def test_header_fields_are_found_in_any_case(self, app: Program) -> None:
        found = got_json(get(app, "/headers", "x-tEST: A é".encode().decode("latin-1"), "X-Latin: \xe9"))
        assert found == {
            "bytes": "A é", "str": "A é", "get": [None, True, "é"], "in": [True, True, False], "host": "test",
            "names": ["host", "x-latin", "x-test"], "size": True,
        }  # fmt: skip

    def test_the_modes_of_header_fields(self, app: Program) -> None:
        body = b"the body"
        assert got_json(post(app, "/mode-parse", body)) == [True, [], "the body"]
        assert got_json(post(app, "/mode-skip", body)) == [False, [], "the body"]
        expected = ["Host: test\r\n", "X-A: b\r\n", "Content-Length: 8\r\n", "\r\n"]
        assert got_json(post(app, "/mode-leave", body, "X-A: b")) == [False, expected, "the body"]

    FORMS = (
        ("a=1&a=2&b=x+y", {"a": ["1", "2"], "b": ["x y"]}),
        ("", {}),
        ("a=%C3%A9&%62=%zz%", {"a": ["é"], "b": ["%zz%"]}),
        ("a&b=&c==", {"c": ["="]}),
    )

    @pytest.mark.parametrize(("text", "form"), FORMS)
    def test_forms_have_lists(self, app: Program, text: str, form: object) -> None:
        kind = "Content-Type: application/x-www-form-urlencoded"
        assert got_json(get(app, "/form?" + text)) == form
        assert got_json(get(app, "/args?" + text)) == form
        assert got_json(post(app, "/form", text.encode(), kind)) == form

    def test_blank_values_are_kept_on_demand(self, app: Program) -> None:
        assert got_json(get(app, "/blank?a&b=")) == {"a": [""], "b": [""]}
        assert got_json(post(app, "/blank", b"a&b=")) == {"a": [""], "b": [""]}

    def test_a_form_that_is_too_long_is_413(self, app: Program) -> None:
        assert post(app, "/form", b"a" * 17000).status == 413

    @pytest.mark.parametrize(
        ("body", "value"),
        [(b'{"a": [1, "\xc3\xa9"]}', {"a": [1, "é"]}), (b" 1 ", 1), (b"null", None), (b'""', "")],
    )
    def test_json_is_read(self, app: Program, body: bytes, value: object) -> None:
        assert got_json(post(app, "/json", body)) == {"value": value}

    @pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b'"\xff"', b"1 2", b"[" * 16000])
    def test_what_is_no_json_is_400(self, app: Program, body: bytes) -> None:
        assert post(app, "/json", body).status == 400

    @pytest.mark.parametrize("chunks", [False, True])
    def test_a_body_is_streamed(self, app: Program, chunks: bool) -> None:
        body = bytes(range(256)) * 200
        with Client(app.port) as client:
            if chunks:
                client.send(request("POST", "/stream", "Transfer-Encoding: chunked"))
                client.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
                reply = client.reply()
            else:
                reply = client.ask(request("POST", "/stream", body=body))
            assert got_json(reply) == [10, 5, 300, len(body) - 315]
            assert client.is_open()

    def test_a_body_is_read_by_lines(self, app: Program) -> None:
        body = b"one\ntwo\r\n\n" + b"x" * 600 + b"\nrest"
        assert got_json(post(app, "/lines", body)) == ["one\n", "two\r\n", "\n", "x" * 600 + "\n", "rest"]
        assert post(app, "/lines", b"x" * 17000).status == 413

    def test_a_body_that_is_too_short_is_told(self, app: Program) -> None:
        assert post(app, "/too-short", b"abc").body == b"the body ends after 3 bytes"

    def test_the_client_has_an_address(self, app: Program) -> None:
        with Client(app.port) as client:
            found = got_json(client.ask(request("GET", "/client")))
            assert found == ["127.0.0.1", client.sock.getsockname()[1], "127.0.0.1", "127.0.0.1"]

    def test_unknown_attributes_are_none(self, app: Program) -> None:
        assert got_json(get(app, "/no-attribute")) == [False, False, False]


class TestFiles:
    def test_a_file_is_sent(self, app: Program) -> None:
        reply = get(app, "/sendfile")
        data = (ROOT / "LICENSE").read_bytes()
        assert (reply.body, reply["Content-Length"]) == (data, str(len(data)))
        assert reply["Content-Type"] == "application/octet-stream"

    def test_a_file_has_the_type_and_headers_that_it_is_given(self, app: Program) -> None:
        reply = get(app, "/module-sendfile")
        assert (reply["Content-Type"], reply["X-A"]) == ("text/x-test", "b")
        with Client(app.port) as client:
            assert client.ask(request("HEAD", "/module-sendfile")).fields == reply.fields
            assert client.is_open()

    @pytest.mark.parametrize("name", ["nothing", "tests", "LICENSE/a", "a" * 300, "a%00b"])
    def test_a_file_that_is_not_there_is_404(self, app: Program, name: str) -> None:
        with app.quiet_log():
            assert get(app, "/sendfile-missing/" + name).status == 404

    def test_static_files_are_those_beside_the_program(self, app: Program) -> None:
        reply = get(app, "/static/style.css")
        assert (reply.status, reply["Content-Type"]) == (200, "text/css; charset=utf-8")
        assert reply.body == (_PROGRAM.parent / "static" / "style.css").read_bytes()
        assert post(app, "/static/style.css").status == 404

    @pytest.mark.parametrize(
        "path", ["..%2fhttp_app.py", "../http_app.py", "%2e%2e/http_app.py", "a/..\\b", "", "nothing", "./style.css"]
    )
    def test_no_path_leads_out_of_static(self, app: Program, path: str) -> None:
        assert get(app, "/static/" + path).status == 404

    def test_a_stream_is_sent(self, app: Program) -> None:
        assert get(app, "/sendstream").body == b"0123456789" * 1000
        assert ask(app.port, "HEAD", "/sendstream").status == 200

    def test_write_needs_no_await(self, app: Program) -> None:
        for _ in range(2):
            assert get(app, "/write").body == b"".join(b"line %d\n" % i for i in range(500)) + b"the end"
        assert get(app, "/write-much").body.startswith(b"too much for write()")
        assert get(app, "/").body == b"hello"

    def test_aclose_ends_the_answer_at_once(self, app: Program) -> None:
        start = time.monotonic()
        assert get(app, "/aclose").body == b"all"
        assert time.monotonic() - start < 5


class TestTemplates:
    def test_a_page_is_written(self, app: Program) -> None:
        reply = get(app, "/template")
        assert (reply.status, reply["Content-Type"]) == (200, HTML)
        assert reply.body == "<h1>é</h1><p>0</p><p>1</p><p>2</p>".encode()

    def test_arguments_can_be_a_tuple(self, app: Program) -> None:
        reply = get(app, "/template-tuple")
        assert (reply.status, reply["Content-Type"]) == (201, "text/plain")
        assert reply.body == b"<h1>T</h1>" + b"".join(b"<p>%d</p>" % n for n in range(1000))

    def test_a_page_can_be_a_str(self, app: Program) -> None:
        assert get(app, "/template-str").body == "<h1>é</h1>".encode()

    def test_one_that_is_not_there_is_told(self, app: Program) -> None:
        assert get(app, "/template-missing").status == 500
        assert "templates/nothing.tpl is not compiled" in app.text()


def until(check: Callable[[], bool]) -> None:
    """Waits until something is so."""
    end = time.monotonic() + 10
    while not check():
        assert time.monotonic() < end
        time.sleep(0.05)


class TestOpenStreams:
    @pytest.mark.parametrize("kind", ["raw", "events", "text"])
    def test_other_tasks_write_until_the_client_goes(self, app: Program, kind: str) -> None:
        with Client(app.port) as client:
            client.send(request("GET", f"/hold/{kind}"))
            client._until(b"\r\n\r\n")
            until(lambda: got_json(post(app, "/push", b"one")) == {"sent": 1, "sinks": 1})
            client._until(b"data: one\n\n")
            assert got_json(post(app, "/push", "zwei é".encode())) == {"sent": 1, "sinks": 1}
            client._until("data: zwei é\n\n".encode())
        until(lambda: got_json(post(app, "/push", b"gone")) == {"sent": 0, "sinks": 0})
        until(lambda: got_json(get(app, "/open")) == {"open": 1})

    @pytest.mark.parametrize("kind", ["raw", "events", "text"])
    def test_a_task_can_close_it(self, app: Program, kind: str) -> None:
        with Client(app.port) as client:
            client.send(request("GET", f"/hold/{kind}"))
            client._until(b"\r\n\r\n")
            until(lambda: got_json(get(app, "/open")) == {"open": 2})
            assert post(app, "/close-all").body == b"closed"
            assert client.rest().replace(b"begun\n", b"", 1).endswith(b"as\r\n0\r\n\r\n" if kind != "raw" else b"as")

    def test_it_has_no_deadline_and_is_not_taken_for_idle(self, start: Start) -> None:
        app = start(connections=2, idle_timeout=300, head_timeout=300, body_timeout=300, write_timeout=300)
        with Client(app.port) as client:
            client.send(request("GET", "/hold/events"))
            client._until(b"\r\n\r\n")
            time.sleep(2.5)
            assert got_json(post(app, "/push", b"still")) == {"sent": 1, "sinks": 1}
            client._until(b"data: still\n\n")

    def test_a_client_that_does_not_read_is_dropped(self, start: Start) -> None:
        app = start(write_timeout=500)
        with Client(app.port, window=1024) as client:
            client.send(request("GET", "/hold/text"))
            client._until(b"\r\n\r\n")
            until(lambda: got_json(get(app, "/open")) == {"open": 2})
            with Client(app.port, timeout=30) as other:
                for _ in range(40):
                    found = got_json(other.ask(request("POST", "/push-much", body=b"")))
                    if found == {"sinks": 0}:
                        break
                assert found == {"sinks": 0}
        until(lambda: got_json(get(app, "/open")) == {"open": 1})
        assert "Traceback" not in app.text()

    def test_head_of_it_ends_at_once(self, app: Program) -> None:
        with Client(app.port) as client:
            assert client.ask(request("HEAD", "/hold/text")).status == 200
        post(app, "/close-all")

    def test_raw_events_go_out_at_once(self, app: Program) -> None:
        with Client(app.port, timeout=10) as client:
            start = time.monotonic()
            client.send(request("GET", "/events"))
            client._until(b"data: 0\n\n")
            first = time.monotonic() - start
            assert client.rest() == b"data: 1\n\ndata: 2\n\n"
            assert first < time.monotonic() - start - 0.5  # the handler sleeps for 0.9 seconds after it


class TestShutdown:
    def test_running_answers_go_out_and_run_returns(self, start: Start) -> None:
        app = start()
        with Client(app.port) as idle, Client(app.port) as held, Client(app.port) as busy:
            assert idle.is_open()
            held.send(request("GET", "/hold/events"))
            held._until(b"\r\n\r\n")
            busy.send(request("GET", "/sleep"))
            time.sleep(0.2)
            assert post(app, "/shutdown").body == b"ending"
            assert busy.reply().body == b"slept"
            assert idle.is_closed()
            assert held.rest() == b""
        assert app.process.wait(10) == 0
        assert "run() has returned" in app.text()
        assert "Traceback" not in app.text()

    def test_what_takes_too_long_is_cut(self, start: Start) -> None:
        app = start()
        with Client(app.port) as busy:
            busy.send(request("GET", "/sleep"))
            time.sleep(0.1)
            assert post(app, "/shutdown?0.1").body == b"ending"
            assert busy.is_closed()
        assert app.process.wait(10) == 0


HANDLERS = """\
import picoweb

held = []


async def value(req, resp):
    return {"host": req.headers["Host"], "args": req.args, "ip": req.remote_addr}, 201


def plain(func):
    def inner(req, resp):
        return "plain " + func(req)

    return inner


@plain
def decorated(req):
    return req.path


async def hold(req, resp):
    held.append(resp)
    await picoweb.start_response(resp, "text/event-stream")
    return False


async def push(req, resp):
    for sink in held:
        await sink.awrite("data: x\\n\\n")
        await sink.aclose()
    return "pushed"


async def page(req, resp):
    return "no page"
"""


def test_handlers_of_a_built_site_return_values_too(runtime: str, tmp_path: Path) -> None:
    names = ("value", "decorated", "hold", "push")
    yaml = "routes:\n" + "".join(f"  /{name}: {{handler: h.{name}}}\n" for name in names)
    folder = write_files(
        tmp_path / "site",
        {"site.yaml": yaml + "errors:\n  404: {handler: h.page}\n", "handlers/h.py": HANDLERS},
    )
    bundle.write(bundle.build(folder, python=runtime == "cpython"), tmp_path / "out")
    with runner.running(tmp_path / "out", python=runtime == "cpython") as port:
        reply = ask(port, "GET", "/value?a=b")
        assert (reply.status, json.loads(reply.body)) == (
            201,
            {"host": "test", "args": {"a": ["b"]}, "ip": "127.0.0.1"},
        )
        assert ask(port, "GET", "/decorated").body == b"plain /decorated"
        reply = ask(port, "GET", "/nothing")
        assert (reply.status, reply.body) == (404, b"no page")
        with Client(port) as client:
            client.send(request("GET", "/hold"))
            client._until(b"\r\n\r\n")
            assert ask(port, "GET", "/push").body == b"pushed"
            assert b"data: x\n\n" in client.rest()


def test_settings_of_an_app(runtime: str, tmp_path: Path) -> None:
    with serving(runtime, _PROGRAM.parent / "settings_app.py", tmp_path / "log") as app:
        assert app.text().splitlines() == ["init False", f"* Running on http://127.0.0.1:{app.port}/"]
        assert got_json(get(app, "/")) == [False]
        assert got_json(get(app, "/parse")) == [True]
        assert got_json(get(app, "/sub/")) == [True]
        assert get(app, "/static/style.css").status == 404
        assert get(app, "/fails").status == 500
        lines = app.text().splitlines()
    assert lines.count("init False") == 2
    assert "LOG GET /parse 200" in lines
    assert "EXC ValueError GET /fails" in lines
    assert sum(line.startswith("LOG from 127.0.0.1, ") for line in lines) >= 5


def test_requests_are_logged(app: Program) -> None:
    get(app, "/value/created?x=1")
    assert re.search(r"^INFO:\w+:GET /value/created 201$", app.text(), re.M)
