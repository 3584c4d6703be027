from __future__ import annotations

import json

import numpy as np
import pytest

from causeway.count.effort import Effort, Stages
from causeway.count.families import estimate_families
from causeway.count.linkage_error import over_linkages, read_linkage_tables, spread_evenly
from causeway.count.table import CaptureTable, TableError
from tests.count.tables import independent

LITTLE = Effort(chains=2, most_sweeps=400, other_classes=(), replicates=40, draws=2_000, linkages=4)
TABLE = independent(1_500, [0.35, 0.3, 0.4], seed=3)


def missed(table: CaptureTable, share: float) -> CaptureTable:
    """Return the table as if some shared cases had not been recognised as one."""
    counts = table.counts.copy()
    for cell in range(counts.size):
        if cell.bit_count() > 1:
            lost = round(share * counts[cell])
            counts[cell] -= lost
            for bit in range(len(table.lists)):
                counts[1 << bit] += lost * (cell >> bit & 1)
    return CaptureTable(table.lists, counts)


def details(**changed) -> bytes:
    rows = [TABLE.counts[1:].tolist(), missed(TABLE, 0.1).counts[1:].tolist()]
    whole = {"lists": list(TABLE.lists), "histories": list(range(1, 8)), "tables": rows, "links": 3}
    return json.dumps(whole | changed).encode()


def test_what_the_linkage_wrote_is_read():
    one, other = read_linkage_tables(details(), lists=TABLE.lists)
    assert (one.counts == TABLE.counts).all()
    assert (other.counts == missed(TABLE, 0.1).counts).all()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"no JSON", "no plausible tables"),
        (b"[1]", "no plausible tables"),
        (b'{"lists": 3}', "no plausible tables"),
        (details(lists=["A", "B"]), "other lists"),
        (details(lists=["B", "A", "C"]), "another order"),
        (details(tables=[]), "whole numbers"),
        (details(tables=[[1, 2]]), "whole numbers"),
        (details(tables=[[0.5] * 7]), "whole numbers"),
        (details(tables=[["x"] * 7]), "whole numbers"),
        (details(tables=[[-1] * 7]), "cannot be"),
        (details(histories=[0, 1, 2, 3, 4, 5, 6]), "cannot be"),
        (details(histories=[1, 1, 2, 3, 4, 5, 6]), "cannot be"),
        (details(histories=[1, 2, 3, 4, 5, 6, 80]), "cannot be"),
        (details(tables=[[10**12] * 7]), "cannot be"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(data, sentence):
    with pytest.raises(TableError, match=sentence):
        read_linkage_tables(data, lists=TABLE.lists)


def test_tables_are_taken_from_all_along():
    tables = [missed(TABLE, share) for share in np.linspace(0, 0.3, 9)]
    assert spread_evenly(tables, 3) == [tables[0], tables[4], tables[8]]
    assert spread_evenly(tables, 50) == tables


def test_uncertain_links_widen_the_limits_upwards():
    families = estimate_families(TABLE, seed=1, effort=LITTLE)
    stages = Stages(None, None, weight=1.0)

    def high(shares: list[float]) -> tuple[float, float]:
        tables = [missed(TABLE, share) for share in shares]
        pooled, _, spread = over_linkages(
            families, tables, documented=TABLE.documented, seed=1, effort=LITTLE, stages=stages
        )
        assert spread.documented_low == min(one.documented for one in tables)
        assert spread.used == 4
        interval = pooled[0].interval
        assert interval is not None
        assert pooled[0].usable
        return interval.low, interval.high

    sure, unsure = high([0.0] * 4), high([0.0, 0.1, 0.2, 0.3])
    assert unsure[1] > sure[1] * 1.1
    assert unsure[0] == pytest.approx(sure[0], rel=0.05)


def test_a_family_that_falters_on_plausible_tables_is_not_used():
    families = estimate_families(TABLE, seed=1, effort=LITTLE)
    apart = TABLE.counts.copy()
    apart[[3, 5, 6, 7]] = 0
    tables = [TABLE, CaptureTable(TABLE.lists, apart)]
    stages = Stages(None, None, weight=1.0)
    pooled, widenings, _ = over_linkages(
        families, tables, documented=TABLE.documented, seed=1, effort=LITTLE, stages=stages
    )
    assert not any(one.usable for one in pooled)
    assert "1 of 2" in str(pooled[0].notes[0])
    assert pooled[0].interval == families.estimates[0].interval
    assert widenings == ()
