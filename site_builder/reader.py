"""A source to a site, by the schema of model.py: with its defaults resolved, and every problem told."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from .errors import Problem, suggest
from .model import METHODS, SECTIONS, TARGETS, Defaults, Section, Site, Target
from .source import Key, Source
from .values import shown

OWN = "x-"  # top-level keys that begin so are the user's own, to hang anchors on
_DEFAULTED = ("cache", "headers", "methods")


class Reader:
    """Validates a source against the schema and gathers every problem."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def report(self, path: Key, message: str) -> None:
        self.problems.append(self.source.problem(path, message))

    def validate(self, cls: type[Section], value: dict[str, Any], path: Key) -> Any:
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

    def targets(self, name: str, value: Any, defaults: Defaults) -> dict[Any, Target]:
        found = {}
        for key, item in self.mapping(value, (name,), name).items():
            target = self.target(item, (name, key))
            if target is not None:
                found[key] = with_defaults(target, defaults, page=name == "routes")
        return found

    def site(self) -> Site | None:
        value = self.source.value
        if value is None:
            self.problems.append(Problem(self.source.file, 1, 1, "the file is empty; start with 'routes:'"))
            return None
        top = {
            key: item
            for key, item in self.mapping(value, (), "a site").items()
            if item is not None and not str(key).startswith(OWN)
        }
        parts: dict[str, Any] = {
            name: self.validate(cls, self.mapping(top.pop(name, None), (name,), name), (name,)) or cls()
            for name, cls in SECTIONS.items()
        }
        for name in ("routes", "errors"):
            parts[name] = self.targets(name, top.pop(name, None), parts["defaults"])
        site: Site = self.validate(Site, top, ()) or Site()
        if "title" in site.context:
            self.report(
                ("context", "title"), "templates see the site's title as site.title; write it as 'title: …' above"
            )
        return site.model_copy(update=parts)


# Defaults


def with_defaults(target: Target, defaults: Defaults, page: bool) -> Target:
    """A target with what it does not say itself. `page`: False for an error page, which takes no cache."""
    fields = type(target).model_fields
    found: dict[str, Any] = {name: fields[name].default for name in _DEFAULTED if name in fields}
    for layer in (defaults, defaults.of(target.kind), target):
        for name in layer.model_fields_set & found.keys():
            value = getattr(layer, name)
            if name == "headers":
                found[name] = _joined(found[name], value)
            elif page or layer is target or name != "cache":
                found[name] = fields[name].default if value is None else value
    return target.model_copy(update=found)


def _joined(headers: dict[str, str], more: dict[str, str | None] | None) -> dict[str, str]:
    """Headers and those of a nearer place, where None takes one away; as names, upper and lower case are the same."""
    if more is None:
        return {}
    nearer = {name.lower() for name in more}
    kept = {name: value for name, value in headers.items() if name.lower() not in nearer}
    return {**kept, **{name: value for name, value in more.items() if value is not None}}


# Messages


def _no_kind(key: Any) -> str:
    return f"no kind of target is called {shown(key)}{suggest(str(key), TARGETS)}"


# What pydantic finds, by its code, in our words; {…} is filled from the error's context.
_EXPECTED = {
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping (name: value)",
    "greater_than_equal": "must be at least {ge}",
    "int_type": "must be a whole number",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list, such as [GET, POST]",
    "literal_error": "must be one of {expected}",
    "model_type": "must be a mapping (name: value)",
    "string_type": "must be text",
}


def _key(name: str, field: FieldInfo) -> str:
    return field.alias or name


def _at(cls: type[Section], keys: tuple[Any, ...]) -> type[Section]:
    """The section that stands below a section, at keys."""
    for key in keys:
        for name, field in cls.model_fields.items():
            if (
                _key(name, field) == key
                and isinstance(field.annotation, type)
                and issubclass(field.annotation, Section)
            ):
                cls = field.annotation
    return cls


def _message(error: Any, cls: type[Section]) -> str:
    loc = error["loc"]
    keys = [_word(key) for key in loc if isinstance(key, str)]
    value = error["input"]
    if error["type"] in ("extra_forbidden", "invalid_key"):
        known = [_key(name, field) for name, field in _at(cls, loc[:-1]).model_fields.items()]
        if cls is Site and str(loc[-1]).startswith("."):
            return f"unknown key {shown(loc[-1])}; keys of your own, to hang anchors on, begin with {OWN}"
        return f"unknown key {shown(loc[-1])}{suggest(str(loc[-1]), known)}"
    if keys[-1] == "[key]":
        return f"{keys[0]}: the key {shown(value)} is not text; put quotes around it"
    if error["type"] == "too_short":
        return f"{keys[-1]} must not be empty"
    if error["type"] == "value_error":
        text = str(error["ctx"]["error"])
        return f"{keys[-1]}: {text}" if isinstance(value, dict) else f"{keys[-1]}: {shown(value)}: {text}"
    text = _EXPECTED.get(error["type"], error["msg"]).format(**error.get("ctx", {}))
    return f"{keys[-1]} {text}, not {shown(value)}{_hint(error['type'], value)}"


def _word(key: str) -> str:
    """A key as it stands in a message: quoted when it could be mistaken for something else."""
    return key if key.isprintable() and 0 < len(key) <= 40 else shown(key)


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
