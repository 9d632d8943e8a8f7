"""Values of !secret that every visitor would get."""

from __future__ import annotations

import pytest

from .hut import changed, told

SECRETS = "wifi: hunter2-wifi\nshort: abc\n"

CASES = {
    "in the constant part of a page of the board": (
        {"more": "context: {key: !secret wifi}\n", "templates/index.html": "<p id=now>{{ heading }} {{ site.key }}"},
        ["site.yaml:3:7: warning: the secret 'wifi' is in the page of index.html, for every visitor to read"],
    ),
    "in a page that is known ahead": (
        {"more": "context: {key: !secret wifi}\n", "templates/about.html": "<p id=team>The key is {{ site.key }}"},
        ["site.yaml:4:3: warning: the secret 'wifi' is in the page of about.html, for every visitor to read"],
    ),
    "in a value of a page of the board": (
        {
            "more": "  /p: {template: p.html, data: sensors.now, context: {key: !secret short}}\n",
            "templates/p.html": "{{ heading }} {{ key }}",
        },
        ["site.yaml:8:8: warning: the secret 'short' is in the page of p.html, for every visitor to read"],
    ),
    "in a file": (
        {"more": "context: {key: !secret wifi}\n", "static/app.js": "let a;\nlet b = 'hunter2-wifi';\n"},
        ["static/app.js:2: warning: the secret 'wifi' is in this file, for every visitor to read"],
    ),
    "in JSON": (
        {"more": "  /j: {json: {a: [!secret short]}}\n"},
        ["site.yaml:8:19: warning: the secret 'short' is in every answer, for every visitor to read"],
    ),
    "in a header": (
        {"more": "  /j: {json: {a: 1}, headers: {X-Key: !secret wifi}}\n"},
        ["site.yaml:8:32: warning: the secret 'wifi' is in every answer, for every visitor to read"],
    ),
    "in a redirect": (
        {"more": "  /k: {redirect: !secret wifi}\n  /hunter2-wifi: about.html\n"},
        ["site.yaml:8:8: warning: the secret 'wifi' is in every answer, for every visitor to read"],
    ),
    "in what only the board reads": ({"more": "context: {key: !secret wifi, other: !secret short}\n"}, []),
    "a short text that stands there by chance": (
        {"more": "context: {key: !secret short}\n", "static/app.js": "let abc;"},
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_secret_that_is_served_is_told(site, name):
    change, lines = CASES[name]
    assert told(site(*changed({**change, "secrets.yaml": SECRETS}))) == lines
