"""All four families on one table, and the two assumptions that widen what they say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causeway.count.chao import estimate_chao
from causeway.count.decomposable import decomposable_posterior
from causeway.count.decomposable_results import DecomposablePosterior
from causeway.count.effort import Effort, Stages
from causeway.count.identifiability import findings, without_empty_lists
from causeway.count.latent_class import LEAST_LISTS, LatentClassPosterior, latent_class_posterior
from causeway.count.log_linear import log_linear_fit
from causeway.count.log_linear_results import LogLinearFit
from causeway.count.results import Family, FamilyEstimate, Interval
from causeway.count.table import CaptureTable
from causeway.count.unequal import UnequalFit, unequal_fit
from causeway.sentences import Sentence, say

__all__ = ["FAMILIES_WEIGHT", "Families", "Widening", "WideningKind", "estimate_families"]

FAMILIES_WEIGHT = 10.0
"""Of `Stages`: what all families take, beside what else is to do."""

MOST_RICHER_LISTS = 4
"""Up to four lists every hierarchical model is looked at, and AIC asks whether the data speak for a richer
one than BIC took; for more lists it looked at the same pairs and changed no range (bench)."""

# Kass & Raftery (1995), Bayes factors, JASA 90, section 3.2: a BIC worse by more is very strong evidence.
_VERY_STRONG = 10.0

_FEW_SWEEPS = 5_000

WideningKind = Literal["unequal", "richer"]


@dataclass(frozen=True, eq=False)
class Widening:
    """What the total may be under an assumption that the families do not make.

    Args:
        kind: `unequal`, cases differ in how easily any list finds them; `richer`, a log-linear model with
            more terms, chosen by AIC.
        assumption: The same for a reader.
        interval: The total under it.
        totals: float64, of its resamples, finite.
        contradicted: True where the table speaks very strongly against it.
    """

    kind: WideningKind
    assumption: Sentence
    interval: Interval
    totals: NDArray[np.float64]
    contradicted: bool = False


@dataclass(frozen=True, eq=False)
class Families:
    """Each family's answer, and what it rests on where there is something.

    Args:
        estimates: All four, in the order of `Family`.
        widenings: Further assumptions.
        decomposable: The posterior behind it.
        latent_class: The posterior behind it.
        log_linear: The fit behind it.
    """

    estimates: tuple[FamilyEstimate, ...]
    widenings: tuple[Widening, ...] = ()
    decomposable: DecomposablePosterior | None = None
    latent_class: LatentClassPosterior | None = None
    log_linear: LogLinearFit | None = None

    def of(self, family: Family) -> FamilyEstimate:
        """Return one family's answer."""
        return next(one for one in self.estimates if one.family == family)


def estimate_families(
    table: CaptureTable, *, seed: int, effort: Effort, stages: Stages | None = None
) -> Families:
    """Run every family on a table.

    Args:
        table: The counts.
        seed: For draws, chains and resamples.
        effort: How much computing.
        stages: Told of progress, asked to stop; takes `FAMILIES_WEIGHT`.

    Raises:
        Cancelled: The caller wanted to stop.
    """
    stages = stages or Stages(None, None, weight=FAMILIES_WEIGHT)
    tell = stages.next(say("Averaging over decomposable models"), 1.0)
    averaged = decomposable_posterior(table, progress=tell, cancel=stages.cancel)
    tell = stages.next(say("Choosing among log-linear models"), 3.0)
    fitted = log_linear_fit(
        table, seed=seed, replicates=effort.replicates, progress=tell, cancel=stages.cancel
    )
    stages.look()
    chosen = fitted if isinstance(fitted, LogLinearFit) else None
    widenings = _widenings(table, chosen, seed=seed, effort=effort, stages=stages)
    tell = stages.next(say("Sampling latent classes"), 5.0)
    # From fewer lists what it says is its prior's and is used for nothing: no patience is spent on it.
    told_apart = int((table.counts @ table.histories > 0).sum()) >= LEAST_LISTS
    sampled = latent_class_posterior(
        table,
        seed=seed,
        chains=effort.chains,
        other_classes=effort.other_classes if told_apart else (),
        most_sweeps=effort.most_sweeps if told_apart else min(effort.most_sweeps, _FEW_SWEEPS),
        progress=tell,
        cancel=stages.cancel,
    )
    stages.look()
    return Families(
        (
            averaged.estimate(seed=seed, draws=effort.draws)
            if isinstance(averaged, DecomposablePosterior)
            else FamilyEstimate("decomposable", None, usable=False, notes=averaged.reasons),
            sampled.estimate(draws=effort.draws)
            if isinstance(sampled, LatentClassPosterior)
            else FamilyEstimate("latent_class", None, usable=False, notes=sampled.reasons),
            fitted.estimate()
            if isinstance(fitted, LogLinearFit)
            else FamilyEstimate("log_linear", None, usable=False, notes=fitted.reasons),
            estimate_chao(table),
        ),
        widenings,
        averaged if isinstance(averaged, DecomposablePosterior) else None,
        sampled if isinstance(sampled, LatentClassPosterior) else None,
        chosen,
    )


def _widenings(
    table: CaptureTable, chosen: LogLinearFit | None, *, seed: int, effort: Effort, stages: Stages
) -> tuple[Widening, ...]:
    tell = stages.next(say("Asking how far other assumptions reach"), 1.0)
    if any(finding.blocks for finding in findings(table)):
        return ()
    used = without_empty_lists(table)
    out = []
    unequal = unequal_fit(used, seed=seed)
    if unequal is not None:
        assumption = say("Cases differ in how easily any list finds them.")
        contradicted = chosen is not None and _behind(unequal, chosen, used) > _VERY_STRONG
        out.append(Widening("unequal", assumption, unequal.interval, unequal.totals, contradicted))
    if 2 < len(used.lists) <= MOST_RICHER_LISTS:
        fitted = log_linear_fit(
            used,
            seed=seed,
            criterion="aic",
            replicates=effort.replicates,
            progress=tell,
            cancel=stages.cancel,
        )
        stages.look()
        interval = fitted.interval if isinstance(fitted, LogLinearFit) else None
        if isinstance(fitted, LogLinearFit) and interval is not None and fitted.estimate().usable:
            assumption = say("Lists depend on each other in more ways than the simplest model that fits.")
            finite = fitted.bootstrap.totals[np.isfinite(fitted.bootstrap.totals)]
            out.append(Widening("richer", assumption, interval, finite))
    return tuple(out)


def _behind(unequal: UnequalFit, chosen: LogLinearFit, table: CaptureTable) -> float:
    """Return how much worse the model of unequal ease is by BIC than the best hierarchical one."""
    terms = table.counts.size - 1 - chosen.model.freedom
    price = math.log(table.documented)
    return unequal.deviance - chosen.model.deviance + price * (unequal.terms - terms)
