"""For a group with no way out: the single things that would open one, or the smallest set found.

Each obstacle is thought away and the case compiled again, so that a document thought of is held to the same
rules, dates and limits as one that exists. What is asked then is only whether an end can be reached: the
same exact search, with every cost but the one that matters at nothing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from causeway.routes.cases import Case
from causeway.routes.columns import Columns
from causeway.routes.compiling import Compiled, compile_case
from causeway.routes.explain import clock_of, stale_notes
from causeway.routes.journeys import Journey
from causeway.routes.near_stays import beds_needed, overstepped, without_limits
from causeway.routes.network import Network
from causeway.routes.obstacles import Obstacle
from causeway.routes.rules import RuleTable
from causeway.routes.search import Engine, search
from causeway.routes.stages import keep_to_stages
from causeway.sentences import Sentence, say

__all__ = ["Nearest", "nearest_things"]

# Things tried one by one, those that lie on the most direct ways first; each costs a compile and a search.
_TRIED: Final = 60
# Taking obstacles away can bring others to light (a passport thought of still lacks a visa).
_ROUNDS: Final = 4
_SAID: Final = 12


@dataclass(frozen=True)
class Nearest:
    """Something that would open a way out, all of it together.

    Args:
        obstacles: What has to go; empty where it is a matter of time or of helpers.
        remedy: What would do it, in sentences.
        arrives: The first minute at which the group could then be at an end.
        arrives_at: The same by the clock of that place.
        legs: The legs of the way to there.
        notes: What has to be said of it each time, such as rules that are too old.
    """

    obstacles: tuple[Obstacle, ...]
    remedy: tuple[Sentence, ...]
    arrives: int
    arrives_at: dt.datetime
    legs: tuple[str, ...]
    notes: tuple[Sentence, ...] = ()


class _Search:
    """Asks again and again whether a case has a way out."""

    def __init__(self, network: Network, table: RuleTable, case: Case, now: dt.date, engine: Engine) -> None:
        self._network, self._table, self._case = network, table, case
        self._now, self._engine = now, engine
        self._columns = Columns.of(network)

    def compile(
        self,
        without: Iterable[Obstacle] = (),
        *,
        case: Case | None = None,
        stages: bool = True,
        beds: bool = True,
    ) -> Compiled:
        compiled = compile_case(
            self._network,
            self._table,
            self._case if case is None else case,
            now=self._now,
            without=frozenset(without),
            columns=self._columns,
            beds=beds,
        )
        return keep_to_stages(compiled, self._network) if stages else compiled

    def soonest(self, compiled: Compiled, handovers: np.ndarray | None = None) -> Journey | None:
        """Return the way with the fewest of what `handovers` counts, and among those the soonest."""
        t = compiled.timetable
        nothing = np.zeros(t.departs.size, dtype=np.int64)
        free = dataclasses.replace(
            t,
            risk=nothing,
            money=nothing,
            handovers=nothing.astype(np.int32) if handovers is None else handovers,
            wait_risk=np.zeros_like(t.wait_risk),
            wait_money=np.zeros_like(t.wait_money),
        )
        found = search(free, start=compiled.origin, minute=compiled.earliest, engine=self._engine)
        return min(found, key=lambda one: (one.costs.handovers, one.costs.arrival), default=None)

    def opened(self, obstacles: Iterable[Obstacle]) -> Nearest | None:
        obstacles = tuple(obstacles)
        compiled = self.compile(obstacles)
        journey = self.soonest(compiled)
        if journey is None:
            return None
        return nearest(compiled, journey, tuple(one.remedy for one in obstacles), obstacles)


def nearest(
    compiled: Compiled, journey: Journey, remedy: tuple[Sentence, ...], obstacles: tuple[Obstacle, ...] = ()
) -> Nearest:
    """Return what opens a journey, with the journey."""
    t = compiled.timetable
    end = int(t.target[journey.departures[-1]])
    legs = tuple(compiled.legs[int(t.leg[d])].id for d in journey.departures)
    arrives = journey.costs.arrival
    rests = [rest for d in journey.departures for rest in compiled.rests.get(int(t.leg[d]), ())]
    notes = stale_notes([*rests, *compiled.ground.get(end, ())])
    return Nearest(obstacles, remedy, arrives, clock_of(compiled, end, arrives), legs, notes)


def nearest_things(
    network: Network, table: RuleTable, case: Case, compiled: Compiled, *, now: dt.date, engine: Engine
) -> tuple[tuple[Sentence, ...], tuple[Nearest, ...]]:
    """Return what stands in the way of a group that has no way out, and what would open one.

    Args:
        compiled: The case as it is, without a way out.

    Returns:
        Sentences on what closes the legs that could be of use; then, each enough by itself: single obstacles,
        other times, beds, longer stays, other helpers, and where no single obstacle is enough, a set of which
        nothing can be left out.
    """
    if not compiled.timetable.ends.size:
        return (), ()
    asks = _Search(network, table, case, now, engine)
    found: list[Nearest] = []
    everything, open_all = _without_everything(asks, compiled)
    useful = _useful(open_all, compiled, everything)
    for obstacle in useful[:_TRIED]:
        single = asks.opened((obstacle,))
        if single is not None:
            found.append(single)
    found.sort(key=lambda one: one.arrives)
    if not found:
        found += _smallest_set(asks, compiled, open_all, useful)
    found += _other_times(asks, case)
    found += _more_beds(asks, compiled) or _longer_stays(asks, compiled)
    found += _other_helpers(asks, network)
    because = tuple(dict.fromkeys(str(one.reason) for one in useful))
    by_text = {str(one.reason): one.reason for one in useful}
    return tuple(by_text[text] for text in because[:_SAID]), tuple(found)


def _without_everything(asks: _Search, compiled: Compiled) -> tuple[tuple[Obstacle, ...], Compiled]:
    """Take everything away that can be, also what comes to light only then."""
    gone: dict[Obstacle, None] = {}
    current = compiled
    for _ in range(_ROUNDS):
        more = [one for one in current.obstacles() if one.removable and one not in gone]
        if not more:
            break
        gone |= dict.fromkeys(more)
        current = asks.compile(gone)
    return tuple(gone), current


def _useful(open_all: Compiled, compiled: Compiled, everything: Iterable[Obstacle]) -> list[Obstacle]:
    """Return the obstacles of legs that lie between the origin and an end, in the network's order."""
    t = open_all.timetable
    ahead = _reached({open_all.origin}, t.origin, t.target)
    back = _reached(set(t.ends.tolist()), t.target, t.origin)
    legs = {
        int(leg)
        for leg, a, b in zip(t.leg.tolist(), t.origin.tolist(), t.target.tolist(), strict=True)
        if a in ahead and b in back
    }
    named = dict.fromkeys(
        one
        for leg in sorted(legs)
        for many in (compiled.closed.get(leg, ()), compiled.narrowed.get(leg, ()))
        for one in many
        if one.removable
    )
    known = set(everything)
    # What came to light later belongs to no leg of the case as it is.
    late = [one for one in everything if one not in set(compiled.obstacles())]
    return [one for one in named if one in known] + late


def _reached(places: set[int], origin: np.ndarray, target: np.ndarray) -> set[int]:
    pairs = set(zip(origin.tolist(), target.tolist(), strict=True))
    while True:
        more = {b for a, b in pairs if a in places} - places
        if not more:
            return places
        places |= more


def _smallest_set(
    asks: _Search, compiled: Compiled, open_all: Compiled, useful: list[Obstacle]
) -> list[Nearest]:
    """Return a set that opens a way and of which nothing can be left out, on a way with few of them."""
    t = open_all.timetable
    known = set(useful)
    stands = {
        leg: tuple(
            one for one in (*compiled.closed.get(leg, ()), *compiled.narrowed.get(leg, ())) if one in known
        )
        for leg in set(t.leg.tolist())
    }
    counts = np.array([len(stands[leg]) for leg in t.leg.tolist()], dtype=np.int32)
    journey = asks.soonest(open_all, counts)
    if journey is None:
        return []
    needed = dict.fromkeys(one for d in journey.departures for one in stands[int(t.leg[d])])
    late = [one for one in useful if one not in set(compiled.obstacles())]
    needed |= dict.fromkeys(late)
    best = asks.opened(needed)
    if best is None:
        return []
    for obstacle in tuple(needed):
        fewer = asks.opened(one for one in best.obstacles if one != obstacle)
        if fewer is not None:
            best = fewer
    return [best]


def _other_times(asks: _Search, case: Case) -> list[Nearest]:
    found = []
    if case.latest is not None:
        longer = asks.compile(case=_changed(case, latest=None))
        journey = asks.soonest(longer)
        if journey is not None:
            remedy = say("More time: the group may arrive later than the case says.")
            found.append(nearest(longer, journey, (remedy,)))
    if case.earliest is not None:
        sooner = asks.compile(case=_changed(case, earliest=None))
        journey = asks.soonest(sooner)
        if journey is not None:
            remedy = say("An earlier start than the case says.")
            found.append(nearest(sooner, journey, (remedy,)))
    return found


def _changed(case: Case, **fields: None) -> Case:
    import msgspec

    return msgspec.structs.replace(case, **fields)


def _longer_stays(asks: _Search, compiled: Compiled) -> list[Nearest]:
    """Take all limits of stay away, and say which of them the soonest way then oversteps."""
    free = without_limits(compiled)
    journey = asks.soonest(free)
    if journey is None:
        return []
    return [nearest(free, journey, tuple(overstepped(compiled, journey)))]


def _more_beds(asks: _Search, compiled: Compiled) -> list[Nearest]:
    """Ask for no beds, and say on which nights the soonest way then needs some."""
    if not compiled.nights:
        return []
    anywhere = asks.compile(beds=False)
    journey = asks.soonest(anywhere)
    remedy = () if journey is None else tuple(beds_needed(anywhere, journey))
    if journey is None or not remedy:
        return []
    return [nearest(anywhere, journey, remedy)]


def _other_helpers(asks: _Search, network: Network) -> list[Nearest]:
    """Let helpers serve any part of a journey, and say on which legs another helper would be needed."""
    if not network.helpers:
        return []
    anyhow = asks.compile(stages=False)
    journey = asks.soonest(anyhow)
    if journey is None:
        return []
    stages = {helper.id: helper.stages for helper in network.helpers}
    t = anyhow.timetable
    remedy = []
    last = len(journey.departures) - 1
    for at, d in enumerate(journey.departures):
        leg = anyhow.legs[int(t.leg[d])]
        if leg.helper is None:
            continue
        serves = stages[leg.helper]
        fits = (at > 0 or "first" in serves) and (at < last or "last" in serves)
        if not fits or (0 < at < last and "middle" not in serves) or last == 0:
            remedy.append(
                say("Somebody else than “{helper}” for “{leg}”, who may serve that part of the way.",
                    helper=leg.helper, leg=leg.id)
            )  # fmt: skip
    return [nearest(anyhow, journey, tuple(remedy))] if remedy else []
