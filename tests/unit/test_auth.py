"""picoweb.auth: RFC 7617 and 6750. Runs on MicroPython and CPython."""

import asyncio
from binascii import b2a_base64, hexlify

import picoweb
from picoweb import auth, testing
from picoweb.auth import Basic, Bearer, hash_password
from picoweb.signing import decode


def app_of(scheme):
    app = picoweb.WebApp("test_auth")

    @app.route("/")
    @scheme
    async def index(req, resp):
        await picoweb.respond(resp, "for %s" % req.user, "text/plain")

    @app.route("/item/<int:n>")
    @scheme
    def item(req, resp, n):
        return picoweb.respond(resp, "item %d for %s" % (n, req.user), "text/plain")

    @app.route("/function")
    async def function(req, resp):
        assert await scheme.check(req, resp) is None
        await picoweb.respond(resp, "for %s" % req.user, "text/plain")

    return app


def get(scheme, value=None, path="/"):
    headers = {} if value is None else {"Authorization": value}
    return asyncio.run(testing.Client(app_of(scheme)).get(path, headers))


def basic(name, password):
    text = ("%s:%s" % (name, password)).encode()
    return "Basic " + str(b2a_base64(text), "ascii").strip()


USERS = {"ada": "secret", "bob": "other", "zoë": "pässword", "colon": "a:b:c", "nobody": ""}


def test_the_right_password_is_let_in():
    scheme = Basic(USERS)
    for name in USERS:
        response = get(scheme, basic(name, USERS[name]))
        assert (response.status, response.text) == (200, "for " + name)


def test_others_are_not():
    scheme = Basic(USERS)
    for value in (
        None,
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YQ",
        "Basic YWRh",  # "ada", no colon
        "Basic " + str(b2a_base64(b"\xff:\xff"), "ascii").strip(),
        "Bearer secret",
        basic("ada", "other"),
        basic("ada", ""),
        basic("ada", "secret "),
        basic("ada", "secre"),
        basic("Ada", "secret"),
        basic("", "secret"),
        basic("eve", "secret"),
        basic("eve", ""),
        basic("colon", "a"),
        "Negotiate " + basic("ada", "secret"),
    ):
        response = get(scheme, value)
        assert response.status == 401, value
        assert response.headers["www-authenticate"] == 'Basic realm="picoweb", charset="UTF-8"'


def test_the_schemes_name_is_in_any_case():
    assert get(Basic(USERS), basic("ada", "secret").replace("Basic", "bASIC")).status == 200
    assert get(Bearer(["token"]), "BEARER token").status == 200


def test_a_decorated_handler_gets_the_parts_of_its_path_and_may_be_plain():
    scheme = Basic(USERS)
    assert get(scheme, basic("ada", "secret"), "/item/3").text == "item 3 for ada"
    assert get(scheme, None, "/item/3").status == 401


def test_a_decorated_handler_keeps_its_name():
    def status(req, resp):
        pass

    assert Bearer([])(status).__name__ == "status"


def test_the_check_is_also_a_function():
    scheme = Basic(USERS)
    assert get(scheme, basic("bob", "other"), "/function").text == "for bob"
    assert get(scheme, basic("bob", "wrong"), "/function").status == 401


def test_the_realm_is_quoted():
    challenge = get(Basic({}, 'say "hi" \\')).headers["www-authenticate"]
    assert challenge == 'Basic realm="say \\"hi\\" \\\\", charset="UTF-8"'
    for realm in ("a\r\nSet-Cookie: b=1", "a\n", "\0", "ä"):
        for scheme in (Basic, Bearer):
            try:
                scheme({}, realm)
            except ValueError:
                continue
            raise AssertionError(realm)


def test_a_function_decides():
    def check(name, password):
        return {"ada": True, "bob": "Robert", "none": None, "zero": 0, "no": False}.get(name) if password else None

    async def slowly(name, password):
        await asyncio.sleep(0)
        return check(name, password)

    for function in (check, slowly):
        scheme = Basic(function)
        assert get(scheme, basic("ada", "x")).text == "for ada"
        assert get(scheme, basic("bob", "x")).text == "for Robert"
        for name in ("none", "zero", "no", "eve"):
            assert get(scheme, basic(name, "x")).status == 401, name
        assert get(scheme, basic("ada", "")).status == 401


def test_a_function_is_not_asked_without_a_password():
    for value in (None, "Basic YWRh", "Basic !", "Bearer x"):
        assert get(Basic(lambda name, password: True), value).status == 401
    assert get(Bearer(lambda token: True), "Bearer ").status == 401


# RFC 7914 §11, the first 32 bytes: (password, salt, iterations, key)
VECTORS = (
    ("passwd", b"salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"),
    ("Password", b"NaCl", 80000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"),
)


def test_hashes_are_those_of_the_rfc():
    for password, salt, iterations, expected in VECTORS:
        kind, count, text, key = hash_password(password, iterations, salt).split("$")
        assert (kind, int(count), decode(text)) == ("pbkdf2-sha256", iterations, salt)
        assert str(hexlify(decode(key)), "ascii") == expected


def test_hashes_are_salted():
    assert hash_password("a", 1) != hash_password("a", 1)


def test_passwords_may_be_hashed():
    scheme = Basic({"ada": hash_password("secret", 100), "bob": "plain"})
    for _ in range(2):  # the second time its digest is known
        assert get(scheme, basic("ada", "secret")).text == "for ada"
        assert get(scheme, basic("bob", "plain")).text == "for bob"
        for name, password in (("ada", "plain"), ("ada", ""), ("eve", "secret"), ("eve", "plain"), ("bob", "secret")):
            assert get(scheme, basic(name, password)).status == 401, name
    hashed = hash_password("secret", 1)
    assert get(Basic({"ada": hashed}), basic("ada", hashed)).status == 401


def test_what_is_no_hash_is_an_error():
    for text in ("pbkdf2-sha256$", "pbkdf2-sha256$1$YQ", "pbkdf2-sha256$x$YQ$YQ", "pbkdf2-sha256$1$Y!$YQ"):
        try:
            Basic({"ada": text})
        except ValueError as e:
            assert "hash_password" in str(e)
            continue
        raise AssertionError(text)


class Work:
    """Counts what is computed with secrets while it is on."""

    def __enter__(self):
        self.done = []
        self.before = auth.mac, auth.same
        auth.mac = self._counting("mac", auth.mac)
        auth.same = self._counting("same", auth.same)
        return self

    def _counting(self, name, func):
        def counted(a, b):
            self.done.append((name, len(b)) if name == "mac" else (name, len(a), len(b)))
            return func(a, b)

        return counted

    def __exit__(self, *_):
        auth.mac, auth.same = self.before


def work_of(scheme, value):
    with Work() as work:
        assert get(scheme, value).status == 401
    return work.done


def test_an_unknown_name_costs_what_a_wrong_password_costs():
    hashed = hash_password("secret", 50)
    for users in ({"ada": "secret", "bob": "a much longer password"}, {"ada": hashed}, {"ada": hashed, "bob": "plain"}):
        scheme = Basic(users)
        wrong = work_of(scheme, basic("ada", "guess1"))
        assert work_of(scheme, basic("eve", "guess2")) == wrong
        if "bob" in users:
            assert work_of(scheme, basic("bob", "guess3")) == wrong
        assert len(wrong) >= (50 if users["ada"] == hashed else 2)


def test_a_token_costs_the_same_wherever_it_differs():
    scheme = Bearer(["0123456789", "abcdefghij"])
    works = [work_of(scheme, "Bearer " + token) for token in ("0123456780", "x123456789", "abcdefghix", "----------")]
    assert works == [works[0]] * 4
    assert len(works[0]) == 3


def test_tokens():
    scheme = Bearer({"t1": "ada", "t2": {"name": "bob"}, "t3": 0})
    assert get(scheme, "Bearer t1").text == "for ada"
    assert get(scheme, "Bearer t2").text == "for {'name': 'bob'}"
    assert get(scheme, "Bearer t3").text == "for 0"
    assert get(Bearer(["t1", "t2"]), "Bearer t2").text == "for t2"
    assert get(Bearer(lambda token: token == "t1"), "Bearer t1").text == "for t1"
    assert get(Bearer(lambda token: token == "t1"), "Bearer t2").status == 401


def test_without_a_token_the_challenge_has_no_error():
    for value, error in (
        (None, ""),
        ("", ""),
        ("Bearer", ""),
        ("Basic YTpi", ""),
        ("Bearer t", ', error="invalid_token"'),
        ("Bearer t1 t1", ', error="invalid_token"'),
    ):
        response = get(Bearer(["t1"], "API"), value)
        assert response.status == 401
        assert response.headers["www-authenticate"] == 'Bearer realm="API"' + error, value
