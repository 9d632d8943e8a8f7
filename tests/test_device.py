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
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from site_builder import device, onboard, plan, wire
from site_builder.device import OURS, Device
from site_builder.errors import DeviceError
from site_builder.ports import choose, ports
from site_builder.status import status
from site_builder.upload import Options, Progress, Stopped, UploadResult, upload
from tests.board import Board

from .uploads import FIRST, LIB, PICOWEB, SECOND, SERVER, on_board, plain, write

# Stop what runs; soft reset; helper, info and inventory; restart.
_IDLE_TRIPS = 4
# The helper, a byte for each of the other calls and answers, and what each call of ours has around it.
_IDLE_BYTES = 4500


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with Board(tmp_path) as board:
        yield board


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return write(tmp_path, "first", FIRST)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return write(tmp_path, "second", SECOND)


def _refused(bundle: Path, port: str) -> str:
    """The one line that an upload fails with."""
    with pytest.raises(DeviceError) as caught:
        upload(bundle, port)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What an upload does


def test_the_device_gets_the_files_of_the_bundle_and_runs_them(board: Board, first: Path) -> None:
    result = upload(first, board.port)
    board.wait_output("serving first")
    assert on_board(first) == plain(board.files())
    assert (8, sum(map(len, on_board(first).values())), 0, 0) == _counts(result)
    assert result.site == onboard.named((first / "routes.json").read_bytes())
    assert 0 < result.seconds < 5


def _counts(result: UploadResult) -> tuple[int, int, int, int]:
    return len(result.sent), result.bytes_sent, result.files_kept, len(result.removed)


def test_a_second_upload_sends_nothing_and_restarts_the_site(board: Board, first: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    before = board.files()
    result = upload(first, board.port)
    board.wait_output("KeyboardInterrupt")
    board.wait_output("serving first")
    assert _counts(result) == (0, 0, 8, 0)
    assert result.round_trips == _IDLE_TRIPS
    assert result.wire_bytes < _IDLE_BYTES
    assert before == board.files()


def test_only_what_changed_is_sent_and_the_site_before_stays(board: Board, first: Path, second: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    result = upload(second, board.port)
    board.wait_output("serving second")
    files = on_board(second)
    sent = {path: data for path, data in files.items() if path not in on_board(first)}
    assert set(result.sent) == set(sent)
    assert (4, sum(map(len, sent.values())), 4, 0) == _counts(result)
    # one for all that is sent
    assert result.round_trips == _IDLE_TRIPS + 1
    assert result.wire_bytes <= result.bytes_sent * 1.5 + _IDLE_BYTES
    assert {**on_board(first), **files} == plain(board.files())


def test_what_no_site_needs_any_more_goes_after_the_commit(
    board: Board, first: Path, second: Path, tmp_path: Path
) -> None:
    for bundle in (first, second, third := write(tmp_path, "third", {SERVER: PICOWEB, "site/0123456789abcdef": b"3"})):
        result = upload(bundle, board.port)
        board.wait_output(f"serving {bundle.name}")
    gone = on_board(first).keys() - on_board(second).keys() - on_board(third).keys()
    assert (set(result.removed), len(gone)) == (gone, 4)
    assert {**on_board(second), **on_board(third)} == plain(board.files())
    assert not [path for path in board.files() if "app-1111" in path]
    assert upload(third, board.port).removed == []


def test_the_site_before_need_not_be_kept(board: Board, first: Path, second: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    result = upload(second, board.port, Options(keep=False))
    board.wait_output("serving second")
    board.wait_output("serving second")
    assert set(result.removed) == on_board(first).keys() - on_board(second).keys()
    assert on_board(second) == plain(board.files())
    assert upload(second, board.port, Options(keep=False)).removed == []


def test_three_of_thirteen_files_cost_little_more_than_their_bytes(board: Board, tmp_path: Path) -> None:
    random = [hashlib.shake_256(b"%d" % n).digest(5000) for n in range(16)]
    named = [f"site/{hashlib.sha256(data).hexdigest()[:16]}" for data in random]
    site = {SERVER: PICOWEB, **dict(list(zip(named, random, strict=True))[:12])}
    upload(write(tmp_path, "old", site), board.port)
    board.wait_output("serving old")
    changed = dict(list(site.items())[:10]) | dict(list(zip(named, random, strict=True))[13:])
    result = upload(write(tmp_path, "new", changed), board.port)
    board.wait_output("serving new")
    assert 15_000 < result.bytes_sent < 17_000
    assert result.wire_bytes <= result.bytes_sent * 1.5 + _IDLE_BYTES
    # nine chunks of 2 KB, in which all the small calls travel too
    assert result.round_trips <= _IDLE_TRIPS + 10


def test_text_is_deflated_on_its_way(board: Board, tmp_path: Path) -> None:
    page = b"".join(b"<p>line %d of many lines</p>\n" % n for n in range(2000))
    result = upload(write(tmp_path, "text", {SERVER: PICOWEB, "site/3fa93fa93fa93fa9": page}), board.port)
    board.wait_output("serving text")
    assert result.wire_bytes < result.bytes_sent / 2
    assert board.files()["site/3fa93fa93fa93fa9"] == page


def test_a_board_that_can_not_inflate_gets_the_same_files(board: Board, first: Path) -> None:
    board.put({"boot.py": b"import sys\nsys.modules['deflate'] = None\n"})
    with Device.open(board.port) as opened:
        assert not opened.info.deflate
    upload(first, board.port)
    assert on_board(first).items() <= board.files().items()


def test_a_file_that_the_board_has_elsewhere_is_copied_there(board: Board, first: Path, tmp_path: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    other = "site/lib-ffffffffffffffff/picoweb.bin"
    moved = {SERVER: PICOWEB, other: FIRST[f"{LIB}/picoweb.bin"]}
    result = upload(write(tmp_path, "moved", moved), board.port)
    board.wait_output("serving moved")
    assert result.copied == [other]
    assert result.bytes_sent < 1000
    assert moved.items() <= board.files().items()


def test_a_changed_start_is_replaced(board: Board, first: Path, tmp_path: Path) -> None:
    upload(first, board.port)
    newer = write(tmp_path, "newer", FIRST, onboard.MAIN + b"print('newly')\n")
    (newer / onboard.START).write_bytes(b"print('anew')\n" + onboard.source("start.py"))
    assert {"main.py", onboard.START} < set(upload(newer, board.port).sent)
    board.wait_output("anew")
    assert on_board(newer).items() <= board.files().items()


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
    assert {**users, **on_board(first), **on_board(second)} == plain(board.files())


def test_a_bundle_that_was_copied_by_hand_runs_and_stays_until_another_does(
    board: Board, first: Path, second: Path
) -> None:
    by_hand = {p.relative_to(first).as_posix(): p.read_bytes() for p in first.rglob("*") if p.is_file()}
    board.put(by_hand)
    board.wait_output("picoweb: serving routes.json")
    assert upload(second, board.port).removed == []
    board.wait_output("serving second")
    assert by_hand.items() <= board.files().items()
    upload(second, board.port)
    board.wait_output("serving second")
    assert on_board(second) == {path: data for path, data in plain(board.files()).items() if path != "routes.json"}


def test_a_bundle_that_was_copied_by_hand_comes_back_when_the_new_site_does_not_start(
    board: Board, first: Path, tmp_path: Path
) -> None:
    board.put({p.relative_to(first).as_posix(): p.read_bytes() for p in first.rglob("*") if p.is_file()})
    board.wait_output("picoweb: serving routes.json")
    assert status(board.port, brief=True).runs == "a site that was copied by hand"
    board.wait_output("picoweb: serving routes.json")
    broken = write(tmp_path, "broken", {SERVER.replace("0a1b", "ffff"): b"1/0\n"})
    table = broken / "routes.json"
    table.write_bytes(table.read_bytes().replace(LIB.encode(), LIB.replace("0a1b", "ffff").encode()))
    with pytest.raises(DeviceError, match="ZeroDivisionError: divide by zero; the old site is back"):
        upload(broken, board.port)
    board.wait_output("serving first")


@pytest.mark.parametrize("size", [0, 1, 2047, 2048, 2049, 4095, 4096, 4097, 6144, 20000])
def test_a_file_of_any_size_arrives(board: Board, tmp_path: Path, size: int) -> None:
    data = hashlib.shake_256(b"%d" % size).digest(size)
    bundle = write(tmp_path, "sized", {SERVER: PICOWEB, "site/3fa9": data})
    upload(bundle, board.port)
    assert data == board.files()["site/3fa9"]


def test_progress_ends_with_all_bytes(board: Board, first: Path) -> None:
    seen: list[Progress] = []
    result = upload(first, board.port, progress=seen.append)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert (seen[-1].done, seen[-1].total) == (result.bytes_sent, result.bytes_sent)


@pytest.mark.parametrize("bad", [b"", b"<h1>9</h1>", b"<h1>", b"<h1>1</h1>more"])
def test_a_file_whose_bytes_are_wrong_is_sent_again(board: Board, first: Path, bad: bytes) -> None:
    upload(first, board.port)
    board.put({"site/3fa93fa93fa93fa9": bad, "site/77c0": b"half a", "site/stale": b"00000002\nsite/3fa9"})
    result = upload(first, board.port)
    assert (1, len(b"<h1>1</h1>"), 7, 1) == _counts(result)
    assert on_board(first) == plain(board.files())


def test_a_program_that_runs_forever_is_interrupted(board: Board, first: Path) -> None:
    board.put({"main.py": b"print('busy')\nwhile True: pass\n"})
    board.wait_output("busy")
    upload(first, board.port, Options(force=True))
    board.wait_output("serving first")


def test_a_boot_py_without_end(board: Board, first: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_BOOT_SECONDS", 0.5)
    board.put({"boot.py": b"print('busy')\nwhile True: pass\n"})
    board.wait_output("busy")
    with pytest.raises(DeviceError, match="did not start: it said nothing of the site within 1 s"):
        upload(first, board.port, Options(wait=1))
    assert on_board(first).items() <= board.files().items()


# What a device says about itself


def test_info_describes_the_device_and_its_site_runs_on(board: Board, first: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    with Device.open(board.port) as opened:
        info = opened.info
    board.wait_output("serving first")
    assert (info.version, info.mpy, info.block, info.main) == ((1, 29, 0), 6, 4096, OURS)
    assert "linux" in info.machine
    assert 900 * 1024 < info.free < info.total == 1024 * 1024
    assert 200 * 1024 < info.heap < 256 * 1024
    assert (info.fat, info.deflate) == (False, True)


def test_the_port_is_the_given_one_or_the_only_one_that_is_usb() -> None:
    assert choose("COM7") == "COM7"
    names = [port.name for port in ports() if port.usb]
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
    assert "add the lines `import site.start` and `site.start.run()` at its end" in message
    assert "--force" in message
    assert {"main.py": foreign} == board.files()
    board.wait_output("mine")
    upload(first, board.port, Options(force=True))
    board.wait_output("serving first")
    assert on_board(first) == plain(board.files())


def test_a_main_py_of_somebody_with_our_line_in_it_stays(board: Board, first: Path, second: Path) -> None:
    mine = b"print('mine')\n\nimport site.start\nsite.start.run()\n"
    board.put({"main.py": mine})
    board.wait_output("ImportError")
    for bundle in (first, second):
        result = upload(bundle, board.port)
        assert "main.py" not in result.sent
        board.wait_output("mine")
        board.wait_output(f"serving {bundle.name}")
    assert board.files()["main.py"] == mine


def test_a_main_py_of_ours_that_somebody_has_changed_is_theirs(board: Board, first: Path, second: Path) -> None:
    upload(first, board.port)
    mine = onboard.MAIN.replace(b"import site", b"print('mine')\nimport site")
    board.put({"main.py": mine})
    upload(second, board.port)
    board.wait_output("mine")
    board.wait_output("serving second")
    assert board.files()["main.py"] == mine
    board.put({"main.py": (unfit := onboard.MAIN.replace(b".run()", b""))})
    assert "main.py" in _refused(first, board.port)
    assert board.files()["main.py"] == unfit


def test_other_bytecode_is_refused(board: Board, first: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_MPY_VERSION", 7)
    message = _refused(first, board.port)
    assert "bytecode version 6, not 7" in message
    assert "install" in message
    assert board.files() == {}


def test_a_site_larger_than_the_flash_is_refused(tmp_path: Path) -> None:
    with Board(tmp_path, flash_kib=64) as board:
        with Device.open(board.port) as opened:
            free = opened.info.free
        message = _refused(write(tmp_path, "big", {"site/3fa9": bytes(free)}), board.port)
        # the file's blocks, one each for the table, the listing, main.py and start.py, two for the folder
        assert f"needs {free + 6 * 4096:,} bytes" in message
        assert f"but {free:,} are free" in message
        assert board.files() == {}


def test_the_site_before_gives_its_room_where_there_is_no_other(tmp_path: Path) -> None:
    with Board(tmp_path, flash_kib=256) as board:
        for n, name in enumerate(("one", "two", "three", "four")):
            site = {SERVER: PICOWEB, f"site/{n:016}": hashlib.shake_256(b"%d" % n).digest(60_000)}
            upload(bundle := write(tmp_path, name, site), board.port)
            board.wait_output(f"serving {name}")
            files = plain(board.files())
            assert on_board(bundle).items() <= files.items()
            assert sum(path.startswith("site/000") for path in files) == min(n + 1, 2)


def test_a_board_with_less_heap_than_the_site_needs_is_told(board: Board, first: Path) -> None:
    said: list[str] = []
    upload(first, board.port, Options(need=100_000, warn=said.append))
    assert said == []
    upload(first, board.port, Options(need=300_000, warn=said.append))
    (warning,) = said
    assert "needs about 300,000 bytes of heap" in warning


def test_a_dry_run_changes_nothing(board: Board, first: Path, second: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    before = board.files()
    planned = upload(second, board.port, Options(dry_run=True))
    board.wait_output("serving first")
    assert before == board.files()
    done = upload(second, board.port)
    assert (planned.sent, planned.removed, planned.copied) == (done.sent, done.removed, done.copied)


@pytest.mark.parametrize("missing", ["main.py", "routes.json", "site/start.py"])
def test_a_folder_that_is_no_bundle_is_refused(first: Path, missing: str) -> None:
    (first / missing).unlink()
    assert f"{missing} is missing" in _refused(first, "no-port")


def test_a_port_that_does_not_exist(first: Path, tmp_path: Path) -> None:
    assert "no such serial port" in _refused(first, str(tmp_path / "gone"))


def test_a_file_is_no_port(first: Path) -> None:
    assert "not a serial port" in _refused(first, str(first / "main.py"))


def test_a_device_that_is_no_serial_line(first: Path) -> None:
    assert "not a serial port" in _refused(first, os.devnull)


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
    monkeypatch.setattr(wire, "_ENTER_TRIES", tries)
    start = time.monotonic()
    with _stranger(command) as port:
        assert "no MicroPython answers" in _refused(first, port)
    assert time.monotonic() - start < 10


# What breaks an upload in the middle: the old site or the new one, whole


def test_a_flash_that_fills_up_gets_its_room_back(tmp_path: Path) -> None:
    with Board(tmp_path, flash_kib=256) as board:
        upload(write(tmp_path, "old", {SERVER: PICOWEB, "site/0000": b"old"}), board.port)
        board.wait_output("serving old")
        before = board.files()
        with Device.open(board.port) as opened:
            free = opened.info.free
        board.wait_output("serving old")
        # LittleFS keeps pointers in a file's blocks, so that five blocks of data take six: a surprise.
        count = (free // 4096 - 3) // 5
        files = {f"site/{n:04}": hashlib.shake_256(b"%d" % n).digest(5 * 4096) for n in range(1, 1 + count)}
        new = write(tmp_path, "new", {SERVER: PICOWEB, **files})
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
    assert on_board(first).items() <= board.files().items()
    upload(second, board.port)
    board.wait_output("serving second")
    assert {**on_board(first), **on_board(second)} == plain(board.files())


def _grown(bundle: Path) -> Path:
    """The bundle with one more file, long enough for several round trips."""
    (bundle / "site/8888").write_bytes(hashlib.shake_256(b"8").digest(9000))
    return bundle


def test_a_device_reset_in_the_middle(
    board: Board, tmp_path: Path, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_RUN_SECONDS", 2.0)
    chatter = PICOWEB.replace(b"await asyncio.sleep(3600)", b"print('>' * 70); await asyncio.sleep(0.001)")
    assert chatter != PICOWEB
    chatty = write(tmp_path, "chatty", {**FIRST, SERVER: chatter})
    upload(chatty, board.port)
    board.wait_output("serving chatty")

    def press_reset(_: Progress) -> None:
        board.reset()
        board.wait_output("serving chatty")

    start = time.monotonic()
    with pytest.raises(DeviceError, match="was reset"):
        upload(_grown(second), board.port, progress=press_reset)
    assert time.monotonic() - start < 10
    assert on_board(chatty).items() <= board.files().items()


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
    wrong = {SERVER: PICOWEB, "site/9999": b"<h1>9</h1>"}
    message = _refused(write(tmp_path, "wrong", wrong), board.port)
    assert "other bytes than were sent" in message
    assert ".list" in message
    assert {**before, "boot.py": boot} == board.files()


def test_a_user_who_stops_the_upload_keeps_the_old_site(board: Board, first: Path, second: Path) -> None:
    upload(first, board.port)
    board.wait_output("serving first")
    options = Options()
    with pytest.raises(Stopped, match="stopped; the upload did not take effect"):
        upload(_grown(second), board.port, options, lambda _: options.stop.set())
    board.wait_output("serving first")
    result = upload(second, board.port)
    board.wait_output("serving second")
    assert result.files_kept > 4  # what had come before is used


def test_a_power_cut_leaves_a_whole_site(board: Board, first: Path, second: Path, tmp_path: Path) -> None:
    """Over the wire, at some of the steps; test_upload_cuts.py has all of them, and FAT."""
    upload(first, board.port)
    board.wait_output("serving first")
    board.stop()
    flash, old = tmp_path / "flash.bin", tmp_path / "old.bin"
    shutil.copy(flash, old)
    steps = _steps_of_upload(board, second)
    states = []
    for cut in sorted({1, steps // 4, steps // 2, *range(steps - 3, steps + 1)}):
        board.stop()
        shutil.copy(old, flash)
        states.append(_cut(board, second, cut))
    assert {"first"} == set(states)  # the last step is the commit
    upload(second, board.port)
    assert on_board(second).items() <= board.files().items()


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
    board.wait_output("now serving ")
    return board.wait_output("\n")
