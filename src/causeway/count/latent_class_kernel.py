"""The sampler of the latent class model, compiled: one chain moves, threads may run several at once.

Each case belongs to a hidden class `k` with weight `π_k`; within a class the lists are independent, and list
`j` names a case with chance `λ_kj`. Weights come from a stick-breaking process cut at K classes,
`V_k ~ Beta(1, α)`, `α ~ Gamma(¼, ¼)`, `λ_kj ~ Beta(1, 1)`, `p(N) ∝ 1/N`: Manrique-Vallier (2016), Bayesian
population size estimation using Dirichlet process mixtures, Biometrics 72(4), section 3.

One sweep does three things, and each leaves the posterior as it is:

1. Gibbs by data augmentation (his section 3.2), on cells, not on cases: the unseen are negative binomial,
   each cell's count is split over the classes by a multinomial, then `λ`, `V` and `α` are drawn. What it
   costs does not depend on how many cases there are.
2. Metropolis steps along the directions in which step 1 crawls: a class grows and is seen less, so that
   what is seen of it stays the same; one class hands part of a list's cases to another.
3. Two classes trade places in the order of the stick, after Papaspiliopoulos & Roberts (2008), Retrospective
   Markov chain Monte Carlo methods for Dirichlet process hierarchical models, Biometrika 95(1), section 3.4.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causeway.count.latent_class_steps import (
    Cells,
    State,
    class_chances,
    class_seen,
    exchange_step,
    log_add,
    log_likelihood,
    ridge_step,
    trade_step,
)

__all__ = ["CEILING", "advance"]

Floats = NDArray[np.float64]

CEILING = 1e12
"""Beyond a million million a total means nothing any more, and whole numbers stop fitting into floats."""

# Up to so many cases it is quicker to draw the class of each than a binomial for each class.
_FEW = 6
# Trades are cheap to refuse and seldom needed.
_STEPS_PER_TRADE = 4


@njit(cache=True, nogil=True)
def advance(
    rng: np.random.Generator,
    histories: NDArray[np.bool_],
    counts: Floats,
    log_pi: Floats,
    on: Floats,
    off: Floats,
    alpha: Floats,
    prior: Floats,
    steps: int,
    thin: int,
    totals: Floats,
    heights: Floats,
    weights: Floats,
    chances_on: Floats,
) -> None:
    """Move one chain on, in place, and keep every `thin`-th state.

    Args:
        rng: This chain's own.
        histories: (cells, lists), the cells that hold cases.
        counts: (cells,), how many.
        log_pi: (classes,), log weights of the classes; changed in place, as are the next three.
        on: (classes, lists), chance that a list names a member.
        off: (classes, lists), one less that.
        alpha: (1,), the stick's α.
        prior: (2,), shape and rate of its gamma prior.
        steps: Steps of each kind in a sweep.
        thin: Sweeps for each state kept.
        totals: (kept,), written: the total, documented cases included.
        heights: (kept,), written: log likelihood of the table given that its cases are seen.
        weights: (snapshots, classes), written: weights at evenly spaced kept states.
        chances_on: (snapshots, classes, lists), written: chances at the same states.
    """
    classes = log_pi.size
    cells = Cells(histories, counts, counts.sum())
    state = State(log_pi, np.exp(log_pi), on, off, np.empty(classes), np.empty((counts.size, classes)), alpha)
    _refresh(cells, state)
    snapshots = weights.shape[0]
    taken = 0
    for i in range(totals.size):
        total = 0.0
        for _ in range(thin):
            height = log_likelihood(cells, state.pi, state.chances, state.seen)
            for step in range(steps):
                height = ridge_step(rng, cells, state, height)
                if classes > 1:
                    height = exchange_step(rng, cells, state, height)
                    if step % _STEPS_PER_TRADE == 0:
                        trade_step(rng, state)
            total = _gibbs(rng, cells, state, prior)
        totals[i] = total
        heights[i] = log_likelihood(cells, state.pi, state.chances, state.seen)
        if taken < snapshots and (i + 1) * snapshots >= (taken + 1) * totals.size:
            weights[taken] = state.pi
            chances_on[taken] = on
            taken += 1


@njit(cache=True, nogil=True)
def _gibbs(rng: np.random.Generator, cells: Cells, state: State, prior: Floats) -> float:
    """Draw the unseen, every case's class, the chances, the weights and α, each given the others.

    Returns the total.
    """
    log_pi, pi, on, off, seen, chances, alpha = state
    classes, lists = on.shape
    part = np.empty(classes)
    named = np.zeros((classes, lists))

    unseen_chance = pi * (1.0 - seen)
    odds = unseen_chance.sum() / (pi * seen).sum()
    rate = rng.standard_gamma(cells.documented) * odds
    unseen = float(rng.poisson(rate)) if rate < CEILING else CEILING
    members = np.empty(classes)
    _split(rng, unseen, unseen_chance, members)
    for c in range(cells.counts.size):
        _split(rng, cells.counts[c], pi * chances[c], part)
        members += part
        for j in range(lists):
            if cells.histories[c, j]:
                named[:, j] += part

    for k in range(classes):
        for j in range(lists):
            yes = rng.standard_gamma(1.0 + named[k, j])
            no = rng.standard_gamma(1.0 + members[k] - named[k, j])
            on[k, j] = yes / (yes + no)
            off[k, j] = no / (yes + no)

    left = 0.0
    beyond = members.sum()
    rate = prior[1]
    for k in range(classes - 1):
        beyond -= members[k]
        a = _log_gamma_draw(rng, 1.0 + members[k])
        b = _log_gamma_draw(rng, alpha[0] + max(beyond, 0.0))
        both = log_add(a, b)
        log_pi[k] = left + a - both
        left += b - both
        rate -= b - both
    log_pi[classes - 1] = left
    if classes > 1:
        alpha[0] = max(math.exp(_log_gamma_draw(rng, prior[0] + classes - 1)) / rate, 1e-12)
    _refresh(cells, state)
    return cells.documented + unseen


@njit(cache=True, nogil=True)
def _refresh(cells: Cells, state: State) -> None:
    """Compute what follows from weights and chances."""
    log_pi, pi, on, off, seen, chances, _ = state
    pi[:] = np.exp(log_pi)
    for k in range(pi.size):
        seen[k] = class_seen(on[k], off[k])
        class_chances(cells.histories, on[k], off[k], chances[:, k])


@njit(cache=True, nogil=True)
def _split(rng: np.random.Generator, cases: float, weights: Floats, into: Floats) -> None:
    """Draw a multinomial split of cases over classes by unnormalised weights, written to `into`."""
    into[:] = 0.0
    rest = weights.sum()
    last = weights.size - 1
    if cases <= _FEW:
        for _ in range(int(cases)):
            point = rng.random() * rest
            k = 0
            while k < last and point >= weights[k]:
                point -= weights[k]
                k += 1
            into[k] += 1.0
        return
    left = cases
    for k in range(last):
        if left == 0 or rest <= 0.0:
            break
        share = min(1.0, weights[k] / rest)
        if share > 0.0:
            into[k] = float(rng.binomial(int(left), share))
        left -= into[k]
        rest -= weights[k]
    into[last] += left


@njit(cache=True, nogil=True)
def _log_gamma_draw(rng: np.random.Generator, shape: float) -> float:
    """Draw the logarithm of a gamma variable, for small shapes would underflow.

    Source: Marsaglia & Tsang (2000), A simple method for generating gamma variables, ACM Transactions on
        Mathematical Software 26(3), 363-372: a shape below one from one above.
    """
    if shape >= 1.0:
        return math.log(rng.standard_gamma(shape))
    return math.log(rng.standard_gamma(shape + 1.0)) + math.log(1.0 - rng.random()) / shape
