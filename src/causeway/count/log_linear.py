"""The log-linear family: the best hierarchical model by a criterion, chosen anew in every resample."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from causeway.count.bootstrap import bca_limits, jackknife_tables, resampled_tables
from causeway.count.hierarchical import generators
from causeway.count.identifiability import findings, without_empty_lists
from causeway.count.log_linear_results import (
    Bootstrap,
    Coefficient,
    LimitsBy,
    LogLinearFit,
    LogLinearModel,
    NoFit,
)
from causeway.count.results import FamilyEstimate
from causeway.count.selection import Choice, Criterion, Search, default_order
from causeway.count.table import CaptureTable
from causeway.count.watch import Cancelled, Watch
from causeway.errors import LocalError
from causeway.sentences import say

__all__ = ["MOST_LISTS", "estimate_log_linear", "log_linear_fit"]

Floats = NDArray[np.float64]

MOST_LISTS = 12
"""More lists make a search over pairs of lists a matter of hours."""

# A resample takes a millisecond up to eight lists, and half a second at eleven.
_QUICK_LISTS = 8
_REPLICATES, _REPLICATES_OF_MANY = 1_000, 200
# Resamples for each piece of work: the caller is asked between rounds of pieces.
_PIECE = 5


def estimate_log_linear(
    table: CaptureTable,
    *,
    seed: int,
    criterion: Criterion = "bic",
    order: int | None = None,
    replicates: int | None = None,
    limits: LimitsBy = "percentile",
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> FamilyEstimate:
    """Return the log-linear family's answer; `log_linear_fit` has the arguments and the details."""
    fitted = log_linear_fit(
        table,
        seed=seed,
        criterion=criterion,
        order=order,
        replicates=replicates,
        limits=limits,
        progress=progress,
        cancel=cancel,
    )
    if isinstance(fitted, NoFit):
        return FamilyEstimate("log_linear", None, usable=False, notes=fitted.reasons)
    return fitted.estimate()


def log_linear_fit(
    table: CaptureTable,
    *,
    seed: int,
    criterion: Criterion = "bic",
    order: int | None = None,
    replicates: int | None = None,
    limits: LimitsBy = "percentile",
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> LogLinearFit | NoFit:
    """Choose a hierarchical log-linear model for a table and bootstrap the whole procedure.

    Up to four lists all hierarchical models but the saturated one are looked at, for more lists those with
    interactions of pairs: all of them up to six lists, beyond that by going downhill. In resamples of six
    lists and more the search goes downhill from independent lists and from the model chosen for the table.

    Args:
        table: Two to twelve lists with cases.
        seed: For the resamples.
        criterion: BIC, with the logarithm of the documented cases, or AIC.
        order: Largest interaction, in lists; at least one less than there are lists.
        replicates: Resamples; by default 1,000, and 200 for nine lists and more.
        limits: Plain percentiles of the resamples, or bias-corrected and accelerated. The correction takes
            resamples that choose richer models for bias: where some people are easier to find than others it
            covered the truth half as often as the percentiles did (bench).
        progress: Called with the part done, from 0 to 1.
        cancel: Asked now and then; the answer is `NoFit` once it says True.

    Raises:
        LocalError: No resamples, or an order that no model can have.

    Source: Chan, Silverman & Vincent (2021), Multiple systems estimation for sparse capture data: inferential
        challenges when there are nonoverlapping lists, JASA 116(535), 1297-1306; Silverman, Chan & Vincent
        (2024), Bootstrapping multiple systems estimates to account for model selection, Statistics and
        Computing 34.
    """
    found = findings(table)
    notes = tuple(finding.sentence for finding in found)
    if any(finding.kind in ("no_cases", "too_few_lists") for finding in found):
        return NoFit(notes)
    table = without_empty_lists(table)
    lists = len(table.lists)
    if lists > MOST_LISTS:
        return NoFit(
            (
                say(
                    "Too many lists for log-linear models: {lists}, of at most {most}.",
                    lists=lists,
                    most=MOST_LISTS,
                ),
            )
        )
    order = default_order(lists) if order is None else order
    if not 1 <= order < max(lists, 2):
        raise LocalError("The largest interaction must have fewer lists than there are.", order=order)
    if replicates is None:
        replicates = _REPLICATES if lists <= _QUICK_LISTS else _REPLICATES_OF_MANY
    if replicates < 1:
        raise LocalError("There must be at least one resample.")
    watch = Watch(progress, cancel)
    counts = table.counts.astype(np.float64)
    search = Search(lists, order=order, criterion=criterion)
    try:
        watch.look(0.0)
        choice, near = search.choose(counts)
        if choice is None:
            return NoFit(
                (*notes, say("No log-linear model has a maximum likelihood estimate from this table."))
            )
        bootstrap = _bootstrap(counts, search, choice, table.lists, replicates, limits, seed, watch)
    except Cancelled:
        return NoFit((say("The resampling was stopped before it was done."),))
    return LogLinearFit(
        lists=table.lists,
        documented=table.documented,
        criterion=criterion,
        order=order,
        exhaustive=search.exhaustive,
        model=_described(choice, choice, table),
        coefficients=_coefficients(choice, table.lists),
        alternatives=tuple(_described(other, choice, table) for other in near),
        bootstrap=bootstrap,
        notes=notes,
        blocked=any(finding.blocks for finding in found),
    )


def _bootstrap(
    counts: Floats,
    search: Search,
    choice: Choice,
    lists: tuple[str, ...],
    replicates: int,
    limits: LimitsBy,
    seed: int,
    watch: Watch,
) -> Bootstrap:
    """Repeat the choice in resamples, and for corrected limits with each case left out."""
    tables = resampled_tables(counts, replicates, seed=seed)
    left_out, weights = jackknife_tables(counts)
    if limits == "bca":
        tables = np.concatenate([tables, left_out])
    answers: list[tuple[float, tuple[int, ...]]] = []

    def piece(start: int) -> list[tuple[float, tuple[int, ...]]]:
        return [search.choose_again(one, choice.terms) for one in tables[start : start + _PIECE]]

    threads = os.cpu_count() or 1
    starts = list(range(0, len(tables), _PIECE))
    with ThreadPoolExecutor(threads) as pool:
        for at in range(0, len(starts), threads):
            for part in pool.map(piece, starts[at : at + threads]):
                answers += part
            watch.look(len(answers) / len(tables))
    totals = np.array([total for total, _ in answers])
    chosen = Counter(terms for total, terms in answers[:replicates] if math.isfinite(total))
    resampled, jackknifed = totals[:replicates], totals[replicates:]
    return Bootstrap(
        totals=resampled,
        bca=bca_limits(choice.total, resampled, jackknifed, weights) if limits == "bca" else None,
        models=tuple((generators(terms, lists), times) for terms, times in chosen.most_common()),
    )


def _described(choice: Choice, best: Choice, table: CaptureTable) -> LogLinearModel:
    cells = np.arange(1, table.counts.size)
    lost = [mask for mask in range(1, table.counts.size) if choice.beta[mask] == -np.inf]
    emptied = np.zeros(cells.size, bool)
    for mask in lost:
        emptied |= (cells & mask) == mask
    finite = 1 + len(table.lists) + len(choice.terms) - len(lost)
    return LogLinearModel(
        terms=generators(choice.terms, table.lists),
        total=choice.total,
        behind=choice.score - best.score,
        freedom=int((~emptied).sum()) - finite,
        deviance=_deviance(choice, table),
    )


def _deviance(choice: Choice, table: CaptureTable) -> float:
    """Return twice the distance from the best likelihood any model could have."""
    eta = np.where(np.isneginf(choice.beta), 0.0, choice.beta)
    for place in range(len(table.lists)):
        pairs = eta.reshape(-1, 2, 1 << place)
        pairs[:, 1] += pairs[:, 0]
    cells = np.arange(table.counts.size)
    held = table.counts > 0
    lost = np.zeros(cells.size, bool)
    lost[0] = True
    for mask in np.flatnonzero(np.isneginf(choice.beta)):
        lost |= (cells & mask) == mask
    counts = table.counts[held].astype(np.float64)
    return float(2 * (np.sum(counts * (np.log(counts) - eta[held]) - counts) + np.exp(eta[~lost]).sum()))


def _coefficients(choice: Choice, lists: tuple[str, ...]) -> tuple[Coefficient, ...]:
    masks = [1 << place for place in range(len(lists))] + list(choice.terms)
    constant = Coefficient((), float(choice.beta[0]))
    return (
        constant,
        *(
            Coefficient(
                tuple(name for place, name in enumerate(lists) if mask >> place & 1), float(choice.beta[mask])
            )
            for mask in masks
        ),
    )
