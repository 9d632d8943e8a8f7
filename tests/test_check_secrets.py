"""Values of !secret that every visitor would get."""

from __future__ import annotations

import pytest

from site_builder import check, model, source

from .hut import changed

SECRETS = {"hunter2-wifi": "wifi", "abc": "short"}

CASES = {
    "in a page that is known ahead": (
        {"templates/about.html": "<p id=team>The key is hunter2-wifi"},
        ["site.yaml:4:3: warning: the secret 'wifi' is in the page of about.html, for every visitor to read"],
    ),
    "in the constant part of a page of the board": (
        {"more": "context: {key: hunter2-wifi}\n", "templates/index.html": "<p id=now>{{ heading }} {{ site.key }}"},
        ["site.yaml:3:7: warning: the secret 'wifi' is in the page of index.html, for every visitor to read"],
    ),
    "in a value of a page of the board": (
        {
            "more": "  /p: {template: p.html, data: sensors.now, context: {key: abc}}\n",
            "templates/p.html": "{{ heading }} {{ key }}",
        },
        ["site.yaml:8:8: warning: the secret 'short' is in the page of p.html, for every visitor to read"],
    ),
    "in a file": (
        {"static/app.js": "let a;\nlet b = 'hunter2-wifi';\n"},
        ["static/app.js:2: warning: the secret 'wifi' is in this file, for every visitor to read"],
    ),
    "in JSON": (
        {"more": "  /j: {json: {a: [hunter2-wifi]}}\n"},
        ["site.yaml:8:19: warning: the secret 'wifi' is in every answer of it, for every visitor to read"],
    ),
    "in a header": (
        {"more": "  /j: {json: {a: 1}, headers: {X-Key: hunter2-wifi}}\n"},
        ["site.yaml:8:32: warning: the secret 'wifi' is in every answer of it, for every visitor to read"],
    ),
    "in a redirect": (
        {"more": "  /k: {redirect: hunter2-wifi}\n  /hunter2-wifi: about.html\n"},
        ["site.yaml:8:8: warning: the secret 'wifi' is in every answer of it, for every visitor to read"],
    ),
    "in what only the board reads": ({"more": "context: {key: hunter2-wifi, other: abc}\n"}, []),
    "a short text that stands there by chance": ({"static/app.js": "let abc;"}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_secret_that_is_served_is_told(site, name):
    change, lines = CASES[name]
    folder = site(*changed(change))
    described = source.read(folder / "site.yaml", "site.yaml")
    described.secrets = SECRETS  # type: ignore[attr-defined]
    checked = check.check_site(folder, model.must_load(described), described)
    assert [str(problem) for problem in checked.warnings] == lines
    assert checked.errors == []
