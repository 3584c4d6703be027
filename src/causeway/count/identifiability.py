"""What a table can't carry, found before any model is fitted.

An estimate of those on no list comes from overlaps alone. So lists that overlap with no other say nothing
of it, groups of lists that never meet leave each other's share of the unseen open, and a log-linear model
may have no maximum likelihood estimate, or several, however long a program iterates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from causeway.count.table import MIN_LISTS, CaptureTable
from causeway.sentences import Sentence, say

__all__ = ["Existence", "Finding", "FindingKind", "existence", "findings", "without_empty_lists"]

FindingKind = Literal[
    "no_cases", "empty_list", "too_few_lists", "two_lists", "list_alone", "groups_apart", "pair_apart"
]

Existence = Literal["exists", "does_not_exist", "not_identifiable"]
"""Of a maximum likelihood estimate, some of whose terms may be minus infinity."""


@dataclass(frozen=True)
class Finding:
    """One thing that a table lacks.

    Args:
        kind: What it is.
        lists: The lists it is about.
        sentence: The same for a reader.
        blocks: True where no family of models can answer from the table as it stands.
    """

    kind: FindingKind
    lists: tuple[str, ...]
    sentence: Sentence
    blocks: bool


def findings(table: CaptureTable) -> tuple[Finding, ...]:
    """Return what stands in the way of an estimate, the gravest first."""
    if table.documented == 0:
        return (Finding("no_cases", (), say("The table documents no cases at all."), blocks=True),)
    sizes = _sizes(table)
    found = [
        Finding(
            "empty_list",
            (name,),
            say("The list {name} has no cases; it is left out.", name=name),
            blocks=False,
        )
        for name, size in zip(table.lists, sizes, strict=True)
        if size == 0
    ]
    used = [place for place, size in enumerate(sizes) if size > 0]
    if len(used) < MIN_LISTS:
        sentence = say(
            "All cases are on one list; nothing overlaps, so nothing can be said of those on none."
        )
        return (Finding("too_few_lists", tuple(table.lists[i] for i in used), sentence, blocks=True), *found)
    if len(used) == MIN_LISTS:
        names = tuple(table.lists[i] for i in used)
        sentence = say(
            "With two lists the whole estimate rests on their being independent, which two lists cannot show."
        )
        found.append(Finding("two_lists", names, sentence, blocks=False))
    found += _apart(table, used)
    return tuple(sorted(found, key=lambda finding: not finding.blocks))


def without_empty_lists(table: CaptureTable) -> CaptureTable:
    """Return the table without the lists that have no cases; two lists or more must have some."""
    for name, size in zip(table.lists, _sizes(table), strict=True):
        if size == 0:
            table = table.without(name)
    return table


def existence(table: CaptureTable, terms: Sequence[int]) -> Existence:
    """Say whether a hierarchical log-linear model has a maximum likelihood estimate from a table.

    A term whose margin is nought is minus infinity: it is taken out of the model, and with it the cells that
    it empties, which say no more. For the rest the estimate exists when no direction leaves the fit of cells
    with cases as it is and lowers that of some without: a linear program. It is identifiable when the
    columns that are left are independent.

    Args:
        table: The counts; the cell on no list has no row in the design.
        terms: The model's interactions, bit masks of two lists or more; main effects are always in.

    Source: Fienberg & Rinaldo (2012), Maximum likelihood estimation in log-linear models, Ann. Statist.
        40, 996-1023; Chan, Silverman & Vincent (2021), Multiple systems estimation for sparse capture data:
        inferential challenges when there are nonoverlapping lists, JASA 116, 1297-1306.
    """
    cells = np.arange(1, table.counts.size)
    every = [1 << place for place in range(len(table.lists))]
    every += [term for term in dict.fromkeys(terms) if term.bit_count() > 1]
    kept = [term for term in every if table.counts[1:][(cells & term) == term].sum() > 0]
    emptied = np.zeros(cells.size, bool)
    for term in set(every) - set(kept):
        emptied |= (cells & term) == term
    cells = cells[~emptied]
    counts = table.counts[cells]
    design = np.column_stack([np.ones(cells.size), *((cells & term) == term for term in kept)]).astype(
        np.float64
    )
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return "not_identifiable"
    return "exists" if not _escapes(design, counts) else "does_not_exist"


def _escapes(design: NDArray[np.float64], counts: NDArray[np.int64]) -> bool:
    """Return whether a direction keeps every cell with cases and lowers one without."""
    full, empty = design[counts > 0], design[counts == 0]
    if empty.shape[0] == 0:
        return False
    # Minimise the sum over cells without cases, each between −1 and 0; nought means that none can be lowered.
    answer = linprog(
        empty.sum(axis=0),
        A_ub=np.vstack([empty, -empty]),
        b_ub=np.concatenate([np.zeros(empty.shape[0]), np.ones(empty.shape[0])]),
        A_eq=full,
        b_eq=np.zeros(full.shape[0]),
        bounds=(None, None),
        method="highs",
    )
    return answer.fun is not None and bool(answer.fun < -1e-6)


def _sizes(table: CaptureTable) -> list[int]:
    return [int(size) for size in table.counts @ table.histories]


def _overlaps(table: CaptureTable) -> NDArray[np.int64]:
    """Return the cases that each pair of lists shares, shape (lists, lists)."""
    histories = table.histories.astype(np.int64)
    return histories.T @ (histories * table.counts[:, None])


def _apart(table: CaptureTable, used: list[int]) -> list[Finding]:
    """Return the lists and groups of lists that do not overlap."""
    overlaps = _overlaps(table)
    groups = _groups(overlaps, used)
    alone = [group[0] for group in groups if len(group) == 1]
    found = [
        Finding(
            "list_alone",
            (table.lists[place],),
            say(
                "No case on the list {name} is on any other list. Nothing ties it to the rest: leave it out, "
                "or find what links it.",
                name=table.lists[place],
            ),
            blocks=True,
        )
        for place in alone
    ]
    together = [group for group in groups if len(group) > 1]
    if len(together) > 1:
        names = "; ".join(", ".join(table.lists[place] for place in group) for group in together)
        sentence = say("The lists fall into groups that share no case: {groups}.", groups=names)
        found.append(Finding("groups_apart", tuple(table.lists[i] for i in used), sentence, blocks=True))
    for one, other in combinations(used, 2):
        if overlaps[one, other] == 0 and one not in alone and other not in alone:
            pair = (table.lists[one], table.lists[other])
            sentence = say("The lists {one} and {other} share no case.", one=pair[0], other=pair[1])
            found.append(Finding("pair_apart", pair, sentence, blocks=False))
    return found


def _groups(overlaps: NDArray[np.int64], used: list[int]) -> list[list[int]]:
    """Return the lists that are tied to each other by shared cases, directly or through others."""
    left = list(used)
    groups = []
    while left:
        group, edge = [], [left.pop(0)]
        while edge:
            place = edge.pop()
            group.append(place)
            near = [other for other in left if overlaps[place, other] > 0]
            left = [other for other in left if other not in near]
            edge += near
        groups.append(sorted(group))
    return groups
