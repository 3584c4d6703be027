"""Estimates for the reports, each made once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from causeway.count import QUICK, CaptureTable, Estimate, Stopped, estimate
from tests.count.tables import independent, published


@dataclass(frozen=True, eq=False)
class Counted:
    """A table and its estimate."""

    table: CaptureTable
    found: Estimate


def counted(table: CaptureTable, **settings: object) -> Counted:
    found = estimate(table, seed=1, **{"effort": QUICK, **settings})  # type: ignore[arg-type]
    assert not isinstance(found, Stopped)
    return Counted(table, found)


@pytest.fixture(scope="session")
def humps() -> Counted:
    """A range, a family with two humps, counts of one, an assumption that the table speaks against."""
    return counted(published("uk2013_5"))


@pytest.fixture(scope="session")
def refused() -> Counted:
    """No estimate, since one family alone stands."""
    return counted(published("hav_taiwan"))


@pytest.fixture(scope="session")
def apart() -> Counted:
    """No estimate, since a list shares nothing with the others."""
    return counted(published("artificial_3"))


@pytest.fixture(scope="session")
def changed() -> Counted:
    """A range with the tables of changed lists."""
    less = replace(QUICK, most_sweeps=5_000, replicates=60)
    return counted(independent(900, (0.5, 0.45, 0.4, 0.4), seed=5), effort=replace(QUICK, sensitivity=less))


@pytest.fixture(scope="session")
def strata() -> Counted:
    """Strata, of which one has no estimate."""
    parts = {
        "north": independent(500, (0.5, 0.4, 0.4), seed=1),
        "south": CaptureTable(("A", "B", "C"), published("artificial_3").counts.copy()),
    }
    whole = CaptureTable(("A", "B", "C"), parts["north"].counts + parts["south"].counts)
    return counted(whole, strata=parts)


@pytest.fixture(scope="session")
def linked() -> Counted:
    """A linkage that is not sure."""
    tables = [independent(600, (0.5, 0.4, 0.4, 0.4), seed=seed) for seed in (3, 4)]
    return counted(tables[0], linkage_tables=tables)
