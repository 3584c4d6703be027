"""Failures that come together: which causes may be down, and what a traveller knows of them on the way.

A scenario says of every shared cause whether it has come about. A traveller does not know the scenario, but
learns: who got through on a departure knows that its cause is not down, and who failed on one has reason to
fear that it is. `Beliefs` lays out every pair of (what is remembered, scenario) that can occur, so that a
sweep over it stays a plain Markov chain and its chances are exact.

The causes are independent of each other, as the network states them; what comes together within a cause is
what makes its legs fail together.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.routes.timetable import Timetable

__all__ = ["MET_FAILING", "MET_OPEN", "NOT_MET", "Beliefs", "lay_out_beliefs"]

NOT_MET: Final = 0
MET_FAILING: Final = 1
MET_OPEN: Final = 2

_ENOUGH: Final = 1 - 1e-4


@dataclass(frozen=True, eq=False)
class Beliefs:
    """Pairs of memory and scenario (z of them, ordered by memory) over k causes.

    A memory holds one of `NOT_MET`, `MET_FAILING` and `MET_OPEN` for each remembered cause; its number is
    the sum of state · 3^i over `remembered`. Scenarios that a memory rules out are not in its pairs.

    Args:
        scenarios: bool (s, k), True where the cause is down.
        weights: float64 (s,), the chance of each scenario.
        missing: The chance of all scenarios left out; what is computed counts nothing for them.
        remembered: Causes of which a traveller remembers what happened; of the others only the scenario is
            known to the sweep, and nothing to the traveller.
        memories: int8 (m, len(remembered)).
        memory_of: int32 (z,).
        scenario_of: int32 (z,).
        starts: int32 (m + 1,), where each memory's pairs begin.
        belief: float64 (z,), how far each scenario is believed in; sums to 1 within a memory.
        down: bool (k, z).
        after_through: int32 (k, z), the pair after getting through on a departure of that cause.
        after_back: int32 (k, z), the pair after being turned back on one.
        memory_through: int32 (k, m), the memory after getting through.
        closed: bool (k, m), whether somebody with that memory believes for certain that the cause is down.
    """

    scenarios: NDArray[np.bool_]
    weights: NDArray[np.float64]
    missing: float
    remembered: tuple[int, ...]
    memories: NDArray[np.int8]
    memory_of: NDArray[np.int32]
    scenario_of: NDArray[np.int32]
    starts: NDArray[np.int32]
    belief: NDArray[np.float64]
    down: NDArray[np.bool_]
    after_through: NDArray[np.int32]
    after_back: NDArray[np.int32]
    memory_through: NDArray[np.int32]
    closed: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """How many pairs there are."""
        return len(self.memory_of)


def lay_out_beliefs(
    timetable: Timetable, *, causes: Sequence[float], max_pairs: int, max_scenarios: int = 4_096
) -> Beliefs:
    """Lay out what may be down and what may be known, in at most about `max_pairs` pairs.

    Every scenario is kept where that is possible; else the most probable ones, and `missing` says what was
    left out. Then the causes that matter most (by their number of departures and how uncertain they are)
    are remembered, as many as fit: a remembered cause has five pairs instead of two.

    How far somebody believes in a cause that has failed once: chance c, and departures on which one fails
    with chance f though the cause is not down, give c / (c + (1 − c) · f) by Bayes, with the mean of f over
    the cause's departures. It is used for choosing only: the chances of what was chosen are exact.

    Args:
        causes: The chance of each cause to come about, by its number in the timetable.
        max_pairs: How many pairs of memory and scenario the sweep may carry.
    """
    count = len(causes)
    used = np.bincount(timetable.cause[timetable.cause >= 0], minlength=count)[:count]
    # A cause without a departure can't matter: it is taken as not coming about.
    chances = [float(chance) if uses else 0.0 for chance, uses in zip(causes, used, strict=True)]
    scenarios, weights = _scenarios(chances, limit=max(1, min(max_scenarios, max_pairs)))
    weight = [uses * chance * (1 - chance) for chance, uses in zip(chances, used, strict=True)]
    remembered: tuple[int, ...] = ()
    for cause in sorted((c for c in range(count) if weight[c] > 0), key=lambda c: (-weight[c], c)):
        if _pairs(scenarios, (*remembered, cause)) > max_pairs:
            break
        remembered = (*remembered, cause)
    return _lay_out(scenarios, weights, remembered, _failing_anyway(timetable, count))


def _scenarios(chances: Sequence[float], *, limit: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return the most probable scenarios, most probable first, until they are enough."""
    likely = [chance > 0.5 for chance in chances]
    # Turning a cause away from its likelier state multiplies the weight by this; best first by the product.
    turns = [min(c, 1 - c) / max(c, 1 - c) for c in chances]
    movable = sorted((c for c in range(len(chances)) if turns[c] > 0), key=lambda c: (-turns[c], c))
    base = float(np.prod([max(c, 1 - c) for c in chances])) if chances else 1.0
    heap: list[tuple[float, tuple[int, ...]]] = [(-base, ())]
    found: list[tuple[float, tuple[int, ...]]] = []
    mass = 0.0
    everything = 2 ** len(movable) <= limit
    while heap and len(found) < limit and (everything or mass < _ENOUGH):
        negative, turned = heapq.heappop(heap)
        found.append((-negative, turned))
        mass -= negative
        following = turned[-1] + 1 if turned else 0
        if following < len(movable):
            ratio = turns[movable[following]]
            heapq.heappush(heap, (negative * ratio, (*turned, following)))
            if turned:
                ratio /= turns[movable[turned[-1]]]
                heapq.heappush(heap, (negative * ratio, (*turned[:-1], following)))
    scenarios = np.tile(np.array(likely, dtype=np.bool_), (len(found), 1))
    for row, (_, turned) in enumerate(found):
        for index in turned:
            scenarios[row, movable[index]] ^= True
    return scenarios, np.array([weight for weight, _ in found])


def _pairs(scenarios: NDArray[np.bool_], remembered: tuple[int, ...]) -> int:
    """Return how many pairs there are: 2 memories of a cause that is down, 3 of one that is not."""
    down = scenarios[:, list(remembered)].sum(axis=1)
    return int((2.0**down * 3.0 ** (len(remembered) - down)).sum())


def _failing_anyway(timetable: Timetable, count: int) -> list[float]:
    """Return for each cause the mean chance to fail on one of its departures though it is not down."""
    means = []
    for cause in range(count):
        through = timetable.through[timetable.cause == cause]
        means.append(float(1 - through.mean()) if len(through) else 0.0)
    return means


def _lay_out(
    scenarios: NDArray[np.bool_],
    weights: NDArray[np.float64],
    remembered: tuple[int, ...],
    failing: Sequence[float],
) -> Beliefs:
    count = scenarios.shape[1]
    states = itertools.product((NOT_MET, MET_FAILING, MET_OPEN), repeat=len(remembered))
    memories = np.array([state[::-1] for state in states], dtype=np.int8).reshape(
        3 ** len(remembered), len(remembered)
    )
    known = scenarios[:, list(remembered)]
    pair_memory: list[int] = []
    pair_scenario: list[int] = []
    starts, belief = [0], []
    number = np.full((len(memories), len(scenarios)), -1, dtype=np.int32)
    for memory, state in enumerate(memories):
        fits = np.flatnonzero(~((state == MET_OPEN) & known).any(axis=1))
        number[memory, fits] = np.arange(len(pair_memory), len(pair_memory) + len(fits))
        pair_memory += [memory] * len(fits)
        pair_scenario += fits.tolist()
        starts.append(len(pair_memory))
        # Bayes: somebody fails for certain where the cause is down, and with chance f where it is not.
        failed = [failing[cause] if state[i] == MET_FAILING else 1.0 for i, cause in enumerate(remembered)]
        weight = weights[fits] * np.where(known[fits], 1.0, np.array(failed)).prod(axis=1)
        if weight.sum() <= 0:
            weight = weights[fits]
        belief.append(weight / weight.sum() if len(fits) else weight)
    memory_of, scenario_of = np.array(pair_memory, dtype=np.int32), np.array(pair_scenario, dtype=np.int32)
    down = scenarios[scenario_of].T.copy()
    itself = np.arange(len(memory_of), dtype=np.int32)
    after_through, after_back = np.tile(itself, (count, 1)), np.tile(itself, (count, 1))
    memory_through = np.tile(np.arange(len(memories), dtype=np.int32), (count, 1))
    for index, cause in enumerate(remembered):
        step, state = 3**index, memories[:, index].astype(np.int32)
        memory_through[cause] += step * (MET_OPEN - state)
        back = np.arange(len(memories)) + np.where(state == NOT_MET, step * MET_FAILING, 0)
        opened = number[memory_through[cause][memory_of], scenario_of]
        # Nobody gets through where the cause is down: that pair stays itself, and its chance is nought.
        after_through[cause] = np.where(opened >= 0, opened, itself)
        after_back[cause] = number[back[memory_of], scenario_of]
    beliefs = np.concatenate(belief)
    open_to = np.array([np.bincount(memory_of, beliefs * ~row, minlength=len(memories)) for row in down])
    return Beliefs(
        scenarios=scenarios,
        weights=weights,
        missing=max(0.0, 1 - float(weights.sum())) if weights.sum() < 1 - 1e-12 else 0.0,
        remembered=remembered,
        memories=memories,
        memory_of=memory_of,
        scenario_of=scenario_of,
        starts=np.array(starts, dtype=np.int32),
        belief=beliefs,
        down=down,
        after_through=after_through,
        after_back=after_back,
        memory_through=memory_through,
        closed=(open_to <= 0).reshape(count, len(memories)),
    )
