"""The policy's inner loop, for numba. `policy_plain` says the same with numpy alone; `policy` chooses."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["sweep"]

_NEVER = (1 << 31) - 1


@njit(cache=True)
def _from(time, low, high, minute):  # type: ignore[no-untyped-def]
    """Return the first slot in [low, high) not before a minute; most lie near `low`, so it gallops."""
    step = 1
    while low + step < high and time[low + step - 1] < minute:
        low += step
        step += step
    top = min(high, low + step)
    while low < top:
        middle = (low + top) >> 1
        if time[middle] < minute:
            low = middle + 1
        else:
            top = middle
    return low


@njit(cache=True, fastmath={"contract", "reassoc"})
def sweep(departs, arrives, origin, target, through, lost, back_after, cause, is_end, wait, first, slot_of,  # type: ignore[no-untyped-def]
          time, row_start, stay, region, region_stay, width, lowest, end_start, ends, enters, starts,
          belief, down, after_through, after_back, memory_through, closed, horizon, value, take, planned,
          tolerance):  # fmt: skip
    """Fill `value` (rows, z), `take` (rows, m) and `planned` (rows, m), the latest departure first.

    Args:
        wait: float64 (p,), the rate of being found while waiting, by the minute.
        tolerance: Two choices no further apart than this (relative) count as equal: the earlier planned
            arrival wins, then waiting.
    """
    n_memories = starts.size - 1
    n_pairs = belief.size
    head = first[1:].copy()
    take_value = np.empty(n_pairs)
    for d in range(departs.size - 1, -1, -1):
        o, t, c = origin[d], target[d], cause[d]
        slot = slot_of[d]
        head[o] = slot
        stop, t_stop = first[o + 1], first[t + 1]
        limited, t_limited = stay[o] >= 0, stay[t] >= 0
        o_ends = end_start[region[o]]
        bounded = region_stay[region[o]] >= 0
        same = region[o] == region[t]
        in_time = arrives[d] <= horizon
        ends_it = is_end[t]
        # 1. Where each outcome leads, and what of somebody is left when they stand there.
        next_slot, next_last, keeps_next = t_stop, t_stop, 1.0
        if not ends_it and in_time:
            next_slot = _from(time, head[t], t_stop, arrives[d])
            next_last = next_slot
            if next_slot < t_stop:
                keeps_next = np.exp(-wait[t] * (time[next_slot] - arrives[d]))
                if t_limited:
                    next_last = _from(time, next_slot, t_stop, arrives[d] + stay[t] + 1) - 1
        at = departs[d] + back_after[d]
        back_slot = _from(time, slot + 1, stop, at)
        keeps_back = 1.0
        if back_slot < stop:
            keeps_back = np.exp(-wait[o] * (time[back_slot] - departs[d]))
        keeps_wait = 1.0
        if slot + 1 < stop:
            keeps_wait = np.exp(-wait[o] * (time[slot + 1] - time[slot]))
        turned = max(0.0, 1.0 - through[d] - lost[d])
        fails = through[d] < 1.0
        turned_if_down = 1.0 - lost[d] / (1.0 - through[d]) if fails else 1.0
        if turned_if_down < 0.0:
            turned_if_down = 0.0
        last_slot = slot
        if limited:
            last_slot = slot + (row_start[slot + 1] - row_start[slot]) // width[slot] - 1
        for last in range(slot, last_slot + 1):
            for level in range(lowest[slot], lowest[slot] + width[slot]):
                row = row_start[slot] + (last - slot) * width[slot] + level - lowest[slot]
                end = _NEVER
                if bounded:
                    end = ends[o_ends + level] if o_ends + level < end_start[region[o] + 1] else -1
                if end < departs[d]:
                    continue
                # 2. The rows of what may follow; -1 where nothing does.
                next_row = -1
                reaches = False
                if in_time and not (same and end < arrives[d]):
                    if ends_it:
                        reaches = True
                    elif next_slot < t_stop and next_last >= next_slot:
                        t_level = (level if same else enters[d]) - lowest[next_slot]
                        if t_level >= 0:
                            next_row = row_start[next_slot] + t_level
                            next_row += (next_last - next_slot) * width[next_slot]
                back_row = -1
                if back_slot < stop and (not limited or last >= back_slot) and end >= time[back_slot]:
                    back_row = row_start[back_slot] + level - lowest[back_slot]
                    if limited:
                        back_row += (last - back_slot) * width[back_slot]
                wait_row = -1
                if slot + 1 < stop and (not limited or last > slot) and end >= time[slot + 1]:
                    wait_row = row_start[slot + 1] + level - lowest[slot + 1]
                    if limited:
                        wait_row += (last - slot - 1) * width[slot + 1]
                # 3. The chance by scenario, if this departure is taken.
                if not reaches and next_row < 0:
                    take_value[:] = 0.0
                elif c < 0:
                    if reaches:
                        take_value[:] = through[d]
                    else:
                        share = through[d] * keeps_next
                        for z in range(n_pairs):
                            take_value[z] = share * value[next_row, z]
                    if back_row >= 0 and turned > 0.0:
                        share = turned * keeps_back
                        for z in range(n_pairs):
                            take_value[z] += share * value[back_row, z]
                else:
                    for z in range(n_pairs):
                        gone = 0.0
                        back = turned_if_down
                        if not down[c, z]:
                            back = turned
                            gone = through[d]
                            if not reaches:
                                gone *= keeps_next * value[next_row, after_through[c, z]]
                        if back_row >= 0:
                            gone += back * keeps_back * value[back_row, after_back[c, z]]
                        take_value[z] = gone
                # 4. What somebody chooses who knows no more than their memory.
                for m in range(n_memories):
                    low, high = starts[m], starts[m + 1]
                    go = 0.0
                    stays = 0.0
                    plan = _NEVER
                    for z in range(low, high):
                        go += belief[z] * take_value[z]
                    if wait_row >= 0:
                        plan = planned[wait_row, m]
                        for z in range(low, high):
                            stays += belief[z] * value[wait_row, z]
                        stays *= keeps_wait
                    goes_at = arrives[d]
                    if not reaches and next_row >= 0:
                        goes_at = planned[next_row, memory_through[c, m] if c >= 0 else m]
                    # Who knows that it is closed does not set out just to be turned back.
                    if c >= 0 and closed[c, m]:
                        go = -1.0
                    sooner = go > 0.0 and go >= stays * (1 - tolerance) and goes_at < plan
                    if sooner or go > stays * (1 + tolerance):
                        take[row, m] = True
                        planned[row, m] = goes_at
                        for z in range(low, high):
                            value[row, z] = take_value[z]
                    else:
                        planned[row, m] = plan
                        if wait_row >= 0:
                            for z in range(low, high):
                                value[row, z] = keeps_wait * value[wait_row, z]
