from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from causeway.linkage.candidates import Candidates
from causeway.linkage.matching import Sampler, best_clusters, histories, shared_pairs
from causeway.linkage.thresholds import Counted, ScoreModel


def candidates(sizes, pairs):
    one, other, score = (np.array(column) for column in zip(*pairs, strict=True))
    return Candidates(tuple(sizes), one, other, score.astype(float), 0.1)


def model_of(sizes, *, missed=0.1, matches=2.0):
    """Return a model whose ratio rises from about 0.2 to about 2,000."""
    bins = 20
    edges = np.linspace(0.1, 1, bins + 1)
    two = np.geomspace(1, 1e-4, bins)
    one = np.full(bins, (1 - missed) / bins)
    counted = Counted(one, two, 1.0, one)
    both = np.full((len(sizes), len(sizes)), matches)
    return ScoreModel(edges, one, two / two.sum() * 0.2, missed, both, tuple(sizes), counted)


def partitions(sizes):
    """Return all labellings in which every cluster has at most one record of each list."""
    list_of = np.repeat(np.arange(len(sizes)), sizes)
    found = []

    def grow(label, record):
        if record == len(list_of):
            found.append(tuple(label))
            return
        for cluster in {*label[:record], record}:
            if all(list_of[r] != list_of[record] for r in range(record) if label[r] == cluster):
                grow([*label[:record], cluster], record + 1)

    grow([], 0)
    return found


def spanning_trees(members):
    """Return all trees over up to four vertices, as sets of edges."""
    edges = list(combinations(members, 2))
    for chosen in combinations(edges, len(members) - 1):
        reached = {members[0]}
        for _ in members:
            reached |= {b for edge in chosen for a, b in (edge, edge[::-1]) if a in reached}
        if len(reached) == len(members):
            yield chosen


def weight_of(partition, pairs, model, list_of):
    """Weigh a partition straight from the definition, trees written out."""
    ratio = {(a, b): float(model.ratio(np.array([score]))[0]) for a, b, score in pairs}
    total = 1.0
    for cluster in set(partition):
        members = [record for record, label in enumerate(partition) if label == cluster]
        if len(members) < 2:
            continue
        odds = {
            (a, b): ratio.get((a, b), model.missed) * model.odds(list_of[a], list_of[b])
            for a, b in combinations(members, 2)
        }
        trees = [np.prod([odds[edge] for edge in tree]) for tree in spanning_trees(members)]
        total *= float(np.mean(trees))
        if len(members) > 2:
            total *= float(np.prod([min(1, ratio.get(edge, model.missed)) for edge in odds]))
    return total


@pytest.mark.parametrize(
    ("sizes", "pairs"),
    [
        ((2, 2), [(0, 2, 0.45), (0, 3, 0.47), (1, 3, 0.4)]),
        ((2, 2, 2), [(0, 2, 0.55), (2, 4, 0.6), (0, 4, 0.35), (1, 2, 0.6), (1, 5, 0.5), (3, 5, 0.45)]),
        ((1, 1, 1, 1), [(0, 1, 0.6), (1, 2, 0.5), (2, 3, 0.6), (0, 3, 0.3), (0, 2, 0.55)]),
    ],
)
def test_the_sampler_draws_what_enumeration_gives(sizes, pairs):
    model = model_of(sizes, matches=0.9)
    given = candidates(sizes, pairs)
    states = partitions(sizes)
    weights = np.array([weight_of(state, pairs, model, given.list_of) for state in states])
    exact = dict(zip(states, weights / weights.sum(), strict=True))
    assert max(exact.values()) < 0.8  # else the test would hardly look at the others
    sampler = Sampler(given, np.arange(given.records), seed=1)
    sampler.use(model)
    drawn = dict.fromkeys(states, 0)
    rounds = 20_000
    for _ in range(rounds):
        sampler.sweep()
        label = sampler.label
        lowest = {cluster: int(np.flatnonzero(label == cluster)[0]) for cluster in set(label.tolist())}
        drawn[tuple(lowest[cluster] for cluster in label.tolist())] += 1
    for state in states:
        assert drawn[state] / rounds == pytest.approx(exact[state], abs=0.015)


def test_answers_hold_in_every_draw():
    sizes = (3, 3, 2)
    pairs = [(a, b, 0.5) for a, b in product(range(3), range(3, 6))]
    pairs += [(a, b, 0.5) for a, b in product(range(6), range(6, 8))]
    sampler = Sampler(
        candidates(sizes, pairs), np.arange(8), seed=2, confirmed=[(0, 4)], denied=[(1, 3), (2, 6)]
    )
    sampler.use(model_of(sizes))
    sampler.sweep(20)
    for _ in range(300):
        sampler.sweep()
        label = sampler.label
        assert label[0] == label[4]
        assert label[1] != label[3]
        assert label[2] != label[6]


def test_each_list_stays_one_to_one_however_the_odds_are():
    rng = np.random.default_rng(3)
    sizes = (30, 20, 25, 10)
    list_of = np.repeat(np.arange(4), sizes)
    pairs = [
        (a, b, rng.uniform(0.1, 1))
        for a, b in combinations(range(sum(sizes)), 2)
        if list_of[a] != list_of[b] and rng.random() < 0.2
    ]
    given = candidates(sizes, pairs)
    sampler = Sampler(given, np.arange(given.records), seed=4)
    sampler.use(model_of(sizes, matches=9))
    for _ in range(50):
        sampler.sweep()
        label = sampler.label
        seats = label * 4 + list_of
        assert len(np.unique(seats)) == len(seats)
        counts = histories(label, list_of, 4)[1]
        assert counts.sum() == len(np.unique(label))
        assert [int(counts[np.arange(16) >> i & 1 == 1].sum()) for i in range(4)] == list(sizes)


def brute_best(sizes, probability):
    """Return the greatest sum of probabilities over one-to-one pairs of two lists, each at least a half."""
    n, m = sizes
    best = 0.0

    def grow(a, used, total):
        nonlocal best
        best = max(best, total)
        if a == n:
            return
        grow(a + 1, used, total)
        for b in range(m):
            if b not in used and probability.get((a, n + b), 0) >= 0.5:
                grow(a + 1, used | {b}, total + probability[a, n + b])

    grow(0, frozenset(), 0.0)
    return best


def test_best_clusters_of_two_lists_are_the_best_one_to_one_pairs():
    rng = np.random.default_rng(5)
    for _ in range(200):
        sizes = (4, 4)
        # Of pairs that share a record, at most one has more than half: that is what probabilities are.
        table = rng.dirichlet(np.full(5, 0.3), size=4)[:, :4]
        table /= np.maximum(1, table.sum(0))
        pairs = [(a, 4 + b, table[a, b]) for a in range(4) for b in range(4)]
        one, other, p = (np.array(column) for column in zip(*pairs, strict=True))
        label = best_clusters(one, other, p, list_of=np.repeat([0, 1], 4))
        a, b = shared_pairs(label)
        got = sum(table[x, y - 4] for x, y in zip(a, b, strict=True))
        assert got == pytest.approx(brute_best(sizes, {(x, y): q for x, y, q in pairs}))


def test_a_chain_whose_ends_are_unlike_is_not_one_person():
    list_of = np.array([0, 1, 2])
    chain = np.array([0, 1]), np.array([1, 2]), np.array([0.9, 0.8])
    assert best_clusters(*chain, list_of=list_of).tolist() == [0, 0, 2]
    closed = np.array([0, 1, 0]), np.array([1, 2, 2]), np.array([0.9, 0.8, 0.6])
    assert best_clusters(*closed, list_of=list_of).tolist() == [0, 0, 0]


def test_of_two_records_of_one_list_only_the_likelier_joins():
    list_of = np.array([0, 0, 1])
    label = best_clusters(np.array([0, 1]), np.array([2, 2]), np.array([0.7, 0.8]), list_of=list_of)
    assert label.tolist() == [0, 1, 1]


def test_histories_and_pairs_of_clusters():
    list_of = np.array([0, 0, 1, 1, 2])
    label = np.array([0, 1, 0, 3, 0])
    by_label, counts = histories(label, list_of, 3)
    assert by_label.tolist() == [0b111, 0b001, 0, 0b010, 0]
    assert counts.tolist() == [0, 1, 1, 0, 0, 0, 0, 1]
    assert sorted(zip(*map(np.ndarray.tolist, shared_pairs(label)), strict=True)) == [(0, 2), (0, 4), (2, 4)]


def test_not_even_certainty_puts_a_person_twice_on_a_list():
    label = best_clusters(
        np.array([0, 1]), np.array([2, 2]), np.array([1.0, 1.0]), list_of=np.array([0, 0, 1])
    )
    assert label.tolist() == [0, 1, 0]
