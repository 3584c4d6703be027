"""The search's inner loops, for numba. `search_plain` says the same in plain Python; `search` chooses.

Costs are summed in parts: 1,440 to the unit (see `timetable`). A place's bag holds, for every label, its cost
less the place's waiting rate times the time of arrival. What waiting costs is then the same for all labels
of a bag, so a label that waits keeps its place in the order, and time drops out of dominance: whoever is in
the bag has arrived. Bags are sorted by (risk, money, hand-overs), and a walk through two sorted lists with
a staircase over hand-overs (the least money seen with so many or fewer) finds what is dominated in one pass.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from causeway.routes.search_plain import FAR, LATE
from causeway.routes.timetable import MINUTES_A_DAY

__all__ = ["ANSWERS", "ARENA", "DONE", "LABELS", "SCRATCH", "STAIRS", "STEPS", "sweep"]

# What `sweep` returns: that it is done, or which of the caller's arrays is too short.
DONE, LABELS, ARENA, SCRATCH, STAIRS, ANSWERS, STEPS = range(7)


@njit(cache=True)
def _copy(into, row, source, from_row):  # type: ignore[no-untyped-def]
    # An assignment of slices costs numba many times as much.
    for c in range(6):
        into[row, c] = source[from_row, c]


@njit(cache=True)
def _lower(stairs, hops, h, m):  # type: ignore[no-untyped-def]
    """Note that `m` is spent with `h` hand-overs; stairs[x] is the least money seen with x or fewer."""
    while h <= hops and stairs[h] > m:
        stairs[h] = m
        h += 1


@njit(cache=True)
def _merge(arena, at, size, new, new_at, new_end, less_r, less_m, stairs, hops, scratch):  # type: ignore[no-untyped-def]
    """Merge sorted new labels into a sorted bag without limits; return its new size."""
    stairs[: hops + 1] = FAR
    a, a_end, k, w, w_from = at, at + size, new_at, 0, -1
    while k < new_end or (w_from >= 0 and a < a_end):
        r = m = h = 0
        old = k == new_end
        if not old:
            r, m, h = new[k, 0] - less_r, new[k, 1] - less_m, new[k, 2]
            if a < a_end:
                if arena[a, 0] != r:
                    old = arena[a, 0] < r
                elif arena[a, 1] != m:
                    old = arena[a, 1] < m
                else:
                    old = arena[a, 2] <= h
        if old:
            if stairs[arena[a, 2]] > arena[a, 1]:
                _lower(stairs, hops, arena[a, 2], arena[a, 1])
                if w_from >= 0:
                    _copy(scratch, w, arena, a)
                    w += 1
            a += 1
        else:
            if stairs[h] > m:
                _lower(stairs, hops, h, m)
                if w_from < 0:
                    w_from = a
                scratch[w, 0], scratch[w, 1], scratch[w, 2], scratch[w, 3] = r, m, h, k
                scratch[w, 4], scratch[w, 5] = LATE, LATE
                w += 1
            k += 1
    if w_from >= 0:
        for x in range(w):
            _copy(arena, w_from + x, scratch, x)
        return w_from + w - at
    return size


@njit(cache=True)
def _merge_limited(arena, at, size, new, new_from, new_at, new_end, less_r, less_m, now, may_stay):  # type: ignore[no-untyped-def]
    """Merge new labels into a bag whose labels must leave in time; return its new size.

    Who may stay longer is not dominated by who must leave sooner, be that the place or the region.
    """
    for k in range(new_at, new_end):
        r, m, h = new[k, 0] - less_r, new[k, 1] - less_m, new[k, 2]
        r_end = np.int64(new_from[k, 2])
        until = min(may_stay, r_end)
        worse = until < now
        w = at
        for b in range(at, at + size):
            if arena[b, 4] < now:
                continue
            if not worse:
                if (
                    arena[b, 0] <= r
                    and arena[b, 1] <= m
                    and arena[b, 2] <= h
                    and arena[b, 4] >= until
                    and arena[b, 5] >= r_end
                ):
                    worse = True
                elif (
                    arena[b, 0] >= r
                    and arena[b, 1] >= m
                    and arena[b, 2] >= h
                    and arena[b, 4] <= until
                    and arena[b, 5] <= r_end
                ):
                    continue
            if w != b:
                _copy(arena, w, arena, b)
            w += 1
        size = w - at
        if worse:
            continue
        b = w
        while b > at and (
            arena[b - 1, 0] > r
            or (
                arena[b - 1, 0] == r
                and (arena[b - 1, 1] > m or (arena[b - 1, 1] == m and arena[b - 1, 2] > h))
            )
        ):
            _copy(arena, b, arena, b - 1)
            b -= 1
        arena[b, 0], arena[b, 1], arena[b, 2], arena[b, 3], arena[b, 4], arena[b, 5] = (
            r,
            m,
            h,
            k,
            until,
            r_end,
        )
        size += 1
    return size


@njit(cache=True)
def _round_and_sort(cost, come, low, high):  # type: ignore[no-untyped-def]
    """Take the least parts that round up to the same units; restore the order, which that may have broken."""
    for k in range(low, high):
        cost[k, 0] = ((cost[k, 0] + MINUTES_A_DAY - 1) // MINUTES_A_DAY - 1) * MINUTES_A_DAY + 1
        cost[k, 1] = ((cost[k, 1] + MINUTES_A_DAY - 1) // MINUTES_A_DAY - 1) * MINUTES_A_DAY + 1
    for k in range(low + 1, high):
        j = k
        while j > low and (
            cost[j - 1, 0] > cost[j, 0]
            or (
                cost[j - 1, 0] == cost[j, 0]
                and (
                    cost[j - 1, 1] > cost[j, 1]
                    or (cost[j - 1, 1] == cost[j, 1] and cost[j - 1, 2] > cost[j, 2])
                )
            )
        ):
            for c in range(3):
                cost[j - 1, c], cost[j, c] = cost[j, c], cost[j - 1, c]
                come[j - 1, c], come[j, c] = come[j, c], come[j - 1, c]
            j -= 1


@njit(cache=True)
def _draw_steps(arena, at, size, step_r, step_m, steps):  # type: ignore[no-untyped-def]
    """Draw, for each number of hand-overs, the steps (risk up, money down) of those with so many or fewer."""
    steps[:] = 0
    for f in range(at, at + size):
        for h in range(arena[f, 2], steps.size):
            x = steps[h]
            if x == 0 or step_m[x - 1, h] > arena[f, 1]:
                step_r[x, h], step_m[x, h] = arena[f, 0], arena[f, 1]
                steps[h] = x + 1


@njit(cache=True)
def _outdone(step_r, step_m, steps, r, m, h):  # type: ignore[no-untyped-def]
    """Whether somebody is at an end already for no more of anything."""
    h = min(h, steps.size - 1)
    a, z = 0, steps[h]
    while a < z:
        x = (a + z) >> 1
        if step_r[x, h] <= r:
            a = x + 1
        else:
            z = x
    return a > 0 and step_m[a - 1, h] <= m


@njit(cache=True)
def _region_end(entered, stay, horizon):  # type: ignore[no-untyped-def]
    """Return the last minute of a stay in a region, or one beyond all where it makes no difference."""
    if stay < 0 or entered + stay >= horizon:
        return np.int64(LATE)
    return np.int64(entered + stay)


@njit(cache=True)
def _last_departure(departs, slot_dep, low, high, until):  # type: ignore[no-untyped-def]
    """Return the last departure that a limit allows, or -1: two limits with none between them are one."""
    a, z = low, high
    while a < z:
        x = (a + z) >> 1
        if departs[slot_dep[x]] <= until:
            a = x + 1
        else:
            z = x
    return np.int64(departs[slot_dep[a - 1]]) if a > low else np.int64(-1)


@njit(cache=True)
def _too_short(room, has, hops, state, scratch, arena, stairs, answers, step_r, ends):  # type: ignore[no-untyped-def]
    state[5] = 2 * room
    if room > scratch.shape[0]:
        return SCRATCH
    if ends and state[4] + room > answers.size:
        state[5] = state[4] + room
        return ANSWERS
    if ends and room > step_r.shape[0]:
        return STEPS
    if room > has and state[3] + 2 * room > arena.shape[0]:
        state[5] = state[3] + 2 * room
        return ARENA
    if hops >= stairs.size:
        state[5] = hops + 1
        return STAIRS
    return DONE


@njit(cache=True)
def _board(i, departs, arrives, costs, waits, bound, rest, cost, come, arena, bags, step_r, step_m, steps, o,  # type: ignore[no-untyped-def]
           n_labels, limited, same_region, r_end):  # fmt: skip
    """Let everybody in the origin's bag take departure `i`; return the number of labels after."""
    now = np.int64(departs[i])
    now_r, now_m = now * waits[o, 0], now * waits[o, 1]
    go_r, go_m, go_h = now_r + bound[i, 1], now_m + bound[i, 2], bound[i, 3]
    w = bags[o, 0]
    for b in range(bags[o, 0], bags[o, 0] + bags[o, 1]):
        if limited:
            if arena[b, 4] < now:
                continue
            if same_region:
                r_end = arena[b, 5]
        r, m, h = arena[b, 0] + go_r, arena[b, 1] + go_m, arena[b, 2] + go_h
        hopeless = _outdone(step_r, step_m, steps, r, m, h)
        if hopeless and _outdone(step_r, step_m, steps, arena[b, 0] + rest[1], arena[b, 1] + rest[2],
                                 arena[b, 2] + rest[3]):  # fmt: skip
            # No later departure does better either: the label is done.
            continue
        if w != b:
            _copy(arena, w, arena, b)
        w += 1
        if hopeless or arrives[i] > r_end:
            continue
        cost[n_labels, 0] = arena[b, 0] + now_r + costs[i, 0]
        cost[n_labels, 1] = arena[b, 1] + now_m + costs[i, 1]
        cost[n_labels, 2] = arena[b, 2] + costs[i, 2]
        come[n_labels, 0], come[n_labels, 1], come[n_labels, 2] = arena[b, 3], i, r_end
        n_labels += 1
    bags[o, 1] = w - bags[o, 0]
    return n_labels


@njit(cache=True)
def sweep(departs, arrives, origin, target, costs, waits, max_stay, region, region_stay, is_end, first,  # type: ignore[no-untyped-def]
          slot_dep, slot_of, by_arrival, bound, best, state, cost, come, low, high, arena, bags, scratch,
          stairs, answers, step_r, step_m, steps):  # fmt: skip
    """Sweep over departures from where `state` stands; return which array is too short, or `DONE`.

    Arrays that grow are grown by the caller, who then calls again: numba counts references at every turn of
    a loop in which an array may be replaced, which costs more than the loop.

    Args:
        state: int64: next departure, next arrival, labels, parts of the arena in use, answers, what is
            needed, and whether the steps are stale.
        cost: (labels, 3) int64: on arrival.
        come: (labels, 3) int32: parent, departure, end of the stay in the region.
        low, high: (n,) int32: the labels that each departure made.
        arena: (rows, 6) int64: risk, money, hand-overs, label, until, region's end; one stretch for each bag.
        bags: (places + 1, 4) int64: where in the arena, size, room, most hand-overs; last, all ends together.
        answers: int64: labels that reach an end, in order of arrival; some of one minute perhaps outdone by
            others of that minute.
    """
    n, end_bag = departs.size, max_stay.size
    horizon = arrives[by_arrival[n - 1]]
    i, ia, n_labels = state[0], state[1], state[2]
    while i <= n:
        now = departs[i] if i < n else horizon
        # 1. Who has arrived by now goes into the bags.
        while ia < n and arrives[by_arrival[ia]] <= now:
            d = by_arrival[ia]
            if low[d] == high[d]:
                ia += 1
                continue
            t = target[d]
            ends = is_end[t]
            bag = end_bag if ends else t
            size = bags[bag, 1]
            room = size + high[d] - low[d]
            hops = bags[bag, 3]
            for k in range(low[d], high[d]):
                hops = max(hops, cost[k, 2])
            short = _too_short(room, bags[bag, 2], hops, state, scratch, arena, stairs, answers, step_r, ends)
            if short != DONE:
                state[0], state[1], state[2] = i, ia, n_labels
                return short
            if room > bags[bag, 2]:
                for x in range(size):
                    _copy(arena, state[3] + x, arena, bags[bag, 0] + x)
                bags[bag, 0], bags[bag, 2] = state[3], 2 * room
                state[3] += 2 * room
            ia += 1
            bags[bag, 3] = hops
            at = np.int64(arrives[d])
            less_r, less_m = at * waits[t, 0], at * waits[t, 1]
            if ends:
                less_r, less_m = np.int64(0), np.int64(0)
            if not ends and (max_stay[t] >= 0 or region_stay[region[t]] >= 0):
                may_stay = np.int64(LATE)
                if max_stay[t] >= 0:
                    may_stay = _last_departure(departs, slot_dep, first[t], first[t + 1], at + max_stay[t])
                bags[bag, 1] = _merge_limited(arena, bags[bag, 0], size, cost, come, low[d], high[d],
                                              less_r, less_m, at, may_stay)  # fmt: skip
                continue
            bags[bag, 1] = _merge(arena, bags[bag, 0], size, cost, low[d], high[d], less_r, less_m,
                                  stairs, hops, scratch)  # fmt: skip
            if ends:
                state[6] = 1
                for b in range(bags[bag, 0], bags[bag, 0] + bags[bag, 1]):
                    if low[d] <= arena[b, 3] < high[d]:
                        answers[state[4]] = arena[b, 3]
                        state[4] += 1
        if i == n:
            break
        # 2. Who stands here may take this departure, unless its best outcome is outdone already.
        o, t = origin[i], target[i]
        if bags[o, 1] == 0 or bound[i, 0] == FAR:
            i += 1
            continue
        if n_labels + bags[o, 1] > come.shape[0]:
            state[0], state[1], state[2], state[5] = i, ia, n_labels, n_labels + bags[o, 1]
            return LABELS
        if state[6]:
            _draw_steps(arena, bags[end_bag, 0], bags[end_bag, 1], step_r, step_m, steps)
            state[6] = 0
        lo = n_labels
        n_labels = _board(i, departs, arrives, costs, waits, bound, best[slot_of[i]], cost, come, arena, bags,
                          step_r, step_m, steps, o, n_labels,
                          max_stay[o] >= 0 or region_stay[region[o]] >= 0, region[o] == region[t],
                          _region_end(arrives[i], region_stay[region[t]], horizon))  # fmt: skip
        low[i], high[i] = lo, n_labels
        if is_end[t]:
            _round_and_sort(cost, come, lo, n_labels)
        i += 1
    state[2] = n_labels
    return DONE
