"""The search in plain Python, for machines without numba. `search_compiled` says why it does what it does."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import itemgetter

import numpy as np

from causeway.routes.journeys import Setting
from causeway.routes.timetable import MINUTES_A_DAY, Timetable

__all__ = ["FAR", "LATE", "LEVELS", "Lists", "sweep_plain", "to_go"]

# More than anything costs, and a minute after all others, for stays without a limit.
FAR = 1 << 60
LATE = (1 << 31) - 1
# Hand-overs that are told apart when a label is held against those at an end; more are held like so many.
LEVELS = 12

# Risk, money, hand-overs, label; where stays are limited also until when, and the end of the region's stay.
Row = tuple[int, int, int, int, int, int]
Fresh = tuple[int, int, int, int, int]
Four = tuple[int, int, int, int]


_COSTS = itemgetter(0, 1, 2)


class Lists:
    """The timetable as lists, which plain Python reads faster than arrays, and its connections."""

    def __init__(self, timetable: Timetable) -> None:
        t = timetable
        self.departs: list[int] = t.departs.tolist()
        self.arrives: list[int] = t.arrives.tolist()
        self.origin: list[int] = t.origin.tolist()
        self.target: list[int] = t.target.tolist()
        self.risk: list[int] = (t.risk * MINUTES_A_DAY).tolist()
        self.money: list[int] = (t.money * MINUTES_A_DAY).tolist()
        self.handovers: list[int] = t.handovers.tolist()
        self.wait_risk: list[int] = t.wait_risk.tolist()
        self.wait_money: list[int] = t.wait_money.tolist()
        self.max_stay: list[int] = t.max_stay.tolist()
        self.region: list[int] = t.region.tolist()
        # By place, not by region: what the loops ask for.
        self.region_stay: list[int] = t.region_stay[t.region].tolist()
        self.is_end = np.isin(np.arange(t.max_stay.size), t.ends).tolist()
        # A slot is a departure's place in the order by origin, then time.
        by_origin = np.argsort(t.origin, kind="stable")
        slot_of = np.empty(by_origin.size, np.int64)
        slot_of[by_origin] = np.arange(by_origin.size)
        self.slot_dep: list[int] = by_origin.tolist()
        self.slot_of: list[int] = slot_of.tolist()
        first = np.searchsorted(t.origin[by_origin], np.arange(t.max_stay.size + 1))
        self.first: list[int] = first.tolist()
        span = int(t.arrives.max()) + 1 if t.arrives.size else 1
        keys = t.origin[by_origin].astype(np.int64) * span + t.departs[by_origin]
        connects = np.searchsorted(keys, t.target.astype(np.int64) * span + t.arrives)
        self.connects: list[int] = connects.tolist()
        self.connected: list[bool] = (connects < first[t.target.astype(np.int64) + 1]).tolist()
        last = np.zeros(by_origin.size + 1, dtype=np.bool_)
        last[first[1:][first[1:] > 0] - 1] = True
        self.last_slot: list[bool] = last.tolist()
        self.by_arrival: list[int] = np.argsort(t.arrives, kind="stable").tolist()


def to_go(lists: Lists, since: int) -> tuple[list[Four | None], list[Four]]:
    """Return the least arrival, risk, money and hand-overs by departure, and by slot with all later ones."""
    nothing = (FAR, FAR, FAR, FAR)
    n = len(lists.departs)
    out: list[Four | None] = [None] * n
    best: list[Four] = [nothing] * (n + 1)
    departs, arrives, origin, target = lists.departs, lists.arrives, lists.origin, lists.target
    risk, money, handovers, is_end = lists.risk, lists.money, lists.handovers, lists.is_end
    connects, connected, slot_of, last_slot = lists.connects, lists.connected, lists.slot_of, lists.last_slot
    wait_risk, wait_money = lists.wait_risk, lists.wait_money
    for d in range(n - 1, since - 1, -1):
        t = target[d]
        k = slot_of[d]
        later = nothing if last_slot[k] else best[k + 1]
        if is_end[t]:
            a, r, m, h = arrives[d], risk[d], money[d], handovers[d]
        elif connected[d]:
            a, r, m, h = best[connects[d]]
            if a == FAR:
                best[k] = later
                continue
            at = arrives[d]
            r += risk[d] - at * wait_risk[t]
            m += money[d] - at * wait_money[t]
            h += handovers[d]
        else:
            best[k] = later
            continue
        out[d] = (a, r, m, h)
        o, now = origin[d], departs[d]
        r += now * wait_risk[o]
        m += now * wait_money[o]
        la, lr, lm, lh = later
        best[k] = (a if a < la else la, r if r < lr else lr, m if m < lm else lm, h if h < lh else lh)
    return out, best


def sweep_plain(
    timetable: Timetable, setting: Setting
) -> tuple[list[tuple[int, int, int, int]], list[list[int]]]:
    """Return what the routes that no other outdoes cost, in whole units, and their departures.

    Some of one minute of arrival may be outdone by others of that minute.
    """
    lists = Lists(timetable)
    since = bisect_left(lists.departs, setting.minute)
    if since == len(lists.departs):
        return [], []
    bound, best = to_go(lists, since)
    return _Sweep(lists, setting).run(since, bound, best)


class _Sweep:
    """Bags of labels by place, and what has reached an end."""

    def __init__(self, lists: Lists, setting: Setting) -> None:
        self.lists = lists
        self.horizon = max(lists.arrives)
        self.parent = [-1]
        self.taken = [-1]
        start, minute = setting.start, setting.minute
        r_end = self.region_end(setting.entered, start)
        until = min(r_end, minute + lists.max_stay[start]) if lists.max_stay[start] >= 0 else r_end
        row = (-minute * lists.wait_risk[start], -minute * lists.wait_money[start], 0, 0, until, r_end)
        self.bags: list[list[Row]] = [[] for _ in lists.max_stay]
        self.bags[start] = [row]
        self.limited = [
            stay >= 0 or region >= 0 for stay, region in zip(lists.max_stay, lists.region_stay, strict=True)
        ]
        self.ended: list[Row] = []
        self.steps: tuple[list[list[int]], list[list[int]]] = ([[]] * LEVELS, [[]] * LEVELS)

    def region_end(self, entered: int, place: int) -> int:
        """Return the last minute of a stay in a place's region; `LATE` where it makes no difference."""
        stay = self.lists.region_stay[place]
        return entered + stay if stay >= 0 and entered + stay < self.horizon else LATE

    def run(
        self, since: int, bound: Sequence[Four | None], best: Sequence[Four]
    ) -> tuple[list[tuple[int, int, int, int]], list[list[int]]]:
        """Sweep over departures in order of time."""
        lists = self.lists
        departs, arrives, origin, target = lists.departs, lists.arrives, lists.origin, lists.target
        by_arrival, is_end, slot_of, bags = lists.by_arrival, lists.is_end, lists.slot_of, self.bags
        made: dict[int, list[Fresh]] = {}
        answers: list[tuple[int, int, int, int]] = []
        labels: list[int] = []
        ia, n = 0, len(departs)
        for i in range(since, n + 1):
            now = departs[i] if i < n else self.horizon
            while ia < n and arrives[by_arrival[ia]] <= now:
                d = by_arrival[ia]
                ia += 1
                fresh = made.pop(d, None)
                if fresh is None:
                    continue
                if is_end[target[d]]:
                    for r, m, h, label in self.end(fresh):
                        answers.append((arrives[d], -(-r // MINUTES_A_DAY), -(-m // MINUTES_A_DAY), h))
                        labels.append(label)
                else:
                    self.arrive(target[d], arrives[d], fresh)
            if i == n:
                break
            to_go = bound[i]
            if to_go is not None and bags[origin[i]]:
                fresh = self.board(i, now, to_go, best[slot_of[i]])
                if fresh:
                    made[i] = fresh
        return answers, [self.path(label) for label in labels]

    def board(self, i: int, now: int, to_go: Four, rest: Four) -> list[Fresh]:
        """Let everybody at the origin take departure `i`; drop whom no later departure helps either."""
        lists = self.lists
        o, t = lists.origin[i], lists.target[i]
        step_r, step_m = self.steps
        top = LEVELS - 1
        _, go_r, go_m, go_h = to_go
        now_r, now_m = now * lists.wait_risk[o], now * lists.wait_money[o]
        go_r += now_r
        go_m += now_m
        _, rest_r, rest_m, rest_h = rest
        own_r, own_m, own_h = now_r + lists.risk[i], now_m + lists.money[i], lists.handovers[i]
        limited, same, arrives = self.limited[o], lists.region[o] == lists.region[t], lists.arrives[i]
        r_end = self.region_end(arrives, t)
        bag = self.bags[o]
        keep: list[Row] = []
        fresh: list[Fresh] = []
        parent, taken = self.parent, self.taken
        for row in bag:
            r, m, h, label, until, stay_end = row
            if limited:
                if until < now:
                    continue
                if same:
                    r_end = stay_end
            x, y = r + go_r, m + go_m
            level = h + go_h
            if level > top:
                level = top
            k = bisect_right(step_r[level], x)
            if k and step_m[level][k - 1] <= y:
                level = h + rest_h
                if level > top:
                    level = top
                k = bisect_right(step_r[level], r + rest_r)
                if not (k and step_m[level][k - 1] <= m + rest_m):
                    keep.append(row)
                continue
            keep.append(row)
            if arrives > r_end:
                continue
            fresh.append((r + own_r, m + own_m, h + own_h, len(parent), r_end))
            parent.append(label)
            taken.append(i)
        if len(keep) < len(bag):
            self.bags[o] = keep
        return fresh

    def arrive(self, place: int, at: int, fresh: Sequence[Fresh]) -> None:
        """Put labels into a place's bag."""
        lists = self.lists
        less_r, less_m = at * lists.wait_risk[place], at * lists.wait_money[place]
        if self.limited[place]:
            may_stay = LATE
            if lists.max_stay[place] >= 0:
                low, high = lists.first[place], lists.first[place + 1]
                a = bisect_right(
                    lists.slot_dep, at + lists.max_stay[place], low, high, key=lists.departs.__getitem__
                )
                may_stay = lists.departs[lists.slot_dep[a - 1]] if a > low else -1
            for r, m, h, label, r_end in fresh:
                row = (r - less_r, m - less_m, h, label, min(may_stay, r_end), r_end)
                self.bags[place] = _with_limited(self.bags[place], row, at)
            return
        rows = [(r - less_r, m - less_m, h, label, LATE, LATE) for r, m, h, label, _ in fresh]
        self.bags[place] = _undominated(self.bags[place], rows, fresh)

    def end(self, fresh: Sequence[Fresh]) -> list[tuple[int, int, int, int]]:
        """Put labels among those that have reached an end; return the ones that nobody outdoes."""
        parts = MINUTES_A_DAY
        rows = sorted(
            ((-(-r // parts) - 1) * parts + 1, (-(-m // parts) - 1) * parts + 1, h, label, LATE, LATE)
            for r, m, h, label, _ in fresh
        )
        merged = _undominated(self.ended, rows, fresh)
        if merged is self.ended:
            return []
        self.ended = merged
        step_r: list[list[int]] = [[] for _ in range(LEVELS)]
        step_m: list[list[int]] = [[] for _ in range(LEVELS)]
        for r, m, h, _, _, _ in merged:
            for level in range(h, LEVELS):
                if not step_m[level] or step_m[level][-1] > m:
                    step_r[level].append(r)
                    step_m[level].append(m)
        self.steps = (step_r, step_m)
        low, high = fresh[0][3], fresh[-1][3]
        return [row[:4] for row in merged if low <= row[3] <= high]

    def path(self, label: int) -> list[int]:
        """Return the departures that led to a label."""
        backwards: list[int] = []
        while label > 0:
            backwards.append(self.taken[label])
            label = self.parent[label]
        return backwards[::-1]


def _undominated(old: list[Row], new: list[Row], fresh: Sequence[Fresh]) -> list[Row]:
    """Merge two sorted bags without limits; return the old one itself where nothing of the new is left."""
    hops = max(row[2] for row in new)
    stairs = [FAR] * (hops + 1)
    kept: list[Row] = []
    changed = False
    low, high = fresh[0][3], fresh[-1][3]
    for row in sorted(old + new, key=_COSTS):
        m, h = row[1], row[2]
        if h > hops:
            stairs.extend([stairs[hops]] * (h - hops))
            hops = h
        if stairs[h] <= m:
            continue
        kept.append(row)
        changed = changed or low <= row[3] <= high
        while h <= hops and stairs[h] > m:
            stairs[h] = m
            h += 1
    return kept if changed else old


def _with_limited(bag: list[Row], new: Row, now: int) -> list[Row]:
    """Add one label whose stay is limited: who may stay longer is not dominated by who must leave sooner."""
    r, m, h, _, until, r_end = new
    alive = [row for row in bag if row[4] >= now]
    if until < now:
        return alive
    for row in alive:
        if row[0] <= r and row[1] <= m and row[2] <= h and row[4] >= until and row[5] >= r_end:
            return alive
    kept = [
        row
        for row in alive
        if not (row[0] >= r and row[1] >= m and row[2] >= h and row[4] <= until and row[5] <= r_end)
    ]
    kept.insert(bisect_right(kept, (r, m, h), key=lambda row: row[:3]), new)
    return kept
