"""What the choice of a log-linear model gives: the model, its rivals, and when not to use it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc

from causeway.count.bootstrap import Limits
from causeway.count.results import MOST_STRETCH, FamilyEstimate, Interval
from causeway.count.selection import Criterion
from causeway.sentences import Sentence, say

__all__ = ["Bootstrap", "Coefficient", "LimitsBy", "LogLinearFit", "LogLinearModel", "NoFit"]

# Behind the best by less than this, a model is as good for all that anyone can tell: Kass & Raftery (1995),
# Bayes factors, JASA 90, section 3.2.
_AS_GOOD = 2.0
# More resamples than this without an estimate, and the limits are those of the luckier ones.
_MOST_FAILED = 0.05
# A table that fits worse than one in a thousand drawn from the model.
_BAD_FIT = 1e-3

LimitsBy = Literal["percentile", "bca"]
Generators = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class NoFit:
    """Why there is no fit at all."""

    reasons: tuple[Sentence, ...]


@dataclass(frozen=True)
class Coefficient:
    """One term: the lists it is about, none for the constant; minus infinity where they share no case."""

    lists: tuple[str, ...]
    value: float


@dataclass(frozen=True)
class LogLinearModel:
    """One hierarchical model, fitted.

    Args:
        terms: Its largest interactions, as names of lists.
        total: Documented cases and those that it puts on no list.
        behind: How much worse than the best by the criterion.
        freedom: Cells less terms, both without those at minus infinity; at nought the model fits whatever
            the counts are.
        deviance: Of the table from it.
    """

    terms: Generators
    total: float
    behind: float
    freedom: int
    deviance: float

    @property
    def name(self) -> str:
        """The model as its largest interactions, joined."""
        return ", ".join("×".join(lists) for lists in self.terms)


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """The procedure repeated.

    Args:
        totals: float64 (replicates,), in the order drawn; infinite where no model had an estimate.
        bca: Limits, bias-corrected and accelerated, where they were asked for.
        models: Models chosen in resamples and how often, the most frequent first.
    """

    totals: NDArray[np.float64]
    bca: Limits | None
    models: tuple[tuple[Generators, int], ...]

    @property
    def failed(self) -> float:
        """Part of the resamples that have no estimate."""
        return float(np.mean(~np.isfinite(self.totals)))

    @property
    def percentiles(self) -> tuple[float, float]:
        """The plain 95 % limits."""
        low, high = np.quantile(self.totals, [0.025, 0.975], method="inverted_cdf")
        return float(low), float(high)


@dataclass(frozen=True, eq=False)
class LogLinearFit:
    """The chosen model, with all that a reader or a statistician asks next.

    Args:
        lists: The lists that were used; those without cases are not.
        documented: Cases on at least one list.
        criterion: What chose.
        order: Largest interaction that was looked at, in lists.
        exhaustive: True where every such model was fitted.
        model: The best.
        coefficients: Its terms, the constant first: the logarithm of the cases on no list.
        alternatives: The next by the criterion, at most nineteen.
        bootstrap: The resamples.
        notes: What was found in the table; those that block an estimate come first.
        blocked: True where a finding does.
    """

    lists: tuple[str, ...]
    documented: int
    criterion: Criterion
    order: int
    exhaustive: bool
    model: LogLinearModel
    coefficients: tuple[Coefficient, ...]
    alternatives: tuple[LogLinearModel, ...]
    bootstrap: Bootstrap
    notes: tuple[Sentence, ...]
    blocked: bool

    @property
    def rivals(self) -> tuple[LogLinearModel, ...]:
        """Models that are as good by the criterion for all that anyone can tell."""
        return tuple(model for model in self.alternatives if model.behind <= _AS_GOOD)

    @property
    def interval(self) -> Interval | None:
        """The model's total with the bootstrap's limits; None where resamples leave it open above.

        Limits are widened to the estimate where resamples leave it outside.
        """
        bca = self.bootstrap.bca
        low, high = (bca.low, bca.high) if bca else self.bootstrap.percentiles
        if not math.isfinite(high):
            return None
        total = self.model.total
        return Interval(total, max(min(low, total), float(self.documented)), max(high, total))

    def estimate(self) -> FamilyEstimate:
        """Return the family's answer; its draws are the totals of resamples that have one."""
        against = self._against()
        totals = self.bootstrap.totals
        finite = np.rint(totals[np.isfinite(totals) & (totals < 1e15)]).astype(np.int64)
        return FamilyEstimate(
            "log_linear",
            self.interval,
            usable=not (self.blocked or against),
            notes=(*(self.notes if self.blocked else ()), *against, *self._remarks()),
            draws=finite if finite.size else None,
        )

    def _against(self) -> tuple[Sentence, ...]:
        """Return why the interval must not be used."""
        out = []
        interval = self.interval
        if self.model.freedom <= 0:
            out.append(
                say(
                    "The best log-linear model has as many terms as there are counts: it fits whatever they "
                    "are, so they cannot speak against it."
                )
            )
        if interval is None or self.bootstrap.failed > _MOST_FAILED:
            out.append(
                say(
                    "In {share} % of the resamples no log-linear model has an estimate.",
                    share=round(100 * self.bootstrap.failed, 1),
                )
            )
        elif interval.high > MOST_STRETCH * interval.median:
            out.append(
                say(
                    "The upper limit of the log-linear models is more than {times} times their estimate: the "
                    "overlaps hardly bound the total.",
                    times=round(MOST_STRETCH),
                )
            )
        return tuple(out)

    def _remarks(self) -> tuple[Sentence, ...]:
        """Return what else a reader must know."""
        out = [] if self.blocked else list(self.notes)
        out.append(
            say(
                "Best log-linear model by {criterion}, with interactions of at most {order} lists: {model}.",
                criterion=self.criterion.upper(),
                order=self.order,
                model=self.model.name,
            )
        )
        if self.rivals:
            totals = [model.total for model in (self.model, *self.rivals)]
            out.append(
                say(
                    "Log-linear models that fit about as well: {count}, with totals from {low} to {high}.",
                    count=len(totals),
                    low=round(min(totals)),
                    high=round(max(totals)),
                )
            )
        if self.model.freedom > 0 and _upper_tail(self.model) < _BAD_FIT:
            out.append(say("Even the best log-linear model fits the table badly."))
        out.append(
            say(
                "In {share} % of the resamples another model was chosen.",
                share=round(100 * self._changed()),
            )
        )
        return tuple(out)

    def _changed(self) -> float:
        same = sum(times for terms, times in self.bootstrap.models if terms == self.model.terms)
        return 1.0 - same / self.bootstrap.totals.size


def _upper_tail(model: LogLinearModel) -> float:
    """Return the chance of a larger deviance, by its chi-squared limit."""
    return float(gammaincc(0.5 * model.freedom, 0.5 * max(model.deviance, 0.0)))
