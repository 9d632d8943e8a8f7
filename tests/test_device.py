"""Uploads through the real mpremote to real MicroPython: the test board."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pty
import shutil
import subprocess
import time
import tty
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import serial

from site_builder import device
from site_builder import upload as uploading
from site_builder.device import Device, choose, ports
from site_builder.errors import DeviceError
from site_builder.upload import Progress, UploadResult, upload
from tests.board import Board

# A site that says which one it is, checks that all its files are there, and serves until it is interrupted.
_MAIN = b"""# made by picoweb
import asyncio, json, os
table = json.load(open('routes.json'))
assert all(os.stat(path)[6] == size for path, size in table['files'].items())
print('serving', table['name'])
async def serve():
    await asyncio.sleep(3600)
asyncio.run(serve())
"""
_SERVER = "site/lib-0a1b2c3d/picoweb/server.mpy"
_FIRST = {
    _SERVER: b"M\x06\x00\x1f" * 700,
    "site/app-11112222/handlers/relays.mpy": b"one",
    "site/3fa9": b"<h1>1</h1>",
}
_SECOND = {
    _SERVER: _FIRST[_SERVER],
    "site/app-33334444/handlers/relays.mpy": b"two",
    "site/77c0": b"<h1>2</h1>",
}
# Stop what runs, soft reset, helper and info, inventory, restart.
_IDLE_TRIPS = 5


def _write(folder: Path, name: str, site: Mapping[str, bytes], main: bytes = _MAIN) -> Path:
    """Write a bundle and return its folder."""
    bundle = folder / name
    sizes = ",".join(f'"{path}":{len(data)}' for path, data in site.items())
    table = f'{{"name":"{name}","files":{{{sizes}}}}}'.encode()
    for path, data in {**site, "main.py": main, "routes.json": table}.items():
        (bundle / path).parent.mkdir(parents=True, exist_ok=True)
        (bundle / path).write_bytes(data)
    return bundle


def _files(bundle: Path) -> dict[str, bytes]:
    return {p.relative_to(bundle).as_posix(): p.read_bytes() for p in bundle.rglob("*") if p.is_file()}


def _plain(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a board without its folders."""
    return {path: data for path, data in files.items() if not path.endswith("/")}


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with Board(tmp_path) as board:
        yield board


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return _write(tmp_path, "first", _FIRST)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return _write(tmp_path, "second", _SECOND)


def _refused(bundle: Path, port: str, *, force: bool = False) -> str:
    """The one line that an upload fails with."""
    with pytest.raises(DeviceError) as caught:
        upload(bundle, port, force=force)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What an upload does


def test_the_device_gets_the_files_of_the_bundle_and_runs_them(board: Board, first: Path) -> None:
    result = upload(first, board.port)
    board.wait_output("serving first")
    assert _files(first) == _plain(board.files())
    assert (5, sum(map(len, _files(first).values())), 0, 0) == _counts(result)
    # two small files, then two chunks of the server; the rest travels with the second chunk
    assert result.round_trips == _IDLE_TRIPS + 3
    assert 0 < result.seconds < 5


def _counts(result: UploadResult) -> tuple[int, int, int, int]:
    return result.files_sent, result.bytes_sent, result.files_kept, result.files_removed


def test_a_second_upload_sends_nothing_and_restarts_the_site(board: Board, first: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    before = board.files()
    result = upload(first, board.port)
    board.wait_output("KeyboardInterrupt")
    board.wait_output("serving first")
    assert _counts(result) == (0, 0, 5, 0)
    assert result.round_trips == _IDLE_TRIPS
    assert before == board.files()


def test_only_what_changed_is_sent_and_what_is_stale_goes(board: Board, first: Path, second: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    result = upload(second, board.port)
    board.wait_output("serving second")
    sent = len(b"two") + len(b"<h1>2</h1>") + len((second / "routes.json").read_bytes())
    assert (3, sent, 2, 2) == _counts(result)
    # one for all that is sent, one for all that is removed
    assert result.round_trips == _IDLE_TRIPS + 2
    assert _files(second) == _plain(board.files())
    assert not [path for path in board.files() if "app-11112222" in path]


def test_a_changed_main_py_is_replaced(board: Board, first: Path, tmp_path: Path) -> None:
    upload(first, board.port)
    newer = _write(tmp_path, "newer", _FIRST, _MAIN.replace(b"serving", b"newly serving"))
    assert upload(newer, board.port).files_sent == 2
    board.wait_output("newly serving newer")
    assert _files(newer) == _plain(board.files())


def test_files_of_the_user_stay(board: Board, first: Path, second: Path) -> None:
    users = {
        "boot.py": b"print('my boot')\n1/0\n",
        "main.py.new": b"mine",
        "data/log.csv": b"1,2\n",
        "lib/x.py": b"",
        "sites": b"no folder",
        "3fa9": b"not below site",
    }
    board.put(users)
    board.wait_output(">>> ")
    upload(first, board.port)
    board.wait_output("serving first")
    upload(second, board.port)
    board.wait_output("my boot")
    board.wait_output("serving second")
    assert {**users, **_files(second)} == _plain(board.files())


@pytest.mark.parametrize("size", [0, 1, 2047, 2048, 2049, 4095, 4096, 4097, 6144, 20000])
def test_a_file_of_any_size_arrives(board: Board, tmp_path: Path, size: int) -> None:
    data = hashlib.shake_256(b"%d" % size).digest(size)
    bundle = _write(tmp_path, "sized", {"site/3fa9": data})
    upload(bundle, board.port)
    assert data == board.files()["site/3fa9"]


def test_a_chunk_and_its_file_share_a_round_trip(board: Board, tmp_path: Path) -> None:
    upload(_write(tmp_path, "small", {f"site/{'0' * 64}": b""}), board.port)
    board.wait_output("serving small")
    small = upload(_write(tmp_path, "full", {f"site/{'0' * 63}1": bytes(2048)}), board.port)
    # one chunk with the begin and the end of its file, one for routes.json, one for the stale file
    assert small.round_trips == _IDLE_TRIPS + 3


def test_progress_ends_with_all_bytes(board: Board, first: Path) -> None:
    seen: list[Progress] = []
    result = upload(first, board.port, progress=seen.append)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert Progress("routes.json", result.bytes_sent, result.bytes_sent) == seen[-1]


@pytest.mark.parametrize("bad", [b"", b"<h1>9</h1>", b"<h1>", b"<h1>1</h1>more"])
def test_a_file_whose_bytes_are_wrong_is_sent_again(board: Board, first: Path, bad: bytes) -> None:
    upload(first, board.port)
    board.put({"site/3fa9": bad, "site/77c0.new": b"half a", "main.py.picoweb": b"", "routes.json.new": b"{"})
    result = upload(first, board.port)
    assert (1, len(b"<h1>1</h1>"), 4, 3) == _counts(result)
    assert _files(first) == _plain(board.files())


def test_a_program_that_runs_forever_is_interrupted(board: Board, first: Path) -> None:
    board.put({"main.py": b"print('busy')\nwhile True: pass\n"})
    board.wait_output("busy")
    upload(first, board.port, force=True)
    board.wait_output("serving first")


def test_a_boot_py_without_end(board: Board, first: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_BOOT_SECONDS", 0.5)
    board.put({"boot.py": b"print('busy')\nwhile True: pass\n"})
    board.wait_output("busy")
    upload(first, board.port)
    assert _files(first).items() <= board.files().items()


# What a device says about itself


def test_info_describes_the_device_and_its_site_runs_on(board: Board, first: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    with Device.open(board.port) as opened:
        info = opened.info()
    board.wait_output("serving first")
    assert (info.version, info.mpy, info.block, info.ours) == ((1, 29, 0), 6, 4096, True)
    assert "linux" in info.machine
    assert 900 * 1024 < info.free < 1024 * 1024


def test_the_port_is_the_given_one_or_the_only_one() -> None:
    assert choose("COM7") == "COM7"
    names = [port.name for port in ports()]
    if len(names) == 1:
        assert names[0] == choose(None)
    else:
        with pytest.raises(DeviceError, match="--port") as caught:
            choose(None)
        assert all(name in str(caught.value) for name in names)


# What stands in the way: nothing is written


def test_a_main_py_of_somebody_is_kept_unless_forced(board: Board, first: Path) -> None:
    foreign = b"print('mine')  # not made by picoweb\n"
    board.put({"main.py": foreign})
    board.wait_output("mine")
    message = _refused(first, board.port)
    assert "main.py" in message
    assert "--force" in message
    assert {"main.py": foreign} == board.files()
    board.wait_output("mine")
    upload(first, board.port, force=True)
    board.wait_output("serving first")
    assert _files(first) == _plain(board.files())


def test_other_bytecode_is_refused(board: Board, first: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "_MPY_VERSION", 7)
    message = _refused(first, board.port)
    assert "bytecode version 6, not 7" in message
    assert "install" in message
    assert board.files() == {}


def test_a_site_larger_than_the_flash_is_refused(tmp_path: Path) -> None:
    with Board(tmp_path, flash_kib=64) as board:
        with Device.open(board.port) as opened:
            free = opened.info().free
        message = _refused(_write(tmp_path, "big", {"site/3fa9": bytes(free)}), board.port)
        # the file's blocks, one each for main.py and routes.json, two for the folder
        assert f"needs {free + 4 * 4096:,} bytes" in message
        assert f"but {free:,} are free" in message
        assert board.files() == {}


@pytest.mark.parametrize("missing", ["main.py", "routes.json"])
def test_a_folder_that_is_no_bundle_is_refused(first: Path, missing: str) -> None:
    (first / missing).unlink()
    assert f"{missing} is missing" in _refused(first, "no-port")


def test_a_port_that_does_not_exist(first: Path, tmp_path: Path) -> None:
    assert "no such serial port" in _refused(first, str(tmp_path / "gone"))


def test_a_file_is_no_port(first: Path) -> None:
    assert "not a serial port" in _refused(first, str(first / "main.py"))


def test_a_port_in_use(board: Board, first: Path) -> None:
    with serial.Serial(board.port, exclusive=True):
        assert "in use by another program" in _refused(first, board.port)
    upload(first, board.port)
    board.wait_output("serving first")


def test_a_port_below_dev_pts(board: Board, first: Path) -> None:
    upload(first, os.path.realpath(board.port))
    board.wait_output("serving first")


@contextlib.contextmanager
def _stranger(command: str) -> Iterator[str]:
    """The path of a port with a program behind it that is not MicroPython."""
    outer, inner = pty.openpty()
    tty.setraw(inner)
    process = subprocess.Popen(["/bin/sh", "-c", command], stdin=outer, stdout=outer)
    try:
        yield os.ttyname(inner)
    finally:
        process.kill()
        process.wait(5)
        os.close(outer)
        os.close(inner)


@pytest.mark.parametrize(("command", "tries"), [("exec sleep 60", 3), ("exec cat", 1), ("exec yes", 1)])
def test_a_stranger_behind_the_port(
    first: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    tries: int,
) -> None:
    monkeypatch.setattr(device, "_ENTER_TRIES", tries)
    start = time.monotonic()
    with _stranger(command) as port:
        assert "no MicroPython answers" in _refused(first, port)
    assert time.monotonic() - start < 10


# What breaks an upload in the middle: the old site or the new one, whole


def test_a_flash_that_fills_up_gets_its_room_back(tmp_path: Path) -> None:
    with Board(tmp_path, flash_kib=128) as board:
        old = _write(tmp_path, "old", {"site/0000": b"old"})
        upload(old, board.port)
        board.wait_output("serving old")
        before = board.files()
        with Device.open(board.port) as opened:
            free = opened.info().free
        board.wait_output("serving old")
        # LittleFS keeps pointers in a file's blocks, so that five blocks of data take six: a surprise.
        count = (free // 4096 - 1) // 5
        new = _write(tmp_path, "new", {f"site/{n:04}": bytes(5 * 4096) for n in range(1, 1 + count)})
        assert "flash is full" in _refused(new, board.port)
        board.wait_output("serving old")
        assert before == board.files()


def test_a_device_unplugged_in_the_middle(board: Board, first: Path, second: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    with pytest.raises(DeviceError, match="unplugged"):
        upload(_grown(second), board.port, progress=lambda _: board.stop())
    board.restart()
    board.wait_output("serving first")
    assert _files(first).items() <= board.files().items()
    upload(second, board.port)
    board.wait_output("serving second")
    assert _files(second) == _plain(board.files())


def _grown(bundle: Path) -> Path:
    """The bundle with one more file, long enough for several round trips."""
    (bundle / "site/8888").write_bytes(bytes(9000))
    return bundle


def test_a_device_reset_in_the_middle(
    board: Board, tmp_path: Path, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_RUN_SECONDS", 2.0)
    chatty = _write(
        tmp_path,
        "chatty",
        _FIRST,
        _MAIN.replace(b"await asyncio.sleep(3600)", b"while True: print('>' * 70)"),
    )
    upload(chatty, board.port)
    board.wait_output("serving chatty")

    def press_reset(_: Progress) -> None:
        board.reset()
        board.wait_output("serving chatty")

    start = time.monotonic()
    with pytest.raises(DeviceError, match="was reset"):
        upload(_grown(second), board.port, progress=press_reset)
    assert time.monotonic() - start < 10
    assert _files(chatty).items() <= board.files().items()


def test_bytes_that_arrive_wrong_are_noticed(board: Board, first: Path, tmp_path: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    before = board.files()
    boot = b"""import binascii as real, sys
class Faulty:
    hexlify = real.hexlify
    @staticmethod
    def a2b_base64(text):
        data = bytearray(real.a2b_base64(text))
        data[-1] ^= 1
        return data
sys.modules['binascii'] = Faulty
"""
    board.put({"boot.py": boot})
    board.wait_output("serving first")
    message = _refused(_write(tmp_path, "wrong", {"site/9999": b"<h1>9</h1>"}), board.port)
    assert "other bytes than were sent" in message
    assert "site/9999" in message
    assert {**before, "boot.py": boot} == board.files()


def test_a_user_who_interrupts_gets_the_old_site_back(board: Board, first: Path, second: Path) -> None:
    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    upload(first, board.port)
    board.wait_output("serving first")
    with pytest.raises(KeyboardInterrupt):
        upload(_grown(second), board.port, progress=interrupt)
    board.wait_output("serving first")


def test_a_power_cut_leaves_a_whole_site(board: Board, first: Path, second: Path, tmp_path: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    board.stop()
    flash, old = tmp_path / "flash.bin", tmp_path / "old.bin"
    shutil.copy(flash, old)
    steps = _steps_of_upload(board, second)
    states = []
    for cut in range(1, steps + 1):
        board.stop()
        shutil.copy(old, flash)
        states.append(_cut(board, second, cut))
    assert states == sorted(states, key=["first", "second"].index)
    assert {"first", "second"} == set(states)
    upload(second, board.port)
    assert _files(second) == _plain(board.files())


def _steps_of_upload(board: Board, bundle: Path) -> int:
    """How many steps of flash an upload takes."""
    board.restart()
    board.wait_output("serving")
    board.cut_power_after(1_000_000)
    upload(bundle, board.port)
    board.wait_output("serving")
    return 1_000_000 - board.steps_left


def _cut(board: Board, bundle: Path, step: int) -> str:
    """The site that runs after a power cut at a step of an upload."""
    board.restart()
    board.wait_output("serving first")
    board.cut_power_after(step)
    with pytest.raises(DeviceError):
        upload(bundle, board.port)
    assert board.steps_left == 0
    board.restart()
    board.wait_output("serving ")
    return board.wait_output("\n")
