"""Secrets that visitors would get: values of `!secret`, keys, and the files that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from ..errors import Problem
from ..model import Template
from ..source import Key
from .checked import Checked
from .map import Map

_SHORTEST = 6  # characters; a shorter text may stand there by chance
_KEYS = (
    (re.compile(rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"), "a private key"),
    (re.compile(rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"), "an access key of AWS"),
    (re.compile(rb"\bgh[pousr]_[0-9A-Za-z]{36}\b"), "a token of GitHub"),
    (re.compile(rb"\bxox[abpr]-[0-9A-Za-z-]{20,}"), "a token of Slack"),
)
_ANY_KEY = re.compile(rb"PRIVATE KEY-----|AKIA|ASIA|gh[pousr]_|xox[abpr]-")
_NAMES = ("secrets.yaml", "secrets.yml", "secrets.py", "secrets.json", "id_rsa", "id_ed25519")


def check(checked: Checked, site: Map) -> Iterator[Problem]:
    """Secrets in what is served."""
    texts = {str(text): name for name, text in checked.source.secret_values.items() if len(str(text)) >= _SHORTEST}
    for file in sorted({page.file for page in site.served_files}):
        yield from _file(checked, file, texts)
    if checked.source.secrets:
        yield from _templates(checked, texts)
        yield from _description(checked)


def _file(checked: Checked, file: str, secrets: dict[str, str]) -> Iterator[Problem]:
    if PurePosixPath(file).name.lower() in _NAMES:
        yield Problem(file, 0, 0, "this file would be served; keep it out of folders that are", code="secret")
        return
    try:
        data = checked.files.read(file)
    except OSError:
        return
    for pattern, what in _KEYS if _ANY_KEY.search(data) else ():
        if found := pattern.search(data):
            message = f"{what} would be served; keep it out of folders that are"
            yield Problem(file, _line(data, found.start()), 0, message, code="secret")
    for text, name in secrets.items():
        at = data.find(text.encode())
        if at >= 0:
            yield Problem(file, _line(data, at), 0, _told(name, "this file"), True, "secret")


def _templates(checked: Checked, texts: dict[str, str]) -> Iterator[Problem]:
    """Pages that are known ahead, the constant parts of others, and the values that they take from their context."""
    for key, target in checked.targets().items():
        compiled = checked.compiled.get(target.template) if isinstance(target, Template) else None
        if compiled is None or not isinstance(target, Template):
            continue
        text = checked.pages[key].decode() if key in checked.pages else compiled.source
        found = {name for secret, name in texts.items() if secret in text}
        for path, name in checked.source.secrets.items():
            if path[:3] == (*key, "context") and path[3] in compiled.args:
                found.add(name)
        for name in sorted(found):
            yield _problem(checked, (*key, "template"), name, f"the page of {target.template}")


def _description(checked: Checked) -> Iterator[Problem]:
    for path, name in checked.source.secrets.items():
        if "headers" in path or (path[:1] in (("routes",), ("errors",)) and path[2:3] in (("json",), ("redirect",))):
            yield _problem(checked, path, name, "every answer")


def _problem(checked: Checked, path: Key, name: str, where: str) -> Problem:
    return checked.problem(path, _told(name, where), "secret", warning=True)


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _told(name: str, where: str) -> str:
    return f"the secret {name!r} is in {where}, for every visitor to read"
