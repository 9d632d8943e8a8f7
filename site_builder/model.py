"""The schema of site.yaml: what may stand there, its types, defaults and meaning. The one declaration."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from .errors import Problem, SiteError, suggest
from .source import Key, Source

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}

_PRIVATE = ("site.yaml", "secrets.yaml", "handlers", "templates", "build")
_OURS = (
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "transfer-encoding",
    "vary",
)


def _duration(value: object) -> object:
    if value is None or type(value) is int:
        return value
    found = re.fullmatch(r"([0-9]{1,9})\s*([smhdwy]?)", value) if isinstance(value, str) else None
    if not found:
        raise ValueError("a time is a number and s, m, h, d, w or y, such as 30s or 1d")
    return int(found[1]) * _UNITS[found[2] or "s"]


def _size(value: object) -> object:
    if type(value) is int:
        return value
    found = re.fullmatch(r"([0-9]{1,9})\s*([KM]?)", value) if isinstance(value, str) else None
    if not found:
        raise ValueError("a size is a number of bytes, and K or M for 1024 or 1048576 of them, such as 200K")
    return int(found[1]) * {"": 1, "K": 1024, "M": 1 << 20}[found[2]]


def _name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", value, re.ASCII):
        raise ValueError("a name is module.function, such as sensors.now for now() in handlers/sensors.py")
    return value


def _relative(value: str) -> str:
    parts = value.split("/")
    if not value or value.startswith("/") or {"", ".", ".."} & {*parts} or "\\" in value:
        raise ValueError("a path is relative to the site's folder, with /, and without '.' and '..'")
    return value


def _location(value: str) -> str:
    if not re.fullmatch(r"[!-~]+", value):
        raise ValueError("an address has only ASCII characters and no spaces; write others as %XX")
    return value


def _line(value: str) -> str:
    if not re.fullmatch(r"[ -~]+", value):
        raise ValueError("a Content-Type is one line of ASCII, such as text/html; charset=utf-8")
    return value


def _json(value: object) -> object:
    return _name(value) if isinstance(value, str) else value


def _header(value: dict[str, str]) -> dict[str, str]:
    for name, text in value.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or not re.fullmatch(r"[ -~]*", text):
            raise ValueError(f"{name!r} is not a header: names are letters, digits and -, values are one line of ASCII")
        if name.lower() in _OURS:
            raise ValueError(f"{name!r} is set by picoweb itself; leave it out")
    return value


def _served(value: str) -> str:
    if value.split("/")[0] in _PRIVATE:
        raise ValueError("this is not for browsers; keep what is served in a folder of its own, such as static/")
    return _relative(value)


Duration = Annotated[
    int,
    BeforeValidator(_duration),
    Field(ge=0),
    WithJsonSchema({"type": ["integer", "string"], "pattern": r"^\d+\s*[smhdwy]?$"}),
]
Size = Annotated[
    int,
    BeforeValidator(_size),
    Field(ge=0),
    WithJsonSchema({"type": ["integer", "string"], "pattern": r"^\d+\s*[KM]?$"}),
]
Name = Annotated[str, AfterValidator(_name)]
Path = Annotated[str, AfterValidator(_relative)]
Served = Annotated[str, AfterValidator(_served)]
Port = Annotated[int, Field(ge=1, le=65535)]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Target(_Strict):
    """What a route leads to. The kind of a target is its first key."""

    kind: ClassVar[str]
    cache: Duration | None = Field(None, description="how long a browser may keep the answer: 30s, 10m, 12h, 1d")
    headers: Annotated[dict[str, str], AfterValidator(_header)] = Field(
        {}, description="more header fields of the answer"
    )


class File(Target):
    """A file of the site."""

    kind = "file"
    file: Served = Field(description="the file, relative to the site's folder")


class Directory(Target):
    """All files of a folder and the folders in it; `index.html` answers for its folder."""

    kind = "dir"
    dir: Served = Field(description="the folder, relative to the site's folder")


class Template(Target):
    """A page from a template in templates/."""

    kind = "template"
    template: Path = Field(description="the template, relative to templates/")
    data: Name | None = Field(None, description="a data function: def name(req) that returns a dict of values")
    context: dict[str, Any] = Field({}, description="values for this page")
    type: Annotated[str, AfterValidator(_line)] | None = Field(
        None, description="the Content-Type; by default the one of the template's name"
    )


class Json(Target):
    """JSON: what a data function returns, or a value that is given here."""

    kind = "json"
    value: Annotated[Any, AfterValidator(_json)] = Field(
        alias="json", description="a data function's name, or a mapping or list to answer with"
    )


class Handler(Target):
    """A Python function that writes the answer itself."""

    kind = "handler"
    handler: Name = Field(description="module.function: async def function(req, resp, …) in handlers/module.py")
    methods: list[Method] = Field(["GET"], min_length=1, description="the methods it answers")


class Redirect(Target):
    """Another address."""

    kind = "redirect"
    redirect: Annotated[str, AfterValidator(_location)] = Field(description="the address to go to")
    status: Literal[301, 302, 303, 307, 308] = Field(302, description="301 and 308 are for good; 307 and 308 keep POST")


class Server(_Strict):
    """How the server listens, and its limits; sizes in bytes, times in milliseconds."""

    host: str = Field("0.0.0.0", description="the address to listen on; 0.0.0.0 is all of them")
    port: Port = Field(80, description="the port to listen on")
    connections: Annotated[int, Field(ge=1, le=1000)] | None = Field(None, description="connections at the same time")
    buffer: Annotated[int, Field(ge=512, le=65000)] | None = Field(
        None, description="the buffer of a busy connection: the longest request head, and what goes out in one send"
    )
    body_limit: Annotated[int, Field(ge=0)] | None = Field(None, description="the longest body that is read at once")
    head_timeout: Annotated[int, Field(ge=1)] | None = Field(None, description="the time for a request's head")
    body_timeout: Annotated[int, Field(ge=1)] | None = Field(None, description="the time for a request's body")
    write_timeout: Annotated[int, Field(ge=1)] | None = Field(None, description="how long a client may stop reading")
    idle_timeout: Annotated[int, Field(ge=1)] | None = Field(None, description="the rest between two requests")


class Templates(_Strict):
    """How templates in Jinja's syntax are compiled."""

    filters: dict[str, Name] = Field({}, description="own filters: the name, and module.function in handlers/")
    tests: dict[str, Name] = Field({}, description="own tests, in the same way")
    strict: bool = Field(False, description="a name that is not defined is an error, not empty text")
    trim_blocks: bool = Field(False, description="the line end after a {% … %} is not part of the page")
    lstrip_blocks: bool = Field(False, description="spaces before a {% … %} are not part of the page")


class Assets(_Strict):
    """How files are made ready for browsers. All of it leaves what they do as it is."""

    minify: bool = Field(True, description="HTML, CSS, JavaScript and SVG lose comments and spaces that mean nothing")
    images: bool = Field(True, description="PNGs are compressed anew, every pixel stays as it is")
    fingerprint: bool = Field(
        True, description="`asset()` and the `url()` of CSS give names with a hash, which browsers keep for good"
    )
    max_size: Size = Field(200 * 1024, description="a file of more bytes is warned about")
    max_inline: Size = Field(
        16 * 1024, description="what `inline()` and `?inline` put into a page, with a warning over it"
    )
    keep: list[str] = Field(
        ["*.min.js", "*.min.css"], description="patterns of files that are served as they are, such as vendor/*"
    )


TARGETS: dict[str, type[Target]] = {cls.kind: cls for cls in (File, Directory, Template, Json, Handler, Redirect)}


class Site(_Strict):
    """A site."""

    title: str = Field("", description="the site's title; templates see it as site.title")
    context: dict[str, Any] = Field({}, description="values that every template sees, as site.name")
    routes: dict[str, Target] = Field({}, description="what is at which path")
    errors: dict[int, Target] = Field({}, description="the page for a status code such as 404")
    templates: Templates = Field(
        default_factory=lambda: Templates.model_validate({}), description="how templates are compiled"
    )
    assets: Assets = Field(
        default_factory=lambda: Assets.model_validate({}), description="how files are made ready for browsers"
    )
    server: Server = Field(default_factory=lambda: Server.model_validate({}), description="port and limits")


class Reader:
    """Validates a source against the schema and gathers every problem."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def report(self, path: Key, message: str) -> None:
        self.problems.append(self.source.problem(path, message))

    def validate(self, cls: type[_Strict], value: dict[str, Any], path: Key) -> Any:
        """An instance of a model, None when there are problems (which are reported)."""
        try:
            return cls.model_validate(value)
        except ValidationError as e:
            for error in e.errors():
                self.report((*path, *error["loc"]), _message(error, cls))
            return None

    def mapping(self, value: Any, path: Key, what: str) -> dict[Any, Any]:
        if isinstance(value, dict):
            return value
        if value is not None:
            self.report(path, f"{what} must be a mapping (name: value), not {shown(value)}")
        return {}

    def target(self, value: Any, path: Key) -> Target | None:
        """The target of a route: a mapping, or in short the name of a template or a file."""
        if isinstance(value, str):
            is_template = value.endswith(".tpl") or (value.endswith(".html") and "/" not in value)
            value = {"template" if is_template else "file": value}
        if not isinstance(value, dict) or not value:
            what = "an empty one" if value == {} else shown(value)
            self.report(path, f"a target is a mapping such as {{template: index.tpl}}, not {what}")
            return None
        kinds = [key for key in value if key in TARGETS]
        if not kinds:
            self.report((*path, next(iter(value))), _no_kind(next(iter(value))))
            return None
        if len(kinds) > 1:
            self.report((*path, kinds[1]), f"{kinds[1]!r} beside {kinds[0]!r}: a route has one kind of target")
            return None
        target: Target | None = self.validate(TARGETS[kinds[0]], value, path)
        return target

    def targets(self, name: str, value: Any) -> dict[Any, Target]:
        found = {}
        for key, item in self.mapping(value, (name,), name).items():
            target = self.target(item, (name, key))
            if target is not None:
                found[key] = target
        return found

    def site(self) -> Site | None:
        value = self.source.value
        if value is None:
            self.report((), "the file is empty; start with 'routes:'")
            return None
        top = {key: item for key, item in self.mapping(value, (), "a site").items() if item is not None}
        routes = self.targets("routes", top.pop("routes", None))
        errors = self.targets("errors", top.pop("errors", None))
        sections = {
            name: self.validate(cls, self.mapping(top.pop(name, None), (name,), name), (name,))
            for name, cls in (("templates", Templates), ("assets", Assets), ("server", Server))
        }
        site: Site = self.validate(Site, top, ()) or Site.model_validate({})
        found = {name: section for name, section in sections.items() if section}
        return site.model_copy(update={"routes": routes, "errors": errors, **found})


def shown(value: Any) -> str:
    """A value as a user would write it."""
    names = {type(None): "nothing", list: "a list", dict: "a mapping"}
    return names.get(type(value)) or (repr(value) if isinstance(value, str | bytes) else str(value).lower())


def _no_kind(key: Any) -> str:
    return f"no kind of target is called {key!r}{suggest(str(key), TARGETS)}"


# What pydantic finds, by its code, in our words; {…} is filled from the error's context.
_EXPECTED = {
    "dict_type": "must be a mapping (name: value)",
    "greater_than_equal": "must be at least {ge}",
    "int_type": "must be a whole number",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list, such as [GET, POST]",
    "literal_error": "must be one of {expected}",
    "string_type": "must be text",
}


def _message(error: Any, cls: type[_Strict]) -> str:
    keys = [str(key) for key in error["loc"] if isinstance(key, str)]
    value = error["input"]
    if error["type"] in ("extra_forbidden", "invalid_key"):
        known = [field.alias or key for key, field in cls.model_fields.items()]
        return f"unknown key {error['loc'][-1]!r}{suggest(str(error['loc'][-1]), known)}"
    if keys[-1] == "[key]":
        return f"{keys[0]}: the key {shown(value)} is not text; put quotes around it"
    if error["type"] == "too_short":
        return f"{keys[-1]} must not be empty"
    if error["type"] == "value_error":
        text = str(error["ctx"]["error"])
        return f"{keys[-1]}: {text}" if isinstance(value, dict) else f"{keys[-1]}: {shown(value)}: {text}"
    text = _EXPECTED.get(error["type"], error["msg"]).format(**error.get("ctx", {}))
    return f"{keys[-1]} {text}, not {shown(value)}{_hint(error['type'], value)}"


def _hint(code: str, value: Any) -> str:
    if code == "string_type" and not isinstance(value, dict | list | None):
        return "; put quotes around it"
    if code == "literal_error" and str(value).upper() in METHODS:
        return f"; did you mean {value.upper()}?"
    return ""


def load(source: Source) -> tuple[Site | None, list[Problem]]:
    """The site of a source, and every problem of its schema. The site has what could be understood."""
    reader = Reader(source)
    site = reader.site()
    return site, reader.problems


def must_load(source: Source) -> Site:
    """The site of a source. Raises SiteError with every problem."""
    site, problems = load(source)
    if problems or site is None:
        raise SiteError(problems)
    return site
