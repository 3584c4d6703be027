"""Choosing at random among journeys that are almost as good: a route used again and again is learned.

For each exact answer one journey is drawn from all those that cost at most so much more, be they answers
or not. They are never listed: a walk from the start takes departures in random order, and turns back where
the least that the rest can cost, objective by objective, is more than is left. What it draws is not
uniform, but every journey within the tolerance can come up.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from causeway.routes.journeys import Costs, Journey, Setting, costs_in_parts, rounded_up
from causeway.routes.search_plain import Lists, to_go
from causeway.routes.timetable import MINUTES_A_DAY, NO_LIMIT, Timetable

__all__ = ["DEFAULT_TOLERANCE", "Tolerance", "near_equal"]

# Departures looked at for one answer before it is taken as it is; most walks need some dozens.
_PATIENCE: Final = 4_000


@dataclass(frozen=True)
class Tolerance:
    """How much more a journey may cost and still be called as good.

    Args:
        minutes: Later arrival.
        risk: Micro-nepers; 2,000 are two chances in a thousand.
        money: Cents.
        handovers: More hand-overs.
    """

    minutes: int = 60
    risk: int = 2_000
    money: int = 1_000
    handovers: int = 0


DEFAULT_TOLERANCE: Final = Tolerance()


def near_equal(
    timetable: Timetable,
    journeys: Sequence[Journey],
    *,
    start: int,
    minute: int,
    entered: int | None = None,
    seed: int,
    tolerance: Tolerance = DEFAULT_TOLERANCE,
) -> tuple[Journey, ...]:
    """Return one journey for each answer, drawn from those within the tolerance, each once, in order.

    Args:
        journeys: What `search` found for the same start.
        seed: The same seed draws the same journeys; the answer's own is one of those that can be drawn.
    """
    if not any(journey.departures for journey in journeys):
        return tuple(journeys)
    setting = Setting(start, minute, minute if entered is None else entered)
    walk = _Walk(timetable, setting, random.Random(seed))  # noqa: S311 (repeatable on purpose)
    drawn = {walk.draw(journey, tolerance) for journey in journeys}
    return tuple(sorted(drawn, key=lambda journey: (journey.costs, journey.departures)))


@dataclass(frozen=True)
class _Step:
    """Somebody on the way: where, since when, in the region since when, and what it has cost in parts."""

    place: int
    now: int
    entered: int
    risk: int
    money: int
    handovers: int


class _Walk:
    """Walks within a budget."""

    def __init__(self, timetable: Timetable, setting: Setting, rng: random.Random) -> None:
        self._timetable, self._setting, self._rng = timetable, setting, rng
        self._lists = Lists(timetable)
        self._since = bisect_left(self._lists.departs, setting.minute)
        self._bound, _ = to_go(self._lists, self._since)

    def draw(self, journey: Journey, tolerance: Tolerance) -> Journey:
        """Return a journey within the tolerance of one: itself, where nothing else turns up in time."""
        arrival, risk, money, handovers = journey.costs
        budget = (
            arrival + tolerance.minutes,
            (risk + tolerance.risk) * MINUTES_A_DAY,
            (money + tolerance.money) * MINUTES_A_DAY,
            handovers + tolerance.handovers,
        )
        setting, lists = self._setting, self._lists
        looks = 0
        path: list[int] = []
        first = _Step(setting.start, setting.minute, setting.entered, 0, 0, 0)
        stack: list[tuple[_Step, Iterator[int]]] = [(first, self._options(first, budget))]
        while stack and looks < _PATIENCE:
            step, options = stack[-1]
            d = next(options, None)
            looks += 1
            if d is None:
                stack.pop()
                del path[-1:]
                continue
            path.append(d)
            if lists.is_end[lists.target[d]]:
                return self._journey(path)
            after = self._after(step, d)
            stack.append((after, self._options(after, budget)))
        return journey

    def _options(self, step: _Step, budget: tuple[int, int, int, int]) -> Iterator[int]:
        """Return the departures that may still end within the budget, in random order."""
        lists = self._lists
        low, high = lists.first[step.place], lists.first[step.place + 1]
        slot = bisect_left(lists.slot_dep, step.now, low, high, key=lists.departs.__getitem__)
        last = budget[0]
        if lists.max_stay[step.place] != NO_LIMIT:
            last = min(last, step.now + lists.max_stay[step.place])
        found: list[int] = []
        for d in lists.slot_dep[slot:high]:
            waited = lists.departs[d] - step.now
            if lists.departs[d] > last:
                break
            least = self._bound[d]
            if (
                least is not None
                and least[0] <= budget[0]
                and step.risk + waited * lists.wait_risk[step.place] + least[1] <= budget[1]
                and step.money + waited * lists.wait_money[step.place] + least[2] <= budget[2]
                and step.handovers + least[3] <= budget[3]
                and self._keeps_region(step, d)
            ):
                found.append(d)
        self._rng.shuffle(found)
        return iter(found)

    def _keeps_region(self, step: _Step, d: int) -> bool:
        lists = self._lists
        stay = lists.region_stay[step.place]
        if stay == NO_LIMIT:
            return True
        stays = lists.region[step.place] == lists.region[lists.target[d]]
        return (lists.arrives[d] if stays else lists.departs[d]) - step.entered <= stay

    def _after(self, step: _Step, d: int) -> _Step:
        lists = self._lists
        waited, target = lists.departs[d] - step.now, lists.target[d]
        same = lists.region[target] == lists.region[step.place]
        return _Step(
            target,
            lists.arrives[d],
            step.entered if same else lists.arrives[d],
            step.risk + waited * lists.wait_risk[step.place] + lists.risk[d],
            step.money + waited * lists.wait_money[step.place] + lists.money[d],
            step.handovers + lists.handovers[d],
        )

    def _journey(self, path: Sequence[int]) -> Journey:
        parts = costs_in_parts(self._timetable, self._setting, path)
        if parts is None:
            raise AssertionError("A walk overstepped a limit.")
        costs: Costs = rounded_up(*parts)
        return Journey(costs, tuple(path))
