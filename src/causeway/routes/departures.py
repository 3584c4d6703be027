"""When legs set out: days and clock times made into minutes, all legs at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.errors import LocalError
from causeway.routes.network import Helper, Leg, Network
from causeway.routes.timetable import MINUTES_A_DAY

__all__ = ["MAX_DEPARTURES", "Departures", "TooManyDepartures", "expand", "minutes_of_clock"]

_WEEKDAYS: Final = ("mo", "tu", "we", "th", "fr", "sa", "su")


# At a hundred bytes or so each, this is what an old laptop can still hold; a feed of a whole country
# belongs cut down to the places that matter.
MAX_DEPARTURES: Final = 8_000_000


class TooManyDepartures(LocalError):
    """A network whose legs set out more often than a search could hold."""


@dataclass(frozen=True, eq=False)
class Departures:
    """Departures (n), in the order of their legs.

    Args:
        leg: int32 (n,), the leg's number in the network.
        departs: int64 (n,), minutes by the network's clock; some may lie outside its days.
    """

    leg: NDArray[np.int32]
    departs: NDArray[np.int64]


def minutes_of_clock(clock: str) -> int:
    """Return the minutes from midnight of a time such as 08:15 or 25:10."""
    return int(clock[:2]) * 60 + int(clock[3:5])


class _Calendar:
    """Days on which something runs, each asked for once."""

    def __init__(self, network: Network) -> None:
        # One day more at both ends: 25:10 belongs to the day before, and clocks may stand apart by a day.
        self._days = range(-2, network.days + 2)
        self._starts = network.starts
        first = network.starts.weekday()
        self._weekday = [(first + day) % 7 for day in self._days]
        self._known: dict[tuple[object, ...], tuple[int, ...]] = {}

    def of(self, leg: Leg, helper: Helper | None) -> tuple[int, ...]:
        key: tuple[object, ...] = (leg.weekdays, leg.dates, leg.not_on, helper and helper.id)
        found = self._known.get(key)
        if found is None:
            days = self._running(leg.weekdays, leg.dates) - self._on(leg.not_on)
            if helper is not None:
                days &= self._running(helper.weekdays, helper.dates)
            found = self._known[key] = tuple(sorted(days))
        return found

    def _running(self, weekdays: Sequence[str], dates: Sequence[dt.date]) -> set[int]:
        if dates:
            return self._on(dates)
        wanted = {_WEEKDAYS.index(name) for name in weekdays} or set(range(7))
        return {day for day, weekday in zip(self._days, self._weekday, strict=True) if weekday in wanted}

    def _on(self, dates: Sequence[dt.date]) -> set[int]:
        return {(one - self._starts).days for one in dates} & set(self._days)


class _Clocks:
    """Times of the day at which something sets out, each asked for once."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[int, ...]] = {}

    def of(self, leg: Leg) -> tuple[int, ...]:
        key = (leg.at, leg.windows, leg.every) if leg.windows else leg.at
        found = self._known.get(key)
        if found is None:
            times = {minutes_of_clock(clock) for clock in leg.at}
            for window in leg.windows:
                start, end = minutes_of_clock(window.start), minutes_of_clock(window.end)
                times.update(range(start, end + 1, leg.every))
            found = self._known[key] = tuple(sorted(times))
        return found


def expand(network: Network) -> Departures:
    """Return every departure of every leg: each day on which one runs with each time of its day.

    Raises:
        TooManyDepartures: More than `MAX_DEPARTURES`.
    """
    calendar, clocks = _Calendar(network), _Clocks()
    ahead = {place.id: place.clock_ahead for place in network.places}
    helpers = {helper.id: helper for helper in network.helpers}
    legs = network.legs
    days = [calendar.of(leg, None if leg.helper is None else helpers[leg.helper]) for leg in legs]
    times = [clocks.of(leg) for leg in legs]

    # Legs are many and differ in how often they run, so days and times lie end to end in two long arrays.
    n_days = np.fromiter(map(len, days), dtype=np.int64, count=len(legs))
    n_times = np.fromiter(map(len, times), dtype=np.int64, count=len(legs))
    all_days = np.fromiter(chain.from_iterable(days), dtype=np.int64)
    all_times = np.fromiter(chain.from_iterable(times), dtype=np.int64)
    count = n_days * n_times
    if count.sum() > MAX_DEPARTURES:
        raise TooManyDepartures(
            "The network's legs set out too often; look ahead fewer days, or let legs go less often.",
            departures=int(count.sum()),
            limit=MAX_DEPARTURES,
        )
    leg = np.repeat(np.arange(len(legs)), count)
    within = np.arange(leg.size) - np.repeat(np.cumsum(count) - count, count)
    day = all_days[(np.cumsum(n_days) - n_days)[leg] + within // n_times[leg]]
    time = all_times[(np.cumsum(n_times) - n_times)[leg] + within % n_times[leg]]
    offset = np.fromiter((ahead[one.origin] for one in legs), dtype=np.int64, count=len(legs))
    return Departures(leg.astype(np.int32), day * MINUTES_A_DAY + time - offset[leg])
