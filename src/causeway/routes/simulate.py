"""Travellers who follow a policy through failures drawn by chance: an independent check of its numbers.

Nothing here is shared with the sweep. Each traveller draws a scenario, waits, takes departures, is turned
back or lost, remembers, and keeps the ends of stays in minutes, by the network's own limits; only the answer
to "take this departure or wait?" is read from the policy. Who is found while waiting is drawn as one
exponential time for each wait.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from causeway.routes.policy import Policy
from causeway.routes.timetable import MINUTES_A_DAY, Timetable

__all__ = ["Journeys", "simulate"]

_ARRIVED: Final = 0
_LOST: Final = 1
_FOUND: Final = 2
_STRANDED: Final = 3
_MICRO: Final = 1_000_000


@dataclass(frozen=True)
class Journeys:
    """How many journeys ended how.

    Args:
        travellers: How many set out.
        arrived: In time.
        lost: Taken on a leg.
        found: Found while waiting, or on the way back.
        stranded: Nothing left to take that would lead there in time and within their stays.
        overstayed: Departed from a place or region after their stay had ended, or arrived in it too late;
            a policy that is right sends nobody to do so.
        mean_minutes: Mean time from the start to arrival, of those who arrived; NaN without one.
    """

    travellers: int
    arrived: int
    lost: int
    found: int
    stranded: int
    overstayed: int
    mean_minutes: float

    @property
    def chance(self) -> float:
        """The share that arrived."""
        return self.arrived / self.travellers

    @property
    def deviation(self) -> float:
        """The standard deviation of that share."""
        return math.sqrt(max(self.chance * (1 - self.chance), 0.0) / self.travellers)


def simulate(
    policy: Policy,
    *,
    start: int,
    at: int,
    travellers: int,
    seed: int,
    timetable: Timetable | None = None,
    causes: Sequence[float] | None = None,
    compiled: bool = True,
) -> Journeys:
    """Send travellers through the network, each by the policy and by their own luck.

    Args:
        start: The place where all of them are.
        at: The minute from which they are there.
        timetable: What really happens, if not what the policy was made for: the same departures with other
            chances.
        causes: Chances of the causes that really come about, if not those that the policy knew of.
        compiled: Whether to use numba where it is there.
    """
    world = policy.timetable if timetable is None else timetable
    chances = np.array(policy.causes if causes is None else causes, dtype=np.float64)
    is_end = np.zeros(len(world.max_stay), dtype=np.bool_)
    is_end[world.ends] = True
    digit = np.full(len(chances), -1, dtype=np.int64)
    for index, cause in enumerate(policy.beliefs.remembered):
        digit[cause] = index
    rows = policy.rows
    counts, minutes = _journeys(compiled)(
        np.random.default_rng(seed), travellers, start, at, policy.horizon,
        rows.first, rows.departure, rows.time, rows.row_start, rows.stay, rows.region_stay, rows.width,
        rows.lowest, rows.end_start, rows.ends, policy.take,
        world.arrives, world.target, world.through, world.lost, world.back_after, world.cause,
        world.wait_risk / (_MICRO * MINUTES_A_DAY), world.max_stay, world.region, world.region_stay, is_end,
        chances, digit,
    )  # fmt: skip
    ended = [int(count) for count in counts]
    return Journeys(
        travellers=travellers,
        arrived=ended[_ARRIVED],
        lost=ended[_LOST],
        found=ended[_FOUND],
        stranded=ended[_STRANDED],
        overstayed=ended[_STRANDED + 1],
        mean_minutes=minutes / ended[_ARRIVED] if ended[_ARRIVED] else math.nan,
    )


def _journeys(compiled: bool) -> Callable[..., Any]:
    if compiled:
        try:
            from numba import njit
        except ImportError:
            return _walk
        if not _compiled:
            _compiled.append(njit(cache=True)(_walk))
        return _compiled[0]
    return _walk


_compiled: list[Callable[..., Any]] = []


def _walk(  # type: ignore[no-untyped-def]
    rng, travellers, start, at, horizon,
    first, departure, time, row_start, told_stay, told_region_stay, width, lowest, end_start, ends, take,
    arrives, target, through, lost, back_after, cause, found_rate, max_stay, region, region_stay, is_end,
    chances, digit,
):  # fmt: skip
    """Walk one traveller after the other; the same text runs compiled and plain."""
    never = 1 << 40
    counts = np.zeros(5, dtype=np.int64)
    minutes = 0
    down = np.zeros(max(1, chances.size), dtype=np.bool_)
    for _ in range(travellers):
        for c in range(chances.size):
            down[c] = rng.random() < chances[c]
        memory = 0
        place, now, slot = start, at, first[start]
        visit_end = now + max_stay[place] if max_stay[place] >= 0 else never
        region_end = now + region_stay[region[place]] if region_stay[region[place]] >= 0 else never
        overstayed = False
        outcome = 3
        while True:
            if is_end[place]:
                if now <= horizon:
                    outcome = 0
                    minutes += now - at
                break
            stop = first[place + 1]
            while slot < stop and time[slot] < now:
                slot += 1
            if slot == stop:
                break
            if found_rate[place] > 0 and rng.exponential(1 / found_rate[place]) < time[slot] - now:
                outcome = 2
                break
            now = time[slot]
            # The row that the policy keeps for exactly this: the last slot and the last listed end allowed.
            last = slot
            if told_stay[place] >= 0:
                while last < stop and time[last] <= visit_end:
                    last += 1
                last -= 1
            here = region[place]
            level = end_start[here]
            if told_region_stay[here] >= 0:
                while level < end_start[here + 1] and ends[level] <= region_end:
                    level += 1
                level -= 1
            offset = level - end_start[here] - lowest[slot]
            if last < slot or offset < 0:
                break
            if not take[row_start[slot] + (last - slot) * width[slot] + offset, memory]:
                slot += 1
                continue
            d = departure[slot]
            overstayed |= now > visit_end or now > region_end
            c = cause[d]
            luck = rng.random()
            if c >= 0 and down[c]:
                # Nobody gets through; the share of lost among those who fail stays the same.
                luck = through[d] + (1 - through[d]) * luck if through[d] < 1 else 2.0
            if luck < through[d]:
                if c >= 0 and digit[c] >= 0:
                    memory += (2 - memory // 3 ** digit[c] % 3) * 3 ** digit[c]
                overstayed |= region[target[d]] == here and arrives[d] > region_end
                place, now = target[d], arrives[d]
                slot = first[place]
                visit_end = now + max_stay[place] if max_stay[place] >= 0 else never
                if region[place] != here:
                    region_end = (
                        now + region_stay[region[place]] if region_stay[region[place]] >= 0 else never
                    )
            elif luck < through[d] + lost[d]:
                outcome = 1
                break
            else:
                if c >= 0 and digit[c] >= 0 and memory // 3 ** digit[c] % 3 == 0:
                    memory += 3 ** digit[c]
                if found_rate[place] > 0 and rng.exponential(1 / found_rate[place]) < back_after[d]:
                    outcome = 2
                    break
                now += back_after[d]
                slot += 1
        counts[outcome] += 1
        if overstayed:
            counts[4] += 1
    return counts, minutes
