"""Fewer given away, step by step: annealing over who serves which part.

What keeps two hops small is cells: people who share the same few helpers, and helpers who share the same few
people. The greatest number alone leads nowhere (most moves leave it as it is), so the search goes downhill on
a smooth cost: the squares of what each helper's arrest gives away, directly and by two hops, and of how many
people each person shares a helper with. The last is what draws people into cells. Three kinds of moves:
another helper for one part; all parts of a group to the helpers of another group, where they may serve it,
which is how a cell grows; and two groups changing places.

Source: simulated annealing, Kirkpatrick, Gelatt, Vecchi (1983), Science 220.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from causeway.routes.exposure_model import Assignment, Given, Problem, given_away

__all__ = ["Progress", "anneal"]

# Weight of the two greatest numbers against the squares, tried on instances of 30 to 120 people.
_GREATEST: Final = 10.0
_HOT: Final = 100.0
_COLD: Final = 0.5
_TELL_EVERY: Final = 500


@dataclass(frozen=True)
class Progress:
    """How far a search is.

    Args:
        done: From 0 to 1.
        direct: The most people given away directly by one arrest, in the best assignment so far.
        two_hops: The most by two hops.
    """

    done: float
    direct: int
    two_hops: int


def anneal(
    problem: Problem,
    begin: Assignment,
    *,
    budget: int,
    steps: int,
    seed: int,
    on_progress: Callable[[Progress], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Assignment:
    """Return the best assignment met that keeps every rule and the budget; `begin` has to.

    Args:
        budget: The most risk in micro-nepers.
        steps: Moves tried.
        stopped: Asked now and then; the best so far is returned once it says so.
    """
    # Random as in a game of chance, not as in a key.
    search = _Search(problem, begin, budget=budget, rng=random.Random(seed))  # noqa: S311
    for step in range(steps):
        if step % _TELL_EVERY == 0:
            on_progress(Progress(step / steps, *search.greatest))
            if stopped():
                break
        search.step(_HOT * (_COLD / _HOT) ** (step / steps))
    on_progress(Progress(1.0, *search.greatest))
    return tuple(search.best)


class _Search:
    """An assignment that changes, the loads that it makes, and the best one met."""

    def __init__(self, problem: Problem, begin: Assignment, *, budget: int, rng: random.Random) -> None:
        self._problem, self._budget, self._rng = problem, budget, rng
        self._now = list(begin)
        self._helpers = [sorted(risks) for risks in problem.risks]
        self._masks = [sum(1 << person for person in people) for people in problem.people]
        self._sizes = [len(people) for people in problem.people]
        self._load: dict[tuple[int, int], int] = dict.fromkeys(problem.room, 0)
        for part, helper in enumerate(begin):
            self._carry(part, helper, 1)
        self._apart: list[list[int]] = [[] for _ in begin]
        for one, other in problem.apart:
            self._apart[one].append(other)
            self._apart[other].append(one)
        groups: dict[tuple[int, ...], list[int]] = {}
        for part, people in enumerate(problem.people):
            groups.setdefault(people, []).append(part)
        self._groups = list(groups.values())
        self._movable = [part for part, helpers in enumerate(self._helpers) if len(helpers) > 1]
        self._risk = problem.risk(begin)
        self._cost, self._key = self._measure()
        self.best, self._best_key = list(begin), (*self._key, self._risk)

    @property
    def greatest(self) -> tuple[int, int]:
        """The greatest numbers given away in the best assignment, directly and by two hops."""
        given = given_away(self._problem, self.best)
        return max(given.direct, default=0), max(given.two_hops, default=0)

    def step(self, heat: float) -> None:
        """Try one move."""
        if not self._movable:
            return
        moves = self._propose()
        old = [(part, self._now[part]) for part, _ in moves]
        cost, key, risk = self._cost, self._key, self._risk
        if self._go(moves):
            self._cost, self._key = self._measure()
            worse = self._cost - cost
            if worse <= 0 or self._rng.random() < math.exp(-worse / heat):
                if (*self._key, self._risk) < self._best_key:
                    self.best, self._best_key = list(self._now), (*self._key, self._risk)
                return
        self._put(old)
        self._cost, self._key, self._risk = cost, key, risk

    def _propose(self) -> list[tuple[int, int]]:
        """Return parts with the helper that each is to have."""
        choice = self._rng.random()
        if choice < 0.6 or len(self._groups) < 2:
            part = self._rng.choice(self._movable)
            return [(part, self._rng.choice(self._helpers[part]))]
        one, other = self._rng.sample(range(len(self._groups)), 2)
        moves = self._like(one, other)
        if choice > 0.9:
            moves += self._like(other, one)
        return moves

    def _like(self, group: int, model: int) -> list[tuple[int, int]]:
        """Return moves that give a group, for each part, a helper of another group, if one may serve it."""
        theirs = [self._now[part] for part in self._groups[model]]
        moves = []
        for part in self._groups[group]:
            could = [helper for helper in theirs if helper in self._problem.risks[part]]
            if could and self._now[part] not in could:
                moves.append((part, self._rng.choice(could)))
        return moves

    def _go(self, moves: list[tuple[int, int]]) -> bool:
        """Make moves; return whether every rule still holds."""
        self._put(moves)
        problem = self._problem
        if self._risk > self._budget:
            return False
        for part, helper in moves:
            if any(self._load[helper, day] > problem.room[helper, day] for day in problem.days[part]):
                return False
            if any(self._now[other] == helper for other in self._apart[part]):
                return False
        return True

    def _put(self, moves: list[tuple[int, int]]) -> None:
        for part, helper in moves:
            old = self._now[part]
            self._carry(part, old, -1)
            self._carry(part, helper, 1)
            self._risk += self._problem.risks[part][helper] - self._problem.risks[part][old]
            self._now[part] = helper

    def _carry(self, part: int, helper: int, sign: int) -> None:
        for day in self._problem.days[part]:
            self._load[helper, day] += sign * self._sizes[part]

    def _measure(self) -> tuple[float, tuple[int, int]]:
        """Return the smooth cost and the key, as `given_away` counts."""
        problem, now, masks = self._problem, self._now, self._masks
        served = [0] * problem.n_helpers
        for part, helper in enumerate(now):
            served[helper] |= masks[part]
        known = [0] * problem.n_people
        for part, helper in enumerate(now):
            for person in problem.people[part]:
                known[person] |= served[helper]
        reached = [0] * problem.n_helpers
        for part, helper in enumerate(now):
            for person in problem.people[part]:
                reached[helper] |= known[person]
        direct = tuple(people.bit_count() for people in served)
        two_hops = tuple(people.bit_count() for people in reached)
        key = Given(direct, two_hops).key
        squares = 2 * sum(n * n for n in direct) + sum(n * n for n in two_hops)
        squares += sum(n.bit_count() ** 2 for n in known)
        return _GREATEST * key[0] + squares / 20, key
