"""What longer stays and more beds would open, for a group with no way out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from causeway.routes.compiling import Compiled
from causeway.routes.journeys import Journey
from causeway.routes.timetable import NO_LIMIT
from causeway.sentences import Sentence, say

__all__ = ["beds_needed", "overstepped", "without_limits"]


def without_limits(compiled: Compiled) -> Compiled:
    """Return a case in which every stay may last as long as one likes."""
    t = compiled.timetable
    return dataclasses.replace(
        compiled,
        timetable=dataclasses.replace(
            t,
            max_stay=np.full_like(t.max_stay, NO_LIMIT),
            region_stay=np.full_like(t.region_stay, NO_LIMIT),
        ),
    )


def overstepped(compiled: Compiled, journey: Journey) -> Iterator[Sentence]:
    """Say which limits of stay a journey of a case without limits oversteps."""
    t = compiled.timetable
    now = entered = compiled.earliest
    for d in journey.departures:
        a, b, departs, arrives = int(t.origin[d]), int(t.target[d]), int(t.departs[d]), int(t.arrives[d])
        if NO_LIMIT != t.max_stay[a] < departs - now:
            yield say(
                "A stay of {hours} hours in {place}; {limit} are allowed.",
                hours=-(-(departs - now) // 60),
                place=compiled.places[a].name,
                limit=int(t.max_stay[a]) // 60,
            )
        region, last = int(t.region[a]), d == journey.departures[-1]
        leaves = int(t.region[b]) != region
        until = departs if leaves else arrives
        if (leaves or last) and NO_LIMIT != t.region_stay[region] < until - entered:
            yield say(
                "A stay of {hours} hours in {country}; {limit} are allowed.",
                hours=-(-(until - entered) // 60),
                country=compiled.regions[region],
                limit=int(t.region_stay[region]) // 60,
            )
        if leaves:
            entered = arrives
        now = arrives


def beds_needed(compiled: Compiled, journey: Journey) -> Iterator[Sentence]:
    """Say on which nights a journey that asked for no beds needs some that are not there."""
    t = compiled.timetable
    now = compiled.earliest
    for number, d in enumerate(journey.departures):
        place, departs = compiled.places[int(t.origin[d])], int(t.departs[d])
        nights = compiled.nights.get(place.id)
        if number and nights is not None and departs - now > place.no_house_hours * 60:
            for night in nights.between(now, departs):
                if not nights.houses[night]:
                    yield say(
                        "A house in {place} with beds for all on the night of {day} ({people} travel).",
                        people=compiled.people,
                        place=place.name,
                        day=night.isoformat(),
                    )
        now = int(t.arrives[d])
