"""docs/serve.md: its sites are served, and what it shows is what the terminal says."""

import json
import re
import urllib.error
import urllib.request

import pytest

from site_builder.boards import BOARDS
from site_builder.dev.link import WIFI

from .devserver import serving
from .test_docs import TOP, blocks, write_file

PAGE = "docs/serve.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    for file, _, text in blocks(PAGE):
        if file:
            write_file(folder, file, text)
    return folder


def shown(text):
    """The block of the page with this text in it."""
    (block,) = [block for _, kind, block in blocks(PAGE) if kind == "text" and text in block]
    return block


def test_the_traceback_is_the_one_that_is_shown(folder, tmp_path, monkeypatch, micropython):
    monkeypatch.chdir(folder)
    with serving("shop", tmp_path) as serve:
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{serve.url}/price", timeout=10)
        caught.value.close()
        serve.says("ZeroDivisionError")
        lines = [line for line in serve.text().splitlines(keepends=True) if "picoweb/" not in line]
        assert shown("ERROR:picoweb:GET /price") in "".join(lines)


def test_what_does_not_fit_is_told_as_it_is_shown(folder, tmp_path, micropython):
    with serving(folder / "shop", tmp_path, "--board", "pico-w") as serve:
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{serve.url}/all", timeout=10)
        with caught.value as answer:
            assert answer.code == 503
        serve.says("its code, in bytes: ")
        told = re.sub(r"\d[\d,]*", "N", serve.text())
        assert re.sub(r"\d[\d,]*", "N", shown("GET /all does not fit")) in told


def test_the_lamp_is_switched_with_a_stand_in_for_its_pin_and_with_the_limits_of_a_board(folder, tmp_path, micropython):
    command = next(text for _, kind, text in blocks(PAGE) if kind == "sh").split()
    assert command[:3] == ["picoweb", "serve", "lamp"]
    for options in (command[3:], ["--python"]):
        with serving(folder / "lamp", tmp_path, *options) as serve:
            answers = [json.loads(urllib.request.urlopen(serve.url, timeout=10).read())["on"] for _ in range(3)]
            assert answers == [True, False, True]


def test_the_figures_of_the_page_are_those_of_the_program():
    text = (TOP / PAGE).read_text(encoding="utf-8")
    assert f"{WIFI.latency * 1000:.0f} ms each way, {WIFI.rate / 1000:.0f} KB a second" in text
    assert "pico-w" in BOARDS
