"""From pairs to people: clusters with at most one record from each list.

`best_clusters` gives one answer, by falling probability. `Sampler` draws many, so that what the scores leave
open can be carried into whatever is computed from the clusters.

The sampler's distribution over partitions into clusters: a cluster of k records counts with

    phi = (mean over all trees that span it of the product of its edges' odds) * product of its doubts,

an edge's odds being prior odds times the scores' ratio m / u. The mean over trees stands for not knowing
through which of its pairs a person's records came together; the product over all pairs would count the same
resemblance several times. From three records on, each pair whose ratio is below 1 multiplies in its ratio: a
chain of likenesses whose ends are unlike is doubtful. One-to-one within each list is exact, after Sadinle
(2017, JASA 112) for two lists. Sums over trees are Kirchhoff's (1847), by elimination without subtraction.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from causeway.linkage.candidates import MAX_LISTS, Candidates
from causeway.linkage.thresholds import ScoreModel

__all__ = ["Sampler", "best_clusters", "histories", "shared_pairs"]

# Odds of a pair that its organisations have confirmed: far above what a score gives, and fifteen of them
# multiplied still fit a float.
_CONFIRMED = 1e15


def best_clusters(
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    probability: NDArray[np.float64],
    *,
    list_of: NDArray[np.int64],
    least: float = 0.5,
) -> NDArray[np.int64]:
    """Return a cluster for each record, joining pairs by falling probability where lists stay one-to-one.

    Two clusters join only if all pairs between them are `least` probable on average; a pair that is not given
    has probability 0. So A–B and B–C do not make A–C one person by themselves.

    Args:
        one: int64, one record of each pair.
        other: int64, its other record.
        probability: How likely each pair is one person.
        list_of: Shape (records,): the list of each record.
        least: Probability below which nothing is joined.

    Returns:
        int64, shape (records,): the lowest record of each record's cluster.
    """
    chance = {(int(a), int(b)): float(p) for a, b, p in zip(one, other, probability, strict=True) if p > 0}
    members = {record: [record] for record in {int(r) for r in one} | {int(r) for r in other}}
    label = np.arange(len(list_of))
    on = {record: 1 << int(list_of[record]) for record in members}
    keep = np.flatnonzero(probability >= least)
    for at in keep[np.lexsort((other[keep], one[keep], -probability[keep]))]:
        a, b = sorted((int(label[one[at]]), int(label[other[at]])))
        if a == b or on[a] & on[b]:
            continue
        across = [chance.get((min(x, y), max(x, y)), 0.0) for x in members[a] for y in members[b]]
        if sum(across) < least * len(across):
            continue
        label[members[b]] = a
        members[a] += members.pop(b)
        on[a] |= on.pop(b)
    return label


def histories(
    label: NDArray[np.int64], list_of: NDArray[np.int64], lists: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the capture history of each cluster, and how many clusters have each history.

    Returns:
        Histories by cluster's label, int64 of shape (records,), 0 where a label names no cluster; and counts,
        int64 of shape (2 ** lists,). Bit i of a history is list i.
    """
    by_label = np.zeros(len(label), dtype=np.int64)
    np.bitwise_or.at(by_label, label, 1 << list_of)
    counts = np.bincount(by_label, minlength=2**lists)
    counts[0] = 0
    return by_label, counts.astype(np.int64)


def shared_pairs(label: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all pairs of records, lower first, that share a cluster."""
    order = np.argsort(label, kind="stable")
    sorted_ = label[order]
    one, other = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for distance in range(1, MAX_LISTS):
        same = np.flatnonzero(sorted_[distance:] == sorted_[:-distance])
        if not len(same):
            break
        one.append(order[same])
        other.append(order[same + distance])
    return np.concatenate(one), np.concatenate(other)


class Sampler:
    """Draws partitions of all records into people, one-to-one within each list.

    Args:
        candidates: Candidate pairs.
        start: A cluster for each record to start from, such as `best_clusters` gives.
        seed: Of the random numbers.
        confirmed: Pairs of records that organisations say are one person.
        denied: Pairs that they say are two.
    """

    def __init__(
        self,
        candidates: Candidates,
        start: NDArray[np.int64],
        *,
        seed: int,
        confirmed: Iterable[tuple[int, int]] = (),
        denied: Iterable[tuple[int, int]] = (),
    ) -> None:
        self._candidates = candidates
        self._rng = np.random.default_rng(seed)
        self._answers = {pair: 1.0 for pair in confirmed} | {pair: 0.0 for pair in denied}
        records, lists = candidates.records, len(candidates.sizes)
        self._list_of = candidates.list_of
        self._label = start.copy()
        self._members = np.full((records, lists), -1, dtype=np.int64)
        self._members[self._label, self._list_of] = np.arange(records)

    @property
    def label(self) -> NDArray[np.int64]:
        """A copy of the present partition: a cluster's number for each record."""
        return self._label.copy()

    def use(self, model: ScoreModel) -> None:
        """Take the worth of scores from this model from now on."""
        candidates, answers = self._candidates, self._answers
        lists = self._list_of
        ratio = model.ratio(candidates.score)
        odds = np.zeros((len(candidates.sizes),) * 2)
        for a, b in combinations(range(len(candidates.sizes)), 2):
            odds[a, b] = odds[b, a] = model.odds(a, b)
        weight = ratio * odds[lists[candidates.one], lists[candidates.other]]
        doubt = np.minimum(1, ratio)
        for at, pair in enumerate(zip(candidates.one, candidates.other, strict=True)) if answers else ():
            answer = answers.get((int(pair[0]), int(pair[1])))
            if answer is not None:
                weight[at], doubt[at] = _CONFIRMED * answer, answer
        ends = np.concatenate([candidates.one, candidates.other])
        order = np.argsort(ends, kind="stable")
        self._first = np.searchsorted(ends[order], np.arange(candidates.records + 1))
        self._neighbour = np.concatenate([candidates.other, candidates.one])[order]
        self._weight = np.concatenate([weight, weight])[order]
        self._doubt = np.concatenate([doubt, doubt])[order]
        self._apart = odds * model.missed
        self._missed = model.missed

    def sweep(self, times: int = 1) -> None:
        """Let every record that has a candidate choose its cluster again, in random order, `times` times."""
        with_pairs = np.flatnonzero(np.diff(self._first))
        for _ in range(times):
            _sweep(
                self._rng.permutation(with_pairs),
                self._rng.random(len(with_pairs)),
                self._label,
                self._members,
                self._list_of,
                self._first,
                self._neighbour,
                self._weight,
                self._doubt,
                self._apart,
                self._missed,
            )


@njit(cache=True, nogil=True)
def _sweep(
    order: NDArray[np.int64],
    chance: NDArray[np.float64],
    label: NDArray[np.int64],
    members: NDArray[np.int64],
    list_of: NDArray[np.int64],
    first: NDArray[np.int64],
    neighbour: NDArray[np.int64],
    weight: NDArray[np.float64],
    doubt: NDArray[np.float64],
    apart: NDArray[np.float64],
    missed: float,
) -> None:
    widest = 0
    for record in order:
        widest = max(widest, first[record + 1] - first[record])
    options = np.empty(widest + 1, dtype=np.int64)
    odds = np.empty(widest + 1)
    graph = (list_of, first, neighbour, weight, doubt, apart, missed)
    for turn in range(len(order)):
        record = order[turn]
        mine = list_of[record]
        old = label[record]
        members[old, mine] = -1
        count = 0
        total = 1.0  # of staying alone
        for at in range(first[record], first[record + 1]):
            cluster = label[neighbour[at]]
            if members[cluster, mine] != -1:
                continue
            known = False
            for k in range(count):
                known = known or options[k] == cluster
            if known:
                continue
            without = _phi(members[cluster], graph)
            members[cluster, mine] = record
            with_it = _phi(members[cluster], graph)
            members[cluster, mine] = -1
            options[count] = cluster
            odds[count] = with_it / without
            total += odds[count]
            count += 1
        left = chance[turn] * total
        chosen = -1
        for k in range(count):
            if left < odds[k]:
                chosen = options[k]
                break
            left -= odds[k]
        if chosen == -1:
            chosen = _free(record, old, members, label)
        label[record] = chosen
        members[chosen, mine] = record


@njit(cache=True, nogil=True)
def _free(record: int, old: int, members: NDArray[np.int64], label: NDArray[np.int64]) -> int:
    """Return the number of an empty cluster, close to the record: there are as many numbers as records."""
    if (members[old] == -1).all():
        return old
    for step in range(len(label)):
        number = (record + step) % len(label)
        if (members[number] == -1).all():
            return number
    return old


@njit(cache=True, nogil=True)
def _phi(row, graph):  # type: ignore[no-untyped-def]
    """Return a cluster's weight: 1 for a single record, an edge's odds for two."""
    list_of, first, neighbour, weight, doubt, apart, missed = graph
    inside = row[row != -1]
    k = len(inside)
    if k < 2:
        return 1.0
    edges = np.zeros((k, k))
    doubts = 1.0
    for i in range(k):
        for j in range(i + 1, k):
            a, b = inside[i], inside[j]
            if first[a + 1] - first[a] > first[b + 1] - first[b]:
                a, b = b, a
            odds, unsure = apart[list_of[a], list_of[b]], missed
            for at in range(first[a], first[a + 1]):
                if neighbour[at] == b:
                    odds, unsure = weight[at], doubt[at]
                    break
            if odds == 0.0:
                return 0.0  # denied by those who know
            edges[i, j] = edges[j, i] = odds
            doubts *= unsure
    if k == 2:
        return edges[0, 1]
    # Sum over spanning trees: take away one vertex after the other, each a star turned into a mesh.
    trees = 1.0
    for v in range(k - 1, 0, -1):
        degree = edges[v, :v].sum()
        trees *= degree
        for i in range(v):
            for j in range(i):
                more = edges[v, i] * edges[v, j] / degree
                edges[i, j] += more
                edges[j, i] += more
    return doubts * trees / float(k) ** (k - 2)
