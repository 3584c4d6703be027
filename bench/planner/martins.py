"""What the planner is measured against: Martins' label setting on a time-expanded graph in networkx.

Nodes are a place at a minute at which something sets out there; edges wait for the next such minute, or
travel. Labels leave a heap in lexicographic order, so the first to stand at a node undominated is final. At a
node time is fixed, so three costs decide; at the end four do. A label is also dropped when a journey that has
ended costs no more of anything already, which the textbook leaves out and which saves it much.

Source: Martins (1984), "On a multicriteria shortest path problem", EJOR 16(2).
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import defaultdict
from itertools import pairwise

import networkx as nx

from causeway.routes.timetable import MINUTES_A_DAY, Timetable

__all__ = ["END", "martins", "time_expanded"]

END = -1
START = -2
Costs = tuple[int, int, int, int]


def time_expanded(timetable: Timetable, *, start: int, minute: int) -> nx.DiGraph[object]:
    """Return the graph; a way of an edge is risk and money in parts, hand-overs, departure or -1, arrival."""
    t = timetable
    ends = set(t.ends.tolist())
    times: dict[int, list[int]] = defaultdict(list)
    rows = list(
        zip(
            range(t.departs.size),
            t.departs.tolist(), t.arrives.tolist(), t.origin.tolist(), t.target.tolist(),
            t.risk.tolist(), t.money.tolist(), t.handovers.tolist(), strict=True,
        )
    )  # fmt: skip
    for _, departs, _, origin, *_ in rows:
        if departs >= minute and (not times[origin] or times[origin][-1] != departs):
            times[origin].append(departs)
    wait_risk, wait_money = t.wait_risk.tolist(), t.wait_money.tolist()
    graph: nx.DiGraph[object] = nx.DiGraph()

    def add(one: object, other: object, way: tuple[int, int, int, int, int]) -> None:
        if graph.has_edge(one, other):
            graph[one][other]["ways"].append(way)
        else:
            graph.add_edge(one, other, ways=[way])

    def wait(place: int, minutes: int) -> tuple[int, int]:
        return minutes * wait_risk[place], minutes * wait_money[place]

    for place, minutes in times.items():
        for now, then in pairwise(minutes):
            add((place, now), (place, then), (*wait(place, then - now), 0, -1, then))
    if times[start]:
        first = times[start][0]
        add(START, (start, first), (*wait(start, first - minute), 0, -1, first))
    for d, departs, arrives, origin, target, risk, money, handovers in rows:
        if departs < minute:
            continue
        risk, money = risk * MINUTES_A_DAY, money * MINUTES_A_DAY
        if target in ends:
            add((origin, departs), END, (risk, money, handovers, d, arrives))
            continue
        at = bisect_left(times[target], arrives)
        if at < len(times[target]):
            then = times[target][at]
            waited = wait(target, then - arrives)
            add((origin, departs), (target, then), (risk + waited[0], money + waited[1], handovers, d, then))
    return graph


def martins(graph: nx.DiGraph[object], *, minute: int) -> dict[Costs, tuple[int, ...]]:
    """Return every cost that no other outdoes, in whole units, each with one path of departures."""
    parts = MINUTES_A_DAY
    final: dict[object, list[tuple[int, int, int]]] = defaultdict(list)
    ended: list[Costs] = []
    answers: dict[Costs, tuple[int, ...]] = {}
    labels: list[tuple[int, int]] = [(-1, -1)]  # parent, departure
    heap: list[tuple[int, int, int, int, int, object]] = [(minute, 0, 0, 0, 0, START)]
    while heap:
        now, risk, money, handovers, label, node = heapq.heappop(heap)
        if node == END:
            costs = (now, -(-risk // parts), -(-money // parts), handovers)
            if not any(
                a <= now and r <= costs[1] and m <= costs[2] and h <= handovers for a, r, m, h in ended
            ):
                ended.append(costs)
                answers[costs] = _path(labels, label)
            continue
        known = final[node]
        if any(r <= risk and m <= money and h <= handovers for r, m, h in known):
            continue
        known.append((risk, money, handovers))
        for following, edge in graph.adj[node].items():
            there = () if following == END else final[following]
            for more_risk, more_money, more, d, then in edge["ways"]:
                r, m, h = risk + more_risk, money + more_money, handovers + more
                if any(x <= r and y <= m and z <= h for x, y, z in there):
                    continue
                if any(a <= then and x * parts < r + parts and y * parts < m + parts and z <= h
                       for a, x, y, z in ended):  # fmt: skip
                    continue
                labels.append((label, d))
                heapq.heappush(heap, (then, r, m, h, len(labels) - 1, following))
    return answers


def _path(labels: list[tuple[int, int]], label: int) -> tuple[int, ...]:
    backwards = []
    while label > 0:
        label, d = labels[label]
        if d >= 0:
            backwards.append(d)
    return tuple(backwards[::-1])
