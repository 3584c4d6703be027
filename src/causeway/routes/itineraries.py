"""A route that was found, as an itinerary of a programme: what it takes, and the rules that it rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from causeway.routes.explain import Route
from causeway.routes.programme import Itinerary, Night, Rest, Ride
from causeway.routes.rules import RestsOn

__all__ = ["itinerary_of"]


def itinerary_of(route: Route, *, name: str) -> Itinerary:
    """Return a route as what a programme reads, with the age of its rules.

    Days are those of the places' clocks. Vehicles are the programme's own: add them where seats are counted.

    Args:
        name: An id of its own among the person's itineraries.
    """
    rides: list[Ride] = []
    nights: list[Night] = []
    day = dt.date.min
    for leg in route.legs:
        nights += [Night(house=house.id, on=night) for night, house in leg.nights]
        # Where clocks are behind, one can set out on the day before the one on which one came.
        day = max(day, leg.departs_at.date())
        rides.append(Ride(on=day, leg=leg.leg.id, helper=leg.leg.helper))
    arrives = route.arrives_at.date()
    days = [*(ride.on for ride in rides), *(night.on for night in nights)] or [arrives]
    return Itinerary(
        id=name,
        leaves=min(days),
        arrives=max(*days, arrives),
        risk=route.costs.risk,
        money_cents=route.costs.money,
        nights=tuple(nights),
        rides=tuple(rides),
        rests=tuple(_rests((*(rest for leg in route.legs for rest in leg.rests), *route.ground))),
    )


def _rests(rests: Iterable[RestsOn]) -> Iterable[Rest]:
    found = {
        (str(one.said), one.source, one.date): Rest(
            rule=str(one.said), source=one.source, date=one.date, confidence=one.confidence
        )
        for one in rests
    }
    return found.values()
