"""The choice of a log-linear model by a criterion, done the same way for a table and for its resamples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causeway.count.hierarchical import catalogue, interactions
from causeway.count.log_linear_kernel import best_of, downhill, fit, superset_sums

__all__ = ["Choice", "Criterion", "Search", "default_order"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Criterion = Literal["bic", "aic"]

# Lists for which every hierarchical model is looked at; more have thousands, of terms that sparse tables
# can't carry.
_ALL_ORDERS = 4
# Models that are all fitted: for the table itself, and for each resample. Six lists' pairs make 32,768.
_MOST_MODELS = 40_000
_MOST_PER_RESAMPLE = 2_000
# Runners-up that are fitted again to be shown.
_NEXT = 20


def default_order(lists: int) -> int:
    """Return the largest interaction of models: all but the highest for up to four lists, else pairs."""
    return lists - 1 if lists <= _ALL_ORDERS else 2


@dataclass(frozen=True, eq=False)
class Choice:
    """One model, fitted.

    Args:
        terms: Its interactions as bit masks of lists.
        beta: float64 (2 ** lists,), its terms by mask; minus infinity where a margin is nought.
        score: The criterion, up to a constant that all models of one table share.
        total: Documented cases and those that it puts on no list.
    """

    terms: tuple[int, ...]
    beta: Floats
    score: float
    total: float


class Search:
    """How models are looked for, for tables of as many lists.

    All models are fitted where there are few; else the search goes downhill, one term at a time, from
    independent lists and from a model that is given.

    Args:
        lists: How many lists there are.
        order: Largest interaction.
        criterion: AIC charges 2 for a term, BIC the logarithm of the documented cases.
    """

    def __init__(self, lists: int, *, order: int, criterion: Criterion) -> None:
        self.terms: Ints = interactions(lists, order)
        self._lists = lists
        self._order = order
        self._criterion = criterion

    @property
    def exhaustive(self) -> bool:
        """True where every model is fitted to the table itself."""
        return self._models <= _MOST_MODELS

    @property
    def exhaustive_in_resamples(self) -> bool:
        """True where every model is fitted to each resample."""
        return self._models <= _MOST_PER_RESAMPLE

    @property
    def _models(self) -> float:
        """How many models there are, or more than can be fitted."""
        if self._lists > 6:
            return math.inf
        pairs = 2.0 ** (self._lists * (self._lists - 1) // 2)
        if self._order <= 2 or self._lists <= 3:
            return pairs
        # Four lists have 113, five 6,893 or fewer; six have millions.
        return {4: 113, 5: 6_893}.get(self._lists, math.inf)

    def choose(self, counts: Floats) -> tuple[Choice | None, tuple[Choice, ...]]:
        """Return the best model of a table, if one has an estimate, and those next to it by the criterion."""
        if self.exhaustive:
            models, sizes = catalogue(self._lists, self._order)
        else:
            chosen = np.zeros(self.terms.size, np.bool_)
            downhill(counts, self.terms, self._penalty(counts), chosen, np.empty(counts.size))
            models, sizes = self._neighbours(chosen)
        scores, totals = np.empty(sizes.size), np.empty(sizes.size)
        best = best_of(counts, models, sizes, self._penalty(counts), scores, totals)
        if best < 0:
            return None, ()
        order = [int(m) for m in np.argsort(scores, kind="stable")[:_NEXT] if math.isfinite(scores[m])]
        near = [self._fitted(counts, models[m, : sizes[m]], float(scores[m])) for m in order]
        return near[0], tuple(near[1:])

    def choose_again(self, counts: Floats, before: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
        """Return the best model's total and terms for a resample; infinite where none has an estimate."""
        penalty = self._penalty(counts)
        if self.exhaustive_in_resamples:
            models, sizes = catalogue(self._lists, self._order)
            scores, totals = np.empty(sizes.size), np.empty(sizes.size)
            best = best_of(counts, models, sizes, penalty, scores, totals)
            if best < 0:
                return math.inf, ()
            return float(totals[best]), tuple(int(term) for term in models[best, : sizes[best]])
        best_score, total, terms = math.inf, math.inf, tuple[int, ...]()
        beta = np.empty(counts.size)
        for start in ((), before):
            chosen = np.isin(self.terms, np.array(start, np.int64))
            score = downhill(counts, self.terms, penalty, chosen, beta)
            if score < best_score:
                best_score, total = score, float(counts.sum() + math.exp(beta[0]))
                terms = tuple(int(term) for term in self.terms[chosen])
        return total, terms

    def _penalty(self, counts: Floats) -> float:
        return 2.0 if self._criterion == "aic" else math.log(counts.sum())

    def _fitted(self, counts: Floats, terms: Ints, score: float) -> Choice:
        margins = counts.copy()
        superset_sums(margins)
        beta = np.empty(counts.size)
        fit(counts, margins, terms, beta, False)
        return Choice(tuple(int(t) for t in terms), beta, score, float(counts.sum() + math.exp(beta[0])))

    def _neighbours(self, chosen: NDArray[np.bool_]) -> tuple[Ints, Ints]:
        """Return a model and all that differ from it by one pair, as a catalogue; larger terms stay."""
        rows = [self.terms[chosen]]
        for place in np.flatnonzero([int(term).bit_count() == 2 for term in self.terms]):
            flipped = chosen.copy()
            flipped[place] = not flipped[place]
            above = (self.terms & self.terms[place]) == self.terms[place]
            if (chosen & above).sum() <= 1:
                rows.append(self.terms[flipped])
        sizes = np.array([row.size for row in rows], np.int64)
        models = np.zeros((len(rows), int(sizes.max()) or 1), np.int64)
        for model, row in zip(models, rows, strict=True):
            model[: row.size] = row
        # The same type as a catalogue's arrays: compiled code is made once.
        models.flags.writeable = sizes.flags.writeable = False
        return models, sizes
