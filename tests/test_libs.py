"""Device libraries: fetched once, checked, and then had without the network."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from site_builder import libs, runner
from site_builder.libs import LIBRARIES, LibraryError, fetch

ULOGGING = LIBRARIES["ulogging"]
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@pytest.fixture
def offline(monkeypatch):
    """The network cannot be reached: every request goes to a port where nothing listens."""
    for name in _PROXIES:
        for variant in (name, name.upper()):
            monkeypatch.setenv(variant, f"http://127.0.0.1:{runner.free_port()}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_is_fetched_into_an_empty_cache(tmp_path, name):
    cache = tmp_path / "new" / "cache"
    data = fetch(LIBRARIES[name], cache)
    assert sha256(data) == LIBRARIES[name].sha256
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == {LIBRARIES[name].archive: data}


def test_a_cached_library_needs_no_network(tmp_path, offline):
    (tmp_path / ULOGGING.archive).write_bytes(b"what was fetched")
    pinned = dataclasses.replace(ULOGGING, sha256=sha256(b"what was fetched"))
    assert fetch(pinned, tmp_path) == b"what was fetched"


def test_without_the_network_and_the_cache_the_message_says_what_to_do(tmp_path, offline):
    with pytest.raises(LibraryError) as caught:
        fetch(ULOGGING, tmp_path / "cache")
    assert str(caught.value) == (
        "micropython-ulogging-0.3.tar.gz cannot be fetched (ProxyError): connect to the internet once,"
        f" or put micropython-ulogging-0.3.tar.gz into {tmp_path / 'cache'}"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_cached_archive_with_other_bytes_is_not_used(tmp_path, offline):
    (tmp_path / ULOGGING.archive).write_bytes(b"torn")
    with pytest.raises(LibraryError):
        fetch(ULOGGING, tmp_path)


def test_a_cached_archive_with_other_bytes_is_fetched_again(tmp_path):
    (tmp_path / ULOGGING.archive).write_bytes(b"torn")
    data = fetch(ULOGGING, tmp_path)
    assert sha256(data) == ULOGGING.sha256
    assert (tmp_path / ULOGGING.archive).read_bytes() == data


def test_an_archive_with_another_hash_than_the_pinned_one_is_refused(tmp_path):
    with pytest.raises(LibraryError) as caught:
        fetch(dataclasses.replace(ULOGGING, sha256="0" * 64), tmp_path)
    assert str(caught.value) == (
        "micropython-ulogging-0.3.tar.gz: what PyPI sent has another SHA-256 than the pinned one; try again later"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_version_that_does_not_exist_is_told(tmp_path):
    with pytest.raises(LibraryError) as caught:
        fetch(dataclasses.replace(ULOGGING, version="0.0.0"), tmp_path)
    assert str(caught.value).startswith("micropython-ulogging-0.0.0.tar.gz is not on PyPI any more: connect")


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path):
    (tmp_path / "file").write_text("")
    assert sha256(fetch(ULOGGING, tmp_path / "file" / "cache")) == ULOGGING.sha256


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path, offline):
    monkeypatch.setenv("PICOWEB_CACHE", str(tmp_path))
    assert libs.cache_folder() == tmp_path
    monkeypatch.delenv("PICOWEB_CACHE")
    assert libs.cache_folder().name == "picoweb"


def test_sources_are_the_modules_by_their_paths_on_the_device():
    found = libs.sources(["utemplate", "ulogging"])
    assert sorted(found) == ["ulogging.py", "utemplate/compiled.py", "utemplate/recompile.py", "utemplate/source.py"]
    assert b"def getLogger" in found["ulogging.py"]


def test_the_framework_comes_with_what_it_imports():
    base = libs.framework([])
    assert {"picoweb/__init__.py", "picoweb/site.py", "picoweb/app.py", "picoweb/server.py"} <= base.keys()
    assert "picoweb/static.py" not in base
    assert libs.framework(["static"]).keys() - base.keys() == {"picoweb/static.py"}
    assert list(base) == sorted(base)


def test_public_names_lead_to_their_modules():
    assert libs.features(["jsonify", "redirect", "WebApp", "nothing"]) == {"response", "app"}


def test_what_is_for_computers_alone_never_comes():
    assert libs.features(["testing", "asgi"]) == set()


def test_attributes_of_a_request_lead_to_their_modules():
    assert libs.features_of({"headers", "append"}) == {"attributes", "headers"}
    assert libs.features_of({"remote_addr"}) == {"attributes"}
    assert libs.features_of({"append"}) == set()
