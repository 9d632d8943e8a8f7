"""The routes.json at the top is the table of the example."""

from __future__ import annotations

import json

import pytest

from tests.conftest import ROOT


def test_routes_json_is_the_example_built_anew(example):
    path = ROOT / "routes.json"
    if not path.exists():
        pytest.fail("there is no routes.json: run `make build`")
    built = example["micropython"].files["routes.json"]
    assert json.loads(path.read_bytes()) == json.loads(built), "routes.json is stale: run `make build`"
    assert path.read_bytes() == built, "routes.json is stale: run `make build`"
