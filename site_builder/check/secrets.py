"""Secrets that visitors would get: values of `!secret`, keys, and the files that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from ..errors import Problem
from ..model import Json, Redirect, Template
from ..source import walk
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
    secrets = {str(text): str(name) for text, name in getattr(checked.source, "secrets", {}).items() if text}
    for file in sorted({page.file for page in site.served_files}):
        yield from _file(checked, file, secrets)
    if secrets:
        yield from _templates(checked, secrets)
        yield from _description(checked, secrets)


def _file(checked: Checked, file: str, secrets: dict[str, str]) -> Iterator[Problem]:
    if PurePosixPath(file).name.lower() in _NAMES:
        yield Problem(file, 0, 0, "this file would be served; keep it out of folders that are", code="secret")
        return
    try:
        data = (checked.folder / file).read_bytes()
    except OSError:
        return
    for pattern, what in _KEYS if _ANY_KEY.search(data) else ():
        if found := pattern.search(data):
            message = f"{what} would be served; keep it out of folders that are"
            yield Problem(file, _line(data, found.start()), 0, message, code="secret")
    for text, name in secrets.items():
        at = data.find(text.encode()) if len(text) >= _SHORTEST else -1
        if at >= 0:
            yield Problem(file, _line(data, at), 0, _told(name, "this file"), True, "secret")


def _templates(checked: Checked, secrets: dict[str, str]) -> Iterator[Problem]:
    """Pages that are known ahead, and the constant parts of others."""
    for key, target in checked.targets().items():
        if not isinstance(target, Template):
            continue
        compiled = checked.compiled.get(target.template)
        text = checked.pages[key].decode() if key in checked.pages else compiled.source if compiled else ""
        shown = {value for name, value in target.context.items() if compiled and name in compiled.args}
        for secret, name in secrets.items():
            if (len(secret) >= _SHORTEST and secret in text) or secret in shown:
                message = _told(name, f"the page of {target.template}")
                yield checked.problem((*key, "template"), message, "secret", warning=True)


def _description(checked: Checked, secrets: dict[str, str]) -> Iterator[Problem]:
    for key, target in checked.targets().items():
        values = dict(walk_values(target.headers, (*key, "headers")))
        if isinstance(target, Json) and not isinstance(target.value, str):
            values |= dict(walk_values(target.value, (*key, "json")))
        if isinstance(target, Redirect):
            values[(*key, "redirect")] = target.redirect
        for path, value in values.items():
            if value in secrets:
                yield checked.problem(path, _told(secrets[value], "every answer of it"), "secret", warning=True)


def walk_values(value: object, path: tuple[object, ...]) -> Iterator[tuple[tuple[object, ...], str]]:
    """The texts in a value, with their paths."""
    for place, item, is_key in walk(value, path):
        if isinstance(item, str) and not is_key:
            yield place, item


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _told(name: str, where: str) -> str:
    return f"the secret {name!r} is in {where}, for every visitor to read"
