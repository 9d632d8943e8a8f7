"""Queries and forms: as the standard library's urllib.parse reads them, on both Pythons."""

from __future__ import annotations

import json
import random
import subprocess
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from picoweb.forms import decoded, parse_qs, unquote_plus
from tests.programs import ROOT, RUNTIMES, command

_PROGRAM = Path(__file__).parent / "apps" / "forms_corpus.py"
_PIECES = ["&", "=", "+", "%", "%2", "%zz", "%00", "%41", "%c3%a9", "%C3", "%A9", "%ed%a0%80", "%f0%9f%98%80", "%F4%90"]
_PIECES += [
    "%f0%9f",
    "%e2%82",
    "%E2%82%AC",
    "%26",
    "%3D",
    "%2B",
    "%25",
    ";",
    "a",
    "b",
    "cd",
    "é",
    "€",
    "😀",
    "\xa0",
    " ",
]
_QUERIES = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=3)), max_size=14).map("".join)


def is_text(query: str) -> bool:
    return not any(0xD800 <= ord(c) < 0xE000 for c in query)


@settings(max_examples=3000, deadline=None)
@given(_QUERIES.filter(is_text), st.booleans())
@example("a=1&a=2&b=&c&=d&&e==f&%61=g", False)
@example("a=1&a=2&b=&c&=d&&e==f&%61=g", True)
@example("a=%C3é%A9", False)
def test_a_query_is_read_as_urllib_reads_it(query: str, blank: bool) -> None:
    assert parse_qs(query, blank) == urllib.parse.parse_qs(query, keep_blank_values=blank)


@settings(max_examples=1000, deadline=None)
@given(_QUERIES.filter(is_text))
def test_a_value_is_unquoted_as_urllib_unquotes_it(text: str) -> None:
    assert unquote_plus(text) == urllib.parse.unquote_plus(text)


@settings(max_examples=2000, deadline=None)
@given(st.lists(st.sampled_from([0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xED,
                                 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF])))  # fmt: skip
def test_bytes_that_are_no_text_become_the_replacement_characters_of_python(data: list[int]) -> None:
    assert decoded(bytes(data)) == bytes(data).decode("utf-8", "replace")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_five_thousand_queries_on_both_pythons(runtime: str, tmp_path: Path) -> None:
    choose = random.Random(5)
    corpus = tmp_path / "corpus"
    with corpus.open("w", encoding="utf-8") as f:
        for _ in range(5000):
            query = "".join(choose.choices(_PIECES, k=choose.randrange(16)))
            both = [urllib.parse.parse_qs(query, keep_blank_values=blank) for blank in (False, True)]
            f.write(json.dumps([query, *both], ensure_ascii=False) + "\n")
    done = subprocess.run(
        [*command(runtime), str(_PROGRAM), str(corpus)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "5000\n"), done.stdout + done.stderr
