"""The JSON Schema of site.yaml, from which editors complete, explain and check while you type."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from .model import TARGETS, Section, Site
from .values import RELATIVE

Schema = dict[str, Any]

# An editor sees a value with a tag of ours as the text behind the tag.
_TAGGED: Schema = {
    "file": {"type": "string", "pattern": r"\.ya?ml$", "description": "!include and a file of the site"},
    "value": {
        "type": "string",
        "pattern": r"^[A-Za-z_][A-Za-z0-9_.-]*( .*)?$",
        "description": "!secret and a name of secrets.yaml, or !env and a variable of the environment",
    },
    "variable": {
        "type": "string",
        "pattern": "^[A-Z_][A-Z0-9_]*( .*)?$",
        "description": "!env and a variable of the environment",
    },
}
_ERROR_PAGES = ("file", "template", "json", "handler")


def json_schema() -> Schema:
    """The schema, in draft 7, which every editor knows."""
    models: list[type[Section]] = [Site, *TARGETS.values()]
    refs, made = models_json_schema([(model, "validation") for model in models], ref_template="#/$defs/{model}")
    defs = {name: _tidied(schema) for name, schema in made["$defs"].items()}
    site = defs.pop("Site")
    short = {"type": "string", "pattern": RELATIVE, "description": "in short: the name of a template, or of a file"}
    of_kind = {kind: {"$ref": refs[model, "validation"]["$ref"]} for kind, model in TARGETS.items()}
    properties = site["properties"]
    properties["routes"] |= _mapping("^/", [*of_kind.values(), short])
    properties["errors"] |= _mapping("^[45][0-9][0-9]$", [*(of_kind[kind] for kind in _ERROR_PAGES), short])
    site["properties"] = {name: _or(schema, {"type": "null"}) for name, schema in properties.items()}
    top = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "site.yaml"}
    own = {"^x-": {"description": "your own, to hang anchors on"}}
    del defs["Target"]
    return {**top, **site, "patternProperties": own, "$defs": {**defs, **_TAGGED}}


def _mapping(pattern: str, targets: list[Schema]) -> Schema:
    return {
        "anyOf": [
            {"type": "object", "patternProperties": {pattern: {"oneOf": targets}}, "additionalProperties": False},
            {"$ref": "#/$defs/file"},
        ]
    }


def _tidied(schema: Any) -> Any:
    """A schema without what only fills the screen, and with the tags allowed as values."""
    if not isinstance(schema, dict):
        return schema
    found = {key: value for key, value in schema.items() if key != "title"}
    if not found.get("default"):
        found.pop("default", None)
    for key in found.keys() & {"items", "additionalProperties"}:
        found[key] = _tidied(found[key])
    if "anyOf" in found:
        found["anyOf"] = [_tidied(one) for one in found["anyOf"]]
    if "properties" in found:
        found["properties"] = {name: _tagged(_tidied(one)) for name, one in found["properties"].items()}
    return found


def _tagged(schema: Any) -> Any:
    """A property's schema that allows the text of a tag, too, where text alone is none of its values."""
    kinds = {_kind(one) for one in schema.get("anyOf", [schema])} if isinstance(schema, dict) else set()
    for kind in ("file", "variable", "value"):
        if kind in kinds:
            return _or(schema, {"$ref": f"#/$defs/{kind}"})
    return schema


def _kind(schema: Schema) -> str | None:
    """Which tag can stand for a value: a file for a mapping or list, a variable for a word or a number with a unit."""
    types = schema.get("type", ())
    if "$ref" in schema or "object" in types or types == "array":
        return "file"
    if (types == "string" and "pattern" in schema) or ("enum" in schema and types != "integer"):
        return "variable"
    return "value" if types in ("integer", "boolean") else None


def _or(schema: Schema, other: Schema) -> Schema:
    """A schema or another one, with the description of the first for both."""
    outer: Schema = {key: schema[key] for key in schema if key in ("description", "default")}
    inner = {key: value for key, value in schema.items() if key not in outer}
    ways = inner["anyOf"] if inner.keys() == {"anyOf"} else [inner]
    return {**outer, "anyOf": ways if other in ways else [*ways, other]}
