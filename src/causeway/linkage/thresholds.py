"""What a score is worth: how much likelier it is for one person than for two, learned without the truth.

Fellegi and Sunter's (1969, JASA 64) likelihood ratio m(s) / u(s), on one comparison: the Dice coefficient.

1. **u, two people.** Records whose partner is beyond doubt tell it: whatever else they resemble is somebody
   else, brothers and namesakes included. The scores of those pairs are counted, and scaled to all pairs. In
   the upper tail, where few of them are left, an exponential takes over (Pickands 1975, Annals of Statistics
   3, with the shape of 0).
2. **m, one person.** Of all candidate pairs with a score, what exceeds the pairs of two people is pairs of
   one person. The excess is noisy and can be negative; it is made to rise with the score up to its mode
   (isotonic regression), then cut at 0.
3. The ratio is made to rise with the score: a pair that is more alike is never less likely.
4. Which partners are beyond doubt follows from the ratio: start from each other's best, repeat.
5. Pairs of one person below the floor are not seen. Their share is a guess from the lower slope of m
   and from triangles, where a third list joins two records that are themselves not alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from causeway.linkage.candidates import Candidates

__all__ = ["FEWEST_SURE", "Counted", "ScoreModel", "fit_scores", "pair_probabilities", "resampled"]

_BINS = 30
_ROUNDS = 6
_TAIL = 20  # pairs of two people, below which the tail is fitted
_SURE = 0.95
FEWEST_SURE = 15  # records; with fewer, the pairs that are not each other's best stand for two people
_LOWEST_MISSED = 0.02
_MOST_MISSED = 0.3


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts per bin of scores.

    Args:
        seen: Candidate pairs.
        two: Expected pairs of two people among them.
        scale: How many pairs of two people each counted one stands for.
        one: Expected pairs of one person, by the probability of each pair.
    """

    seen: NDArray[np.float64]
    two: NDArray[np.float64]
    scale: float
    one: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScoreModel:
    """What scores of candidate pairs are worth.

    Args:
        edges: float64, shape (bins + 1,): limits of the bins of scores, from the floor to 1.
        one_person: Shape (bins,): share of the pairs of one person in each bin; together with `missed`, 1.
        two_people: Shape (bins,): share of the pairs of two people in each bin; most are below the floor.
        missed: Share of pairs of one person that lie below the floor.
        matches: Shape (lists, lists), upper triangle: expected number of people on both lists.
        sizes: Number of records of each list.
        counted: What the model was made from, for `resampled`.
    """

    edges: NDArray[np.float64]
    one_person: NDArray[np.float64]
    two_people: NDArray[np.float64]
    missed: float
    matches: NDArray[np.float64]
    sizes: tuple[int, ...]
    counted: Counted

    def ratio(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return m(s) / u(s) for each score, between bins by interpolation of the logarithm."""
        middles = (self.edges[:-1] + self.edges[1:]) / 2
        ratio: NDArray[np.float64] = np.exp(np.interp(score, middles, np.log(self._ratio_of_bins())))
        return ratio

    def odds(self, a: int, b: int) -> float:
        """Return the prior odds that a record of one list and one of another are one person."""
        both = max(0.5, float(self.matches[min(a, b), max(a, b)]))
        return both / (max(1.0, self.sizes[a] - both) * max(1.0, self.sizes[b] - both))

    def threshold(self, a: int, b: int) -> float:
        """Return the lowest score at which a pair of two lists is as likely one person as two; else 1."""
        grid = np.linspace(self.edges[0], 1, 400)
        enough = self.ratio(grid) * self.odds(a, b) >= 1
        return float(grid[enough.argmax()]) if enough.any() else 1.0

    def _ratio_of_bins(self) -> NDArray[np.float64]:
        return _rising_ratio(self.one_person, self.two_people)


def fit_scores(candidates: Candidates) -> ScoreModel:
    """Learn from the candidate pairs alone what their scores are worth.

    Needs some pairs that are beyond doubt; where there are none, the ratio stays flat and nothing is linked.
    """
    edges = np.linspace(min(candidates.floor, 0.99), 1, _BINS + 1)
    bins = np.clip(np.searchsorted(edges, candidates.score, side="right") - 1, 0, _BINS - 1)
    seen = np.bincount(bins, minlength=_BINS).astype(np.float64)
    probability = _each_others_best(candidates).astype(np.float64)
    for _ in range(_ROUNDS - 1):
        probability = pair_probabilities(candidates, _model(candidates, seen, probability, bins, edges))
    return _model(candidates, seen, probability, bins, edges)


def resampled(model: ScoreModel, *, seed: int) -> ScoreModel:
    """Return the model as other pairs like these might have made it: what its own counts leave open."""
    rng = np.random.default_rng(seed)
    counted = model.counted
    seen = rng.poisson(counted.seen).astype(np.float64)
    two = np.maximum(rng.poisson(counted.two / counted.scale) * counted.scale, counted.two / 10)
    one = _one_person(seen, two, counted.one)
    share = rng.beta(20 * model.missed, 20 * (1 - model.missed))
    return replace(
        model,
        one_person=(1 - share) * one / one.sum(),
        # A bin of which nothing is expected stays so.
        two_people=model.two_people * np.divide(two, counted.two, out=two.copy(), where=counted.two > 0),
        missed=share,
        matches=model.matches * one.sum() / max(1e-9, counted.one.sum()),
    )


def _model(
    candidates: Candidates,
    seen: NDArray[np.float64],
    probability: NDArray[np.float64],
    bins: NDArray[np.int64],
    edges: NDArray[np.float64],
) -> ScoreModel:
    two, scale = _two_people(candidates, probability, bins, edges)
    two *= _level(seen, two)
    expected = np.bincount(bins, weights=probability, minlength=_BINS).astype(np.float64)
    one = _one_person(seen, two, expected)
    missed = _missed(candidates, probability, one)
    return ScoreModel(
        edges,
        (1 - missed) * one / one.sum(),
        two / max(1, candidates.compared),
        missed,
        _matches(candidates, probability),
        candidates.sizes,
        Counted(seen, two, scale, expected),
    )


def pair_probabilities(candidates: Candidates, model: ScoreModel) -> NDArray[np.float64]:
    """Return for each candidate pair how likely it is one person, its rivals in both lists considered.

    A record has at most one partner in a list: the odds of a pair stand against those of all pairs that share
    one of its records in the other's list.
    """
    lists = candidates.list_of
    left, right = lists[candidates.one], lists[candidates.other]
    prior = np.zeros((len(candidates.sizes),) * 2)
    for a, b in combinations(range(len(candidates.sizes)), 2):
        prior[a, b] = model.odds(a, b)
    weight = model.ratio(candidates.score) * prior[left, right]
    count = len(candidates.sizes)
    rivals = np.zeros((candidates.records, count))
    np.add.at(rivals, (candidates.one, right), weight)
    np.add.at(rivals, (candidates.other, left), weight)
    against = rivals[candidates.one, right] + rivals[candidates.other, left] - weight
    probability: NDArray[np.float64] = weight / (1 + against)
    return probability


def _each_others_best(candidates: Candidates) -> NDArray[np.bool_]:
    """Whether each pair is the best of both its records in the other's list, and no other pair is as good."""
    lists = candidates.list_of
    best = np.zeros((candidates.records, len(candidates.sizes)))
    times = np.zeros(best.shape, dtype=np.int64)
    ends = (
        (candidates.one, lists[candidates.other]),
        (candidates.other, lists[candidates.one]),
    )
    for record, list_ in ends:
        np.maximum.at(best, (record, list_), candidates.score)
    for record, list_ in ends:
        np.add.at(times, (record, list_), candidates.score == best[record, list_])
    first, second = ((candidates.score == best[at]) & (times[at] == 1) for at in ends)
    return np.asarray(first & second)


def _two_people(
    candidates: Candidates,
    probability: NDArray[np.float64],
    bins: NDArray[np.int64],
    edges: NDArray[np.float64],
) -> tuple[NDArray[np.float64], float]:
    """Return the pairs of two people expected in each bin, and for how many each counted one stands."""
    lists = candidates.list_of
    sure = probability >= _SURE
    partnered = np.zeros((candidates.records, len(candidates.sizes)), dtype=bool)
    partnered[candidates.one[sure], lists[candidates.other[sure]]] = True
    partnered[candidates.other[sure], lists[candidates.one[sure]]] = True
    if partnered.sum() >= 2 * FEWEST_SURE:
        known = partnered[candidates.one, lists[candidates.other]]
        known |= partnered[candidates.other, lists[candidates.one]]
        known &= ~sure
        pairs = 0
        for a, b in combinations(range(len(candidates.sizes)), 2):
            n, m = candidates.sizes[a], candidates.sizes[b]
            with_a = int(partnered[lists == a, b].sum())
            with_b = int(partnered[lists == b, a].sum())
            pairs += n * m - (n - with_a) * (m - with_b)
        scale = candidates.compared / max(1, pairs)
    else:
        known, scale = ~_each_others_best(candidates), 1.0
    counts = np.bincount(bins[known], minlength=_BINS).astype(np.float64)
    return scale * _with_tail(counts, candidates.score[known], edges), scale


def _level(seen: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    """Return by how much the pairs of two people are too many, judged just above the floor.

    Records with a sure partner are better kept than others and resemble more people. Just above the floor
    hardly any pair is of one person, so what is expected there can't be more than what is seen.
    """
    low = np.cumsum(two) <= max(two[0], two.sum() / 2)
    return min(1.0, float(seen[low].sum() / two[low].sum()))


def _with_tail(
    counts: NDArray[np.float64], scores: NDArray[np.float64], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Replace the sparse upper end of a histogram by an exponential through the highest scores."""
    if len(scores) < 2:
        return counts + 0.5 / len(counts)
    used = min(len(scores) - 1, max(_TAIL, len(scores) // 20))
    start = np.sort(scores)[-used - 1]
    scale = max(float((scores[scores >= start] - start).mean()), (edges[1] - edges[0]) / 4)
    fitted = (scores >= start).sum() * -np.diff(np.exp(-np.maximum(edges - start, 0) / scale))
    above = edges[:-1] >= start
    first = int(above.argmax()) if above.any() else len(counts)
    result = counts.copy()
    # The bin in which the tail starts keeps what was counted.
    result[first:] = fitted[first:]
    return np.maximum(result, 1e-9)


def _one_person(
    seen: NDArray[np.float64],
    two: NDArray[np.float64],
    expected: NDArray[np.float64],
) -> NDArray[np.float64]:
    excess = seen - two
    mode = _mode(expected)
    weights = 1 / np.maximum(1, seen[: mode + 1])
    rising = isotonic_regression(excess[: mode + 1], weights=weights).x
    result: NDArray[np.float64] = np.maximum(np.concatenate([rising, excess[mode + 1 :]]), 1e-6)
    return result


def _mode(counts: NDArray[np.float64]) -> int:
    """Return the bin where a running mean over five bins is highest."""
    return int(np.convolve(counts, np.ones(5) / 5, mode="same").argmax())


def _rising_ratio(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return m / u per bin, made to rise: bins that fall are pooled, weighted by what they hold."""
    m, u = np.maximum(one, 1e-12), np.maximum(two, 1e-300)
    # Pool on m / (m + u), each side normalised, which isotonic regression with weights m + u respects.
    m_share, u_share = m / m.sum(), u / u.sum()
    weight = m_share + u_share
    share = np.clip(isotonic_regression(m_share / weight, weights=weight).x, 1e-12, 1 - 1e-15)
    ratio: NDArray[np.float64] = share / (1 - share) * m.sum() / u.sum()
    return ratio


def _missed(candidates: Candidates, probability: NDArray[np.float64], one: NDArray[np.float64]) -> float:
    """Return the share of pairs of one person below the floor.

    Two guesses, and their mean where there are both: m's slope goes on below as an exponential; and the share
    of triangles. The latter is too low, since who was joined twice beyond doubt is well written.
    """
    third = max(1, (_mode(one) + 1) // 3)
    lower, upper = float(one[:third].mean()), float(one[2 * third : 3 * third].mean())
    steepness = np.log(max(upper / lower, 1.05)) / (2 * third)
    below = lower * np.exp(-steepness * third / 2) / steepness
    slope = below / (below + one.sum())
    joined, apart = _triangles(candidates, probability >= _SURE)
    guess = slope if joined < FEWEST_SURE else (slope + apart / joined) / 2
    return float(np.clip(guess, _LOWEST_MISSED, _MOST_MISSED))


def _triangles(candidates: Candidates, sure: NDArray[np.bool_]) -> tuple[int, int]:
    """Return how many pairs of two lists a third list joins beyond doubt, and how many are no candidates."""
    lists = candidates.list_of
    count = len(candidates.sizes)
    partner = np.full((candidates.records, count), -1, dtype=np.int64)
    one, other = candidates.one[sure], candidates.other[sure]
    partner[one, lists[other]] = other
    partner[other, lists[one]] = one
    known = np.sort(candidates.one * candidates.records + candidates.other)
    joined = apart = 0
    for a, b in combinations(range(count), 2):
        by = partner[(partner[:, a] >= 0) & (partner[:, b] >= 0)]
        keys = by[:, a] * candidates.records + by[:, b]
        at = np.minimum(np.searchsorted(known, keys), max(0, len(known) - 1))
        joined += len(keys)
        apart += int((known[at] != keys).sum()) if len(keys) else 0
    return joined, apart


def _matches(candidates: Candidates, probability: NDArray[np.float64]) -> NDArray[np.float64]:
    lists = candidates.list_of
    matches = np.zeros((len(candidates.sizes),) * 2)
    np.add.at(matches, (lists[candidates.one], lists[candidates.other]), probability)
    return matches
