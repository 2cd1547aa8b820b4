"""The siege: a short one for real."""

import os
import subprocess
import sys
from pathlib import Path

from support.running import ROOT
from support.siege.attacks import ATTACKS
from support.siege.report import HEADER


def test_a_short_siege_reports_each_attack(tmp_path: Path) -> None:
    """Attacks that are asked for are made and reported, each in one row, with what others saw beside it."""
    names = ("nothing", "batch of 300, sending ended")
    assert set(names) <= {attack.name for attack in ATTACKS}
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "tests"),
        "SIEGE_ATTACKS": "|".join(f"^{name}$" for name in names),
        "SIEGE_SECONDS": "1",
        "SIEGE_SETTLES": "0.1",
        "SIEGE_FOLDER": str(tmp_path / "siege"),
    }
    command = [sys.executable, str(ROOT / "tests" / "support" / "siege" / "siege.py")]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == (tmp_path / "siege" / "report.md").read_text()
    header, _, *rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines()]
    assert tuple(header) == HEADER
    assert [row[0] for row in rows] == list(names)
    for row in rows:
        answered, _, asked = row[HEADER.index("others' scores")].partition(" of ")
        assert 0 < int(answered) <= int(asked)
        assert int(row[HEADER.index("peak, MiB")]) > 0
        assert row[-1].endswith("MiB, ready")
