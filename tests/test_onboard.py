"""Records and listings: what is read is what was written, and what is not whole is nothing."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from site_builder import onboard
from site_builder.device import Contents
from site_builder.onboard import Item, Listing, Record

_HEX = st.text("0123456789abcdef", min_size=16, max_size=16)
_RECORDS = st.builds(Record, st.integers(0, 99_999_999), _HEX, st.integers(0, 2**32 - 1))
_NAMES = st.text("abcdefxyz0123456789._-", min_size=1, max_size=12)
_PATHS = st.lists(_NAMES, min_size=1, max_size=3).map(lambda parts: "/".join(["site", *parts]))
_ITEMS = st.builds(Item, st.integers(0, 10**7), _HEX)
_LISTINGS = st.builds(Listing, st.text(), st.dictionaries(_PATHS, _ITEMS))

# Prints for each file of JSON lines, two records in base64, what start.py makes of them.
_NEWEST = """
import binascii, json, sys
with open(sys.argv[1]) as f:
    source = f.read()
scope = {}
exec(source[:source.index("def tidy")], scope)
class File:
    def __init__(self, data): self.data = data
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def read(self, n): return self.data[:n]
for line in open(sys.argv[2]):
    files = dict(zip(("site/live.0", "site/live.1"), map(binascii.a2b_base64, json.loads(line))))
    scope["open"] = lambda name, mode: File(files[name])
    print(json.dumps(scope["newest"]().decode()))
"""


def _lines(data: bytes) -> list[str]:
    return data.decode(errors="replace").splitlines(keepends=True)


@given(_RECORDS)
def test_a_record_is_read_as_it_was_written(record: Record) -> None:
    assert Record.read(_lines(record.data())) == record
    assert len(record.data()) == 80


@given(_RECORDS, _RECORDS, st.integers(0, 80))
def test_a_record_that_was_written_over_in_part_is_none(old: Record, new: Record, at: int) -> None:
    torn = new.data()[:at] + old.data()[at:]
    assert Record.read(_lines(torn)) in ({new, old} if torn in (new.data(), old.data()) else {None})
    cut = new.data()[:at]
    assert Record.read(_lines(cut)) == (new if at == 80 else None)


@given(st.binary(max_size=100))
def test_anything_else_is_no_record(data: bytes) -> None:
    assert Record.read(_lines(data)) is None


@given(_LISTINGS)
def test_a_listing_is_read_as_it_was_written(listing: Listing) -> None:
    assert Listing.read(_lines(listing.data())) == listing


@given(st.text())
def test_a_listing_that_is_broken_is_none_or_one(text: str) -> None:
    assert isinstance(Listing.read(text.splitlines(keepends=True)), (Listing, type(None)))


def test_the_newer_record_is_the_live_one_and_the_next_goes_into_the_other() -> None:
    older, newer = Record(7, "0" * 16, 1), Record(8, "f" * 16, 0)
    for records, slot in (([older, newer], 0), ([newer, older], 1), ([None, newer], 0), ([newer, None], 1)):
        contents = Contents(records=records)
        assert (contents.live, contents.slot) == (newer, slot)
    assert (Contents().live, Contents().slot, Contents().previous) == (None, 0, None)


def test_boards_and_computers_agree_which_record_is_live(micropython: list[str], tmp_path: Path) -> None:
    """At each byte of a record that is written over, on both Pythons."""

    a, b, c = Record(9, "a" * 16, 5), Record(10, "b" * 16, 6), Record(11, "c" * 16, 7)
    pairs = [(a.data(), b.data()), (b"", a.data()), (b"", b""), (b"\xff" * 80, a.data()), (a.data(), bytes(80))]
    pairs += [(c.data()[:at] + a.data()[at:], b.data()) for at in range(81)]
    pairs += [(b.data(), c.data()[:at]) for at in range(81)]
    (tmp_path / "newest.py").write_text(_NEWEST)
    (tmp_path / "pairs").write_text(
        "".join(json.dumps([base64.b64encode(data).decode() for data in pair]) + "\n" for pair in pairs)
    )
    expected = []
    for pair in pairs:
        live = Contents(records=[Record.read(_lines(data)) for data in pair]).live
        expected.append(live.data().decode()[:40] if live else "")
    start = Path(onboard.__file__).with_name("start.py")
    for python in (micropython, [sys.executable]):
        command = [*python, "newest.py", str(start), "pairs"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=20, check=True)
        assert [json.loads(line) for line in done.stdout.splitlines()] == expected
    assert len(set(expected)) == 4


def test_what_people_read_does_not_go_over_the_wire() -> None:
    for name in ("helper.py", "start.py"):
        text = onboard.source(name).decode()
        assert '"""' not in text
        assert " #" not in text
        compile(text, name, "exec")
        assert len(text) < 3500
