"""A programme as a centre writes it: who waits, by which itineraries each could go, and what there is.

These are the shapes of the file; `programme_reading.py` says what they may not say together, `limits.py`
makes of them the arrays that a plan is computed on.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from causeway.routes.documents import Identifier, Name
from causeway.routes.network import Stage

__all__ = [
    "LOWEST_TIER",
    "PROGRAMME_FORMAT",
    "Choice",
    "Driver",
    "Itinerary",
    "Lodging",
    "Night",
    "Person",
    "Programme",
    "Rest",
    "Ride",
    "Vehicle",
    "Weights",
]

PROGRAMME_FORMAT: Final = "causeway-programme/1"
LOWEST_TIER: Final = 4

Count = Annotated[int, Meta(ge=0, le=100_000)]
Cents = Annotated[int, Meta(ge=0, le=10_000_000_000)]
Text = Annotated[str, Meta(max_length=1_000)]


class Lodging(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A house.

    Args:
        beds: People who can sleep there in one night.
        nights: Nights with another number of beds.
        must_not_meet: Pairs of people who may not sleep in this house on one night, wherever else they may.
        frozen: Not to be used on any night.
    """

    id: Identifier
    beds: Count
    nights: dict[date, Count] = msgspec.field(default_factory=dict)
    must_not_meet: tuple[tuple[Identifier, Identifier], ...] = ()
    frozen: bool = False

    def room(self, on: date) -> int:
        """Return how many can sleep there on that night."""
        return 0 if self.frozen else self.nights.get(on, self.beds)


class Driver(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A helper. Everybody who rides with one helper on one day sits in the same car.

    Args:
        seats: People that can go with them on one day.
        days: Days with another number of seats; zero where they cannot.
        stages: Which part of a journey they may serve: its first ride, its last, those between. Never both
            ends, since who knows both knows the whole.
        frozen: Not to be asked on any day.
    """

    id: Identifier
    seats: Count
    days: dict[date, Count] = msgspec.field(default_factory=dict)
    stages: Annotated[tuple[Stage, ...], Meta(min_length=1)] = ("middle",)
    frozen: bool = False

    def room(self, on: date) -> int:
        """Return how many can go with them on that day."""
        return 0 if self.frozen else self.days.get(on, self.seats)


class Vehicle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A train, a flight, a car that no helper owns.

    Args:
        seats: Seats to be had on one day.
        days: Days with another number of seats.
        close: Whoever rides in it on one day meets everybody else in it: a car, a minibus.
        frozen: Not to be used on any day.
    """

    id: Identifier
    seats: Count
    days: dict[date, Count] = msgspec.field(default_factory=dict)
    close: bool = False
    frozen: bool = False

    def room(self, on: date) -> int:
        """Return how many can ride in it on that day."""
        return 0 if self.frozen else self.days.get(on, self.seats)


class Night(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One night in one house."""

    house: Identifier
    on: date


class Ride(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One leg of a journey, on one day.

    Args:
        leg: The network's leg, by which an event may name it.
        helper: Who goes along; nobody where nothing is said.
        vehicle: What one rides in, where its seats are counted.
    """

    on: date
    leg: Identifier
    helper: Identifier | None = None
    vehicle: Identifier | None = None


class Rest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A rule that an itinerary rests on, as `causeway routes find --json` prints it.

    Args:
        rule: In words.
        source: Who says so.
        date: The day on which it was true.
        stale: What was said of its age when it was found; a plan counts anew.
    """

    rule: Text
    source: Name
    date: date
    confidence: Annotated[float, Meta(gt=0, le=1)] = 1.0
    stale: Text | None = None


class Itinerary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One way by which one person could go.

    Args:
        leaves: The day of setting out.
        arrives: The day of being let in.
        risk: Micro-nepers: −1,000,000 · ln of the chance of arrival.
        money_cents: For everybody in the group.
        nights: Nights in houses.
        rides: All legs in order, so that the first and the last are the journey's ends.
        rests: The rules that it rests on; null where nobody has said.
    """

    id: Identifier
    leaves: date
    arrives: date
    risk: Annotated[int, Meta(ge=0, le=20_000_000)]
    money_cents: Cents = 0
    nights: tuple[Night, ...] = ()
    rides: tuple[Ride, ...] = ()
    rests: tuple[Rest, ...] | None = None


class Person(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody who waits, or a group that stays together.

    Args:
        people: How many beds and seats they need.
        tier: Urgency: 1 is the highest.
        waiting_days: How long they have waited when the programme starts.
    """

    id: Identifier
    people: Annotated[int, Meta(ge=1, le=50)] = 1
    tier: Annotated[int, Meta(ge=1, le=LOWEST_TIER)]
    waiting_days: Annotated[int, Meta(ge=0, le=10_000)] = 0
    itineraries: tuple[Itinerary, ...] = ()


class Weights(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the plan is asked to serve; `worth.py` has the formula.

    Args:
        tier_ratio: One person of a tier weighs as much as so many of the next.
        waited: Points of a thousand, added for having waited: half of them after `waited_half_days`.
        day_later: Points of a thousand taken off for each day until arrival.
        later_most: The most that can be taken off so.
    """

    tier_ratio: Annotated[int, Meta(ge=1, le=20)] = 10
    waited: Annotated[int, Meta(ge=0, le=5_000)] = 500
    waited_half_days: Annotated[int, Meta(ge=1, le=1_000)] = 60
    day_later: Annotated[int, Meta(ge=0, le=100)] = 5
    later_most: Annotated[int, Meta(ge=0, le=900)] = 500


class Programme(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everything that one plan is about.

    Args:
        starts: The first day on which somebody may set out.
        budget_cents: What all journeys together may cost; no limit where nothing is said.
        must_not_meet: Pairs who may not sleep in one house on one night, nor ride in one car on one day;
            a house can name more, for itself.
    """

    format: Literal["causeway-programme/1"]
    starts: date
    people: tuple[Person, ...]
    houses: tuple[Lodging, ...] = ()
    helpers: tuple[Driver, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    must_not_meet: tuple[tuple[Identifier, Identifier], ...] = ()
    budget_cents: Cents | None = None
    weights: Weights = Weights()


class Choice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A promise: this person goes by this itinerary."""

    person: Identifier
    itinerary: Identifier
