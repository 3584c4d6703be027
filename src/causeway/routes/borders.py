"""Which departures a group's papers open: every border, every member, every day at once.

Legs that ask the same of papers share a gate: the same crossing point into the same country, or the same
documents shown. What a gate asks is worked out once for each member, then laid over all of its departures.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from causeway.routes.access import ALWAYS, FOR_EVER, Papers, Way
from causeway.routes.cases import Case
from causeway.routes.columns import FREE, Columns, GateKey
from causeway.routes.documents import TRAVEL_DOCUMENTS
from causeway.routes.network import Network
from causeway.routes.obstacles import Obstacle
from causeway.routes.rules import RestsOn, RuleTable
from causeway.routes.timetable import MINUTES_A_DAY, NO_LIMIT

__all__ = ["Borders", "Passed", "stay_minutes"]


@dataclass(frozen=True)
class _Gate:
    """What one gate asks: for each member ways in, ways to show papers, and bans on leaving."""

    entered: str
    airside: str
    ways: tuple[tuple[Way, ...], ...]
    shown: tuple[tuple[Way, ...], ...]
    bans: tuple[tuple[int, int, Obstacle], ...]
    closing: tuple[Obstacle, ...]


@dataclass
class Passed:
    """What papers leave of the departures (n) of a group of m.

    Args:
        open: bool (n,).
        doubt: float64 (m, n), −ln of the chance that the rules behind it still hold, for each member.
        fees: int64 (n,), cents that the group pays on entry.
        stay: int32 (n,), minutes that a stay may last which begins with this departure, or `NO_LIMIT`: in
            the country entered, or behind its border control.
    """

    open: NDArray[np.bool_]
    doubt: NDArray[np.float64]
    fees: NDArray[np.int64]
    stay: NDArray[np.int32]
    rests: dict[int, tuple[RestsOn, ...]] = field(default_factory=dict)
    closed: dict[int, tuple[Obstacle, ...]] = field(default_factory=dict)
    narrowed: dict[int, tuple[Obstacle, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Part:
    """The departures of one gate, or of one country, by their positions."""

    at: NDArray[np.intp]
    leg: NDArray[np.int32]
    departs: NDArray[np.int64]
    arrives: NDArray[np.int64]


class Borders:
    """The gates of a network for one group."""

    def __init__(
        self,
        network: Network,
        columns: Columns,
        table: RuleTable,
        case: Case,
        *,
        now: dt.date,
        without: frozenset[Obstacle],
    ) -> None:
        """Work out every gate for each member's papers."""
        starts = network.starts

        def minute(day: dt.date) -> int:
            return (day - starts).days * MINUTES_A_DAY

        self._network, self._columns, self._case = network, columns, case
        self._papers = [Papers(one, table, minute, now, without) for one in case.travellers]
        self._gates = [self._gate(key) for key in columns.gates]

    def closing(self) -> Iterator[tuple[int, tuple[Obstacle, ...]]]:
        """Yield the gates that are closed at all times, and why."""
        for number, gate in enumerate(self._gates):
            if gate.closing:
                yield number, gate.closing

    def pass_through(
        self,
        leg: NDArray[np.int32],
        departs: NDArray[np.int64],
        arrives: NDArray[np.int64],
    ) -> Passed:
        """Lay every gate over its departures, without those of legs that are closed at all times."""
        passed = Passed(
            open=np.ones(leg.size, dtype=np.bool_),
            doubt=np.zeros((len(self._papers), leg.size)),
            fees=np.zeros(leg.size, dtype=np.int64),
            stay=np.full(leg.size, NO_LIMIT, dtype=np.int32),
        )
        why = _Reasons()
        for number, part in _parts(self._columns.gate[leg], leg, departs, arrives):
            self._lay(self._gates[number], part, passed, why)
        self._until_papers_end(passed, leg, departs, arrives, why)
        why.settle(passed, leg)
        return passed

    # ---- One gate ----

    def _gate(self, key: GateKey) -> _Gate:
        left, entered, crossing, airside, asks = key
        ways, shown = [], []
        closing: list[Obstacle] = []
        bans: list[tuple[int, int, Obstacle]] = []
        for papers in self._papers:
            found: tuple[Way, ...] = (ALWAYS,)
            why: tuple[Obstacle, ...] = ()
            if airside and left != entered:
                found, why = papers.changing_planes(entered, crossing)
            elif entered and not airside:
                found, why = papers.entering(entered, crossing)
            ways.append(found)
            closing += why
            found, why = papers.showing(asks) if asks else ((ALWAYS,), ())
            shown.append(found)
            closing += why
            bans += papers.bans(left) if left else ()
        return _Gate(entered, airside, tuple(ways), tuple(shown), tuple(bans), tuple(closing))

    def _lay(self, gate: _Gate, part: _Part, passed: Passed, why: _Reasons) -> None:
        rests: list[RestsOn] = []
        for member, ways in enumerate(gate.ways):
            left = np.ones(part.at.size, dtype=np.bool_)
            for way in ways:
                taken = left & _open(way, part)
                if not taken.any():
                    continue
                left &= ~taken
                passed.doubt[member, part.at[taken]] = -np.log(way.confidence)
                passed.fees[part.at[taken]] += way.fee_cents
                rests += way.rests
                _limit(passed, gate, way, part.at[taken])
            why.close(passed, part, left, ways)
        for ways in gate.shown:
            open_now = np.logical_or.reduce([_open(way, part) for way in ways])
            why.close(passed, part, ~open_now, ways)
        for start, end, obstacle in gate.bans:
            banned = (part.departs >= start) & (part.departs < end)
            why.close(passed, part, banned, (Way(dates=(obstacle,)),))
        if rests:
            distinct = tuple(rest for at, rest in enumerate(rests) if rest not in rests[:at])
            for number in np.unique(part.leg):
                passed.rests[int(number)] = distinct

    # ---- A stay ends with the papers that allow it ----

    def _until_papers_end(
        self,
        passed: Passed,
        leg: NDArray[np.int32],
        departs: NDArray[np.int64],
        arrives: NDArray[np.int64],
        why: _Reasons,
    ) -> None:
        last = self._last_ways()
        if not last:
            return
        places = self._network.places
        for country, way in last.items():
            inside = np.fromiter(
                (place.country == country and not place.airside for place in places), np.bool_, len(places)
            )
            at = np.flatnonzero(inside[self._columns.origin[leg]])
            part = _Part(at, leg[at], departs[at], arrives[at])
            why.close(passed, part, part.departs >= way.end, (way,))

    def _last_ways(self) -> dict[str, Way]:
        """Return, for countries where somebody's papers end, the way that lasts longest for that member."""
        here = next(one.country for one in self._network.places if one.id == self._case.origin)
        last: dict[str, Way] = {}
        for member, papers in enumerate(self._papers):
            home = {*papers.traveller.citizenship, here}
            home |= {one.issuer for one in papers.traveller.documents if one.kind in TRAVEL_DOCUMENTS}
            longest: dict[str, Way] = {}
            for gate in self._gates:
                if not gate.entered or gate.airside or gate.entered in home:
                    continue
                for way in gate.ways[member]:
                    known = longest.get(gate.entered)
                    if known is None or way.end > known.end:
                        longest[gate.entered] = way
            for country, way in longest.items():
                if way.end < min(FOR_EVER, last[country].end if country in last else FOR_EVER):
                    last[country] = way
        return last


class _Reasons:
    """Why legs lose departures, gathered while gates are laid over them."""

    def __init__(self) -> None:
        self._all: dict[int, dict[Obstacle, None]] = defaultdict(dict)
        self._enough: dict[int, dict[Obstacle, None]] = defaultdict(dict)

    def close(self, passed: Passed, part: _Part, shut: NDArray[np.bool_], ways: Sequence[Way]) -> None:
        """Close some departures of a part; any one of the ways would do, so the first is enough to mend."""
        if not shut.any():
            return
        passed.open[part.at[shut]] = False
        for number in np.unique(part.leg[shut]):
            for way in ways:
                self._all[int(number)] |= dict.fromkeys(way.dates)
            self._enough[int(number)] |= dict.fromkeys(ways[0].dates)

    def settle(self, passed: Passed, leg: NDArray[np.int32]) -> None:
        """Part legs that lost all departures from those that lost some."""
        still = set(np.unique(leg[passed.open]).tolist())
        for number, obstacles in self._all.items():
            if number in still:
                passed.narrowed[number] = tuple(obstacles)
            else:
                passed.closed[number] = tuple(self._enough[number])
                passed.rests.pop(number, None)


def _open(way: Way, part: _Part) -> NDArray[np.bool_]:
    return (part.departs >= way.start) & (part.arrives < way.end)


def _limit(passed: Passed, gate: _Gate, way: Way, at: NDArray[np.intp]) -> None:
    """Keep a group together: whoever may stay shortest says how long."""
    if gate.airside:
        longest = None if way.hours is None else int(way.hours * 60)
    else:
        longest = None if way.days is None else stay_minutes(way.days)
    if longest is not None:
        known = passed.stay[at]
        passed.stay[at] = np.where(known == NO_LIMIT, longest, np.minimum(known, longest))


def stay_minutes(days: int) -> int:
    """Return the minutes that a stay of so many days surely allows.

    Officials count the day of entry as the first, so whoever comes late in the evening has one day less. A
    stay of a single day allows the rest of that day, of which only little is sure.
    """
    return (days - 1) * MINUTES_A_DAY or MINUTES_A_DAY // 2


def _parts(
    gate: NDArray[np.int32], leg: NDArray[np.int32], departs: NDArray[np.int64], arrives: NDArray[np.int64]
) -> Iterator[tuple[int, _Part]]:
    """Yield the departures of each gate."""
    gated = np.flatnonzero(gate != FREE)
    order = gated[np.argsort(gate[gated], kind="stable")]
    numbers, first = np.unique(gate[order], return_index=True)
    ends = np.append(first, order.size)[1:]
    for number, begin, end in zip(numbers, first, ends, strict=True):
        at = order[begin:end]
        yield int(number), _Part(at, leg[at], departs[at], arrives[at])
