"""The schema of site.yaml: what may stand there, its types, defaults and meaning. The one declaration."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from .boards import BOARDS
from .values import METHODS as METHODS
from .values import (
    Board,
    ContentType,
    Headers,
    JsonValue,
    Location,
    Methods,
    Milliseconds,
    Name,
    Path,
    Port,
    Seconds,
    Served,
    Size,
    size,
)
from .values import shown as shown


class Section(BaseModel):
    """A mapping of site.yaml: it has these keys and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Common(Section):
    """What every target can have, and what `defaults` can give."""

    cache: Seconds | None = Field(None, description="how long a browser may keep the answer: 30s, 10m, 12h, 1d")
    headers: Headers = Field({}, description="more header fields of the answer")


class Target(Common):
    """What a route leads to. The kind of a target is its first key."""

    kind: ClassVar[str]


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
    type: ContentType | None = Field(None, description="the Content-Type; by default the one of the template's name")


class Json(Target):
    """JSON: what a data function returns, or a value that is given here."""

    kind = "json"
    value: JsonValue = Field(alias="json", description="a data function's name, or a mapping or list to answer with")


class Handler(Target):
    """A Python function that writes the answer itself."""

    kind = "handler"
    handler: Name = Field(description="module.function: async def function(req, resp, …) in handlers/module.py")
    methods: Methods = Field(["GET"], description="the methods it answers")


class Redirect(Target):
    """Another address."""

    kind = "redirect"
    redirect: Location = Field(description="the address to go to")
    status: Literal[301, 302, 303, 307, 308] = Field(302, description="301 and 308 are for good; 307 and 308 keep POST")


class HandlerDefaults(Common):
    """What `defaults` can give to handlers."""

    methods: Methods = Field(["GET"], description="the methods they answer")


class Defaults(Common):
    """What routes have that do not say otherwise: for all of them, or for those of a kind.

    The headers of a route, of its kind and of all come together; of the rest the nearest wins. With `null` a route, or
    a kind, has no such default. Error pages take the headers alone.
    """

    file: Common = Field(default_factory=Common, description="for files")
    dir: Common = Field(default_factory=Common, description="for folders")
    template: Common = Field(default_factory=Common, description="for pages")
    json_: Common = Field(default_factory=Common, alias="json", description="for JSON")
    handler: HandlerDefaults = Field(default_factory=HandlerDefaults, description="for handlers")
    redirect: Common = Field(default_factory=Common, description="for redirects")

    def of(self, kind: str) -> Common:
        """What it gives to targets of a kind."""
        of_kind: Common = self.json_ if kind == "json" else getattr(self, kind)
        return of_kind


class Server(Section):
    """How the server listens, and its limits; a size alone is bytes, a time alone milliseconds."""

    host: str = Field("0.0.0.0", description="the address to listen on; 0.0.0.0 is all of them")
    port: Port = Field(80, description="the port to listen on")
    connections: Annotated[int, Field(ge=1, le=1000)] | None = Field(None, description="connections at the same time")
    buffer: Annotated[int, size(least=512, most=65000)] | None = Field(
        None, description="the buffer of a busy connection: the longest request head, and what goes out in one send"
    )
    body_limit: Size | None = Field(None, description="the longest body that is read at once")
    head_timeout: Milliseconds | None = Field(None, description="the time for a request's head")
    body_timeout: Milliseconds | None = Field(None, description="the time for a request's body")
    write_timeout: Milliseconds | None = Field(None, description="how long a client may stop reading")
    idle_timeout: Milliseconds | None = Field(None, description="the rest between two requests")


class Assets(Section):
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


class Budget(Section):
    """How much of the board the site may take; a build that takes more is an error."""

    flash: Size | None = Field(None, description="flash, in bytes or as 200K")
    heap: Size | None = Field(None, description="heap, in bytes or as 60K")


class Templates(Section):
    """How templates in Jinja's syntax are compiled."""

    filters: dict[str, Name] = Field({}, description="own filters: the name, and module.function in handlers/")
    tests: dict[str, Name] = Field({}, description="own tests, in the same way")
    strict: bool = Field(False, description="a name that is not defined is an error, not empty text")
    trim_blocks: bool = Field(False, description="the line end after a {% … %} is not part of the page")
    lstrip_blocks: bool = Field(False, description="spaces before a {% … %} are not part of the page")


TARGETS: dict[str, type[Target]] = {cls.kind: cls for cls in (File, Directory, Template, Json, Handler, Redirect)}


class Site(Section):
    """A site."""

    title: str = Field("", description="the site's title; templates see it as site.title")
    board: Board | None = Field(None, description=f"the board that the site is for: {', '.join(sorted(BOARDS))}")
    context: dict[str, Any] = Field(
        {},
        description="values that every template sees, as site.name",
        json_schema_extra={"properties": {"title": False}},
    )
    ignore: list[str] = Field([], description="files that are not warned about; patterns as in .gitignore")
    routes: dict[str, Target] = Field({}, description="what is at which path")
    errors: dict[int, Target] = Field({}, description="the page for a status code such as 404")
    defaults: Defaults = Field(default_factory=Defaults, description="what routes have that do not say otherwise")
    templates: Templates = Field(default_factory=Templates, description="how templates are compiled")
    assets: Assets = Field(default_factory=Assets, description="how files are made ready for browsers")
    budget: Budget = Field(default_factory=Budget, description="how much of the board the site may take")
    server: Server = Field(default_factory=Server, description="port and limits")


# The sections of a site that are mappings with keys of their own.
SECTIONS: dict[str, type[Section]] = {
    "defaults": Defaults,
    "templates": Templates,
    "assets": Assets,
    "budget": Budget,
    "server": Server,
}
