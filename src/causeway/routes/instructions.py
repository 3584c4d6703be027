"""A policy as a table for a person: only what can happen, in order of time, with the chance at each step.

The policy itself answers for every place and minute. Somebody who follows it from one start meets few of
those. Walking forward from the start, with one weight for each scenario, gives each step that can be
reached, how likely it is reached, and the chance of arrival of those who stand there, which counts what
getting so far has told about the scenario. Steps that say the same from there on are one step, whatever
was met before.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.routes.policy import Policy
from causeway.routes.policy_rows import DEAD
from causeway.routes.scenarios import MET_FAILING, NOT_MET
from causeway.routes.steps import Arrived, Instructions, NoWay, OnTo, Rare, Step, Stuck, Then
from causeway.routes.timetable import MINUTES_A_DAY, NO_LIMIT
from causeway.sentences import say

__all__ = ["instructions"]

_MICRO: Final = 1_000_000
_RARE: Final = 0.001
# Walked on until here, so that steps are put together before the rare ones among them are left out.
_FAINT: Final = 1e-6


@dataclass
class _Node:
    """A departure with one end of stay and one memory, and who comes to it, by scenario."""

    slot: int
    row: int
    memory: int
    place: int
    since: int
    last: int
    level: int
    weights: NDArray[np.float64]
    then: tuple[int, int] | Then | None = None
    back: tuple[int, int] | Then | None = None
    through: float = 0.0
    lost: float = 0.0


@dataclass
class _Kind:
    """Nodes from which everything goes on alike."""

    departure: int
    then: tuple[int, int] | Then
    back: tuple[int, int] | Then | None
    nodes: list[_Node]

    def order(self) -> tuple[int, int, int]:
        """Return what steps are sorted by."""
        return self.departure, self.nodes[-1].row, self.nodes[-1].memory

    @property
    def reached(self) -> float:
        """How likely one of them is reached."""
        return float(sum(node.weights.sum() for node in self.nodes))

    def mean(self, values: Sequence[float]) -> float:
        """Return the mean of something over those who come to any of the nodes."""
        weights = [float(node.weights.sum()) for node in self.nodes]
        return float(np.average(values, weights=weights))


def instructions(policy: Policy, *, start: int, at: int, rare: float = _RARE) -> Instructions | NoWay:
    """Return what a group at a place does from a minute on, whatever happens.

    Args:
        rare: Steps that are reached less likely than this are left out.
    """
    chance = policy.chance(start, at=at)
    if chance <= 0 and start not in policy.timetable.ends:
        return NoWay(
            say("Whatever is tried, nothing here leads to the journey's end in time and within the stays.")
        )
    walk = _Walk(policy, min(rare, _FAINT))
    first = walk.come_to(start, at, policy.beliefs.weights, memory=0)
    walk.run()
    return walk.told(start, at, chance, first, rare)


class _Walk:
    """Those who follow a policy from one start, by the steps they come to."""

    def __init__(self, policy: Policy, faint: float) -> None:
        self._policy, self._faint = policy, faint
        self._nodes: dict[tuple[int, int], _Node] = {}
        self._queue: list[tuple[int, int, int]] = []
        self._done: list[_Node] = []
        self._left_out = 0.0
        beliefs = policy.beliefs
        self._pair = np.full((len(beliefs.memories), len(beliefs.scenarios)), -1)
        self._pair[beliefs.memory_of, beliefs.scenario_of] = np.arange(beliefs.size)
        self._ends = set(policy.timetable.ends.tolist())

    def run(self) -> None:
        """Walk on until everybody has come to an end, in order of departure."""
        while self._queue:
            _, row, memory = heapq.heappop(self._queue)
            node = self._nodes[row, memory]
            if node.weights.sum() < self._faint:
                self._left_out += float(node.weights.sum())
                continue
            self._depart(node)
            self._done.append(node)

    def come_to(
        self, place: int, at: int, weights: NDArray[np.float64], *, memory: int, level: int | None = None
    ) -> tuple[int, int] | Then:
        """Let some come to a place, for a new visit.

        Args:
            level: The end of their stay in the region; that of one that begins now where nothing is said.
        """
        if place in self._ends:
            return Arrived() if at <= self._policy.horizon else Stuck()
        rows = self._policy.rows
        level = rows.level(int(rows.region[place]), at) if level is None else level
        row = rows.find(place, at=at, level=level)
        if row == DEAD:
            return Stuck()
        slot = rows.next_slot(place, at)
        last = slot + (row - int(rows.row_start[slot])) // int(rows.width[slot])
        return self._wait(place, at, at, slot, last, level, weights, memory)

    def _wait(
        self,
        place: int,
        since: int,
        at: int,
        slot: int,
        last: int,
        level: int,
        weights: NDArray[np.float64],
        memory: int,
    ) -> tuple[int, int] | Then:
        """Let some wait, at risk from minute `at` on, until the departure that they take."""
        rows, policy = self._policy.rows, self._policy
        limited = rows.stay[place] != NO_LIMIT
        while slot < rows.first[place + 1] and (not limited or slot <= last):
            if level < rows.lowest[slot]:
                break
            allowed = last - slot if limited else 0
            row = int(rows.row_start[slot]) + allowed * int(rows.width[slot]) + level - int(rows.lowest[slot])
            if policy.take[row, memory]:
                rate = float(policy.timetable.wait_risk[place]) / _MICRO / MINUTES_A_DAY
                kept = weights * math.exp(-rate * (int(rows.time[slot]) - at))
                self._add(_Node(slot, row, memory, place, since, last, level, kept))
                return row, memory
            slot += 1
        return Stuck()

    def _add(self, node: _Node) -> None:
        known = self._nodes.get((node.row, node.memory))
        if known is None:
            self._nodes[node.row, node.memory] = node
            departure = int(self._policy.rows.departure[node.slot])
            heapq.heappush(self._queue, (departure, node.row, node.memory))
        else:
            known.weights = known.weights + node.weights
            known.since = min(known.since, node.since)

    def _depart(self, node: _Node) -> None:
        table, rows, beliefs = self._policy.timetable, self._policy.rows, self._policy.beliefs
        departure = int(rows.departure[node.slot])
        cause = int(table.cause[departure])
        through, lost = float(table.through[departure]), float(table.lost[departure])
        get_through = np.full(len(beliefs.scenarios), through)
        taken = np.full(len(beliefs.scenarios), lost)
        memory_through = memory_back = node.memory
        if cause >= 0:
            down = beliefs.scenarios[:, cause]
            get_through[down] = 0.0
            taken[down] = lost / (1 - through) if through < 1 else 0.0
            memory_through = int(beliefs.memory_through[cause, node.memory])
            if cause in beliefs.remembered:
                index = beliefs.remembered.index(cause)
                if beliefs.memories[node.memory, index] == NOT_MET:
                    memory_back += MET_FAILING * 3**index
        total = float(node.weights.sum())
        node.through = float(node.weights @ get_through) / total
        node.lost = float(node.weights @ taken) / total
        target, arrives = int(table.target[departure]), int(table.arrives[departure])
        same = rows.region[target] == rows.region[node.place]
        gone = node.weights * get_through
        level = node.level if same else None
        # What is remembered may leave open what has in truth been ruled out: then nobody gets through.
        node.then = Rare()
        if gone.any():
            node.then = self.come_to(target, arrives, gone, memory=memory_through, level=level)
        turned = np.maximum(0.0, 1 - get_through - taken)
        turned[turned < 1e-12] = 0.0
        back = node.weights * turned
        if back.any():
            back_at = int(table.departs[departure] + table.back_after[departure])
            stop = int(rows.first[node.place + 1])
            slot = node.slot + 1 + int(np.searchsorted(rows.time[node.slot + 1 : stop], back_at))
            departs = int(table.departs[departure])
            node.back = self._wait(
                node.place, back_at, departs, slot, node.last, node.level, back, memory_back
            )

    def told(
        self, start: int, at: int, chance: float, first: tuple[int, int] | Then, rare: float
    ) -> Instructions:
        """Return the steps, those that say the same put together, numbered."""
        kinds = self._kinds()
        kept = sorted(
            {id(kind): kind for kind in kinds.values() if kind.reached >= rare}.values(), key=_Kind.order
        )
        numbers = {id(kind): number for number, kind in enumerate(kept, start=1)}

        def then(to: tuple[int, int] | Then) -> Then:
            if not isinstance(to, tuple):
                return to
            kind = kinds.get(to)
            return OnTo(numbers[id(kind)]) if kind is not None and id(kind) in numbers else Rare()

        table = self._policy.timetable
        steps = [
            Step(
                number=number,
                place=kind.nodes[0].place,
                since=min(node.since for node in kind.nodes),
                departs=int(table.departs[kind.departure]),
                departure=kind.departure,
                target=int(table.target[kind.departure]),
                arrives=int(table.arrives[kind.departure]),
                met=self._met(kind),
                reached=kind.reached,
                chance=kind.mean([self._chance(node) for node in kind.nodes]),
                through=kind.mean([node.through for node in kind.nodes]),
                lost=kind.mean([node.lost for node in kind.nodes]),
                then=then(kind.then),
                back_at=int(table.departs[kind.departure] + table.back_after[kind.departure]),
                back=None if kind.back is None else then(kind.back),
            )
            for number, kind in enumerate(kept, start=1)
        ]
        dropped = {id(kind): kind for kind in kinds.values() if kind.reached < rare}
        return Instructions(
            start=start,
            at=at,
            chance=chance,
            missing=self._policy.beliefs.missing,
            first=then(first),
            steps=tuple(steps),
            left_out=self._entered(set(dropped), kinds) + self._left_out,
        )

    def _kinds(self) -> dict[tuple[int, int], _Kind]:
        """Return for each node its kind: the same departure, and all goes on alike."""
        kinds: dict[tuple[int, int], _Kind] = {}
        by_departure: dict[int, list[_Kind]] = {}
        for node in reversed(self._done):
            departure = int(self._policy.rows.departure[node.slot])
            then = node.then if node.then is not None else Stuck()
            known = by_departure.setdefault(departure, [])
            kind = next(
                (
                    one
                    for one in known
                    if _alike(one.then, then, kinds) and _alike(one.back, node.back, kinds)
                ),
                None,
            )
            if kind is None:
                kind = _Kind(departure, then, node.back, [])
                known.append(kind)
            kind.nodes.append(node)
            # What was too faint to be walked from one node may be known from another.
            kind.then = kind.then if _told(kind.then, kinds) else then
            kind.back = kind.back if _told(kind.back, kinds) else node.back
            kinds[node.row, node.memory] = kind
        return kinds

    def _entered(self, dropped: set[int], kinds: dict[tuple[int, int], _Kind]) -> float:
        """Return how likely somebody comes from a step that is told to one that is dropped."""
        total = 0.0
        for node in self._done:
            if id(kinds[node.row, node.memory]) in dropped:
                continue
            turned = 1 - node.through - node.lost
            for to, share in ((node.then, node.through), (node.back, turned)):
                if isinstance(to, tuple) and to in kinds and id(kinds[to]) in dropped:
                    total += float(node.weights.sum()) * share
        return total

    def _chance(self, node: _Node) -> float:
        pairs = self._pair[node.memory]
        value = np.where(pairs >= 0, self._policy.value[node.row, pairs], 0.0)
        return float(node.weights @ value) / float(node.weights.sum())

    def _met(self, kind: _Kind) -> tuple[tuple[int, int], ...]:
        beliefs = self._policy.beliefs
        states = np.array([beliefs.memories[node.memory] for node in kind.nodes])
        return tuple(
            (cause, int(states[0, index]))
            for index, cause in enumerate(beliefs.remembered)
            if states[0, index] != NOT_MET and (states[:, index] == states[0, index]).all()
        )


def _alike(
    one: tuple[int, int] | Then | None,
    other: tuple[int, int] | Then | None,
    kinds: dict[tuple[int, int], _Kind],
) -> bool:
    """Whether two ways to go on lead to the same; what is too faint to be known agrees with anything."""
    if not _told(one, kinds) or not _told(other, kinds):
        return one is not None and other is not None
    if isinstance(one, tuple) and isinstance(other, tuple):
        return kinds[one] is kinds[other]
    return one == other


def _told(to: tuple[int, int] | Then | None, kinds: dict[tuple[int, int], _Kind]) -> bool:
    return not isinstance(to, tuple) or to in kinds
