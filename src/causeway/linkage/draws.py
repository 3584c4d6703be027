"""Many plausible linkages: what the scores leave open, drawn, so that an estimate can carry it through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from causeway.linkage.candidates import Candidates
from causeway.linkage.matching import Sampler, best_clusters, histories, shared_pairs
from causeway.linkage.thresholds import ScoreModel, pair_probabilities, resampled

__all__ = ["LinkageDraws", "draw_linkages"]

_MODELS = 20  # of the scores' worth, each used for as many draws
_SETTLE = 10  # sweeps after a change of model; the first model gets five times as many
_BETWEEN = 3  # sweeps between draws

Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class LinkageDraws:
    """Draws of partitions of all records into people.

    Args:
        one: int64, the lower record of every pair that shares a person in some draw.
        other: int64, its other record.
        probability: float64, in which share of the draws the pair does.
        pairs: Shape (draws, lists, lists), upper triangle: people on both lists, as far as scores show.
        missed: Shape (draws, lists, lists): how many more were added for pairs that scores can't show.
        tables: int64, shape (draws, 2 ** lists): people by capture history, the added ones linked.
        labels: int32, shape (draws, records): a cluster for each record, without the added pairs.
        best: int64, shape (records,): the one answer, a cluster for each record.
    """

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    probability: NDArray[np.float64]
    pairs: NDArray[np.int64]
    missed: NDArray[np.int64]
    tables: NDArray[np.int64]
    labels: NDArray[np.int32]
    best: NDArray[np.int64]


def draw_linkages(
    candidates: Candidates,
    model: ScoreModel,
    *,
    draws: int,
    seed: int,
    confirmed: Iterable[tuple[int, int]] = (),
    denied: Iterable[tuple[int, int]] = (),
    on_progress: Progress | None = None,
) -> LinkageDraws:
    """Draw linkages, and the best single one: pairs that share a person in most draws.

    Three things vary from draw to draw: which pairs are one person; what a score is worth, as far as few
    counts leave that open; and which records belong together although their score is below the floor. Of
    the latter only the number is known, roughly, so records are joined at random: it moves counts of the
    table and says nothing of any pair.

    Args:
        candidates: Candidate pairs.
        model: What their scores are worth.
        draws: How many.
        seed: Of the random numbers.
        confirmed: Pairs of records, lower first, that organisations say are one person.
        denied: Pairs that they say are two.
        on_progress: Called with the share done; what it raises ends the drawing.
    """
    confirmed, denied = list(confirmed), list(denied)
    sampler = Sampler(
        candidates,
        _start(candidates, model, confirmed, denied),
        seed=seed,
        confirmed=confirmed,
        denied=denied,
    )
    rng = np.random.default_rng([seed, 1])
    lists, list_of = len(candidates.sizes), candidates.list_of
    keys, times = np.empty(0, np.int64), np.empty(0, np.int64)
    pairs, missed, tables = [], [], []
    labels = np.empty((draws, candidates.records), dtype=np.int32)
    each = -(-draws // _MODELS)
    present = model
    for draw in range(draws):
        if draw % each == 0:
            present = resampled(model, seed=seed + draw)
            sampler.use(present)
            sampler.sweep(_SETTLE if draw else 5 * _SETTLE)
        sampler.sweep(_BETWEEN)
        labels[draw] = label = sampler.label
        one, other = shared_pairs(label)
        keys, times = _added(keys, times, np.minimum(one, other) * len(label) + np.maximum(one, other))
        pairs.append(_by_lists(one, other, list_of, lists))
        missed.append(_join_missed(label, list_of, pairs[-1], present.missed, rng))
        tables.append(histories(label, list_of, lists)[1])
        if on_progress is not None:
            on_progress((draw + 1) / draws)
    one, other = keys // candidates.records, keys % candidates.records
    probability = times / draws
    return LinkageDraws(
        one,
        other,
        probability,
        np.array(pairs),
        np.array(missed),
        np.array(tables),
        labels,
        best_clusters(one, other, probability, list_of=list_of),
    )


def _start(
    candidates: Candidates,
    model: ScoreModel,
    confirmed: list[tuple[int, int]],
    denied: list[tuple[int, int]],
) -> NDArray[np.int64]:
    probability = pair_probabilities(candidates, model)
    answers = dict.fromkeys(confirmed, 1.0) | dict.fromkeys(denied, -1.0)
    if answers:
        for at, pair in enumerate(zip(candidates.one.tolist(), candidates.other.tolist(), strict=True)):
            probability[at] = answers.get(pair, probability[at])
    likely = probability >= 0.01
    return best_clusters(
        candidates.one[likely],
        candidates.other[likely],
        probability[likely],
        list_of=candidates.list_of,
    )


def _added(
    keys: NDArray[np.int64], times: NDArray[np.int64], more: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return known pairs and how often each was drawn, with one more draw."""
    every, place = np.unique(np.concatenate([keys, more]), return_inverse=True)
    counted = np.bincount(place, weights=np.concatenate([times, np.ones(len(more))]), minlength=len(every))
    return every, counted.astype(np.int64)


def _by_lists(
    one: NDArray[np.int64], other: NDArray[np.int64], list_of: NDArray[np.int64], lists: int
) -> NDArray[np.int64]:
    a = np.minimum(list_of[one], list_of[other])
    b = np.maximum(list_of[one], list_of[other])
    return np.bincount(a * lists + b, minlength=lists * lists).reshape(lists, lists)


def _join_missed(
    label: NDArray[np.int64],
    list_of: NDArray[np.int64],
    pairs: NDArray[np.int64],
    share: float,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Join people of two lists at random, as many as scores below the floor will have hidden; in place."""
    lists = len(pairs)
    joined = np.zeros((lists, lists), dtype=np.int64)
    for a, b in combinations(range(lists), 2):
        wanted = int(rng.poisson(pairs[a, b] * share / (1 - share)))
        if not wanted:
            continue
        on = histories(label, list_of, lists)[0]
        with_a = np.flatnonzero((on >> a & 1 == 1) & (on >> b & 1 == 0))
        with_b = np.flatnonzero((on >> b & 1 == 1) & (on >> a & 1 == 0))
        rng.shuffle(with_a)
        rng.shuffle(with_b)
        new = np.arange(len(label))
        for left, right in zip(with_a, with_b, strict=False):
            if joined[a, b] == wanted:
                break
            # Records of larger clusters would all have to lie below the floor of each other.
            across = int(on[left]).bit_count() * int(on[right]).bit_count()
            if on[left] & on[right] or rng.random() >= share ** (across - 1):
                continue
            new[right] = left
            joined[a, b] += 1
        label[:] = new[label]
    return joined
