"""Uploads that are killed, unplugged, doubled, or whose site does not start: over the wire, on the test board."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_builder.errors import DeviceError
from site_builder.upload import Options, rollback, upload

from .board import Board
from .uploads import FIRST, LIB, SECOND, SERVER, on_board, write

_ALL = bool(os.environ.get("PICOWEB_ALL_CUTS"))
# Uploads, and is killed at the chunk with a number; 0 for none. Says how many there are.
_KILLED = """
import os, signal, sys
from pathlib import Path
from site_builder.upload import upload
chunks = 0
def count(progress):
    global chunks
    chunks += 1
    if chunks == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
upload(Path(sys.argv[1]), sys.argv[2], progress=count)
print(chunks)
"""


@pytest.fixture(params=["littlefs", "fat"])
def board(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Board]:
    with Board(tmp_path, system=request.param) as board:
        yield board


@pytest.fixture
def first(board: Board, tmp_path: Path) -> Path:
    """A site that runs on the board."""
    bundle = write(tmp_path, "first", FIRST)
    upload(bundle, board.port)
    board.wait_output("serving first")
    return bundle


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return write(tmp_path, "second", {**SECOND, "site/8888": os.urandom(9000)})


def _killed(bundle: Path, port: str, chunk: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _KILLED, str(bundle), port, str(chunk)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_an_uploader_that_is_killed_at_any_chunk_leaves_the_old_site(board: Board, first: Path, second: Path) -> None:
    chunk = 0 if _ALL else -1
    while True:
        chunk += 1 if _ALL else 2  # 1, 3, …
        done = _killed(second, board.port, chunk)
        if done.returncode == 0:
            break
        last = on_board(second).items() <= board.files().items()
        board.restart()
        board.wait_output("now serving ")
        assert board.wait_output("\n") == ("second" if last else "first")
        if last:
            break
        board.put(dict.fromkeys(on_board(second).keys() & board.files().keys() - on_board(first).keys()))
        board.wait_output("serving first")
    assert chunk > 5
    upload(second, board.port)
    board.wait_output("serving second")
    assert on_board(second).items() <= board.files().items()


def test_an_uploader_that_was_killed_is_no_hindrance_for_the_next(board: Board, first: Path, second: Path) -> None:
    """The board was not restarted in between: it is at its raw prompt, with a file half written."""
    assert _killed(second, board.port, 3).returncode < 0
    result = upload(second, board.port)
    board.wait_output("serving second")
    assert result.files_kept > 4
    assert on_board(second).items() <= board.files().items()


def test_a_cable_that_is_pulled_leaves_the_old_site_or_the_new_one(
    board: Board, first: Path, second: Path, tmp_path: Path
) -> None:
    """At 25 moments from the first byte to the end of the last file; a part of them without PICOWEB_ALL_CUTS."""
    planned = upload(second, board.port, Options(dry_run=True))
    total = planned.wire_bytes + planned.bytes_sent * 4 // 3  # in base64
    before = board.files()
    states = []
    moments = [1 + total * n // 25 for n in range(25)]
    for moment in moments[:: 1 if _ALL else 6]:
        board.wait_output("serving first")
        board.pull_cable_after(moment)
        with pytest.raises(DeviceError):
            upload(second, board.port, Options(wait=5))
        board.stop()
        board.restart()
        board.wait_output("now serving ")
        states.append(board.wait_output("\n"))
        board.put({path: None for path in board.files().keys() - before.keys() if not path.endswith("/")})
    assert set(states) == {"first"}
    upload(second, board.port)
    board.wait_output("serving second")


def test_the_second_of_two_uploads_at_once_says_so(board: Board, first: Path, second: Path) -> None:
    said = []

    def meanwhile(_: object) -> None:
        if not said:
            with pytest.raises(DeviceError) as caught:
                upload(second, board.port)
            said.append(str(caught.value))

    upload(second, board.port, progress=meanwhile)
    assert "in use by another program, or by another upload" in said[0]
    board.wait_output("serving second")


# Does it start?


def _broken(tmp_path: Path, code: bytes) -> Path:
    return write(tmp_path, "broken", {**SECOND, SERVER: code, f"{LIB}/x": code})


@pytest.mark.parametrize("board", ["littlefs"], indirect=True)
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (b"import nothing_of_the_kind\n", "ImportError: no module named 'nothing_of_the_kind'"),
        (b"x = bytearray(10_000_000)\n", "MemoryError: memory allocation failed"),
        (b"def run(table): 1/0\n", "ZeroDivisionError: divide by zero"),
        (b"def run(table): pass\n", "main.py ended without a word"),
        (b"def run(table):\n while True: pass\n", "it said nothing of the site within 2 s"),
        (b"import os\nos.system('kill -USR1 $PPID')\n", "it said nothing of the site within 2 s"),  # resets for ever
    ],
)
def test_a_site_that_does_not_start_makes_place_for_the_old_one(
    board: Board, first: Path, tmp_path: Path, code: bytes, reason: str
) -> None:
    # name by content: the module has another path than that of the first site
    files = {path.replace("0a1b", "ffff"): data for path, data in {**SECOND, SERVER: code}.items()}
    bundle = write(tmp_path, "broken", files)
    table = bundle / "routes.json"
    table.write_bytes(table.read_bytes().replace(LIB.encode(), LIB.replace("0a1b", "ffff").encode()))
    with pytest.raises(DeviceError) as caught:
        upload(bundle, board.port, Options(wait=2))
    assert f"the new site did not start: {reason}" in str(caught.value)
    assert str(caught.value).endswith("; the old site is back")
    board.wait_output("serving first")
    board.restart()
    board.wait_output("serving first")


def test_a_first_site_that_does_not_start_is_told(tmp_path: Path) -> None:
    with Board(tmp_path) as board:
        with pytest.raises(DeviceError, match=r"ZeroDivisionError.*there is no earlier site to go back to"):
            upload(_broken(tmp_path, b"1/0\n"), board.port)
        upload(write(tmp_path, "right", {**FIRST, f"{LIB}/x": b""}), board.port)
        board.wait_output("serving right")


def test_a_boot_py_that_takes_its_time_is_waited_for(tmp_path: Path) -> None:
    with Board(tmp_path) as board:
        board.put({"boot.py": b"import time\nprint('joining')\ntime.sleep(1)\n"})
        upload(write(tmp_path, "first", FIRST), board.port)
        board.wait_output("serving first", 1)


# Back to the site before


def test_rollback_goes_to_the_site_before_and_back_again(board: Board, first: Path, second: Path) -> None:
    upload(second, board.port)
    board.wait_output("serving second")
    rollback(board.port)
    board.wait_output("serving first")
    rollback(board.port)
    board.wait_output("serving second")


@pytest.mark.parametrize("lost", ["", "site/3fa93fa93fa93fa9"])
def test_rollback_to_a_site_that_is_not_there_is_refused(board: Board, first: Path, second: Path, lost: str) -> None:
    if lost:
        upload(second, board.port)
        board.wait_output("serving second")
        board.put({lost: None})
        board.wait_output("serving second")
    with pytest.raises(DeviceError, match="the site before is not there any more: upload the one you want"):
        rollback(board.port)
    board.wait_output(f"serving {'second' if lost else 'first'}")


def test_the_first_upload_takes_a_time_that_the_wire_allows(tmp_path: Path) -> None:
    """The throttled wire is as slow as it says: 4,000 bytes at 115,200 baud take a third of a second."""
    with Board(tmp_path, baud=115_200) as board:
        start = time.monotonic()
        result = upload(write(tmp_path, "first", FIRST), board.port)
        assert time.monotonic() - start > result.wire_bytes / 11_520
        board.wait_output("serving first")
