from __future__ import annotations

import numpy as np
import pytest

from causeway.count.effort import Effort, Stages
from causeway.count.read_table import write_table
from causeway.count.strata import added_up, over_strata, read_strata
from causeway.count.table import CaptureTable, TableError
from causeway.errors import LocalError
from tests.count.tables import independent

LITTLE = Effort(chains=2, most_sweeps=400, other_classes=(), replicates=60, draws=2_000)

# Easy to find in one place, hard in the other: 1,500 people in all.
PLACES = {
    "north": independent(700, [0.5, 0.6, 0.4], seed=1),
    "south": independent(800, [0.15, 0.2, 0.25], seed=2),
}


def as_csv(strata: dict[str, CaptureTable], *, column: int = 0, delimiter: str = ",") -> bytes:
    lines: list[str] = []
    for name, table in strata.items():
        heading, *rows = write_table(table).decode().splitlines()
        for row in [heading] * (not lines) + rows:
            fields = row.split(",")
            fields.insert(column, "place" if row == heading else name)
            lines.append(delimiter.join(fields))
    return "\n".join(lines).encode()


@pytest.mark.parametrize(("column", "delimiter"), [(0, ","), (2, ";"), (4, "\t")])
def test_a_column_parts_the_table(column, delimiter):
    found = read_strata(as_csv(PLACES, column=column, delimiter=delimiter), column="place")
    assert list(found) == ["north", "south"]
    for name, table in PLACES.items():
        assert found[name].lists == table.lists
        assert (found[name].counts == table.counts).all()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "no column of that name"),
        (b"A,B,count\n1,1,5\n", "no column of that name"),
        (b"place,place,A,B,count\nn,n,1,1,5\n", "has it twice"),
        (b"place,A,B,count\nn,1,1,5\n,1,0,5\n", "no stratum"),
        (b"place,A,B,count\nn,1,1,5\ns,1,0\n", "more or fewer columns"),
        (b"place,A,B,count\nn,1,1,5\n", "two to fifty"),
        (b"place,A,B,count\nn,1,1,5\ns,1,1,-2\n", "negative"),
        (b'place,A,B,count\nn,1,1,"5\n', "well-formed"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_garbage_is_refused_in_a_sentence(data, sentence):
    with pytest.raises(TableError, match=sentence):
        read_strata(data, column="place")


def test_strata_add_up_to_the_table():
    whole = added_up(PLACES)
    assert whole.documented == PLACES["north"].documented + PLACES["south"].documented
    with pytest.raises(LocalError, match="two or more"):
        added_up({"north": PLACES["north"]})
    other = CaptureTable(("A", "B", "X"), PLACES["south"].counts.copy())
    with pytest.raises(LocalError, match="same lists"):
        added_up({"north": PLACES["north"], "south": other})


def test_totals_of_strata_are_summed_and_hold_the_truth():
    stages = Stages(None, None, weight=1.0)
    estimates, _, verdict, own = over_strata(PLACES, seed=1, effort=LITTLE, stages=stages)
    assert [one.family for one in estimates] == ["decomposable", "latent_class", "log_linear", "chao"]
    summed = estimates[0].interval
    assert summed is not None
    parts = [one.families[0].interval for one in own]
    assert summed.median == pytest.approx(sum(part.median for part in parts if part), rel=0.03)
    # Independent strata: the sum is narrower than its parts' ends added up.
    assert summed.high - summed.low < sum(part.high - part.low for part in parts if part)
    assert verdict.low is not None
    assert verdict.high is not None
    assert verdict.low < 1_500 < verdict.high


def test_a_stratum_without_an_estimate_is_named():
    lonely = np.zeros(8, np.int64)
    lonely[[1, 2, 3, 4]] = [40, 30, 12, 20]
    strata = {"north": PLACES["north"], "west": CaptureTable(("A", "B", "C"), lonely)}
    stages = Stages(None, None, weight=1.0)
    estimates, _, verdict, own = over_strata(strata, seed=1, effort=LITTLE, stages=stages)
    assert verdict.verdict == "none"
    assert "west" in str(verdict.reason)
    assert "north" not in str(verdict.reason)
    assert not any(one.usable for one in estimates)
    assert [one.verdict.verdict for one in own] == ["range", "none"]
