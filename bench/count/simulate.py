"""Tables from known totals: four kinds of lists, three to six of them, by seed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from causeway.count.identifiability import findings
from causeway.count.table import CaptureTable

__all__ = ["KINDS", "LISTS", "Case", "Kind", "case", "cases"]

Kind = Literal["independent", "dependent", "heterogeneous", "sparse"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LISTS = (3, 4, 5, 6)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A table and the truth behind it.

    Args:
        kind: How the lists came about.
        seed: What it was made from.
        table: What an analyst would see.
        total: All cases, those on no list among them.
    """

    kind: Kind
    seed: int
    table: CaptureTable
    total: int

    @property
    def identifiable(self) -> bool:
        """Whether some model whose total the table can tell is true.

        Two hidden groups on three lists have eight unknowns for seven counts. A table whose lists fall apart
        says nothing of the rest, however it came about.
        """
        if any(finding.blocks for finding in findings(self.table)):
            return False
        return self.kind != "heterogeneous" or len(self.table.lists) > 3


def cases(seeds: Iterable[int], *, lists: Sequence[int] = LISTS) -> Iterator[Case]:
    """Return a table of each kind and number of lists for each seed."""
    for seed in seeds:
        for number in lists:
            for kind in KINDS:
                yield case(kind, number, seed)


def case(kind: Kind, lists: int, seed: int) -> Case:
    """Return one table.

    independent         300 to 6,000 people, each list finds 5 to 40 % of them, whoever they are
    dependent           one list in two leans on an earlier one: whoever is on that is on it with odds two to
                        six times as high, or in one case of four as low
    heterogeneous       two groups: 30 to 60 % are found by each list with a chance of 20 to 55 %, the others
                        with one of 2 to 15 %
    sparse              150 to 1,200 people, each list finds 2 to 14 % of them; one pair of lists depends
    """
    rng = np.random.default_rng([KINDS.index(kind), lists, seed])
    sparse = kind == "sparse"
    total = round(math.exp(rng.uniform(*np.log((150, 1_200) if sparse else (300, 6_000)))))
    if kind == "heterogeneous":
        easy = rng.random(total) < rng.uniform(0.3, 0.6)
        chances = np.where(easy[:, None], rng.uniform(0.2, 0.55, lists), rng.uniform(0.02, 0.15, lists))
        found = rng.random((total, lists)) < chances
    else:
        chances = rng.uniform(0.02, 0.14, lists) if sparse else rng.uniform(0.05, 0.4, lists)
        found = _found(total, chances, _leaning(kind, lists, rng), rng)
    counts = np.bincount(found @ (1 << np.arange(lists)), minlength=1 << lists).astype(np.int64)
    counts[0] = 0
    return Case(kind, seed, CaptureTable(tuple("ABCDEF"[:lists]), counts), total)


def _leaning(kind: Kind, lists: int, rng: np.random.Generator) -> dict[int, tuple[int, float]]:
    """Return for some lists an earlier one that they lean on, and by how much, as a logarithm of odds."""
    if kind == "independent":
        return {}
    who = rng.choice(np.arange(1, lists), 1 if kind == "sparse" else lists // 2, replace=False)
    return {
        int(one): (int(rng.integers(one)), math.log(rng.uniform(2, 6)) * (-1 if rng.random() < 0.25 else 1))
        for one in who
    }


def _found(
    total: int, chances: Floats, leaning: dict[int, tuple[int, float]], rng: np.random.Generator
) -> NDArray[np.bool_]:
    found = np.zeros((total, chances.size), bool)
    for place, chance in enumerate(chances):
        odds = np.full(total, math.log(chance / (1 - chance)))
        if place in leaning:
            on, by = leaning[place]
            # Centred, so that the list stays about as long.
            odds += by * (found[:, on] - found[:, on].mean())
        found[:, place] = rng.random(total) < 1 / (1 + np.exp(-odds))
    return found
