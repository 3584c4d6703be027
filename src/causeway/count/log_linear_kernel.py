"""Maximum likelihood fits of hierarchical log-linear models, and the search for the best of them, compiled.

A model is a set of terms, bit masks of lists; the mean of cell `h` is `exp(Σ_{s ⊆ h} β_s)`. The design is
never built: sums over subsets give `η` from `β`, sums over supersets give the margins of the fitted means,
and the margin of `s ∪ t` is the entry of Fisher's information for the terms `s` and `t`. So a step of
Newton's method costs lists × 2^lists and not cells × terms².

Sparse tables: a term whose margin is nought has its maximum at minus infinity. It is taken out, and the cells
that hold it with it: their fitted mean is nought. What is left has a maximum exactly where Newton's steps die
out; where they do not, or where the information is singular, the model has no estimate. Chan, Silverman &
Vincent (2021), Multiple systems estimation for sparse capture data, JASA 116; Fienberg &
Rinaldo (2012), Maximum likelihood estimation in log-linear models, Annals of Statistics 40(2), 996-1023.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["best_of", "downhill", "fit", "superset_sums"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Newton's method doubles its digits at every step: one this short was the last that mattered.
_SHORT = 1e-7
_MOST_STEPS = 60
# A pivot of the information this small beside its diagonal is nought in double precision.
_SINGULAR = 1e-11
# Means of e^40 people: a term that far out is on its way to infinity.
_FAR = 40.0
# An improvement of the criterion smaller than this is rounding.
_BETTER = 1e-9


@njit(cache=True, nogil=True)
def superset_sums(values: Floats) -> None:
    """Replace each value by the sum over the supersets of its index, in place."""
    bit = 1
    while bit < values.size:
        for h in range(values.size):
            if not h & bit:
                values[h] += values[h | bit]
        bit <<= 1


@njit(cache=True, nogil=True)
def _subset_sums(values: Floats) -> None:
    """Replace each value by the sum over the subsets of its index, in place."""
    bit = 1
    while bit < values.size:
        for h in range(values.size):
            if h & bit:
                values[h] += values[h ^ bit]
        bit <<= 1


@njit(cache=True, nogil=True)
def _solve(matrix: Floats, right: Floats) -> bool:
    """Solve for `right` in place by Cholesky's factors of the leading part; False where it is singular."""
    size = right.size
    for i in range(size):
        diagonal = matrix[i, i]
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            if i == j:
                if not total > _SINGULAR * diagonal:
                    return False
                matrix[i, i] = math.sqrt(total)
            else:
                matrix[i, j] = total / matrix[j, j]
    for i in range(size):
        for k in range(i):
            right[i] -= matrix[i, k] * right[k]
        right[i] /= matrix[i, i]
    for i in range(size - 1, -1, -1):
        for k in range(i + 1, size):
            right[i] -= matrix[k, i] * right[k]
        right[i] /= matrix[i, i]
    return True


@njit(cache=True, nogil=True)
def _means(beta: Floats, gone: NDArray[np.bool_], eta: Floats, mean: Floats, counts: Floats) -> float:
    """Write η and the means of cells that are left, and return the log likelihood up to a constant."""
    eta[:] = beta
    _subset_sums(eta)
    likelihood = 0.0
    mean[0] = 0.0
    for h in range(1, beta.size):
        if gone[h]:
            mean[h] = 0.0
        else:
            mean[h] = math.exp(min(eta[h], 700.0))
            likelihood += counts[h] * eta[h] - mean[h]
    return likelihood


@njit(cache=True, nogil=True)
def _start(margins: Floats, beta: Floats) -> None:
    """Write terms of independent lists to begin with, as if half of all cases were documented."""
    beta[:] = 0.0
    total = 2.0 * margins[0]
    beta[0] = math.log(total)
    bit = 1
    while bit < margins.size:
        share = min(margins[bit] / total, 0.9)
        if share > 0.0:
            beta[bit] = math.log(share / (1.0 - share))
            beta[0] += math.log1p(-share)
        bit <<= 1


@njit(cache=True, nogil=True)
def fit(counts: Floats, margins: Floats, terms: Ints, beta: Floats, warm: bool) -> tuple[bool, float]:
    """Fit one model.

    Args:
        counts: (2 ** lists,), cell 0 nought.
        margins: (2 ** lists,), their superset sums.
        terms: The model's terms of two lists or more; the constant and main effects are always in.
        beta: (2 ** lists,), written: the terms by their mask, minus infinity where a margin is nought, nought
            where a term is not in the model. If `warm`, also read: terms of a model near by, to begin with.
        warm: Begin there, not with independent lists.

    Returns:
        Whether there is an estimate, and the log likelihood up to a constant that all models share.
    """
    size = counts.size
    gone = np.zeros(size, np.bool_)
    kept = np.empty(terms.size + 40, np.int64)
    kept[0] = 0
    used = 1
    lists = 0
    while 1 << lists < size:
        lists += 1
    lost = np.empty(terms.size + lists, np.int64)
    n_lost = 0
    for place in range(lists + terms.size):
        term = 1 << place if place < lists else terms[place - lists]
        if margins[term] > 0.0:
            kept[used] = term
            used += 1
        else:
            lost[n_lost] = term
            n_lost += 1
    for i in range(n_lost):
        for h in range(size):
            if h & lost[i] == lost[i]:
                gone[h] = True

    if warm:
        eta = beta.copy()
        beta[:] = 0.0
        for i in range(used):
            if eta[kept[i]] > -_FAR:
                beta[kept[i]] = eta[kept[i]]
    else:
        _start(margins, beta)
    eta = np.empty(size)
    mean = np.empty(size)
    trial = np.empty(size)
    step = np.empty(used)
    information = np.empty((used, used))
    likelihood = _means(beta, gone, eta, mean, counts)
    settled = False
    for _ in range(_MOST_STEPS):
        superset_sums(mean)
        for i in range(used):
            step[i] = margins[kept[i]] - mean[kept[i]]
            for j in range(i + 1):
                information[i, j] = mean[kept[i] | kept[j]]
        if not _solve(information, step):
            return False, likelihood
        longest = 0.0
        for i in range(used):
            longest = max(longest, abs(step[i]))
        # Steps of more than a few logits overshoot where exp is steep.
        shrink = min(1.0, 5.0 / longest) if longest > 0.0 else 1.0
        better = likelihood - 1.0
        for _ in range(30):
            trial[:] = beta
            for i in range(used):
                trial[kept[i]] += shrink * step[i]
            better = _means(trial, gone, eta, mean, counts)
            if better >= likelihood - 1e-9 * abs(likelihood):
                break
            shrink *= 0.5
        beta[:] = trial
        likelihood = better
        if longest * shrink < _SHORT:
            settled = True
            break
        if np.abs(beta).max() > _FAR:
            break
    for i in range(n_lost):
        beta[lost[i]] = -math.inf
    return settled, likelihood


@njit(cache=True, nogil=True)
def _score(counts: Floats, margins: Floats, terms: Ints, penalty: float, beta: Floats, warm: bool) -> float:
    """Return a model's criterion, infinite where it has no estimate."""
    exists, likelihood = fit(counts, margins, terms, beta, warm)
    return penalty * terms.size - 2.0 * likelihood if exists else math.inf


@njit(cache=True, nogil=True)
def best_of(counts: Floats, models: Ints, sizes: Ints, penalty: float, scores: Floats, totals: Floats) -> int:
    """Fit every model of a catalogue and return the place of the best, or −1 if none has an estimate.

    Args:
        counts: (2 ** lists,), cell 0 nought.
        models: (models, most terms), terms of each.
        sizes: (models,), how many.
        penalty: What the criterion charges for a term.
        scores: (models,), written: the criterion, up to a constant that all share; infinite where there is no
            estimate. Terms at minus infinity are charged for as well: they were chosen.
        totals: (models,), written: estimates of the total.
    """
    margins = counts.copy()
    superset_sums(margins)
    beta = np.empty(counts.size)
    best = -1
    for m in range(sizes.size):
        scores[m] = _score(counts, margins, models[m, : sizes[m]], penalty, beta, False)
        totals[m] = margins[0] + math.exp(beta[0])
        if scores[m] < (scores[best] - _BETTER if best >= 0 else math.inf):
            best = m
    return best


@njit(cache=True, nogil=True)
def _may_flip(terms: Ints, chosen: NDArray[np.bool_], place: int) -> bool:
    """Return whether a model stays hierarchical when one term goes in or out."""
    term = terms[place]
    for other in range(terms.size):
        if other == place:
            continue
        if chosen[place]:
            if chosen[other] and terms[other] & term == term:
                return False
        elif not chosen[other] and terms[other] & term == terms[other]:
            return False
    return True


@njit(cache=True, nogil=True)
def downhill(counts: Floats, terms: Ints, penalty: float, chosen: NDArray[np.bool_], beta: Floats) -> float:
    """Put in or take out one term at a time, always the one that helps most, until none does.

    Args:
        counts: (2 ** lists,), cell 0 nought.
        terms: All that may be in the model.
        penalty: What the criterion charges for a term.
        chosen: bool (terms,), where to begin; written: where it ended.
        beta: (2 ** lists,), written: the terms of that model.

    Returns:
        Its criterion, infinite where not even the beginning has an estimate.

    Source: Silverman, Chan & Vincent (2024), Bootstrapping multiple systems estimates to account for
        model selection, Statistics and Computing 34: their downhill search.
    """
    margins = counts.copy()
    superset_sums(margins)
    trial = np.empty(counts.size)
    score = _score(counts, margins, terms[chosen], penalty, beta, False)
    while True:
        best, best_score = -1, score - _BETTER if score < math.inf else math.inf
        for place in range(terms.size):
            if not _may_flip(terms, chosen, place):
                continue
            chosen[place] = not chosen[place]
            trial[:] = beta
            now = _score(counts, margins, terms[chosen], penalty, trial, score < math.inf)
            chosen[place] = not chosen[place]
            if now < best_score:
                best, best_score = place, now
        if best < 0:
            return score
        chosen[best] = not chosen[best]
        score = _score(counts, margins, terms[chosen], penalty, beta, False)
