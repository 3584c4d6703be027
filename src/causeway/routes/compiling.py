"""From a network, its rules and a group's papers to the arrays that a search reads.

Everything that words decide is decided here: which legs this group may take at all, which of their
departures, at what risk and price, and which rules that rests on. Legs are looked at one by one, departures
all at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.errors import LocalError
from causeway.routes.apart import keep_apart
from causeway.routes.borders import Borders
from causeway.routes.cases import Case
from causeway.routes.columns import Columns
from causeway.routes.network import Cause, Leg, Network, Place
from causeway.routes.nights import Nights, keep_to_beds, nights_of
from causeway.routes.obstacles import Obstacle
from causeway.routes.opening import closed_legs, times_obstacle
from causeway.routes.risks import group_risk
from causeway.routes.rules import RestsOn, RuleTable
from causeway.routes.staying import Staying, staying
from causeway.routes.timetable import MINUTES_A_DAY, NO_LIMIT, Timetable
from causeway.sentences import Sentence, say

__all__ = ["CaseError", "Compiled", "compile_case"]


class CaseError(LocalError):
    """A case that does not fit its network."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """A case, ready to be searched.

    Args:
        timetable: What is open to the whole group, from `earliest` on, arriving by `latest`.
        places: By the timetable's number; a place can be there more than once (`apart.py`, `nights.py`,
            `stages.py`).
        legs: By the timetable's number.
        regions: By the timetable's number: a country, or a place behind a border control.
        causes: By the timetable's number.
        origin: Number of the place where the group is.
        earliest: Minute from which it can set out.
        latest: Minute by which it has to have arrived.
        starts: The network's first day.
        people: How many travel.
        rests: For each open leg that rests on rules, these.
        ground: For each place that ends a journey, why it does.
        closed: For each leg without a departure, everything that stands in its way.
        narrowed: For each leg that has lost departures, why.
        nights: Of places where houses are listed, by id: which has beds when.
        notes: What holds for every answer.
    """

    timetable: Timetable
    places: tuple[Place, ...]
    legs: tuple[Leg, ...]
    regions: tuple[str, ...]
    causes: tuple[Cause, ...]
    origin: int
    earliest: int
    latest: int
    starts: dt.date
    people: int
    seed: int
    rests: Mapping[int, tuple[RestsOn, ...]]
    ground: Mapping[int, tuple[RestsOn, ...]]
    closed: Mapping[int, tuple[Obstacle, ...]]
    narrowed: Mapping[int, tuple[Obstacle, ...]]
    nights: Mapping[str, Nights]
    notes: tuple[Sentence, ...]

    def obstacles(self) -> tuple[Obstacle, ...]:
        """Return what stands in the way anywhere, each once: what closes legs, then what narrows them."""
        found = dict.fromkeys(one for many in self.closed.values() for one in many)
        found |= dict.fromkeys(one for many in self.narrowed.values() for one in many)
        return tuple(found)


def compile_case(
    network: Network,
    table: RuleTable,
    case: Case,
    *,
    now: dt.date,
    without: frozenset[Obstacle] = frozenset(),
    columns: Columns | None = None,
    beds: bool = True,
) -> Compiled:
    """Make the arrays that a search reads, for one group.

    Args:
        network: As `read_network` gives it: what it names, it has.
        table: Rules of entry; a network's own are not in it unless laid in.
        now: Against which the age of a rule counts.
        without: Obstacles to think away, to see what would open.
        columns: The network's, where many cases are compiled on one.
        beds: Whether whoever waits overnight needs a bed, where houses are listed.

    Raises:
        TooManyDepartures: More than a search could hold.
        CaseError: The case names a place or leg that the network does not have, or its times leave nothing.
    """
    place_of = {place.id: number for number, place in enumerate(network.places)}
    earliest, latest = _span(network, case)
    _check_names(network, case, place_of)
    columns = Columns.of(network) if columns is None else columns
    people = len(case.travellers)

    # 1. What is open at all, in the time asked for.
    borders = Borders(network, columns, table, case, now=now, without=without)
    closed = closed_legs(network, columns, case, borders, without)
    is_open = np.ones(len(network.legs), dtype=np.bool_)
    is_open[list(closed)] = False
    leg, departs, arrives = columns.departures.leg, columns.departures.departs, columns.arrives
    kept = np.flatnonzero(is_open[leg] & (departs >= earliest) & (arrives <= latest))
    leg, departs, arrives = leg[kept], departs[kept], arrives[kept]
    never = is_open & (np.bincount(leg, minlength=is_open.size) == 0)

    # 2. What papers open on that day.
    passed = borders.pass_through(leg, departs, arrives)
    closed |= passed.closed
    closed |= {int(number): (times_obstacle(network.legs[number]),) for number in np.flatnonzero(never)}
    kept = np.flatnonzero(passed.open)
    leg, departs, arrives = leg[kept], departs[kept], arrives[kept]

    # 3. Numbers, for what is left.
    risk = group_risk(network, columns, case, leg, passed.doubt[:, kept])
    allowed = passed.stay[kept]
    # A stay as long as the network looks ahead is no limit.
    allowed[allowed > network.days * MINUTES_A_DAY] = NO_LIMIT
    nights = nights_of(network, case)
    asked = nights if beds else {}
    stays = staying(
        network,
        table,
        case,
        entries=_shortest(network, columns, leg, allowed),
        nights=asked,
        earliest=earliest,
        latest=latest,
        now=now,
    )
    apart = keep_apart(
        Timetable(
            departs=departs.astype(np.int32),
            arrives=arrives.astype(np.int32),
            origin=columns.origin[leg],
            target=columns.target[leg],
            risk=risk.risk,
            money=(columns.money_each * people + columns.money_once)[leg] + passed.fees[kept],
            handovers=columns.handovers[leg],
            leg=leg.astype(np.int32),
            wait_risk=stays.wait_risk,
            wait_money=stays.wait_money,
            max_stay=stays.max_stay,
            region=stays.region,
            region_stay=np.full(len(stays.regions), NO_LIMIT, dtype=np.int32),
            ends=stays.ends,
            through=risk.through,
            lost=risk.lost,
            back_after=columns.back[leg],
            cause=risk.cause,
        ),
        allowed=allowed,
        at_first=stays.at_first,
        dated=stays.dated,
    )
    apart = keep_to_beds(apart, network, asked, start=place_of[case.origin], earliest=earliest, latest=latest)
    return Compiled(
        timetable=apart.timetable,
        places=tuple(network.places[number] for number in apart.place_of),
        legs=network.legs,
        regions=tuple(stays.regions[number] for number in apart.region_of),
        causes=network.causes,
        origin=place_of[case.origin],
        earliest=earliest,
        latest=latest,
        starts=network.starts,
        people=people,
        seed=case.seed,
        rests=passed.rests,
        ground={
            end: stays.ground[int(apart.place_of[end])]
            for end in apart.timetable.ends.tolist()
            if int(apart.place_of[end]) in stays.ground
        },
        closed=closed,
        narrowed=passed.narrowed,
        nights={network.places[number].id: one for number, one in nights.items()},
        notes=_notes(stays),
    )


def _shortest(
    network: Network, columns: Columns, leg: NDArray[np.int32], allowed: NDArray[np.int32]
) -> dict[str, int]:
    """Return for each country the shortest stay that an entry allows, where entries limit it."""
    shortest: dict[str, int] = {}
    for number, stay in np.unique(
        np.stack([columns.target[leg], allowed], axis=1)[allowed != NO_LIMIT], axis=0
    ).tolist():
        place = network.places[number]
        if not place.airside:
            shortest[place.country] = min(stay, shortest.get(place.country, stay))
    return shortest


def _span(network: Network, case: Case) -> tuple[int, int]:
    first = dt.datetime.combine(network.starts, dt.time())
    earliest, latest = 0, network.days * MINUTES_A_DAY
    if case.earliest is not None:
        # Rounded up: nobody sets out before they can.
        earliest = max(0, -int((first - case.earliest).total_seconds() // 60))
    if case.latest is not None:
        latest = min(latest, int((case.latest - first).total_seconds() // 60))
    if earliest >= latest:
        raise CaseError("The case's times lie outside the network's days, or the last before the first.")
    return earliest, latest


def _check_names(network: Network, case: Case, place_of: Mapping[str, int]) -> None:
    if case.origin not in place_of:
        raise CaseError("The case starts from a place that the network does not have.")
    if any(place not in place_of for place in case.goals):
        raise CaseError("The case has a goal that is no place of the network.")
    if any(place not in place_of for place in case.blocked_places):
        raise CaseError("The case blocks a place that the network does not have.")
    if not {leg.id for leg in network.legs}.issuperset(case.blocked_legs):
        raise CaseError("The case blocks a leg that the network does not have.")
    names = [traveller.name for traveller in case.travellers]
    if len(set(names)) != len(names):
        raise CaseError("Two travellers of the case have the same name.")


def _notes(stays: Staying) -> tuple[Sentence, ...]:
    notes: list[Sentence] = []
    for rest in (one for many in stays.ground.values() for one in many):
        if rest.stale is not None and rest.stale not in notes:
            notes.append(rest.stale)
    notes += stays.notes
    if not stays.ends.size and not stays.dated:
        notes.append(say("No place of this network counts as ground where this group can ask for asylum."))
    return tuple(notes)
