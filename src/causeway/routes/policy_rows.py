"""Where a policy keeps its numbers: one row for each departure and each end of stay that matters there.

Departures of one place stand together, in order of time: their index is called a slot. A limited visit is
told by the last slot that its end still allows, which is exact, since between two departures nothing can be
done anyway. A limited stay in a region is told by its end, taken from a list; where the list would become
too long, ends are rounded down to it, so a traveller leaves no later than is allowed, perhaps sooner.

A row's number is `row_start[slot] + (last − slot) · levels + level`, where `last` is the last slot allowed
(without a limit the slot itself) and `level` the number of the region's end in its list (0 without).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.routes.timetable import NO_LIMIT, Timetable

__all__ = ["DEAD", "Rows", "lay_out_rows"]

DEAD: Final = -1

_GRAINS: Final = (1, 5, 15, 30, 60, 120, 180, 360, 720)


@dataclass(frozen=True, eq=False)
class Rows:
    """Slots (n), places (p) and regions (r); what does not bind within the timetable is not here.

    Args:
        first: int32 (p + 1,), each place's first slot.
        departure: int32 (n,), the timetable's departure in each slot.
        slot: int32 (n,), the slot of each departure.
        time: int32 (n,), when the departure in each slot departs.
        row_start: int64 (n + 1,), each slot's first row.
        stay: int32 (p,), minutes that a visit may last, `NO_LIMIT` where that never binds.
        region: int32 (p,).
        region_stay: int32 (r,), minutes, `NO_LIMIT` where that never binds.
        width: int32 (n,), how many ends of a stay in the region a slot tells apart; 1 without a limit.
        lowest: int32 (n,), the level of the first of them.
        end_start: int32 (r + 1,), where a region's ends begin in `ends`.
        ends: int32, minutes by which the region must have been left, ascending within a region.
        enters: int32 (n,), for a departure into another region the level of the stay that it begins, or
            `DEAD` where no end in the list is soon enough.
        begin: The first minute that somebody may be reckoned to set out from.
        grain: Minutes to a multiple of which ends of stays in regions were rounded down; 1 is exact.
    """

    first: NDArray[np.int32]
    departure: NDArray[np.int32]
    slot: NDArray[np.int32]
    time: NDArray[np.int32]
    row_start: NDArray[np.int64]
    stay: NDArray[np.int32]
    region: NDArray[np.int32]
    region_stay: NDArray[np.int32]
    width: NDArray[np.int32]
    lowest: NDArray[np.int32]
    end_start: NDArray[np.int32]
    ends: NDArray[np.int32]
    enters: NDArray[np.int32]
    begin: int
    grain: int

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.row_start[-1])

    def find(self, place: int, *, at: int, until: int | None = None, level: int | None = None) -> int:
        """Return the row of somebody who comes to a place at a minute, or `DEAD`.

        Args:
            until: The end of the visit; that of one which begins now if nothing is said.
            level: The end of the stay in the region; that of one which begins now if nothing is said.
        """
        high = int(self.first[place + 1])
        slot = self.next_slot(place, at)
        if slot == high:
            return DEAD
        region = int(self.region[place])
        if level is None:
            level = self.level(region, at)
        level -= int(self.lowest[slot])
        if level < 0:
            return DEAD
        last = slot
        if self.stay[place] != NO_LIMIT:
            until = at + int(self.stay[place]) if until is None else until
            last = int(np.searchsorted(self.time[slot:high], until, side="right")) + slot - 1
            if last < slot:
                return DEAD
        return int(self.row_start[slot]) + (last - slot) * int(self.width[slot]) + level

    def next_slot(self, place: int, at: int) -> int:
        """Return the first slot of a place not before a minute; the next place's first if there is none."""
        low, high = int(self.first[place]), int(self.first[place + 1])
        return int(np.searchsorted(self.time[low:high], at)) + low

    def level(self, region: int, at: int) -> int:
        """Return the level of a stay in a region that begins at a minute, or `DEAD`."""
        if self.region_stay[region] == NO_LIMIT:
            return 0
        ends = self.ends[self.end_start[region] : self.end_start[region + 1]]
        return int(np.searchsorted(ends, at + int(self.region_stay[region]), side="right")) - 1


def lay_out_rows(timetable: Timetable, *, begin: int, max_rows: int) -> Rows:
    """Lay out rows for a timetable.

    Args:
        begin: The first minute that somebody may be reckoned to set out from.
        max_rows: Above so many, ends of stays in regions are rounded down to fewer. Limited visits are
            never rounded.
    """
    places = len(timetable.max_stay)
    by_place = np.argsort(timetable.origin.astype(np.int16 if places < 2**15 else np.int32), kind="stable")
    departure = by_place.astype(np.int32)
    slot = np.empty_like(departure)
    slot[departure] = np.arange(len(departure), dtype=np.int32)
    counts = np.bincount(timetable.origin, minlength=places)
    first = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    time = timetable.departs[departure]
    stay = _binding_stays(timetable, first, time, begin)
    region_stay = _binding_region_stays(timetable, begin)
    allowed = _allowed_slots(first, time, stay)
    bound = [int(region) for region in np.flatnonzero(region_stay != NO_LIMIT)]
    at_region = timetable.region[timetable.origin[departure]]
    exact = {region: _ends_of_stays(timetable, region, int(region_stay[region]), begin) for region in bound}
    grain, ends, width, lowest = _levels(exact, at_region, time, region_stay, allowed, max_rows)
    lists = [ends.get(region, np.zeros(1, np.int32)) for region in range(len(region_stay))]
    rows = Rows(
        first=first,
        departure=departure,
        slot=slot,
        time=time,
        row_start=np.concatenate(([0], np.cumsum(allowed * width))).astype(np.int64),
        stay=stay,
        region=timetable.region,
        region_stay=region_stay,
        width=width,
        lowest=lowest,
        end_start=np.concatenate(([0], np.cumsum([len(one) for one in lists]))).astype(np.int32),
        ends=np.concatenate(lists).astype(np.int32) if lists else np.zeros(0, np.int32),
        enters=np.zeros(len(departure), dtype=np.int32),
        begin=begin,
        grain=grain,
    )
    for region in bound:
        into = np.flatnonzero(timetable.region[timetable.target] == region)
        end = timetable.arrives[into] + region_stay[region]
        rows.enters[into] = np.searchsorted(ends[region], end, side="right") - 1
    return rows


def _binding_stays(
    timetable: Timetable, first: NDArray[np.int32], time: NDArray[np.int32], begin: int
) -> NDArray[np.int32]:
    """Return the limits of visits that end before a place's last departure."""
    last = np.full(len(timetable.max_stay), begin, dtype=np.int64)
    some = first[1:] > first[:-1]
    last[some] = time[first[1:][some] - 1]
    binds = (timetable.max_stay != NO_LIMIT) & (begin + timetable.max_stay.astype(np.int64) < last)
    return np.where(binds, timetable.max_stay, NO_LIMIT).astype(np.int32)


def _binding_region_stays(timetable: Timetable, begin: int) -> NDArray[np.int32]:
    """Return the limits of stays that end before the last arrival by a departure from the region."""
    regions = len(timetable.region_stay)
    if not (timetable.region_stay != NO_LIMIT).any():
        return timetable.region_stay
    last = np.full(regions, begin, dtype=np.int64)
    np.maximum.at(last, timetable.region[timetable.origin], timetable.arrives)
    binds = (timetable.region_stay != NO_LIMIT) & (begin + timetable.region_stay.astype(np.int64) < last)
    return np.where(binds, timetable.region_stay, NO_LIMIT).astype(np.int32)


def _allowed_slots(
    first: NDArray[np.int32], time: NDArray[np.int32], stay: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Return for each slot how many slots of its place, itself the first, a visit may have left to it."""
    allowed = np.ones(len(time), dtype=np.int64)
    for place in np.flatnonzero(stay != NO_LIMIT):
        low, high = first[place], first[place + 1]
        times = time[low:high].astype(np.int64)
        reach = np.searchsorted(times, times + int(stay[place]), side="right")
        allowed[low:high] = reach - np.arange(high - low)
    return allowed


def _ends_of_stays(timetable: Timetable, region: int, limit: int, begin: int) -> NDArray[np.int32]:
    """Return every end that a stay in a region can have, ascending."""
    crosses = timetable.region[timetable.origin] != timetable.region[timetable.target]
    into = crosses & (timetable.region[timetable.target] == region)
    starts = np.concatenate(([begin], timetable.arrives[into]))
    return np.unique(starts + limit).astype(np.int32)


def _levels(
    exact: dict[int, NDArray[np.int32]],
    at_region: NDArray[np.int32],
    time: NDArray[np.int32],
    region_stay: NDArray[np.int32],
    allowed: NDArray[np.int64],
    max_rows: int,
) -> tuple[int, dict[int, NDArray[np.int32]], NDArray[np.int32], NDArray[np.int32]]:
    """Return the grain, each region's ends rounded down to it, and each slot's `width` and `lowest`."""
    width, lowest = np.ones(len(time), dtype=np.int32), np.zeros(len(time), dtype=np.int32)
    slots = {region: np.flatnonzero(at_region == region) for region in exact}
    grain, rounded = 1, exact
    while exact:
        rounded = {region: np.unique(ends // grain * grain) for region, ends in exact.items()}
        for region, ends in rounded.items():
            here = slots[region]
            lowest[here] = np.searchsorted(ends, time[here])
            above = np.searchsorted(ends, time[here] + region_stay[region], side="right")
            # A slot that nobody reaches in time keeps one row, in which nothing can be done.
            width[here] = np.maximum(1, above - lowest[here])
        rows = int((allowed * width).sum())
        coarser = [one for one in _GRAINS if one > grain]
        if rows <= max_rows or not coarser:
            break
        grain = next((one for one in coarser if one >= grain * (rows / max_rows) / 2), coarser[-1])
    return grain, rounded, width, lowest
