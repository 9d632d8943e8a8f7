"""The others' code: release archives from PyPI, pinned by their hash, kept in the user's cache."""

from __future__ import annotations

import io
import tarfile

from site_builder import libs

MICRODOT = libs.Library(
    "microdot",
    "2.7.0",
    "e11f39f0f5564bb5db69f728902740ed592d632ae7a03e24ca3a88cd59ad2f53",
    {f"microdot/{name}.py": f"src/microdot/{name}.py" for name in ("__init__", "microdot", "utemplate")},
)
UTEMPLATE = libs.LIBRARIES["utemplate"]


def modules(library: libs.Library) -> dict[str, bytes]:
    """The modules of a library. Raises LibraryError when it is not in the cache and cannot be fetched."""
    top = f"{library.project}-{library.version}/"
    with tarfile.open(fileobj=io.BytesIO(libs.fetch(library)), mode="r:gz") as archive:
        return {path: _read(archive, top + member) for path, member in library.modules.items()}


def _read(archive: tarfile.TarFile, member: str) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    return file.read()
