"""The planner's arrays: every departure that one group's documents open, in order of time.

What a network means is settled before this point: a departure is here only if the group may take it. So the
searches know no passports, no weekdays and no names, only numbers.

Times are whole minutes from the network's first midnight. Costs are additive whole numbers: risk in
micro-nepers (−1,000,000 · ln of the chance of getting through), money in cents. Waiting is charged by the
day, which a minute would not divide: `MINUTES_A_DAY` parts make one unit, so that sums stay exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MINUTES_A_DAY", "NO_LIMIT", "Timetable"]

MINUTES_A_DAY = 1_440
NO_LIMIT = -1


@dataclass(frozen=True, eq=False)
class Timetable:
    """Departures (n of them, ordered by `departs`, then `arrives`), places (p) and regions (r).

    Args:
        departs: int32 (n,), minutes.
        arrives: int32 (n,), minutes; always later than `departs`.
        origin: int32 (n,), place.
        target: int32 (n,), place.
        risk: int64 (n,), micro-nepers, for the whole group.
        money: int64 (n,), cents, for the whole group.
        handovers: int32 (n,), how often the group passes from one pair of hands into another.
        leg: int32 (n,), the network's leg that this is a departure of.
        wait_risk: int64 (p,), micro-nepers for a day of waiting there.
        wait_money: int64 (p,), cents for a day of waiting there.
        max_stay: int32 (p,), minutes that one visit may last, or `NO_LIMIT`.
        region: int32 (p,), the region (a country, say) that a place lies in.
        region_stay: int32 (r,), minutes that one unbroken stay in the region may last, or `NO_LIMIT`. It
            counts from the arrival of the departure that enters the region to the departure of the one
            that leaves it.
        ends: int32 (g,), the places that end a journey.
        through: float64 (n,), the chance of getting through, from 0 to 1.
        lost: float64 (n,), the chance of being taken; what is left of 1 is being turned back.
        back_after: int32 (n,), minutes from `departs` until whoever is turned back is at `origin` again.
        cause: int32 (n,), the shared cause whose failure closes this departure, or -1.
    """

    departs: NDArray[np.int32]
    arrives: NDArray[np.int32]
    origin: NDArray[np.int32]
    target: NDArray[np.int32]
    risk: NDArray[np.int64]
    money: NDArray[np.int64]
    handovers: NDArray[np.int32]
    leg: NDArray[np.int32]
    wait_risk: NDArray[np.int64]
    wait_money: NDArray[np.int64]
    max_stay: NDArray[np.int32]
    region: NDArray[np.int32]
    region_stay: NDArray[np.int32]
    ends: NDArray[np.int32]
    through: NDArray[np.float64]
    lost: NDArray[np.float64]
    back_after: NDArray[np.int32]
    cause: NDArray[np.int32]
