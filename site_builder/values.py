"""The types of values in site.yaml: times, sizes, names and paths; what each may be, for us and for editors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from .boards import BOARDS
from .errors import suggest

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_SHOWN = 60  # characters of a value in a message
PRIVATE = ("site.yaml", "secrets.yaml", "handlers", "templates", "build")
_HEADER = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
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


def shown(value: Any) -> str:
    """A value as a user would write it, in one line."""
    names = {type(None): "nothing", list: "a list", dict: "a mapping"}
    if isinstance(value, str | bytes):
        return repr(value) if len(value) <= _SHOWN else repr(value[:_SHOWN]) + "…"
    return names.get(type(value)) or str(value).lower()


@dataclass(frozen=True, eq=False)
class Quantity:
    """A number that may have a unit; it becomes an int in the unit that is 1.

    kind: "time" or "size". least, most: what is allowed, in the unit that is 1.
    """

    kind: str
    units: Mapping[str, int]
    told: str
    least: int = 0
    most: int = 2**31 - 1

    def read(self, value: object) -> object:
        """The number in the unit that is 1. Raises ValueError."""
        if type(value) is int:
            return value
        units = "|".join(self.units)
        found = re.fullmatch(rf"([0-9]{{1,9}})\s*({units})?", value, re.ASCII) if isinstance(value, str) else None
        if not found:
            raise ValueError(self.told)
        return int(found[1]) * (self.units[found[2]] if found[2] else 1)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        number = core_schema.int_schema(ge=self.least, le=self.most, strict=True)
        return core_schema.no_info_before_validator_function(self.read, number)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        number = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return {"anyOf": [number, {"type": "string", "pattern": rf"^[0-9]{{1,9}}\s*({'|'.join(self.units)})?$"}]}


class Clearable:
    """A value that `null` takes away again, where a default gives one."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.nullable_schema(handler(source))


def _seconds(**limits: int) -> Quantity:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
    return Quantity("time", units, "a time is a number and s, m, h, d, w or y, such as 30s or 1d", **limits)


def milliseconds(**limits: int) -> Quantity:
    units = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
    told = "a time is a number and ms, s, m or h, such as 500ms or 30s; a number alone is milliseconds"
    return Quantity("time", units, told, **limits)


def size(**limits: int) -> Quantity:
    told = "a size is a number of bytes, or a number and K or M, such as 512 or 8K; 1K is 1024 bytes"
    return Quantity("size", {"K": 1 << 10, "M": 1 << 20, "k": 1 << 10, "m": 1 << 20}, told, **limits)


def _name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", value, re.ASCII):
        raise ValueError("a name is module.function, such as sensors.now for now() in handlers/sensors.py")
    return value


def _relative(value: str) -> str:
    parts = value.split("/")
    if not value or value.startswith("/") or {"", ".", ".."} & {*parts} or "\\" in value:
        raise ValueError("a path is relative to the site's folder, with /, and without '.' and '..'")
    return value


def _served(value: str) -> str:
    if value.split("/")[0].lower() in PRIVATE:
        raise ValueError("this is not for browsers; keep what is served in a folder of its own, such as static/")
    return _relative(value)


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


def _headers(value: dict[str, str | None]) -> dict[str, str | None]:
    for name, text in value.items():
        if not re.fullmatch(_HEADER, name) or not re.fullmatch(r"[ -~]*", text or ""):
            what = shown(name)
            raise ValueError(f"{what} is not a header: names are letters, digits and -, values are one line of ASCII")
        if name.lower() in _OURS:
            raise ValueError(f"{name!r} is set by picoweb itself; leave it out")
    return value


def _board(value: str) -> str:
    if value not in BOARDS:
        raise ValueError(f"no board is called so{suggest(value, BOARDS)}")
    return value


RELATIVE = r"^(?!\.{1,2}(/|$))[^/\\]+(/(?!\.{1,2}(/|$))[^/\\]+)*$"
_NAME = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$"


def _text(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


Seconds = Annotated[int, _seconds()]
Milliseconds = Annotated[int, milliseconds(least=1, most=86_400_000)]
Size = Annotated[int, size()]
Name = Annotated[str, AfterValidator(_name), _text(_NAME)]
Path = Annotated[str, AfterValidator(_relative), _text(RELATIVE)]
Served = Annotated[str, AfterValidator(_served), _text(RELATIVE)]
Location = Annotated[str, AfterValidator(_location), _text("^[!-~]+$")]
ContentType = Annotated[str, AfterValidator(_line), _text("^[ -~]+$")]
JsonValue = Annotated[
    Any,
    AfterValidator(_json),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": _NAME}, {"type": ["object", "array", "number", "boolean", "null"]}]}
    ),
]
Port = Annotated[int, Field(ge=1, le=65535)]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Methods = Annotated[list[Method], Field(min_length=1), Clearable()]
Headers = Annotated[
    dict[str, Annotated[str, Clearable()]],
    AfterValidator(_headers),
    WithJsonSchema(
        {
            "type": ["object", "null"],
            "propertyNames": {"pattern": f"^{_HEADER}$"},
            "additionalProperties": {"type": ["string", "null"], "pattern": "^[ -~]*$"},
        }
    ),
    Clearable(),
]
Board = Annotated[str, AfterValidator(_board), WithJsonSchema({"enum": sorted(BOARDS)})]
