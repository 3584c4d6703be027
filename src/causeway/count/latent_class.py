"""The latent class family: cases fall into hidden classes, and within a class lists are independent.

It answers where lists depend on each other because some people are easier to find than others. It can't
tell classes apart from two or three lists: what it says there is its prior's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from causeway.count.chains import Diagnosis, Run, run_chains
from causeway.count.humps import find_humps
from causeway.count.identifiability import findings, without_empty_lists
from causeway.count.latent_class_kernel import CEILING, advance
from causeway.count.predictive import OverlapCheck, overlap_checks
from causeway.count.results import MOST_STRETCH, FamilyEstimate, Hump, Interval, NoPosterior
from causeway.count.smoothing import smoothed
from causeway.count.table import CaptureTable
from causeway.count.watch import Cancelled, Watch
from causeway.errors import LocalError
from causeway.sentences import Sentence, say

__all__ = [
    "LEAST_LISTS",
    "ClassesTried",
    "LatentClassPosterior",
    "estimate_latent_class",
    "latent_class_posterior",
]

Floats = NDArray[np.float64]

LEAST_LISTS = 4
"""With three lists, two classes already have eight unknowns, the total among them, and the table has seven
counts. Allman, Matias & Rhodes (2009), Identifiability of parameters in latent structure models, Annals of
Statistics 37(6), corollary 5, asks for three complete lists; here a cell is missing as well."""

ALPHA_PRIOR = (0.25, 0.25)
"""Shape and rate of the gamma prior on the stick's α: Manrique-Vallier (2016)."""

OTHER_CLASSES = (2, 3, 5, 20)
"""Numbers of classes that are tried beside the one asked for."""

# Measured on the United Kingdom's five lists and Kosovo's four: fewer steps, and chains stay for long in
# minor modes; more, and the time goes into them.
_STEPS = 20
_THIN = 4
# Snapshots of the parameters in a piece of work, for the predictive check.
_SNAPSHOTS = 4
# Those of the last pieces are used.
_CHECKED = 1_000


@dataclass(frozen=True)
class ClassesTried:
    """What the family says with another number of classes.

    Args:
        classes: At most so many.
        interval: The total.
        total: How well its chains mixed.
        mixed: False where they did not; then the interval means little.
    """

    classes: int
    interval: Interval
    total: Diagnosis
    mixed: bool


@dataclass(frozen=True, eq=False)
class LatentClassPosterior:
    """The posterior, with all that a reader or a statistician asks next.

    Args:
        lists: The lists that were used; those without cases are not.
        documented: Cases on at least one list.
        classes: At most so many hidden classes.
        interval: The total's median with 95 % limits.
        humps: Its modes, the heaviest first.
        totals: int64 (chains, kept), draws of the total.
        total: How well the chains mixed on it.
        likelihood: How well on the table's likelihood.
        mixed: True where both passed.
        sweeps: Of each chain in all, the warm-up included.
        occupied: float64 (classes,), the classes' mean shares of all cases, largest first in each draw.
        tried: Other numbers of classes.
        checks: For each pair of lists, whether the model foretells their overlap.
        notes: What was found in the table; those that block an estimate come first.
        blocked: True where a finding does.
    """

    lists: tuple[str, ...]
    documented: int
    classes: int
    interval: Interval
    humps: tuple[Hump, ...]
    totals: NDArray[np.int64]
    total: Diagnosis
    likelihood: Diagnosis
    mixed: bool
    sweeps: int
    occupied: Floats
    tried: tuple[ClassesTried, ...]
    checks: tuple[OverlapCheck, ...]
    notes: tuple[Sentence, ...]
    blocked: bool

    def estimate(self, *, draws: int = 4_000) -> FamilyEstimate:
        """Return the family's answer, with at most this many draws, evenly spaced along the chains."""
        against = self._against()
        every = self.totals.ravel()
        return FamilyEstimate(
            "latent_class",
            self.interval,
            usable=not (self.blocked or against),
            notes=(*(self.notes if self.blocked else ()), *against, *self._remarks()),
            humps=self.humps,
            draws=every[np.linspace(0, every.size - 1, min(draws, every.size)).astype(np.int64)],
        )

    def _against(self) -> tuple[Sentence, ...]:
        """Return why the interval must not be used."""
        out = []
        if len(self.lists) < LEAST_LISTS:
            out.append(
                say(
                    "Hidden classes cannot be told apart from {lists} lists: there are more unknowns than "
                    "counts, and what this family says rests on its prior.",
                    lists=len(self.lists),
                )
            )
        if not self.mixed:
            out.append(
                say(
                    "The latent class sampler did not settle within {sweeps} rounds: its chains disagree or "
                    "crawl (R-hat {rhat}, effective draws {effective}).",
                    sweeps=self.sweeps,
                    rhat=_three(max(self.total.rhat, self.likelihood.rhat)),
                    effective=int(self.total.effective),
                )
            )
        if self.interval.high > MOST_STRETCH * self.interval.median:
            out.append(
                say(
                    "The upper limit of the latent class model is more than {times} times its median: the "
                    "overlaps hardly bound the total.",
                    times=round(MOST_STRETCH),
                )
            )
        return tuple(out)

    def _remarks(self) -> tuple[Sentence, ...]:
        """Return what else a reader must know."""
        out = [] if self.blocked else list(self.notes)
        if self.mixed:
            out.append(
                say(
                    "{chains} chains agree: R-hat {rhat}, {effective} effective draws.",
                    chains=self.totals.shape[0],
                    rhat=_three(self.total.rhat),
                    effective=int(self.total.effective),
                )
            )
        medians = {self.classes: self.interval.median}
        medians |= {tried.classes: tried.interval.median for tried in self.tried if tried.mixed}
        if len(medians) > 1:
            out.append(
                say(
                    "With at most {few} to {many} hidden classes the median goes from {low} to {high}.",
                    few=min(medians),
                    many=max(medians),
                    low=round(min(medians.values())),
                    high=round(max(medians.values())),
                )
            )
        out += [
            say(
                "The latent class model foretells {expected} cases on both {one} and {other}; there are "
                "{found}.",
                expected=round(check.expected, 1),
                one=check.one,
                other=check.other,
                found=check.found,
            )
            for check in self.checks
            if check.surprising
        ]
        return tuple(out)


def estimate_latent_class(
    table: CaptureTable,
    *,
    seed: int,
    classes: int = 10,
    chains: int = 4,
    other_classes: Sequence[int] = OTHER_CLASSES,
    most_sweeps: int = 100_000,
    draws: int = 4_000,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> FamilyEstimate:
    """Return the latent class family's answer; `latent_class_posterior` has the arguments and the details."""
    posterior = latent_class_posterior(
        table,
        seed=seed,
        classes=classes,
        chains=chains,
        other_classes=other_classes,
        most_sweeps=most_sweeps,
        progress=progress,
        cancel=cancel,
    )
    if isinstance(posterior, NoPosterior):
        return FamilyEstimate("latent_class", None, usable=False, notes=posterior.reasons)
    return posterior.estimate(draws=draws)


def latent_class_posterior(
    table: CaptureTable,
    *,
    seed: int,
    classes: int = 10,
    chains: int = 4,
    other_classes: Sequence[int] = OTHER_CLASSES,
    most_sweeps: int = 100_000,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> LatentClassPosterior | NoPosterior:
    """Sample the nonparametric latent class model until its chains agree.

    Args:
        table: Two to sixteen lists.
        seed: The same table and seed give the same draws, on any number of threads.
        classes: At most so many hidden classes: where the stick is cut.
        chains: Chains, each from a start of its own.
        other_classes: Numbers of classes to try as well, with a quarter of the patience each.
        most_sweeps: Sweeps of each chain after which it is given up.
        progress: Called with the part of the patience that is used up, from 0 to 1; it ends early where
            chains agree early.
        cancel: Asked now and then; the answer is `NoPosterior` once it says True.

    Raises:
        LocalError: Fewer than two chains, or no class.

    Source: Manrique-Vallier (2016), Bayesian population size estimation using Dirichlet process mixtures,
        Biometrics 72(4), 1246-1254.
    """
    if classes < 1 or min(other_classes, default=1) < 1:
        raise LocalError("There must be at least one class.")
    if chains < 2:
        raise LocalError("One chain cannot show whether it has mixed; ask for two or more.")
    found = findings(table)
    notes = tuple(finding.sentence for finding in found)
    if any(finding.kind in ("no_cases", "too_few_lists") for finding in found):
        return NoPosterior(notes)
    table = without_empty_lists(table)
    others = [other for other in dict.fromkeys(other_classes) if other != classes]
    patience = 1 + 0.25 * len(others)
    spent = 0.0

    def sample(at_most: int, share: float) -> tuple[list[_LatentChain], Run]:
        nonlocal spent
        start = spent
        tell = (lambda part: progress(start + share * part / patience)) if progress else None
        # Starts differ between numbers of classes as between chains.
        runners = [_LatentChain.start(table, at_most, (seed, at_most, chain)) for chain in range(chains)]
        run = run_chains(runners, most=max(1, round(share * most_sweeps / _THIN)), watch=Watch(tell, cancel))
        spent += share / patience
        return runners, run

    try:
        runners, run = sample(classes, 1.0)
        tried = tuple(_tried(other, sample(other, 0.25)[1]) for other in others)
    except Cancelled:
        return NoPosterior((say("The sampling was stopped before it was done."),))
    if progress is not None:
        progress(1.0)
    totals = run.draws[0]
    weights = np.concatenate([runner.weights() for runner in runners])
    chances = np.concatenate([runner.chances() for runner in runners])
    return LatentClassPosterior(
        lists=table.lists,
        documented=table.documented,
        classes=classes,
        interval=_interval(totals),
        humps=find_humps(smoothed(totals, least=table.documented, effective=run.diagnoses[0].ess_bulk)),
        totals=totals.astype(np.int64),
        total=run.diagnoses[0],
        likelihood=run.diagnoses[1],
        mixed=run.mixed,
        sweeps=run.states * _THIN,
        occupied=np.sort(weights, axis=1)[:, ::-1].mean(axis=0),
        tried=tried,
        checks=overlap_checks(table, weights, chances, seed=seed),
        notes=notes,
        blocked=any(finding.blocks for finding in found),
    )


@dataclass(frozen=True, eq=False)
class _LatentChain:
    """One chain's place and snapshots."""

    rng: np.random.Generator
    histories: NDArray[np.bool_]
    counts: Floats
    log_pi: Floats
    on: Floats
    off: Floats
    alpha: Floats
    snapshots: list[tuple[Floats, Floats]] = field(default_factory=list)

    @classmethod
    def start(cls, table: CaptureTable, classes: int, seed: tuple[int, ...]) -> _LatentChain:
        """Start somewhere else with every seed, more scattered than the posterior is."""
        rng = np.random.default_rng(seed)
        occupied = table.counts > 0
        on = rng.uniform(0.01, 0.99, (classes, len(table.lists)))
        log_pi = np.log(np.maximum(rng.dirichlet(np.ones(classes)), 1e-12))
        counts = table.counts[occupied].astype(np.float64)
        return cls(rng, table.histories[occupied], counts, log_pi, on, 1.0 - on, np.array([1.0]))

    def run(self, kept: int) -> Floats:
        """Move on; return totals and log likelihoods, shape (2, kept)."""
        out = np.empty((2, kept))
        classes, lists = self.on.shape
        weights, chances = np.empty((_SNAPSHOTS, classes)), np.empty((_SNAPSHOTS, classes, lists))
        taken = min(_SNAPSHOTS, kept)
        state = (self.log_pi, self.on, self.off, self.alpha, np.array(ALPHA_PRIOR))
        advance(
            self.rng,
            self.histories,
            self.counts,
            *state,
            _STEPS,
            _THIN,
            out[0],
            out[1],
            weights[:taken],
            chances[:taken],
        )
        self.snapshots.append((weights[:taken], chances[:taken]))
        return out

    def weights(self) -> Floats:
        """Return the weights at the later snapshots, shape (snapshots, classes)."""
        return np.concatenate([weights for weights, _ in self._later()])

    def chances(self) -> Floats:
        """Return the chances at the same, shape (snapshots, classes, lists)."""
        return np.concatenate([chances for _, chances in self._later()])

    def _later(self) -> list[tuple[Floats, Floats]]:
        later = self.snapshots[len(self.snapshots) // 3 :]
        return later[:: max(1, len(later) * _SNAPSHOTS // _CHECKED)]


def _interval(totals: Floats) -> Interval:
    low, median, high = np.quantile(totals, [0.025, 0.5, 0.975], method="inverted_cdf")
    return Interval(median=float(median), low=float(low), high=float(high))


def _tried(classes: int, run: Run) -> ClassesTried:
    return ClassesTried(classes, _interval(run.draws[0]), run.diagnoses[0], run.mixed)


def _three(number: float) -> str:
    return f"{min(number, CEILING):.3f}"
