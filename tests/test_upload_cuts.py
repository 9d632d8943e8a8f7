"""The power goes at each step of flash in an upload, on LittleFS and on FAT: then there is the old site or the new one.

A step is an erased block, a programmed page or a written sector; the last one is not done, or half of it is. With
PICOWEB_ALL_CUTS=1 at every step, else at a part of them, the same ones each time, with all those around the commit.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from site_builder import onboard
from site_builder.device import Device
from site_builder.errors import DeviceError
from site_builder.onboard import Site
from site_builder.upload import Options, Stopped, put, rollback_on

from .bench import Bench
from .uploads import FIRST, LIB, SECOND, SERVER, table_of

_ALL = bool(os.environ.get("PICOWEB_ALL_CUTS"))
_STRIDE = 7
# As in uploads.py, but it looks into each file, and ends at once.
_PICOWEB = b"""import asyncio, binascii, hashlib, json
def run(table):
    with open(table) as f:
        table = json.load(f)
    assert table['name'] != 'broken', 'broken'
    for path, digest in table['files'].items():
        with open(path, 'rb') as f:
            found = binascii.hexlify(hashlib.sha256(f.read()).digest()).decode()
        assert found == digest, path
    print('serving', table['name'])
    asyncio.get_event_loop().run_until_complete(nothing())
async def nothing():
    await asyncio.sleep(0)
"""
_USERS = {"boot.py": "print('mine')\n", "data.csv": "1,2\n" * 400}


def _site(name: str, files: dict[str, bytes]) -> Site:
    files = {**files, SERVER: _PICOWEB}
    table = json.loads(table_of(name, files))
    table["files"] = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    start = {"main.py": onboard.MAIN, onboard.START: onboard.source("start.py")}
    return Site.made(json.dumps(table).encode(), files, start)


_OLDEST = _site("oldest", {**FIRST, "site/0a0a0a0a0a0a0a0a": b"oldest" * 300, f"{LIB}/more/deep.bin": b"x" * 5000})
_OLD = _site("old", {**FIRST, "site/1b1b1b1b1b1b1b1b": b"old" * 1000, **{f"site/{n:016}": b"" for n in range(9)}})
_NEW = _site("new", {**SECOND, "site/2c2c2c2c2c2c2c2c": b"new" * 1500, "site/app-5555666677778888/a/b.mpy": b"7" * 513})


_BROKEN = _site("broken", {**SECOND, "site/3d3d3d3d3d3d3d3d": b"broken" * 800})


@pytest.fixture(params=["littlefs", "fat"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with Bench(request.param) as bench:
        bench.ask("put", _USERS)
        yield bench


def _upload(bench: Bench, site: Site) -> None:
    put(bench.device(), site, Options(wait=2))


def _runs(bench: Bench) -> str:
    """The site that runs after the power has come back; empty for none."""
    said = bench.boot()
    assert "Traceback" not in said, said
    found = re.search(r"^serving (\w+)$", said, flags=re.M)
    return found[1] if found else ""


def _runs_or_fails(bench: Bench) -> str:
    """The same where the site may end with an exception: empty for that too."""
    return "".join(re.findall(r"^serving (\w+)$", bench.boot(), flags=re.M))


def _cuts(bench: Bench, change: Callable[[], object]) -> list[tuple[int, bool]]:
    """Where to cut a change."""
    bench.ask("load", "before")
    bench.ask("cut", [1_000_000, False])
    change()
    steps = 1_000_000 - int(bench.ask("left")[0])
    assert steps > 0
    numbers = [n for n in range(1, steps + 1) if _ALL or n % _STRIDE == 0 or n > steps - 12]
    return [(n, half) for n in numbers for half in (False, True)]


def _try_all(
    bench: Bench,
    change: Callable[[], object],
    after: Callable[[str], None],
    runs: Callable[[Bench], str] = _runs,
) -> Counter[str]:
    """Cut a change everywhere; `after` gets the site that runs then, and looks further."""
    bench.ask("save", "before")
    states: Counter[str] = Counter()
    for step, half in _cuts(bench, change):
        bench.ask("load", "before")
        bench.ask("cut", [step, half])
        try:
            change()
        except DeviceError as e:
            if str(e).strip() != "cut":
                raise
        bench.ask("again")
        try:
            states[state := runs(bench)] += 1
            after(state)
        except (AssertionError, DeviceError) as e:
            raise AssertionError(f"after a cut at step {step}{', half done' * half}: {e}") from e
    print(dict(states))
    return states


def _next_upload_works(bench: Bench, site: Site) -> None:
    _upload(bench, site)
    device = bench.device()
    assert device.contents.live is not None
    assert device.contents.live.site == site.name
    assert device.contents.has(site.name)
    for path, text in _USERS.items():
        rows = bench.ask("exec", f"print(open({path!r}).read() == {text!r})")
        assert b"True" in rows, path


def test_an_update_that_is_cut_leaves_the_old_site_or_the_new_one(bench: Bench) -> None:
    _upload(bench, _OLDEST)
    _upload(bench, _OLD)
    states = _try_all(bench, lambda: _upload(bench, _NEW), lambda _: _next_upload_works(bench, _NEW))
    assert set(states) == {"old", "new"}


def test_a_first_upload_that_is_cut_leaves_no_site_or_the_new_one(bench: Bench) -> None:
    states = _try_all(bench, lambda: _upload(bench, _NEW), lambda _: _next_upload_works(bench, _NEW))
    assert "" in set(states) <= {"", "new"}


def test_after_a_cut_another_site_can_be_uploaded(bench: Bench) -> None:
    _upload(bench, _OLD)

    def after(_: str) -> None:
        _next_upload_works(bench, _OLDEST)
        _next_upload_works(bench, _NEW)

    states = _try_all(bench, lambda: _upload(bench, _NEW), after)
    assert set(states) <= {"old", "new"}


def test_a_rollback_that_is_cut_leaves_one_of_the_two_sites(bench: Bench) -> None:
    _upload(bench, _OLD)
    _upload(bench, _NEW)
    states = _try_all(bench, lambda: rollback_on(bench.device(), 2), lambda _: _next_upload_works(bench, _OLD))
    assert "new" in set(states) <= {"old", "new"}


def test_putting_the_old_site_back_may_be_cut_too(bench: Bench) -> None:
    """Until it is back, the new one is there, which does not start; the next upload mends that as well."""
    _upload(bench, _OLDEST)
    _upload(bench, _OLD)

    def change() -> None:
        with pytest.raises(DeviceError, match=r"cut|the old site is back") as caught:
            _upload(bench, _BROKEN)
        if "did not start: AssertionError: broken; the old site is back" not in str(caught.value):
            raise caught.value

    states = _try_all(bench, change, lambda _: _next_upload_works(bench, _NEW), _runs_or_fails)
    assert set(states) == {"old", ""}


_MINE = "print('mine')\nimport site.start\nsite.start.run()\n"


def test_the_files_that_start_the_site_may_be_cut_off(bench: Bench) -> None:
    """LittleFS has the old one or the new one. FAT may have neither, so that nothing starts until the next upload."""
    older = {**_OLD.start, onboard.START: _OLD.start[onboard.START] + b"print('an older one')\n"}
    _upload(bench, dataclasses.replace(_OLD, start=older))
    bench.ask("put", {"main.py": _MINE})

    def change() -> None:
        put(bench.device(), _NEW, Options(wait=2, force=True))

    fat = bench.device().info.fat
    runs = _runs_or_fails if fat else _runs
    states = _try_all(bench, change, lambda _: change(), runs)
    assert set(states) == ({"old", "new", ""} if fat else {"old", "new"})


def test_a_site_that_was_copied_by_hand_stays_until_its_main_py_is_replaced(bench: Bench) -> None:
    """A main.py as it was when boards had one table, which knows nothing of records."""
    table = next(iter(data for path, data in _OLD.files.items() if path.endswith(".json")))
    files = {path: data for path, data in _OLD.files.items() if not path.endswith((".list", ".json"))}
    text = f"import sys\nsys.path[:0] = [{LIB!r}]\nimport picoweb\npicoweb.run('routes.json')\n"
    bench.ask("put", {path: data.decode() for path, data in {**files, "routes.json": table}.items()})
    bench.ask("put", {"main.py": text})
    assert _runs(bench) == "old"

    def change() -> None:
        put(bench.device(), _NEW, Options(wait=2, force=True))

    def after(_: str) -> None:
        bench.ask("save", "cut")
        for step in range(1, 60, 1 if _ALL else 15):  # the upload after the cut is cut as well
            bench.ask("load", "cut")
            bench.ask("cut", [step, False])
            with contextlib.suppress(DeviceError):
                change()
            bench.ask("again")
            assert runs(bench) in allowed
        bench.ask("cut", [0, False])
        change()
        assert _runs(bench) == "new"

    fat = bench.device().info.fat
    runs, allowed = (_runs_or_fails, {"old", "new", ""}) if fat else (_runs, {"old", "new"})
    assert set(_try_all(bench, change, after, runs)) <= allowed


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda device, stop: rollback_on(device, 2, stop), "the site before is in place"),
        (
            lambda device, stop: put(device, _NEW, Options(wait=2, stop=stop)),
            "the new site is in place",
        ),
        (
            lambda device, stop: put(device, _BROKEN, Options(wait=2, stop=stop)),
            "the old site was put back",
        ),
    ],
)
def test_who_stops_waiting_is_told_which_site_is_there(
    bench: Bench, change: Callable[[Device, threading.Event], object], says: str
) -> None:
    _upload(bench, _OLDEST)
    _upload(bench, _OLD)
    device, stop = bench.device(), threading.Event()

    def restart() -> None:
        Bench.restart(bench)
        if "serving" in bench.said:
            stop.set()

    bench.restart = restart  # type: ignore[method-assign]
    with pytest.raises(Stopped, match=f"stopped; {says}, but nobody knows whether it has started"):
        change(device, stop)


def test_a_rollback_that_is_stopped_before_its_commit_changes_nothing(bench: Bench) -> None:
    _upload(bench, _OLD)
    _upload(bench, _NEW)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped, match="stopped; "):
        rollback_on(bench.device(), 2, stop)
    assert _runs(bench) == "new"


def _any_site(rng: random.Random, name: str) -> Site:
    files = {}
    for number in range(rng.randrange(1, 25)):
        data = rng.randbytes(rng.choice([0, 1, 30, 500, 511, 512, 513, 1500, 4096, 9000]))
        digest = hashlib.sha256(data + bytes([number])).hexdigest()[:16]
        module = rng.choice(["a", "sensors", "some_long_name_here"])
        files[rng.choice([f"site/{digest}", f"site/app-{digest}/handlers/{module}.mpy"])] = data
    return _site(name, files)


def test_a_board_whose_uploads_are_often_cut_always_has_a_whole_site(bench: Bench) -> None:
    """Sites of any kind, one after the other, on a flash that others have been on; sometimes back to the one before."""
    rng = random.Random(7)
    before = live = ""
    cut = 0
    for number in range(400 if _ALL else 40):
        bench.ask("cut", [rng.randrange(1, 150), rng.random() < 0.5])
        back = bool(before) and rng.random() < 0.15
        site = _any_site(rng, f"s{number}")
        try:
            if back:
                rollback_on(bench.device(), 2)
            else:
                put(bench.device(), site, Options(wait=2, keep=rng.random() < 0.8))
            done = True
        except DeviceError as e:
            done = False
            cut += "cut" in str(e)
            if not re.search("^cut|flash|not there any more", str(e)):
                raise
        bench.ask("again")
        bench.ask("cut", [0, False])
        runs = _runs(bench)
        assert runs in {before if back else f"s{number}", live}
        assert runs != live or not done
        before, live = (live, runs) if runs != live else (before, live)
        contents = bench.device().contents
        assert contents.live is None or contents.has(contents.live.site)
    assert cut > 10
