"""What the search has to know of a timetable beforehand, for numba: connections, and bounds on the rest."""

from __future__ import annotations

import numpy as np
from numba import njit

from causeway.routes.search_plain import FAR

__all__ = ["link", "paths", "to_go"]


@njit(cache=True)
def link(departs, arrives, origin, target, n_places):  # type: ignore[no-untyped-def]
    """Return first, slot_dep, slot_of, connects, by_arrival.

    A slot is a departure's place in the order by origin, then time: a place's slots begin at `first`. A
    departure `connects` to the first slot of its target that it reaches, or to the target's end of slots.
    """
    n = departs.size
    first = np.zeros(n_places + 1, np.int32)
    for d in range(n):
        first[origin[d] + 1] += 1
    for p in range(n_places):
        first[p + 1] += first[p]
    fill = first[:-1].copy()
    slot_dep = np.empty(n, np.int32)
    slot_time = np.empty(n, np.int32)
    slot_of = np.empty(n, np.int32)
    for d in range(n):
        slot = fill[origin[d]]
        fill[origin[d]] += 1
        slot_dep[slot] = d
        slot_time[slot] = departs[d]
        slot_of[d] = slot
    earliest, latest = arrives.min(), arrives.max()
    count = np.zeros(latest - earliest + 2, np.int32)
    for d in range(n):
        count[arrives[d] - earliest + 1] += 1
    for t in range(count.size - 1):
        count[t + 1] += count[t]
    by_arrival = np.empty(n, np.int32)
    for d in range(n):
        k = arrives[d] - earliest
        by_arrival[count[k]] = d
        count[k] += 1
    # In order of arrival, what can still be reached at a place only moves on.
    connects = np.empty(n, np.int32)
    reach = first[:-1].copy()
    for k in range(n):
        d = by_arrival[k]
        t = target[d]
        slot = reach[t]
        while slot < first[t + 1] and slot_time[slot] < arrives[d]:
            slot += 1
        reach[t] = slot
        connects[d] = slot
    return first, slot_dep, slot_of, connects, by_arrival


@njit(cache=True)
def to_go(departs, arrives, origin, target, costs, waits, is_end, first, slot_of, connects, since):  # type: ignore[no-untyped-def]
    """Return the least arrival, risk, money and hand-overs from here on, each for itself.

    For each departure (n, 4) with what it costs itself; for each slot (n + 1, 4) with all later departures
    of its place, and with waiting counted from minute 0. No limit of stay is looked at, so all are bounds.
    """
    n = departs.size
    best = np.full((n + 1, 4), FAR, np.int64)
    out = np.full((n, 4), FAR, np.int64)
    for d in range(n - 1, since - 1, -1):
        o, t, j, k = origin[d], target[d], connects[d], slot_of[d]
        if is_end[t]:
            out[d, 0] = arrives[d]
            for c in range(3):
                out[d, c + 1] = costs[d, c]
        elif j < first[t + 1] and best[j, 0] < FAR:
            out[d, 0] = best[j, 0]
            for c in range(3):
                out[d, c + 1] = costs[d, c] + best[j, c + 1] - arrives[d] * waits[t, c]
        later = k + 1 < first[o + 1]
        for c in range(4):
            value = FAR
            if out[d, 0] < FAR:
                value = out[d, c]
                if c > 0:
                    value += departs[d] * waits[o, c - 1]
            if later and best[k + 1, c] < value:
                value = best[k + 1, c]
            best[k, c] = value
    return out, best


@njit(cache=True)
def paths(come, answers):  # type: ignore[no-untyped-def]
    """Return how many departures each answer has, and all of them in order, one answer after the other."""
    lengths = np.zeros(answers.size, np.int64)
    for a in range(answers.size):
        k = answers[a]
        while k > 0:
            lengths[a] += 1
            k = come[k, 0]
    flat = np.empty(lengths.sum(), np.int64)
    at = 0
    for a in range(answers.size):
        at += lengths[a]
        k, x = answers[a], at
        while k > 0:
            x -= 1
            flat[x] = come[k, 1]
            k = come[k, 0]
    return lengths, flat
