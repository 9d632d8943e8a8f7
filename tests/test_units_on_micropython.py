"""The unit tests of the device package once more, on real MicroPython."""

import os
import subprocess
from pathlib import Path

import pytest

from site_builder import runner

UNITS = Path(__file__).parent / "unit"


@pytest.mark.parametrize("module", sorted(path.stem for path in UNITS.glob("test_*.py")))
def test_on_micropython(module, tmp_path):
    command = runner.micropython()
    if command is None:
        assert not os.environ.get("PICOWEB_NO_SKIP"), "no MicroPython"
        pytest.skip("no MicroPython for this machine")
    done = subprocess.run(
        [*command, str(UNITS / "run.py"), module], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 failed" in done.stdout
