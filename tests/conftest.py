"""What several test files share."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from site_builder import bundle, cache

from .programs import command

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "sites" / "example"

# A shell that runs us in the background ignores Ctrl-C, and the programs that tests interrupt would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes files, given by their paths below a folder, and returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache for these tests alone, with the archives that were fetched before."""
    folder = tmp_path_factory.mktemp("cache")
    for archive in cache.folder().glob("*.tar.gz"):
        shutil.copy(archive, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PICOWEB_CACHE", str(folder))
        yield folder


@pytest.fixture
def site(tmp_path: Path) -> Callable[..., Path]:
    """Makes the folder of a site: site("routes: …", {"static/a.txt": "…"})."""

    def make(yaml: str | bytes, files: Mapping[str, str | bytes] | None = None, name: str = "site") -> Path:
        return write_files(tmp_path / name, {"site.yaml": yaml, **(files or {})})

    return make


@pytest.fixture(scope="session")
def example() -> dict[str, bundle.Bundle]:
    """The example, built for "micropython" and for "cpython"."""
    return {"micropython": bundle.build(EXAMPLE), "cpython": bundle.build(EXAMPLE, python=True)}


@pytest.fixture(scope="session")
def micropython() -> list[str]:
    """The command of MicroPython. Where there is none the tests skip, unless PICOWEB_NO_SKIP is set."""
    return command("micropython")
