"""What averaging over decomposable models gives: the posterior with its parts, and when not to use it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.count.grid import Tail
from causeway.count.results import MOST_STRETCH, FamilyEstimate, Hump, Interval
from causeway.count.support import Support
from causeway.sentences import Sentence, say

__all__ = [
    "MOST_SATURATED",
    "MOST_TAIL",
    "DecomposablePosterior",
]

Floats = NDArray[np.float64]

MOST_TAIL = 1e-3
"""More of the posterior than this beyond the grid, and its upper limit can't be told."""

MOST_SATURATED = 0.95
"""With more than this on the saturated graph, every model that can answer fits the table badly."""

# A share that no reader needs as a number.
_NEXT_TO_NOTHING = 1e-3


@dataclass(frozen=True, eq=False)
class DecomposablePosterior:
    """The average, with all that a picture or a table of it needs.

    Args:
        lists: The lists that were used; those without cases are not.
        documented: Cases on at least one list.
        delta: The prior's weight for one cell, in cases.
        support: The posterior of the total.
        interval: Its median with 95 % limits.
        humps: Its modes, the heaviest first.
        saturated_mass: Part that the saturated graph would hold, or holds where it was put in.
        tail: What lies beyond the farthest point.
        graph_edges: uint32 (g,), the graphs averaged, as masks over `graphs.edge_pairs(len(lists))`.
        graph_mass: float64 (g,), the posterior's mass of each; sums to 1.
        notes: What was found in the table; those that block an estimate come first.
        blocked: True where a finding does.
    """

    lists: tuple[str, ...]
    documented: int
    delta: float
    support: Support
    interval: Interval
    humps: tuple[Hump, ...]
    saturated_mass: float
    tail: Tail
    graph_edges: NDArray[np.uint32]
    graph_mass: Floats
    notes: tuple[Sentence, ...]
    blocked: bool

    def estimate(self, *, seed: int, draws: int = 4_000) -> FamilyEstimate:
        """Return the family's answer, with this many draws of the total."""
        against = self._against()
        return FamilyEstimate(
            "decomposable",
            self.interval,
            usable=not (self.blocked or against),
            notes=(*(self.notes if self.blocked else ()), *against, *self._remarks()),
            humps=self.humps,
            draws=self.support.draws(draws, seed=seed),
        )

    def _against(self) -> tuple[Sentence, ...]:
        """Return why the interval must not be used."""
        out = []
        if self.tail.mass > MOST_TAIL:
            out.append(
                say(
                    "The posterior of the decomposable models goes on beyond the largest total looked at; "
                    "its upper limit cannot be told."
                )
            )
        if self.interval.high > MOST_STRETCH * self.interval.median:
            out.append(
                say(
                    "The upper limit of the decomposable models is more than {times} times their median: "
                    "the overlaps hardly bound the total.",
                    times=round(MOST_STRETCH),
                )
            )
        if self.saturated_mass > MOST_SATURATED:
            out.append(
                say(
                    "Every decomposable model that can answer fits the table badly: the saturated one, which "
                    "cannot, holds {share} % of the posterior.",
                    share=_percent(self.saturated_mass),
                )
            )
        return tuple(out)

    def _remarks(self) -> tuple[Sentence, ...]:
        """Return what else a reader must know."""
        out = [] if self.blocked else list(self.notes)
        if len(self.humps) > 1:
            out.append(
                say(
                    "The posterior of the decomposable models has {count} humps, the heaviest round {first} "
                    "({first_share} %), the next round {second} ({second_share} %): groups of models that "
                    "fit about as well disagree.",
                    count=len(self.humps),
                    first=round(self.humps[0].median),
                    first_share=_percent(self.humps[0].mass),
                    second=round(self.humps[1].median),
                    second_share=_percent(self.humps[1].mass),
                )
            )
        if self.saturated_mass <= MOST_SATURATED:
            out.append(self._on_saturated())
        return tuple(out)

    def _on_saturated(self) -> Sentence:
        share = _percent(self.saturated_mass)
        if self.graph_edges[-1] == _all_edges(len(self.lists)):
            return say(
                "The saturated model, in which every list depends on every other, is counted; "
                "it holds {share} % of the posterior.",
                share=share,
            )
        if self.saturated_mass < _NEXT_TO_NOTHING:
            return say(
                "The saturated model, in which every list depends on every other, says nothing of cases on "
                "no list and is left out; the table speaks against it in any case."
            )
        return say(
            "The saturated model, in which every list depends on every other, says nothing of cases on no "
            "list; it would hold {share} % of the posterior and is left out.",
            share=share,
        )


def _all_edges(lists: int) -> int:
    return (1 << lists * (lists - 1) // 2) - 1


def _percent(part: float) -> int | float:
    """Return a share in per cent with as many digits as a reader needs."""
    return round(100 * part) if part >= 0.1 else float(f"{100 * part:.2g}")
