"""Random timetables that look like a region's: towns on a map, lines with a clock-face rhythm, countries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causeway.routes.timetable import MINUTES_A_DAY, NO_LIMIT, Timetable

__all__ = ["Instance", "random_instance"]

# Kilometres an hour, cents a kilometre, the usual chance of getting through, and how often a day.
_MODES = {
    "walk": (4.0, 0.0, 0.990, (1, 3)),
    "car": (70.0, 18.0, 0.985, (1, 3)),
    "bus": (55.0, 7.0, 0.980, (2, 6)),
    "train": (90.0, 11.0, 0.970, (2, 8)),
    "flight": (600.0, 14.0, 0.930, (1, 2)),
}
_NEIGHBOURS = 3
_COUNTRIES = 6


@dataclass(frozen=True)
class Instance:
    """A timetable, and where and when a journey starts."""

    timetable: Timetable
    start: int
    minute: int


def random_instance(*, places: int, legs: int, days: int, seed: int, stays: bool = False) -> Instance:
    """Return a timetable of `legs` departures among `places` towns.

    Towns lie on a square whose side grows with their number; strips of it are countries. Lines join near
    towns both ways, a few flights join far ones. A line has its own duration, fare, risk and hand-overs and
    runs at its own times on each day, a few minutes off. Fares are whole euros, chances whole thousandths, so
    costs have ties. Waiting costs by the day, differently from town to town. The journey starts in the
    strip on the left; three towns of the strip on the right end it.

    Args:
        stays: Also limit some visits to a few hours or days, and the stay in every second country to days.
    """
    rng = np.random.default_rng(seed)
    side = 60.0 * np.sqrt(places)
    x, y = rng.uniform(0, side, places), rng.uniform(0, side, places)
    country = np.minimum((x / side * _COUNTRIES).astype(np.int32), _COUNTRIES - 1)
    distance = np.hypot(x[:, None] - x, y[:, None] - y)
    pairs = _pairs(distance, rng)

    rows: list[tuple[int, ...]] = []
    line = 0
    while len(rows) < legs:
        a, b = pairs[line % len(pairs)]
        rows.extend(_line(line, a, b, float(distance[a, b]), bool(country[a] != country[b]), days, rng))
        line += 1
    # Cut evenly: a random choice among all departures, not the last line's.
    table = np.array(rows, dtype=np.int64)[np.sort(rng.permutation(len(rows))[:legs])]
    table = table[np.lexsort((table[:, 7], table[:, 1], table[:, 0]))]

    max_stay = np.full(places, NO_LIMIT, dtype=np.int32)
    region_stay = np.full(_COUNTRIES, NO_LIMIT, dtype=np.int32)
    if stays:
        short = rng.random(places) < 0.3
        max_stay[short] = rng.choice([360, 720, 1_440, 2_880], int(short.sum()))
        region_stay[1:-1:2] = rng.choice([2, 3, 5], len(region_stay[1:-1:2])) * MINUTES_A_DAY
    through = rng.uniform(0.9, 1.0, legs)
    by_x = np.argsort(x)
    timetable = Timetable(
        departs=table[:, 0].astype(np.int32),
        arrives=table[:, 1].astype(np.int32),
        origin=table[:, 2].astype(np.int32),
        target=table[:, 3].astype(np.int32),
        risk=table[:, 4],
        money=table[:, 5],
        handovers=table[:, 6].astype(np.int32),
        leg=table[:, 7].astype(np.int32),
        wait_risk=rng.choice([2_000, 5_000, 10_000, 20_000], places).astype(np.int64),
        wait_money=rng.choice([1_000, 2_000, 4_000], places).astype(np.int64),
        max_stay=max_stay,
        region=country,
        region_stay=region_stay,
        ends=np.sort(by_x[-3:]).astype(np.int32),
        through=through,
        lost=(1.0 - through) / 2,
        back_after=np.full(legs, 60, dtype=np.int32),
        cause=np.full(legs, -1, dtype=np.int32),
    )
    return Instance(timetable, start=int(by_x[0]), minute=6 * 60)


def _pairs(distance: np.ndarray, rng: np.random.Generator) -> list[tuple[int, int]]:
    places = len(distance)
    joined: set[tuple[int, int]] = set()
    for a in range(places):
        for b in np.argsort(distance[a])[1 : _NEIGHBOURS + 1]:
            joined.add((min(a, int(b)), max(a, int(b))))
    airports = rng.choice(places, max(places // 12, 2), replace=False)
    for a in airports:
        b = rng.choice(airports[airports != a])
        joined.add((min(int(a), int(b)), max(int(a), int(b))))
    listed = rng.permutation(sorted(joined)).tolist()
    return [pair for a, b in listed for pair in ((a, b), (b, a))]


def _line(
    line: int, a: int, b: int, km: float, border: bool, days: int, rng: np.random.Generator
) -> list[tuple[int, ...]]:
    modes = ["car", "bus", "train"] + ["walk"] * (km < 15) + ["flight"] * 3 * (km > 250)
    speed, fare, chance, (low, high) = _MODES[modes[rng.integers(len(modes))]]
    takes = max(int(km / speed * 60 * rng.uniform(0.9, 1.4)) + 10, 15)
    money = int(np.ceil(km * fare / 100 * rng.uniform(0.8, 1.3))) * 100
    chance = float(np.clip(chance + rng.normal(0, 0.012) - 0.04 * border, 0.80, 0.999))
    risk = int(np.ceil(-1e6 * np.log(round(chance, 3))))
    handovers = int(rng.random() < 0.4)
    rows: list[tuple[int, ...]] = []
    hours = rng.choice(np.arange(5, 23), int(rng.integers(low, high + 1)), replace=False)
    minute = int(rng.choice([0, 10, 15, 20, 30, 40, 45]))
    for day in range(days):
        for hour in hours:
            departs = day * MINUTES_A_DAY + int(hour) * 60 + minute + int(rng.integers(0, 5))
            rows.append((departs, departs + takes, a, b, risk, money, handovers, line))
    return rows
