"""Runs the compiled loops: prepares their arrays, and makes longer what they find too short."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.routes import search_compiled as loops
from causeway.routes import search_links as links
from causeway.routes.journeys import Setting
from causeway.routes.search_plain import LATE, LEVELS
from causeway.routes.timetable import MINUTES_A_DAY, Timetable

__all__ = ["sweep_compiled"]

_ROOM = 8


def sweep_compiled(
    timetable: Timetable, setting: Setting
) -> tuple[list[tuple[int, int, int, int]], list[list[int]]]:
    """Return what the routes that no other outdoes cost, in whole units, and their departures.

    Some of one minute of arrival may be outdone by others of that minute.
    """
    t = timetable
    since = int(np.searchsorted(t.departs, setting.minute))
    if since == t.departs.size:
        return [], []
    places = t.max_stay.size
    is_end = np.zeros(places, dtype=np.bool_)
    is_end[t.ends] = True
    costs = np.stack([t.risk * MINUTES_A_DAY, t.money * MINUTES_A_DAY, t.handovers.astype(np.int64)], axis=1)
    waits = np.stack([t.wait_risk, t.wait_money, np.zeros(places, np.int64)], axis=1)
    first, slot_dep, slot_of, connects, by_arrival = links.link(
        t.departs, t.arrives, t.origin, t.target, places
    )
    shape = (t.departs, t.arrives, t.origin, t.target, costs, waits)
    bound, best = links.to_go(*shape, is_end, first, slot_of, connects, since)
    fixed = (
        *shape, t.max_stay, t.region, t.region_stay, is_end, first, slot_dep, slot_of, by_arrival,
        bound, best,
    )  # fmt: skip
    cost, come, answers = _sweep(t, setting, since, waits, fixed)
    steps, flat = links.paths(come, answers)
    vectors = np.empty((answers.size, 4), dtype=np.int64)
    vectors[:, 0] = t.arrives[come[answers, 1]]
    vectors[:, 1:3] = -(-cost[answers, :2] // MINUTES_A_DAY)
    vectors[:, 3] = cost[answers, 2]
    taken = flat.tolist()
    ends = [0, *np.cumsum(steps).tolist()]
    return (
        [(a, r, m, h) for a, r, m, h in vectors.tolist()],
        [taken[a:z] for a, z in pairwise(ends)],
    )


def _sweep(
    t: Timetable,
    setting: Setting,
    since: int,
    waits: NDArray[np.int64],
    fixed: tuple[NDArray[np.generic], ...],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    n, places, start = t.departs.size, t.max_stay.size, setting.start
    used = _ROOM * (places + 1)
    state = np.array([since, 0, 1, used, 0, 0, 0], dtype=np.int64)
    low, high = np.zeros(n, dtype=np.int32), np.zeros(n, dtype=np.int32)
    bags = np.zeros((places + 1, 4), dtype=np.int64)
    bags[:, 0], bags[:, 2] = np.arange(0, used, _ROOM), _ROOM
    grows: dict[int, tuple[NDArray[np.generic], ...]] = {
        loops.LABELS: (np.zeros((4096, 3), np.int64), np.zeros((4096, 3), np.int32)),
        loops.ARENA: (np.empty((used + 4096, 6), np.int64),),
        loops.SCRATCH: (np.empty((512, 6), np.int64),),
        loops.STAIRS: (np.empty(64, np.int64),),
        loops.ANSWERS: (np.empty(512, np.int64),),
        loops.STEPS: (np.empty((512, LEVELS), np.int64), np.empty((512, LEVELS), np.int64)),
    }
    stay = int(t.region_stay[t.region[start]])
    horizon = int(t.arrives.max())
    r_end = setting.entered + stay if 0 <= stay < horizon - setting.entered else LATE
    may_stay = int(t.max_stay[start])
    until = min(r_end, setting.minute + may_stay) if may_stay >= 0 else r_end
    (arena,) = grows[loops.ARENA]
    arena[bags[start, 0]] = (*(-setting.minute * waits[start]).tolist(), 0, until, r_end)
    bags[start, 1] = 1
    grows[loops.LABELS][1][0] = (-1, -1, r_end)
    steps = np.zeros(LEVELS, dtype=np.int64)
    sweep: Any = loops.sweep  # numba's own stubs know no starred arguments
    while True:
        cost, come = grows[loops.LABELS]
        short = sweep(*fixed, state, cost, come, low, high, grows[loops.ARENA][0], bags,
                            grows[loops.SCRATCH][0], grows[loops.STAIRS][0], grows[loops.ANSWERS][0],
                            *grows[loops.STEPS], steps)  # fmt: skip
        if short == loops.DONE:
            break
        grows[short] = tuple(_longer(array, int(state[5])) for array in grows[short])
    (answers,) = grows[loops.ANSWERS]
    return cost[: state[2]], come[: state[2]], answers[: state[4]]  # type: ignore[return-value]


def _longer(array: NDArray[np.generic], needed: int) -> NDArray[np.generic]:
    longer = np.empty((max(needed, 2 * array.shape[0]), *array.shape[1:]), dtype=array.dtype)
    longer[: array.shape[0]] = array
    return longer
