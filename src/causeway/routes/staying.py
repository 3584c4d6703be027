"""Places and regions: what waiting costs there, how long one may stay, and where a journey ends."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.routes.access import FOR_EVER
from causeway.routes.apart import DatedEnd
from causeway.routes.cases import Case, Traveller
from causeway.routes.documents import TRAVEL_DOCUMENTS
from causeway.routes.network import Network, Place
from causeway.routes.nights import Nights, longest_visit
from causeway.routes.risks import micro_nepers
from causeway.routes.rules import Ground, RestsOn, RuleTable, rests_on
from causeway.routes.timetable import MINUTES_A_DAY, NO_LIMIT
from causeway.sentences import Sentence, say

__all__ = ["Staying", "staying"]


@dataclass(frozen=True, eq=False)
class Staying:
    """Arrays over places (p), as in `Timetable`, and the reasons behind them.

    Args:
        regions: A country's code; for a place behind a border control, a name of its own.
        at_first: The region of the start, and minutes that the stay there may last, or `NO_LIMIT`.
        ends: Places that end a journey on every day asked about.
        dated: Places that end one on some days only.
        ground: For each place that ends a journey, the entries that make it ground for asylum.
        notes: What holds for every answer.
    """

    wait_risk: NDArray[np.int64]
    wait_money: NDArray[np.int64]
    max_stay: NDArray[np.int32]
    region: NDArray[np.int32]
    regions: tuple[str, ...]
    at_first: tuple[int, int]
    ends: NDArray[np.int32]
    dated: tuple[DatedEnd, ...]
    ground: dict[int, tuple[RestsOn, ...]]
    notes: tuple[Sentence, ...]


def staying(
    network: Network,
    table: RuleTable,
    case: Case,
    *,
    entries: Mapping[str, int],
    nights: Mapping[int, Nights],
    earliest: int,
    latest: int,
    now: dt.date,
) -> Staying:
    """Return what waiting means for a group.

    Args:
        entries: For each country whose entries limit the stay, the shortest that one of them allows, in
            minutes.
        nights: Of places where houses are listed, by number.
    """
    places, people = network.places, len(case.travellers)
    names = [_region(place) for place in places]
    regions = tuple(Counter(names))
    number = {name: at for at, name in enumerate(regions)}
    origin = next(place for place in places if place.id == case.origin)
    first, notes = _first_stay(network, case, origin.country, entries, earliest)
    ends, dated, ground = _ends(network, table, case, earliest=earliest, latest=latest, now=now)
    return Staying(
        wait_risk=micro_nepers(np.fromiter((place.wait_risk for place in places), np.float64, len(places))),
        wait_money=people * np.fromiter((place.wait_money_cents for place in places), np.int64, len(places)),
        max_stay=np.fromiter(
            (_max_stay(place, nights.get(at)) for at, place in enumerate(places)), np.int32, len(places)
        ),
        region=np.fromiter((number[name] for name in names), np.int32, len(places)),
        regions=regions,
        at_first=(number[_region(origin)], first),
        ends=np.asarray(ends, dtype=np.int32),
        dated=dated,
        ground=ground,
        notes=notes,
    )


def _first_stay(
    network: Network, case: Case, country: str, entries: Mapping[str, int], earliest: int
) -> tuple[int, tuple[Sentence, ...]]:
    """Return how long the group may still stay in the country where it is."""
    if case.leave_by is not None:
        left = ((case.leave_by - network.starts).days + 1) * MINUTES_A_DAY - earliest
        return max(0, left), ()
    if all(_at_home(traveller, country) for traveller in case.travellers):
        return NO_LIMIT, ()
    first = entries.get(country)
    if first is None:
        return NO_LIMIT, (
            say(
                "The case does not say until when the group may be in {country}; no limit was reckoned with.",
                country=country,
            ),
        )
    return first, (
        say(
            "The case does not say until when the group may be in {country}; {days} days from its start were "
            "reckoned with.",
            country=country,
            days=f"{first / MINUTES_A_DAY:g}",
        ),
    )


def _at_home(traveller: Traveller, country: str) -> bool:
    return country in traveller.citizenship or any(
        one.issuer == country and one.kind in TRAVEL_DOCUMENTS for one in traveller.documents
    )


def _region(place: Place) -> str:
    return f"{place.country} airside {place.id}" if place.airside else place.country


def _max_stay(place: Place, nights: Nights | None) -> int:
    longest = longest_visit(place)
    if nights is None or nights.any:
        return longest
    short = int(place.no_house_hours * 60)
    return short if longest == NO_LIMIT else min(longest, short)


def _ends(
    network: Network, table: RuleTable, case: Case, *, earliest: int, latest: int, now: dt.date
) -> tuple[list[int], tuple[DatedEnd, ...], dict[int, tuple[RestsOn, ...]]]:
    place_of = {place.id: number for number, place in enumerate(network.places)}
    if case.goals:
        return sorted({place_of[goal] for goal in case.goals}), (), {}
    # Nobody is protected from a country by that country.
    own = {country for traveller in case.travellers for country in traveller.citizenship}
    ends: list[int] = []
    dated: list[DatedEnd] = []
    ground: dict[int, tuple[RestsOn, ...]] = {}
    for number, place in enumerate(network.places):
        if place.country in own:
            continue
        spans: list[tuple[int, int]] = []
        counts: list[RestsOn] = []
        for one, source in table.ground:
            span = _span(one, network)
            if _is_ground(one, place) and span[0] <= latest and span[1] > earliest:
                spans.append(span)
                counts.append(rests_on(one, source, now=now))
        if not spans:
            continue
        ground[number] = tuple(counts)
        # Whoever is there already has arrived, if it counts on the day.
        here = place.id == case.origin and any(a <= earliest < b for a, b in spans)
        if here or any(a <= earliest and b > latest for a, b in spans):
            ends.append(number)
        else:
            dated.append(DatedEnd(number, tuple(spans)))
    return ends, tuple(dated), ground


def _span(one: Ground, network: Network) -> tuple[int, int]:
    """Return from which minute to before which one it counts."""
    begin = -FOR_EVER if one.since is None else (one.since - network.starts).days * MINUTES_A_DAY
    end = FOR_EVER if one.until is None else ((one.until - network.starts).days + 1) * MINUTES_A_DAY
    return begin, end


def _is_ground(one: Ground, place: Place) -> bool:
    if one.place is not None:
        return one.place == place.id
    # Behind the border control one has not been let in; a place there counts only by its own name.
    return one.country == place.country and not place.airside
