"""Metropolis steps of the latent class sampler, compiled: they see the table, never its cases one by one.

They work on the posterior with the classes' members and the total integrated out. With the prior `p(N) ∝ 1/N`
the sum over N leaves the likelihood of the table given that each of its cases is seen:

    Π_c (p_c / (1 - p_0))^n_c,    p_c = Σ_k π_k Π_j λ_kj^x_cj (1 - λ_kj)^(1 - x_cj)

so that members and unseen need not follow in small steps, as they must in data augmentation.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = [
    "Cells",
    "State",
    "class_chances",
    "class_seen",
    "exchange_step",
    "log_add",
    "log_likelihood",
    "log_stick_density",
    "ridge_step",
    "trade_step",
]

Floats = NDArray[np.float64]

# Steps are drawn from a wide range of lengths, in logits, so that nothing has to be tuned.
_SHORTEST, _LONGEST = math.log(0.05), math.log(4.0)
# Empty classes are tried too, but less often than those that hold somebody.
_FLOOR = 0.02


class Cells(NamedTuple):
    """The cells that hold cases: bool (cells, lists), float64 (cells,), and the sum of the latter."""

    histories: NDArray[np.bool_]
    counts: Floats
    documented: float


class State(NamedTuple):
    """Where a chain stands; everything is changed in place.

    Args:
        log_pi: (classes,), log weights of the classes, which may be far below what a float holds.
        pi: (classes,), the weights.
        on: (classes, lists), chance `λ_kj` that a list names a member of a class.
        off: (classes, lists), one less that.
        seen: (classes,), chance that any list does.
        chances: (cells, classes), chance of each cell within a class.
        alpha: (1,), the stick's α.
    """

    log_pi: Floats
    pi: Floats
    on: Floats
    off: Floats
    seen: Floats
    chances: Floats
    alpha: Floats


@njit(cache=True, nogil=True)
def log_add(a: float, b: float) -> float:
    """Return log(e^a + e^b)."""
    top = max(a, b)
    return top + math.log1p(math.exp(min(a, b) - top))


@njit(cache=True, nogil=True)
def class_seen(on: Floats, off: Floats) -> float:
    """Return the chance that any list names a member of a class, exact where all are tiny."""
    unseen = 0.0
    for j in range(on.size):
        unseen += math.log1p(-on[j]) if on[j] < 0.5 else math.log(off[j])
    return -math.expm1(unseen)


@njit(cache=True, nogil=True)
def class_chances(histories: NDArray[np.bool_], on: Floats, off: Floats, into: Floats) -> None:
    """Write the chance of every cell within a class to `into`, shape (cells,)."""
    for c in range(histories.shape[0]):
        chance = 1.0
        for j in range(on.size):
            chance *= on[j] if histories[c, j] else off[j]
        into[c] = chance


@njit(cache=True, nogil=True)
def log_likelihood(cells: Cells, pi: Floats, chances: Floats, seen: Floats) -> float:
    """Return the log likelihood of the table given that each of its cases is seen."""
    total = 0.0
    for c in range(cells.counts.size):
        chance = 0.0
        for k in range(pi.size):
            chance += pi[k] * chances[c, k]
        if chance <= 0.0:
            return -math.inf
        total += cells.counts[c] * math.log(chance)
    any_list = 0.0
    for k in range(pi.size):
        any_list += pi[k] * seen[k]
    return total - cells.documented * math.log(any_list)


@njit(cache=True, nogil=True)
def log_stick_density(log_pi: Floats, alpha: float) -> float:
    """Return the log density of the classes' weights under the stick-breaking prior cut at K classes.

    `V_k = π_k / S_k` with `S_k = Σ_{l≥k} π_l` is triangular, so that the density of the weights is
    `α^(K-1) π_K^(α-1) Π_{1<k<K} 1/S_k`.
    """
    last = log_pi.size - 1
    density = last * math.log(alpha) + (alpha - 1.0) * log_pi[last]
    tail = log_pi[last]
    for k in range(last - 1, 0, -1):
        tail = log_add(tail, log_pi[k])
        density -= tail
    return float(density)


@njit(cache=True, nogil=True)
def _pick(rng: np.random.Generator, weights: Floats) -> int:
    """Draw an index by unnormalised weights."""
    point = rng.random() * weights.sum()
    k = 0
    while k < weights.size - 1 and point >= weights[k]:
        point -= weights[k]
        k += 1
    return k


@njit(cache=True, nogil=True)
def _length(rng: np.random.Generator) -> float:
    return math.exp(_SHORTEST + (_LONGEST - _SHORTEST) * rng.random()) * rng.standard_normal()


@njit(cache=True, nogil=True)
def ridge_step(rng: np.random.Generator, cells: Cells, state: State, height: float) -> float:
    """Try to make one class larger and less seen, or the reverse, and return the log likelihood after it.

    In logits the step is `λ_kj + δ` for a random set of lists and `π_k + g`, `g = log(seen_k / seen_k')`,
    with the others' proportions kept: what is seen of the class stays the same. The map is triangular with
    ones on its diagonal and undone by `-δ`, so only the target in these coordinates counts.
    """
    log_pi, pi, on, off, seen, chances, alpha = state
    classes, lists = on.shape
    # The classes' shares of what is seen stay the same too, so a choice by them is as good as a blind one.
    shares = pi * seen
    k = _pick(rng, shares / shares.sum() + _FLOOR)
    step = _length(rng)
    every = rng.random() < 0.5
    growth = math.exp(step)
    new_on = on[k].copy()
    new_off = off[k].copy()
    ratio = 0.0
    for j in range(lists):
        if every or rng.random() < 0.5:
            total = off[k, j] + on[k, j] * growth
            new_on[j] = on[k, j] * growth / total
            new_off[j] = off[k, j] / total
            if new_on[j] <= 0.0 or new_off[j] <= 0.0:
                return height
            # log of λ'(1-λ') / λ(1-λ), the change of the uniform prior's density in logits
            ratio += step - 2.0 * math.log(total)
    new_seen = class_seen(new_on, new_off)
    if new_seen <= 0.0:
        return height

    grows = 0.0
    norm = 0.0
    new_pi = pi.copy()
    if classes > 1:
        new_pi[k] = 0.0
        grows = math.log(seen[k] / new_seen)
        scale = new_pi.sum() + math.exp(grows) * pi[k]
        if pi[k] <= 0.0 or scale <= 0.0:
            return height
        norm = math.log(scale)
        new_pi /= scale
        new_pi[k] = math.exp(log_pi[k] + grows - norm)
        # In the coordinates (logit π_k, proportions of the others) the density is f(π) π_k (1 - π_k)^(K-1),
        # f as in `log_stick_density`: S_l changes by the norm alone where it does not hold π_k.
        ratio += grows - classes * norm - (alpha[0] - 1.0) * norm
        if k == classes - 1:
            ratio += (alpha[0] - 1.0) * grows
        ratio += (classes - 2) * norm
        tail = 0.0
        for place in range(classes - 1, 0, -1):
            tail += pi[place]
            if place <= k and place < classes - 1:
                ratio -= math.log1p(math.expm1(grows) * pi[k] / tail)

    old_seen = seen[k]
    column = chances[:, k].copy()
    seen[k] = new_seen
    class_chances(cells.histories, new_on, new_off, chances[:, k])
    new_height = log_likelihood(cells, new_pi, chances, seen)
    if math.log(1.0 - rng.random()) < ratio + new_height - height:
        log_pi -= norm
        log_pi[k] += grows
        pi[:] = new_pi
        on[k] = new_on
        off[k] = new_off
        return new_height
    seen[k] = old_seen
    chances[:, k] = column
    return height


@njit(cache=True, nogil=True)
def exchange_step(rng: np.random.Generator, cells: Cells, state: State, height: float) -> float:
    """Try to hand part of one list's cases to another class; return the log likelihood after it.

    `π_k λ_kj + π_l λ_lj` stays, so the list keeps its size. Along that line the step moves the logit of class
    k's share `s` of it, so that the density of the uniform prior changes by `s'(1-s') / s(1-s)`.
    """
    _, pi, on, off, seen, chances, _ = state
    # The weights stay the same under this step, so a choice by them is as good as a blind one.
    often = np.sqrt(pi) + _FLOOR
    k = _pick(rng, often)
    other = _pick(rng, often)
    j = int(rng.random() * on.shape[1])
    step = _length(rng)
    mine = pi[k] * on[k, j]
    theirs = pi[other] * on[other, j]
    if other == k or mine <= 0.0 or theirs <= 0.0:
        return height
    both = mine + theirs
    norm = theirs + mine * math.exp(step)
    new_mine = both * (mine * math.exp(step) / norm)
    new_theirs = both * (theirs / norm)
    if not (0.0 < new_mine < pi[k] and 0.0 < new_theirs < pi[other]):
        return height
    ratio = step + 2.0 * math.log(both / norm)
    kept = on[k, j], off[k, j], on[other, j], off[other, j], seen[k], seen[other]
    column_k = chances[:, k].copy()
    column_other = chances[:, other].copy()
    on[k, j] = new_mine / pi[k]
    off[k, j] = (pi[k] - new_mine) / pi[k]
    on[other, j] = new_theirs / pi[other]
    off[other, j] = (pi[other] - new_theirs) / pi[other]
    for changed in (k, other):
        seen[changed] = class_seen(on[changed], off[changed])
        class_chances(cells.histories, on[changed], off[changed], chances[:, changed])
    new_height = log_likelihood(cells, pi, chances, seen)
    if math.log(1.0 - rng.random()) < ratio + new_height - height:
        return new_height
    on[k, j], off[k, j], on[other, j], off[other, j], seen[k], seen[other] = kept
    chances[:, k] = column_k
    chances[:, other] = column_other
    return height


@njit(cache=True, nogil=True)
def trade_step(rng: np.random.Generator, state: State) -> None:
    """Try to let two classes trade places in the order of the stick; the likelihood does not see it."""
    log_pi, pi, on, off, seen, chances, alpha = state
    one = int(rng.random() * log_pi.size)
    other = int(rng.random() * log_pi.size)
    if one == other:
        return
    before = log_stick_density(log_pi, alpha[0])
    log_pi[one], log_pi[other] = log_pi[other], log_pi[one]
    if math.log(1.0 - rng.random()) >= log_stick_density(log_pi, alpha[0]) - before:
        log_pi[one], log_pi[other] = log_pi[other], log_pi[one]
        return
    pi[one], pi[other] = pi[other], pi[one]
    seen[one], seen[other] = seen[other], seen[one]
    for j in range(on.shape[1]):
        on[one, j], on[other, j] = on[other, j], on[one, j]
        off[one, j], off[other, j] = off[other, j], off[one, j]
    for c in range(chances.shape[0]):
        chances[c, one], chances[c, other] = chances[c, other], chances[c, one]
