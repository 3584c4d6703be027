"""Several chains side by side, run until they agree or until patience ends.

A sampler that has not mixed still prints an interval. So nothing here is handed out without the two numbers
that tell: R-hat, which sees chains that disagree, and the effective sample size, which sees chains that
crawl.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from causeway.count.watch import Watch

__all__ = [
    "LEAST_EFFECTIVE",
    "MOST_RHAT",
    "OTHERS_RHAT",
    "Chain",
    "Diagnosis",
    "Run",
    "diagnose",
    "run_chains",
]

Floats = NDArray[np.float64]

MOST_RHAT = 1.01
"""Vehtari, Gelman, Simpson, Carpenter & Bürkner (2021), Rank-normalization, folding, and localization: an
improved R-hat, Bayesian Analysis 16(2), 667-718: chains above it have not mixed."""

LEAST_EFFECTIVE = 400.0
"""Effective draws in all, of the bulk and of the tails; the same paper, section 4."""

OTHERS_RHAT = 1.05
"""What is only watched beside the total may be slower: classes trade places without moving it."""

_TAILS = (0.025, 0.975)
# States kept by each chain in the first round, and in one piece of work: the caller is asked between pieces.
_FIRST = 600
_PIECE = 100


class Chain(Protocol):
    """Something that moves on by itself, on a thread of its own."""

    def run(self, kept: int, /) -> Floats:
        """Keep so many more states and return what is watched of them, shape (quantities, kept)."""
        ...


@dataclass(frozen=True)
class Diagnosis:
    """Whether chains agree, of one quantity.

    Args:
        rhat: Rank-normalised split R-hat, the larger of the bulk's and the folded one; 1 is perfect.
        ess_bulk: Effective draws for the median.
        ess_tail: Effective draws for the 95 % limits, the worse of the two.
    """

    rhat: float
    ess_bulk: float
    ess_tail: float

    @property
    def effective(self) -> float:
        """Effective draws, of the bulk or of the tails, whichever are fewer."""
        return min(self.ess_bulk, self.ess_tail)

    @property
    def mixed(self) -> bool:
        """True where the draws may be used."""
        return self.rhat <= MOST_RHAT and self.effective >= LEAST_EFFECTIVE


@dataclass(frozen=True, eq=False)
class Run:
    """What several chains gave.

    Args:
        draws: float64 (quantities, chains, kept), the last two thirds of each chain.
        diagnoses: One for each quantity.
        states: Kept by each chain in all, the warm-up included.
    """

    draws: NDArray[np.float64]
    diagnoses: tuple[Diagnosis, ...]
    states: int

    @property
    def mixed(self) -> bool:
        """True where the first quantity's draws may be used and chains nearly agree on the others too."""
        first, *others = self.diagnoses
        return first.mixed and all(other.rhat <= OTHERS_RHAT for other in others)


def diagnose(draws: Floats) -> Diagnosis:
    """Return R-hat and effective sizes of one quantity, shape (chains, kept).

    A quantity that never moves has no effective size and no R-hat; it counts as not mixed.

    Source: Vehtari et al. (2021), as above, as ArviZ computes them.
    """
    # All of scipy.stats stands behind it: not needed by anyone who only averages graphs.
    from arviz_stats import base

    if not np.ptp(draws) > 0:
        return Diagnosis(np.inf, 0.0, 0.0)
    untyped: Any = base
    stats = untyped.array_stats
    axes = {"chain_axis": 0, "draw_axis": 1}
    return Diagnosis(
        rhat=float(stats.rhat(draws, method="rank", **axes)),
        ess_bulk=float(stats.ess(draws, method="bulk", **axes)),
        ess_tail=float(stats.ess(draws, method="tail", prob=_TAILS, **axes)),
    )


def run_chains(chains: Sequence[Chain], *, most: int, watch: Watch) -> Run:
    """Run chains in rounds, each as long as all before it, until they have mixed.

    The first third of what was run so far is warm-up and left out, so that a bad start is forgotten as the
    run grows.

    Args:
        chains: At least two.
        most: States kept by each chain, the warm-up included, after which patience ends.
        watch: Told of progress, asked to stop.

    Raises:
        Cancelled: The caller wanted to stop.
    """
    parts: list[list[Floats]] = [[] for _ in chains]
    states = 0
    with ThreadPoolExecutor(min(len(chains), os.cpu_count() or 1)) as pool:
        while True:
            goal = min(most, max(_FIRST, 2 * states))
            while states < goal:
                piece = min(_PIECE, goal - states)
                moving = [pool.submit(chain.run, piece) for chain in chains]
                for kept, moved in zip(parts, moving, strict=True):
                    kept.append(moved.result())
                states += piece
                watch.look(states / most)
            draws = np.stack([np.concatenate(kept, axis=1) for kept in parts], axis=1)[:, :, states // 3 :]
            run = Run(draws, tuple(diagnose(quantity) for quantity in draws), states)
            if run.mixed or states >= most:
                return run
