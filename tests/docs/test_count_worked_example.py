from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_worked_example_runs_from_beginning_to_end():
    example = ROOT / "docs" / "examples" / "count_worked_example.py"
    table = ROOT / "tests" / "count" / "data" / "madigan_york_3.csv"
    printed = subprocess.run(
        [sys.executable, str(example), str(table)], check=True, capture_output=True, text=True, timeout=240
    ).stdout
    for step in range(1, 9):
        assert f"\n{step}. " in f"\n{printed}"
    assert "626 cases" in printed
    assert "decomposable: 731" in printed
