"""Beds by night, for one group: on which nights a place has a house for it, and what that means for a visit.

Whoever is in a place at three in the morning, by its clock, sleeps there that night. Where houses are listed
and some nights have a bed for the whole group and others none, a visit over a night without one may last
`no_house_hours` at most. The searches know no nights. So such a place is there once for each span between
two nights without a bed: who arrives in a span leaves in it. And it is there once more, for short visits over
such a night. (Somebody turned back from a leg stands in the span in which the leg set out; where it fails
over a night without a bed, a policy does not know the way on from there, which is over-cautious.)

Where a group is at its start it is hidden already: it needs no house of the network's before it sets out.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.routes.apart import Apart, with_places
from causeway.routes.cases import Case
from causeway.routes.network import House, Network, Place
from causeway.routes.timetable import MINUTES_A_DAY, NO_LIMIT, Timetable

__all__ = ["ASLEEP", "Nights", "keep_to_beds", "longest_visit", "nights_of"]

# Minutes after midnight.
ASLEEP: Final = 180
_NEVER: Final = 2**40


@dataclass(frozen=True)
class Nights:
    """One place's nights for one group, of those that the network looks at.

    Args:
        houses: For each night, the houses that have beds for the whole group, the smallest first.
        ahead: Minutes that the place's clock is ahead of the network's.
    """

    houses: Mapping[dt.date, tuple[House, ...]]
    starts: dt.date
    ahead: int

    @property
    def any(self) -> bool:
        """Whether there is a bed on some night."""
        return any(self.houses.values())

    def without(self) -> tuple[int, ...]:
        """Return the minutes at which whoever is there is without a bed."""
        return tuple(self._asleep(night) for night, houses in self.houses.items() if not houses)

    def between(self, since: int, until: int) -> tuple[dt.date, ...]:
        """Return the nights of a visit."""
        return tuple(night for night in self.houses if since < self._asleep(night) < until)

    def _asleep(self, night: dt.date) -> int:
        return ((night - self.starts).days + 1) * MINUTES_A_DAY + ASLEEP - self.ahead


def nights_of(network: Network, case: Case) -> dict[int, Nights]:
    """Return the nights of each place where houses are listed, by the place's number."""
    number = {place.id: at for at, place in enumerate(network.places)}
    listed: dict[int, list[House]] = {}
    for house in network.houses:
        listed.setdefault(number[house.place], []).append(house)
    names = frozenset(traveller.name for traveller in case.travellers)
    # From the night before the network's first day on: somebody can be there at its first three o'clock.
    days = [network.starts + dt.timedelta(days=day) for day in range(-1, network.days)]
    return {
        at: Nights(
            houses={night: _with_beds(houses, night, names) for night in days},
            starts=network.starts,
            ahead=network.places[at].clock_ahead,
        )
        for at, houses in listed.items()
    }


def _with_beds(houses: Collection[House], night: dt.date, names: frozenset[str]) -> tuple[House, ...]:
    found = [
        house
        for house in houses
        if house.free(night) >= len(names) and not _meets(house, house.guests.get(night, ()), names)
    ]
    return tuple(sorted(found, key=lambda house: (house.free(night), house.id)))


def _meets(house: House, guests: Collection[str], names: frozenset[str]) -> bool:
    return any(
        (one in names and other in guests) or (other in names and one in guests)
        for one, other in house.must_not_meet
    )


def keep_to_beds(
    found: Apart, network: Network, nights: Mapping[int, Nights], *, start: int, earliest: int, latest: int
) -> Apart:
    """Return a timetable in which no visit over a night without a bed is long.

    Args:
        nights: By the network's number of a place.
        start: The network's number of the place where the group is.
    """
    ends = set(found.timetable.ends.tolist())
    for at in range(len(found.place_of)):
        number = int(found.place_of[at])
        if number not in nights or at in ends:
            continue
        place, short = network.places[number], int(network.places[number].no_house_hours * 60)
        # Without any bed every visit is short already, but for the start.
        without = nights[number].without() if nights[number].any else ()
        cuts = np.array([cut for cut in without if earliest < cut < latest], dtype=np.int64)
        if cuts.size or (at == start and not nights[number].any):
            found = _cut(found, at, np.sort(cuts), short, stays=at == start)
        if at == start:
            found.timetable.max_stay[at] = longest_visit(place)
    return found


def longest_visit(place: Place) -> int:
    """Return how many minutes a visit may last, houses aside, or `NO_LIMIT`."""
    return NO_LIMIT if place.max_stay_hours is None else int(place.max_stay_hours * 60)


def _cut(found: Apart, place: int, cuts: NDArray[np.int64], short: int, *, stays: bool) -> Apart:
    """Part a place at these minutes.

    Args:
        short: Minutes that a visit over such a minute may last.
        stays: The group is there at its start: the place itself stays whole, for setting out only.
    """
    t = found.timetable
    first = t.max_stay.size
    into = np.flatnonzero(t.target == place)
    out = np.flatnonzero(t.origin == place)
    # Who arrives at three was not there before, who leaves at three is not there afterwards.
    arrives, departs = t.arrives[into], t.departs[out]
    span_in, span_out = np.searchsorted(cuts, arrives, "right"), np.searchsorted(cuts, departs, "left")
    over_in = np.append(cuts, _NEVER)[span_in] - arrives <= short
    over_out = departs - np.append(-_NEVER, cuts)[span_out] <= short
    brief, spans = first, first + 1
    target, origin = t.target.copy(), t.origin.copy()
    target[into] = spans + span_in
    everything = np.arange(t.departs.size)
    rows: list[NDArray[np.integer]] = [everything, into[over_in]]
    origins: list[NDArray[np.integer]] = [origin, t.origin[into[over_in]]]
    targets: list[NDArray[np.integer]] = [target, np.full(int(over_in.sum()), brief)]
    if stays:
        rows.append(out)
        origins.append(spans + span_out)
        targets.append(target[out])
    else:
        origin[out] = spans + span_out
    # Who arrives at three and goes on at once sets out in the later span.
    at_once = np.searchsorted(cuts, departs, "right") != span_out
    rows += [out[over_out], out[at_once]]
    origins += [np.full(int(over_out.sum()), brief), spans + span_out[at_once] + 1]
    targets += [target[out[over_out]], target[out[at_once]]]
    doubles = np.full(cuts.size + 2, place)
    longer = with_places(_with_rows(t, rows, origins, targets), doubles)
    max_stay = longer.max_stay.copy()
    max_stay[brief] = short if max_stay[brief] == NO_LIMIT else min(short, int(max_stay[brief]))
    return Apart(
        dataclasses.replace(longer, max_stay=max_stay),
        np.concatenate([found.place_of, found.place_of[doubles]]),
        found.region_of,
    )


def _with_rows(
    t: Timetable,
    rows: Sequence[NDArray[np.integer]],
    origins: Sequence[NDArray[np.integer]],
    targets: Sequence[NDArray[np.integer]],
) -> Timetable:
    taken = np.concatenate(rows)
    order = np.lexsort((taken, t.arrives[taken], t.departs[taken]))
    arrays = {name: getattr(t, name)[taken[order]] for name in _BY_DEPARTURE}
    arrays["origin"] = np.concatenate(origins)[order].astype(np.int32)
    arrays["target"] = np.concatenate(targets)[order].astype(np.int32)
    return dataclasses.replace(t, **arrays)


_BY_DEPARTURE: Final = (
    "departs", "arrives", "risk", "money", "handovers", "leg", "through", "lost", "back_after", "cause",
)  # fmt: skip
