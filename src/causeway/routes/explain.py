"""A journey in words: each leg with its times, what it costs, and the rules that it rests on."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

from causeway.routes.compiling import Compiled
from causeway.routes.journeys import Costs, Journey
from causeway.routes.network import House, Leg, Place
from causeway.routes.rules import RestsOn
from causeway.routes.timetable import MINUTES_A_DAY
from causeway.sentences import Sentence, say

__all__ = ["ExplainedLeg", "Route", "clock_of", "explain", "stale_notes"]

_MICRO = 1_000_000


@dataclass(frozen=True)
class ExplainedLeg:
    """One leg of a route.

    Args:
        leg: As the network has it.
        waits: Minutes waited at its origin before.
        departs: Minute; `departs_at` by the clock of the place.
        arrives: Minute; `arrives_at` by the clock of the place.
        risk: Micro-nepers, with the wait before.
        money: Cents, with the wait before.
        chance: The chance of getting through this leg, with its shared cause.
        nights: Nights of the wait before, with a house that has beds for the group.
        rests: The rules that it rests on.
        said: What a reader is told about it.
    """

    leg: Leg
    origin: Place
    target: Place
    waits: int
    departs: int
    arrives: int
    departs_at: dt.datetime
    arrives_at: dt.datetime
    risk: int
    money: int
    handovers: int
    chance: float
    nights: tuple[tuple[dt.date, House], ...]
    rests: tuple[RestsOn, ...]
    said: tuple[Sentence, ...]


@dataclass(frozen=True)
class Route:
    """One way out.

    Args:
        chance: Of getting through everything, as far as the network's chances are right.
        arrives_at: By the clock of the place.
        ground: Why one can ask for asylum where it ends; nothing where the case names its goals.
        notes: What has to be said of it each time, such as rules that are too old.
    """

    costs: Costs
    chance: float
    arrives_at: dt.datetime
    end: Place
    legs: tuple[ExplainedLeg, ...]
    ground: tuple[RestsOn, ...]
    notes: tuple[Sentence, ...]


def explain(compiled: Compiled, journey: Journey) -> Route:
    """Return a journey through a compiled case in words."""
    t = compiled.timetable
    here, now = compiled.origin, compiled.earliest
    legs: list[ExplainedLeg] = []
    for d in journey.departures:
        leg = _leg(compiled, d, now, first=not legs)
        legs.append(leg)
        here, now = int(t.target[d]), leg.arrives
    ground = tuple(compiled.ground.get(here, ()))
    rests = [rest for leg in legs for rest in leg.rests]
    return Route(
        costs=journey.costs,
        chance=math.exp(-journey.costs.risk / _MICRO),
        arrives_at=clock_of(compiled, here, now),
        end=compiled.places[here],
        legs=tuple(legs),
        ground=ground,
        notes=stale_notes([*rests, *ground]),
    )


def clock_of(compiled: Compiled, place: int, minute: int) -> dt.datetime:
    """Return a minute as a place's own clock shows it."""
    midnight = dt.datetime.combine(compiled.starts, dt.time())
    return midnight + dt.timedelta(minutes=minute + compiled.places[place].clock_ahead)


def _leg(compiled: Compiled, d: int, now: int, *, first: bool) -> ExplainedLeg:
    t = compiled.timetable
    number, a, b = int(t.leg[d]), int(t.origin[d]), int(t.target[d])
    leg, origin, target = compiled.legs[number], compiled.places[a], compiled.places[b]
    departs, arrives = int(t.departs[d]), int(t.arrives[d])
    waits = departs - now
    departs_at, arrives_at = clock_of(compiled, a, departs), clock_of(compiled, b, arrives)
    rests = compiled.rests.get(number, ())
    said: list[Sentence] = []
    if waits:
        said.append(
            say("Wait in {place} for {hours} h {minutes} min.", place=origin.name, hours=waits // 60,
                minutes=waits % 60)
        )  # fmt: skip
    nights = () if first else _nights(compiled, origin, now, departs)
    said += [
        say("Sleep in house “{house}” on the night of {day}.", house=house.id, day=night.isoformat())
        for night, house in nights
    ]
    said.append(
        say(
            "Go from {origin} to {target} by “{leg}” ({mode}): {departs} to {arrives}.",
            origin=origin.name,
            target=target.name,
            leg=leg.id,
            mode=leg.mode,
            departs=departs_at.isoformat(" ", "minutes"),
            arrives=arrives_at.isoformat(" ", "minutes"),
        )
    )
    if leg.border is not None:
        said.append(
            say(
                "Cross from {left} into {entered} at {crossing}.",
                left=leg.border.from_country,
                entered=leg.border.to_country,
                crossing=leg.border.crossing,
            )
        )
    if leg.helper is not None:
        said.append(say("The helper is “{helper}”.", helper=leg.helper))
    said += [rest.said for rest in rests]
    return ExplainedLeg(
        leg=leg,
        origin=origin,
        target=target,
        waits=waits,
        departs=departs,
        arrives=arrives,
        departs_at=departs_at,
        arrives_at=arrives_at,
        risk=int(t.risk[d]) - (-waits * int(t.wait_risk[a]) // MINUTES_A_DAY),
        money=int(t.money[d]) - (-waits * int(t.wait_money[a]) // MINUTES_A_DAY),
        handovers=int(t.handovers[d]),
        chance=math.exp(-int(t.risk[d]) / _MICRO),
        nights=nights,
        rests=rests,
        said=tuple(said),
    )


def _nights(compiled: Compiled, place: Place, since: int, until: int) -> tuple[tuple[dt.date, House], ...]:
    """Return a house for each night of a visit that has one; the same for all where there is such a house."""
    known = compiled.nights.get(place.id)
    if known is None:
        return ()
    nights = known.between(since, until)
    always = (
        [house for house in known.houses[nights[0]] if all(house in known.houses[one] for one in nights)]
        if nights
        else []
    )
    return tuple((night, house) for night in nights for house in (always or known.houses[night])[:1])


def stale_notes(rests: Iterable[RestsOn]) -> tuple[Sentence, ...]:
    """Return what has to be said of rules that are too old, each once."""
    found: list[Sentence] = []
    for rest in rests:
        if rest.stale is not None and rest.stale not in found:
            found.append(rest.stale)
    return tuple(found)
