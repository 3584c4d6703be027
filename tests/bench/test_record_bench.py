from __future__ import annotations

import pytest

from tests.bench.test_bench import promised, run


@pytest.mark.slow
def test_a_new_laptop_is_measured():
    numbers = run("record.py")
    assert set(numbers) == promised("record.py")
    assert (numbers["entries"], numbers["cases"]) == (10_000, 250)
    assert all(value > 0 for name, value in numbers.items() if name not in ("bench", "reopen_seconds"))
    assert numbers["entry_ms"] == max(numbers["arrive_ms"], numbers["write_ms"])
    # The slow machine of a test counts in milliseconds, never in megabytes.
    assert numbers["rss_mb"] <= 300
