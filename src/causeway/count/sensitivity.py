"""What becomes of the range without a list, and with two lists made one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from causeway.count.chao import estimate_chao
from causeway.count.effort import Effort, Stages
from causeway.count.families import FAMILIES_WEIGHT, Families, estimate_families
from causeway.count.identifiability import without_empty_lists
from causeway.count.results import FamilyEstimate
from causeway.count.table import CaptureTable
from causeway.count.verdict import Verdict, decide
from causeway.sentences import Sentence, say

__all__ = [
    "FEWEST_LISTS",
    "MOST_LISTS",
    "MOST_PAIRS",
    "Changed",
    "Refused",
    "merged_pairs",
    "runs",
    "with_two_merged",
    "without_each_list",
]

FEWEST_LISTS = 3
"""What is left with two lists rests on their independence alone."""

MOST_LISTS = 8
"""One estimate from more lists takes a minute or two; a table of them would take hours."""

MOST_PAIRS = 15
"""Pairs of lists that are merged: all of six lists; of more, those that share most cases."""


@dataclass(frozen=True, eq=False)
class Changed:
    """The estimate from a changed table.

    Args:
        lists: The list that was left out, or the two that were made one.
        documented: Cases that are left.
        verdict: On what is left.
        families: Each family's answer; their limits rest on fewer draws than those of the whole table.
    """

    lists: tuple[str, ...]
    documented: int
    verdict: Verdict
    families: tuple[FamilyEstimate, ...]


@dataclass(frozen=True)
class Refused:
    """Why there is no such table."""

    reason: Sentence


def runs(table: CaptureTable) -> int:
    """Return how many estimates both tables of changes take, for a caller who shows progress."""
    dropped, merged = _dropped(table), merged_pairs(table)
    return sum(len(names) for names in (dropped, merged) if not isinstance(names, Refused))


def without_each_list(
    table: CaptureTable, *, seed: int, effort: Effort, stages: Stages | None = None
) -> tuple[Changed, ...] | Refused:
    """Estimate anew without each list in turn: an answer that hangs on one list shows.

    Raises:
        Cancelled: The caller wanted to stop.
    """
    names = _dropped(table)
    if isinstance(names, Refused):
        return names
    return tuple(_changed(table.without(name), (name,), seed, effort, stages) for name in names)


def with_two_merged(
    table: CaptureTable, *, seed: int, effort: Effort, stages: Stages | None = None
) -> tuple[Changed, ...] | Refused:
    """Estimate anew with each two lists as one: lists that copy from each other show.

    Raises:
        Cancelled: The caller wanted to stop.
    """
    pairs = merged_pairs(table)
    if isinstance(pairs, Refused):
        return pairs
    return tuple(_changed(table.merged(*pair), pair, seed, effort, stages) for pair in pairs)


def _changed(
    table: CaptureTable, lists: tuple[str, ...], seed: int, effort: Effort, stages: Stages | None
) -> Changed:
    if table.documented == 0:
        families = Families((estimate_chao(table),))
        if stages is not None:
            stages.next(say("Passing over a table without cases"), FAMILIES_WEIGHT)
    else:
        families = estimate_families(table, seed=seed, effort=effort, stages=stages)
    return Changed(lists, table.documented, decide(table, families), families.estimates)


def _dropped(table: CaptureTable) -> tuple[str, ...] | Refused:
    lists = _used(table)
    refused = _refused(lists, say("Leaving a list out would leave fewer than three: too few to compare."))
    return refused or lists


def merged_pairs(table: CaptureTable) -> tuple[tuple[str, str], ...] | Refused:
    """Return the pairs of lists that are merged, in their order, or why none is."""
    lists = _used(table)
    refused = _refused(lists, say("Making two lists one would leave fewer than three: too few to compare."))
    if refused:
        return refused
    histories = table.histories

    def shared(pair: tuple[str, str]) -> int:
        one, other = (histories[:, table.lists.index(name)] for name in pair)
        return int(table.counts[one & other].sum())

    pairs = list(combinations(lists, 2))
    kept = set(sorted(pairs, key=shared, reverse=True)[:MOST_PAIRS])
    return tuple(pair for pair in pairs if pair in kept)


def _refused(lists: tuple[str, ...], too_few: Sentence) -> Refused | None:
    if len(lists) - 1 < FEWEST_LISTS:
        return Refused(too_few)
    if len(lists) > MOST_LISTS:
        return Refused(
            say(
                "With more than {most} lists a table of estimates from changed lists would take hours; "
                "change the table and estimate again for those that matter.",
                most=MOST_LISTS,
            )
        )
    return None


def _used(table: CaptureTable) -> tuple[str, ...]:
    if (table.counts @ table.histories > 0).sum() < FEWEST_LISTS:
        return ()
    return without_empty_lists(table).lists
