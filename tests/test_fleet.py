"""devices.yaml: boards by their names, and what is wrong with it."""

import sys
import threading

import click
import pytest

from site_builder import boardchoice, fleet, terminal
from site_builder import ports as port_module
from site_builder.errors import DeviceError, SiteError
from site_builder.fleet import Target
from site_builder.ports import PortInfo

YAML = """\
devices:
  kitchen: /dev/ttyACM0
  hall: /dev/ttyACM1
  shed: COM7
groups:
  inside: [kitchen, hall]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "devices.yaml").write_text(YAML, encoding="utf-8")
    return tmp_path


def names(folder, *words):
    return [target.name for target in fleet.select([], words, folder, pytest.fail)]


def test_names_groups_and_all(folder):
    assert names(folder, "shed") == ["shed"]
    assert names(folder, "inside") == ["kitchen", "hall"]
    assert names(folder, "inside", "hall", "shed") == ["kitchen", "hall", "shed"]
    assert names(folder, "all") == ["kitchen", "hall", "shed"]
    assert fleet.select([], ["hall"], folder, pytest.fail) == [Target("/dev/ttyACM1", "hall")]


@pytest.mark.parametrize("text", ["devices: {}\n", "devices: {a: b}\ngroups: {g: []}\n"])
def test_a_group_without_devices_is_not_the_only_board_of_this_machine(tmp_path, text):
    (tmp_path / "devices.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DeviceError, match=r"devices.yaml has no device for --to (g|all)"):
        fleet.select([], ["g" if "groups" in text else "all"], tmp_path, pytest.fail)


def test_ports_need_no_file(tmp_path):
    assert fleet.select(["A", "B", "A"], [], tmp_path, pytest.fail) == [Target("A", "A"), Target("B", "B")]
    assert fleet.select([], [], tmp_path, lambda: "C") == [Target("C", "C")]


def test_an_unknown_name_and_a_missing_file_are_told(folder, tmp_path):
    with pytest.raises(DeviceError, match="is called 'hal'; did you mean 'hall'"):
        names(folder, "hal")
    with pytest.raises(DeviceError, match=r"devices.yaml is not there: write in it .* or give --port"):
        names(tmp_path / "no", "hall")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["no devices; expected `devices: {NAME: PORT}`"]),
        ("device: {a: b}\n", ["'device' is not known here; did you mean 'devices'?", "no devices; expected"]),
        ("devices: {a: 1}\n", ["expected text, such as the name of a port: /dev/ttyACM0"]),
        ("devices: [a]\n", ["expected `NAME: PORT` or `NAME: [DEVICES]`"]),
        ("devices: {a: b}\ngroups: {g: a}\n", ["devices.yaml:2:", "expected a list of devices"]),
        ("devices: {a: b}\ngroups:\n  g: [a, c]\n", ["devices.yaml:3:", "no device is called 'c'"]),
        ("devices: {a: b\n", ["devices.yaml:"]),
        ("devices: {all: b}\n", ["devices.yaml:1:", "`all` means every device; take another name"]),
        ("devices: {a: b}\ngroups: {a: [a]}\n", ["devices.yaml:2:", "a device has this name; take another one"]),
    ],
)
def test_all_that_is_wrong_is_told_with_its_line(tmp_path, text, expected):
    (tmp_path / "devices.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SiteError) as caught:
        fleet.read(tmp_path / "devices.yaml")
    problems = "\n".join(map(str, caught.value.problems))
    assert all(words in problems for words in expected), problems


def test_work_is_done_for_all_and_failures_leave_the_others_alone():
    together = threading.Barrier(3, timeout=10)

    def work(target):
        together.wait()
        if target.name == "b":
            raise DeviceError("b: no")
        return target.name * 2

    outcomes = fleet.each([Target(name, name) for name in "abc"], work, threading.Event())
    assert [outcome.result for outcome in outcomes] == ["aa", None, "cc"]
    assert str(outcomes[1].error) == "b: no"


def test_a_person_at_the_terminal_chooses_among_ports(monkeypatch, capsys):
    found = [PortInfo("COM3", "Bluetooth"), PortInfo("COM7", "Pico W", True), PortInfo("COM8", "ESP32", True)]
    monkeypatch.setattr(boardchoice, "ports", lambda: found)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(terminal.out, "_force_terminal", True)
    monkeypatch.setattr(click, "prompt", lambda text, type: type.convert("2", None, None))
    assert boardchoice.ask() == "COM8"
    shown = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert shown == [["1", "COM7"], ["2", "COM8"]]


def test_nobody_is_asked_where_there_is_nobody(monkeypatch):
    found = [PortInfo("COM7", "Pico W", True), PortInfo("COM8", "ESP32", True)]
    monkeypatch.setattr(boardchoice, "ports", lambda: found)
    monkeypatch.setattr(port_module, "ports", lambda: found)
    with pytest.raises(DeviceError, match=r"choose one with --port: COM7 \(Pico W\), COM8 \(ESP32\)"):
        boardchoice.ask()
    found[:] = [PortInfo("COM3", "Bluetooth"), PortInfo("COM7", "Pico W", True)]
    assert boardchoice.ask() == "COM7"
    found.clear()
    with pytest.raises(DeviceError, match="no USB serial port found: connect the board with a data cable"):
        boardchoice.ask()
