"""The JSON Schema of site.yaml: it takes what the builder takes, and marks what is wrong while one types."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from site_builder import model, reader, source
from site_builder.schema import json_schema

from . import test_model
from .conftest import write_files
from .test_broken_sites import GOOD_YAML
from .test_docs import blocks

TOP = Path(__file__).parent.parent
PICOWEB = Path(sys.executable).parent / "picoweb"
SCHEMA = json_schema()


class _Editor(yaml.SafeLoader):
    """Reads YAML as editors do: a value with a tag of ours is the text behind the tag."""


_Editor.add_multi_constructor("!", lambda loader, _, node: loader.construct_scalar(node))


def wrong(text: str) -> list[str]:
    """What an editor marks in a site.yaml; a `<<` with a tag says nothing to it."""
    text = re.sub("<<: !include .*", "", text)
    value = json.loads(json.dumps(yaml.load(text, _Editor), default=str))
    return [error.message for error in Draft7Validator(SCHEMA).iter_errors(value)]


def test_it_is_a_schema():
    Draft7Validator.check_schema(SCHEMA)
    assert yaml.safe_load(yaml.safe_dump(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("text", test_model.TARGETS)
def test_every_target_that_is_right_is_right_in_an_editor(text):
    assert wrong(f"routes: {{/: {text}}}") == []


SITES = [GOOD_YAML, *test_model.RIGHT_SITES, *(path.read_text() for path in TOP.glob("sites/*/site.yaml"))]


@pytest.mark.parametrize("text", SITES)
def test_every_site_that_is_right_is_right_in_an_editor(text):
    assert wrong(text) == []


# What JSON Schema cannot tell: dates and keys that are not text become text in JSON, 80.0 is 80 there, the end of a
# pattern is before a line end in Python's module (not in editors), units have limits, and headers have no case.
_BEYOND = {
    "server: {buffer: 1M}",
    "server: {idle_timeout: 0s}",
    "server: {idle_timeout: 25h}",
    "defaults: {headers: {Date: x}}",
    "{file: 2020-01-02}",
    "{file: a, headers: {5: a}}",
    "{template: a.tpl, context: {on: 1}}",
    '{redirect: "/\\n"}',
    "context: {1: a}",
    "server: {port: 80.0}",
    "",
}


@pytest.mark.parametrize("text", sorted(test_model.WRONG_TARGETS.keys() - _BEYOND))
def test_a_wrong_target_is_marked(text):
    assert wrong(f"routes:\n  /: {text}\n")


@pytest.mark.parametrize("text", sorted(test_model.WRONG_SITES.keys() - _BEYOND))
def test_a_wrong_site_is_marked(text):
    assert wrong(text)


TAGGED = """\
title: !secret title
x-page: &page {cache: 1d}
context: !include context.yaml
server: {port: !env PORT 80, buffer: !env BUFFER, host: !secret host}
board: !env BOARD pico-w
templates: {strict: !env STRICT no}
defaults: !include defaults.yaml
routes:
  /: {<<: *page, template: index.html}
  /a: !include route.yaml
  /b: {file: !env FILE, headers: !include headers.yaml}
"""


def test_tags_and_keys_of_ones_own_are_allowed():
    assert wrong(TAGGED) == []
    assert wrong("routes: !include routes.yml") == []


@pytest.mark.parametrize("text", ["board: pico", "server: {port: http!}", "routes: routes", "y-a: 1"])
def test_what_could_be_no_tag_is_marked(text):
    assert wrong(text)


def test_every_key_is_explained():
    for cls in [model.Site, *model.SECTIONS.values(), *model.TARGETS.values()]:
        shown = SCHEMA if cls is model.Site else SCHEMA["$defs"][cls.__name__]
        assert shown["description"]
        assert all(value.get("description") for value in shown["properties"].values())
        assert shown["additionalProperties"] is False


def test_the_command_prints_it_or_writes_it(tmp_path):
    assert json.loads(subprocess.check_output([PICOWEB, "schema"])) == SCHEMA
    subprocess.run([PICOWEB, "schema", "-o", tmp_path / "a.json"], check=True)
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == SCHEMA


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    done = subprocess.run([PICOWEB, "schema", "-o", tmp_path / "no" / "a"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"Error: Could not open file '{tmp_path}/no/a': No such file or directory\n"


# docs/site-yaml.md


def sites_of_the_page():
    """The sites that the page shows: each site.yaml, with the files that stand before it."""
    files = {}
    for file, kind, text in blocks("docs/site-yaml.md"):
        assert kind == "yaml"
        files[file] = text
        if file == "site.yaml":
            yield files
            files = {}
    assert not files


@pytest.mark.parametrize("files", list(sites_of_the_page()), ids=lambda files: files["site.yaml"].split("\n")[0])
def test_what_the_page_shows_is_right_for_us_and_in_an_editor(tmp_path, files):
    site, problems = reader.load(source.read(write_files(tmp_path, files) / "site.yaml", "site.yaml"))
    assert (problems, wrong(files["site.yaml"])) == ([], [])
    if "secrets.yaml" in files:
        assert site.context == {"key": "5b1c09ef", "host": "greenhouse.local"}
        assert site.server.port == 8080
    elif "routes/api.yaml" in files:
        assert site.routes.keys() == {"/", "/api/now", "/api/version"}
    elif "x-fresh" in files["site.yaml"]:
        assert [(route.cache, route.headers) for route in site.routes.values()] == [(0, {"X-Robots-Tag": "none"})] * 2
    elif "defaults" in files["site.yaml"]:
        assert [route.cache for route in site.routes.values()] == [604800, None, None]
        assert [len(route.headers) for route in site.routes.values()] == [1, 1, 0]


def test_the_page_shows_what_it_explains():
    assert len(list(sites_of_the_page())) == 7
