"""The tags of our own in YAML, !include, !secret and !env: what they stand for, and what is said when it is nothing."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import suggest
from .values import shown

SECRETS = "secrets.yaml"
TAGS = ("!env", "!include", "!secret")


class TagError(Exception):
    """What a tag names is not there; the message says what to do."""


def env(text: str) -> str:
    """What `!env NAME` or `!env NAME default` stands for. A variable that is empty is like none."""
    name, default = [*text.split(None, 1), "", ""][:2]
    if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        raise TagError("!env takes a name, and after a space what holds without it, such as !env PORT 8080")
    found = os.environ.get(name) or default
    if not found:
        raise TagError(f"{name} is not in the environment; set it, or write what holds without it: !env {name} …")
    return found


def included(folder: Path, text: str, chain: Sequence[str]) -> str:
    """The file that `!include` names, as a path below the site's folder; `chain`: the files that are being read."""
    name = posixpath.normpath(posixpath.join(posixpath.dirname(chain[-1]), text))
    if name.split("/")[0] in ("", ".", "..") or not name.isprintable() or "\\" in name or ":" in name:
        raise TagError(f"!include takes a file in the site's folder, such as api.yaml, not {shown(text)}")
    if name.lower() == SECRETS:
        raise TagError(f"{SECRETS} is not for !include; write !secret and a name of it")
    if name in chain:
        raise TagError(f"{name} includes itself: {' → '.join([*chain[chain.index(name) :], name])}")
    if not os.path.exists(folder / name):
        raise TagError(f"there is no {name} to include{suggest(name, _beside(folder, name, chain))}")
    return name


def _beside(folder: Path, name: str, chain: Sequence[str]) -> list[str]:
    """The YAML files in the folder of a file that could be meant."""
    here = posixpath.dirname(name)
    names = os.listdir(folder / here) if os.path.isdir(folder / here) else []
    found = {posixpath.join(here, other) for other in names if other.endswith((".yaml", ".yml"))}
    return sorted(found - {SECRETS, *chain})


def secret(folder: Path, name: str, known: Mapping[str, Any]) -> Any:
    """The value of `!secret name`; `known`: what stands in secrets.yaml."""
    if not os.path.exists(folder / SECRETS):
        raise TagError(f"there is no {SECRETS}; write it beside site.yaml, with a line '{name}: …'")
    if name not in known:
        raise TagError(f"{SECRETS} has no {shown(name)}{suggest(name, known)}")
    value = known[name]
    if value is None or isinstance(value, dict | list):
        raise TagError(f"{SECRETS} must have one text or number as {shown(name)}, not {shown(value)}")
    return value
