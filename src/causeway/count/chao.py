"""Chao's lower bound: what overlaps of one and two lists say, whatever the number of lists.

Cases found once are compared with cases found twice. Under independent lists of any sizes the sum over
pairs of (found by the one alone) · (found by the other alone), divided by the cases found exactly twice,
estimates those found by none; where cases differ in how easily they are found, it falls short of them by
the Cauchy-Schwarz inequality. So it is a lower bound then, and close where cases differ little. It may lie
too high where lists avoid each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from causeway.count.identifiability import findings
from causeway.count.results import FamilyEstimate, Interval
from causeway.count.table import CaptureTable
from causeway.sentences import Sentence, say

__all__ = ["FEWEST_TWICE", "PairEstimate", "estimate_chao", "estimate_pairs"]

FEWEST_TWICE = 3
"""With fewer cases on exactly two lists the bound says next to nothing."""

# The 97.5 % point of the normal distribution.
_Z = 1.959963984540054


@dataclass(frozen=True)
class PairEstimate:
    """What two lists alone say, as if they were independent.

    Args:
        lists: Their names.
        shared: Cases on both.
        interval: Chapman's estimate of the total with log-normal limits.
    """

    lists: tuple[str, str]
    shared: int
    interval: Interval


def estimate_chao(table: CaptureTable) -> FamilyEstimate:
    """Return Chao's lower bound with its log-normal interval, for any number of lists.

    Source: Chao (1989), Estimating population size for sparse data in capture-recapture experiments,
        Biometrics 45, 427-438: the bias-corrected form with lists of unequal size. Variance and log-normal
        limits in the way of Chao (1987), Biometrics 43, 783-791.
    """
    blocking = tuple(finding.sentence for finding in findings(table) if finding.blocks)
    if table.documented == 0:
        return FamilyEstimate("chao", None, usable=False, notes=blocking)
    once, twice = _once(table), int(table.counts[table.histories.sum(axis=1) == 2].sum())
    notes: tuple[Sentence, ...] = blocking
    if twice < FEWEST_TWICE:
        notes += (
            say(
                "Only {twice} cases stand on exactly two lists; that is too few for Chao's lower bound.",
                twice=twice,
            ),
        )
    usable = not notes
    notes += (
        say(
            "Chao's figure is a lower bound where cases differ in how easily they are found; "
            "where lists avoid each other's cases it may lie too high."
        ),
    )
    return FamilyEstimate("chao", _bound(table.documented, once, twice), usable=usable, notes=notes)


def estimate_pairs(table: CaptureTable) -> tuple[PairEstimate, ...]:
    """Return Chapman's estimate for each pair of lists, in their order.

    Far apart, they show which lists depend on each other, or reach different people.

    Source: Chapman (1951), Some properties of the hypergeometric distribution with applications to
        zoological sample censuses, University of California Publications in Statistics 1; it
        is Chao's with two lists.
    """
    out = []
    histories = table.histories
    for one, other in combinations(range(len(table.lists)), 2):
        both = int(table.counts[histories[:, one] & histories[:, other]].sum())
        single = [int(table.counts[histories[:, place]].sum()) - both for place in (one, other)]
        interval = _bound(sum(single) + both, np.array(single, np.float64), both)
        out.append(PairEstimate((table.lists[one], table.lists[other]), both, interval))
    return tuple(out)


def _once(table: CaptureTable) -> NDArray[np.float64]:
    """Return the cases that each list alone has found."""
    return np.asarray(table.counts[1 << np.arange(len(table.lists))], np.float64)


def _bound(seen: int, once: NDArray[np.float64], twice: int) -> Interval:
    """Return the bound on the total with its limits."""
    ahead = float(once.sum())
    unseen = (ahead**2 - float((once**2).sum())) / (2 * (twice + 1))
    if unseen == 0:
        return Interval(median=float(seen), low=float(seen), high=float(seen))
    # Delta method over independent Poisson counts, and the chance of who stays unseen. With one number for
    # all found once, and no correction, this is Chao's (1987) f2 (r⁴/4 + r³ + r²/2) with r = f1/f2.
    variance = float((once * ((ahead - once) / (twice + 1)) ** 2).sum())
    variance += twice * (unseen / (twice + 1)) ** 2 + unseen
    stretch = np.exp(_Z * np.sqrt(np.log1p(variance / unseen**2)))
    return Interval(
        median=seen + unseen, low=seen + unseen / float(stretch), high=seen + unseen * float(stretch)
    )
