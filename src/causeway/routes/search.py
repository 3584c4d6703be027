"""The exact search: every journey that no other outdoes in arrival, risk, money and hand-overs at once."""

from __future__ import annotations

from functools import cache
from typing import Final, Literal, Protocol

from causeway.routes.journeys import Costs, Journey, Setting
from causeway.routes.search_plain import sweep_plain
from causeway.routes.timetable import Timetable

__all__ = ["Engine", "search"]

# Departures up to which plain Python answers sooner than numba is loaded.
_SMALL: Final = 4_000

Engine = Literal["fastest", "compiled", "plain"]


class _Sweep(Protocol):
    def __call__(
        self, timetable: Timetable, setting: Setting
    ) -> tuple[list[tuple[int, int, int, int]], list[list[int]]]: ...


def search(
    timetable: Timetable, *, start: int, minute: int, entered: int | None = None, engine: Engine = "fastest"
) -> tuple[Journey, ...]:
    """Return the journeys that no other outdoes, by arrival, then risk, money and hand-overs.

    The set of costs is exact for costs rounded up to whole micro-nepers and cents; until then waiting is
    summed in parts of a unit. Of journeys that cost the same, one is returned, always the same one. A
    journey ends at the first end that it reaches.

    Args:
        start: Place.
        minute: Minute from which the group can set out.
        entered: Minute at which it entered the start's region; `minute` where nothing is said.
        engine: `compiled` needs numba; `plain` needs nothing; `fastest` takes plain Python for a small
            timetable and wherever numba is missing. Both find the same journeys.

    Returns:
        Nothing where no end can be reached.

    Source: sweep over connections in order of time: Dibbelt, Pajor, Strasser, Wagner (2018), "Connection
    Scan Algorithm", ACM JEA 23, section 4; labels and dominance: Martins (1984), EJOR 16(2).
    """
    if start in timetable.ends.tolist():
        return (Journey(Costs(minute, 0, 0, 0), ()),)
    setting = Setting(start, minute, minute if entered is None else entered)
    if engine == "fastest" and timetable.departs.size <= _SMALL:
        engine = "plain"
    costs, paths = _sweep(engine)(timetable, setting)
    found = sorted(zip(costs, paths, strict=True), key=lambda one: one[0])
    journeys: list[Journey] = []
    first = 0
    for cost, path in found:
        # Only those of one minute can still outdo each other, and who does stands before in this order.
        if journeys and journeys[-1].costs.arrival != cost[0]:
            first = len(journeys)
        if any(all(a <= b for a, b in zip(one.costs, cost, strict=True)) for one in journeys[first:]):
            continue
        journeys.append(Journey(Costs(*cost), tuple(path)))
    return tuple(journeys)


@cache
def _sweep(engine: Engine) -> _Sweep:
    if engine == "plain":
        return sweep_plain
    try:
        # Here, since numba takes a second to load and need not be there.
        from causeway.routes.search_driver import sweep_compiled
    except ImportError:
        if engine == "compiled":
            raise
        return sweep_plain
    return sweep_compiled
