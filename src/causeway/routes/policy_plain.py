"""The policy's sweep with numpy alone: slower than `policy_sweep`, for where numba can't be installed."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.routes.policy_rows import Rows
from causeway.routes.scenarios import Beliefs
from causeway.routes.timetable import NO_LIMIT, Timetable

__all__ = ["NEVER", "PlainSweep"]

NEVER: Final = (1 << 31) - 1


class PlainSweep:
    """One backward sweep over a timetable, row by row, all scenarios of a row at once."""

    def __init__(
        self,
        timetable: Timetable,
        *,
        rows: Rows,
        beliefs: Beliefs,
        wait: NDArray[np.float64],
        horizon: int,
        tolerance: float,
    ) -> None:
        self._timetable, self._rows, self._beliefs = timetable, rows, beliefs
        self._horizon, self._tolerance = horizon, tolerance
        self._wait = wait.tolist()
        self._time = rows.time.tolist()
        self._first, self._start = rows.first.tolist(), rows.row_start.tolist()
        self._ends = set(timetable.ends.tolist())
        memories = len(beliefs.memories)
        self.value = np.zeros((rows.size, beliefs.size))
        self.take = np.zeros((rows.size, memories), dtype=np.bool_)
        self.planned = np.full((rows.size, memories), NEVER, dtype=np.int32)

    def run(self) -> None:
        """Fill `value`, `take` and `planned`, the latest departure first."""
        for departure in range(len(self._timetable.departs) - 1, -1, -1):
            self._departure(departure)

    def _departure(self, departure: int) -> None:
        table, rows = self._timetable, self._rows
        origin, target = int(table.origin[departure]), int(table.target[departure])
        arrives, slot = int(table.arrives[departure]), int(rows.slot[departure])
        limited, region = rows.stay[origin] != NO_LIMIT, int(rows.region[origin])
        ends = rows.ends[rows.end_start[region] : rows.end_start[region + 1]].tolist()
        bounded = rows.region_stay[region] != NO_LIMIT
        low, width = int(rows.lowest[slot]), int(rows.width[slot])
        same = region == int(rows.region[target])
        back_at = int(table.departs[departure] + table.back_after[departure])
        back_slot, _ = self._after(origin, back_at, low=slot + 1)
        keeps_back = self._kept(origin, self._time[slot], back_slot)
        wait_slot, keeps_wait = self._after(origin, self._time[slot], low=slot + 1)
        on = self._on(target, arrives)
        allowed = (self._start[slot + 1] - self._start[slot]) // width
        for last in range(slot, slot + allowed):
            for level in range(low, low + width):
                end = NEVER
                if bounded:
                    end = ends[level] if level < len(ends) else -1
                if end < self._time[slot]:
                    continue
                row = self._row(slot, last, level)
                reaches, next_row = False, -1
                if arrives <= self._horizon and not (same and end < arrives):
                    reaches = target in self._ends
                    next_row = self._entered(on, level if same else int(rows.enters[departure]), target)
                stays = [
                    self._row(s, last if limited else s, level)
                    if s < self._first[origin + 1] and (not limited or last >= s) and end >= self._time[s]
                    else -1
                    for s in (back_slot, wait_slot)
                ]
                taken = self._taken(departure, reaches, (next_row, on[2]), (stays[0], keeps_back))
                self._choose(departure, row, taken, (reaches, next_row), (stays[1], keeps_wait))

    def _after(self, place: int, minute: int, *, low: int) -> tuple[int, float]:
        """Return the first slot of a place from a minute on, and how likely one is still there then."""
        high = self._first[place + 1]
        slot = bisect_left(self._time, minute, low, high) if low < high else high
        return slot, self._kept(place, minute, slot)

    def _kept(self, place: int, minute: int, slot: int) -> float:
        """Return how likely somebody who waits at a place from a minute on is still there in a slot."""
        if slot >= self._first[place + 1]:
            return 0.0
        return math.exp(-self._wait[place] * (self._time[slot] - minute))

    def _on(self, place: int, minute: int) -> tuple[int, int, float]:
        """Return the slot at which somebody goes on who has arrived, the last one allowed, and survival."""
        slot, keeps = self._after(place, minute, low=self._first[place])
        stay = int(self._rows.stay[place])
        last = slot
        if stay != NO_LIMIT:
            last = bisect_right(self._time, minute + stay, self._first[place], self._first[place + 1]) - 1
        return slot, last, keeps

    def _entered(self, on: tuple[int, int, float], level: int, target: int) -> int:
        slot, last, _ = on
        if target in self._ends or slot >= self._first[target + 1] or last < slot:
            return -1
        return self._row(slot, last, level) if level >= self._rows.lowest[slot] else -1

    def _row(self, slot: int, last: int, level: int) -> int:
        rows = self._rows
        return int(self._start[slot] + (last - slot) * int(rows.width[slot]) + level - int(rows.lowest[slot]))

    def _taken(
        self, departure: int, reaches: bool, onward: tuple[int, float], back: tuple[int, float]
    ) -> NDArray[np.float64]:
        """Return the chance by pair if the departure is taken."""
        table, beliefs, value = self._timetable, self._beliefs, self.value
        if not reaches and onward[0] < 0:
            return np.zeros(beliefs.size)
        through, lost = float(table.through[departure]), float(table.lost[departure])
        cause = int(table.cause[departure])
        ahead = np.ones(beliefs.size) if reaches else onward[1] * value[onward[0]]
        behind = back[1] * value[back[0]] if back[0] >= 0 else np.zeros(beliefs.size)
        turned = max(0.0, 1 - through - lost)
        if cause < 0:
            return through * ahead + turned * behind
        turned_down = max(0.0, 1 - lost / (1 - through)) if through < 1 else 1.0
        down = beliefs.down[cause]
        met: NDArray[np.float64] = np.where(down, 0.0, through * ahead[beliefs.after_through[cause]])
        met += np.where(down, turned_down, turned) * behind[beliefs.after_back[cause]]
        return met

    def _choose(
        self,
        departure: int,
        row: int,
        taken: NDArray[np.float64],
        onward: tuple[bool, int],
        wait: tuple[int, float],
    ) -> None:
        beliefs, cause = self._beliefs, int(self._timetable.cause[departure])
        waited = wait[1] * self.value[wait[0]] if wait[0] >= 0 else np.zeros(beliefs.size)
        go = np.add.reduceat(beliefs.belief * taken, beliefs.starts[:-1])
        stay = np.add.reduceat(beliefs.belief * waited, beliefs.starts[:-1])
        memories = len(beliefs.memories)
        plan = self.planned[wait[0]] if wait[0] >= 0 else np.full(memories, NEVER, dtype=np.int32)
        goes_at = np.full(memories, self._timetable.arrives[departure])
        if not onward[0] and onward[1] >= 0:
            goes_at = self.planned[onward[1]]
            if cause >= 0:
                goes_at = goes_at[beliefs.memory_through[cause]]
        if cause >= 0:
            # Who knows that it is closed does not set out just to be turned back.
            go = np.where(beliefs.closed[cause], -1.0, go)
        sooner = (go > 0) & (go >= stay * (1 - self._tolerance)) & (goes_at < plan)
        takes = sooner | (go > stay * (1 + self._tolerance))
        self.take[row] = takes
        self.planned[row] = np.where(takes, goes_at, plan)
        self.value[row] = np.where(takes[beliefs.memory_of], taken, waited)
