"""A network as a centre writes it: places, houses, helpers and the legs between them.

These are the shapes of the file, no more; `checking.py` says what they may not say together, and
`compiling.py` makes of them what one group can use. Clock times are those of the place where something
starts: `clock_ahead` says how far a place's clock stands from the network's.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from causeway.routes.documents import CountryId, DocumentKind, Identifier, Name
from causeway.routes.rules import RuleBook

__all__ = [
    "NETWORK_FORMAT",
    "Border",
    "Cause",
    "Clock",
    "Country",
    "Helper",
    "House",
    "Leg",
    "Mode",
    "Network",
    "Place",
    "Stage",
    "Weekday",
    "Window",
]

NETWORK_FORMAT: Final = "causeway-network/1"

Mode = Literal["car", "train", "bus", "flight", "walk", "border"]
Stage = Literal["first", "middle", "last"]
Weekday = Literal["mo", "tu", "we", "th", "fr", "sa", "su"]

# Times after midnight may belong to the day before, as in GTFS: 25:10 is ten past one on the next day.
Clock = Annotated[
    str, Meta(pattern=r"^([0-3][0-9]|4[0-7]):[0-5][0-9]$", max_length=5, description="a time such as 08:15")
]
Chance = Annotated[float, Meta(gt=0, le=1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Cents = Annotated[int, Meta(ge=0, le=100_000_000)]
Count = Annotated[int, Meta(ge=0, le=100_000)]
Minutes = Annotated[int, Meta(ge=1, le=20_000)]


class Country(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A country's name in words; rules and places name it by its code."""

    id: CountryId
    name: Name


class Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where people wait or change.

    Args:
        wait_risk: The chance of being found on one day of waiting there.
        wait_money_cents: What one person costs for one day there.
        max_stay_hours: How long one visit may last.
        no_house_hours: How long one visit may last when houses are listed there and none has beds enough.
        airside: Behind the border control of an airport: being there is not being let into the country.
        clock_ahead: Minutes that clocks there are ahead of the network's.
    """

    id: Identifier
    name: Name
    country: CountryId
    wait_risk: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    wait_money_cents: Cents = 0
    max_stay_hours: Annotated[float, Meta(gt=0, le=10_000)] | None = None
    no_house_hours: Annotated[float, Meta(gt=0, le=10_000)] = 6.0
    airside: bool = False
    clock_ahead: Annotated[int, Meta(ge=-1440, le=1440)] = 0
    tags: tuple[Name, ...] = ()


class House(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A place to sleep.

    Args:
        beds: People who can sleep there in one night.
        nights: Nights with another number of beds.
        taken: Beds that are promised already, by night.
        guests: Who sleeps there, by night, as cases name them; their beds are taken.
        must_not_meet: Pairs of whom never both sleep there on one night, as cases and `guests` name them.
        frozen: Not to be used: something happened nearby, or nobody has looked at it yet.
    """

    id: Identifier
    name: Name
    place: Identifier
    beds: Count
    nights: dict[date, Count] = msgspec.field(default_factory=dict)
    taken: dict[date, Count] = msgspec.field(default_factory=dict)
    guests: dict[date, tuple[Name, ...]] = msgspec.field(default_factory=dict)
    must_not_meet: tuple[tuple[Name, Name], ...] = ()
    frozen: bool = False
    tags: tuple[Name, ...] = ()

    def free(self, night: date) -> int:
        """Return how many can still sleep there on that night."""
        if self.frozen:
            return 0
        taken = max(self.taken.get(night, 0), len(self.guests.get(night, ())))
        return max(0, self.nights.get(night, self.beds) - taken)


class Helper(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody who drives or walks with people.

    Args:
        seats: People that can travel with them at once.
        areas: Countries or places they go to; none means everywhere.
        weekdays: Weekdays on which they can; none means every day, unless `dates` says which.
        stages: Which part of a journey they may serve; never both the first and the last, since who knows
            both ends knows the whole.
        frozen: Not to be asked.
    """

    id: Identifier
    name: Name
    seats: Count
    areas: tuple[Identifier, ...] = ()
    weekdays: tuple[Weekday, ...] = ()
    dates: tuple[date, ...] = ()
    stages: Annotated[tuple[Stage, ...], Meta(min_length=1)] = ("middle",)
    frozen: bool = False
    tags: tuple[Name, ...] = ()


class Border(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename={
    "from_country": "from", "to_country": "to"
}):  # fmt: skip
    """A crossing point: where papers are shown, out of one country and into another."""

    from_country: CountryId
    to_country: CountryId
    crossing: Name


class Window(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"start": "from", "end": "until"}
):
    """A span of the day within which a leg on demand may set out, both ends included."""

    start: Clock
    end: Clock


class Cause(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes several legs fail together: a strike, a closed road, a raid.

    Args:
        chance: The chance that it comes about.
    """

    id: Identifier
    name: Name
    chance: Annotated[float, Meta(ge=0, lt=1)]


class Leg(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename={
    "origin": "from", "target": "to"
}):  # fmt: skip
    """One way from a place to another, at stated times or on demand.

    Args:
        takes: Minutes from setting out to arriving.
        at: Clock times at which it sets out, for what runs by a timetable.
        windows: Spans within which it may set out, for what goes on demand.
        every: Minutes between two departures within a window: the grid on which the search is exact.
        weekdays: Days on which it runs; none means all.
        dates: Dates on which it runs; given, they replace the weekdays.
        not_on: Dates on which it does not run.
        chance: The chance of getting through, for somebody whom nobody looks for, when its cause has not
            come about.
        tries: How sure the chance is: as sure as after so many tries.
        lost: Which share of the failures means being taken; the others are turned back.
        back_after: Minutes from setting out until somebody turned back stands at the start again; twice
            the leg's time where nothing is said.
        money_cents: What it costs for each person.
        money_once_cents: What it costs once, however many travel.
        handovers: How often people pass from one pair of hands into another; one where there is a helper,
            none otherwise, where nothing is said.
        seats: How many can travel; nothing said, no limit.
        asks: Documents of which everybody needs one on this leg, wherever it goes.
        border: The crossing point. Every leg from one country into another has one.
        cause: The shared cause that closes it.
    """

    id: Identifier
    mode: Mode
    origin: Identifier
    target: Identifier
    takes: Minutes
    at: tuple[Clock, ...] = ()
    windows: tuple[Window, ...] = ()
    every: Annotated[int, Meta(ge=1, le=1440)] = 30
    weekdays: tuple[Weekday, ...] = ()
    dates: tuple[date, ...] = ()
    not_on: tuple[date, ...] = ()
    chance: Chance = 1.0
    tries: Annotated[float, Meta(ge=0, le=1_000_000)] = 10.0
    lost: Share = 1.0
    back_after: Minutes | None = None
    money_cents: Cents = 0
    money_once_cents: Cents = 0
    handovers: Annotated[int, Meta(ge=0, le=100)] | None = None
    helper: Identifier | None = None
    seats: Count | None = None
    named_ticket: bool = False
    document_check: bool = False
    cameras: bool = False
    asks: tuple[DocumentKind, ...] = ()
    border: Border | None = None
    cause: Identifier | None = None
    tags: tuple[Name, ...] = ()


class Network(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everything that a centre knows of ways out.

    Args:
        starts: The first day; times count from its midnight, by the network's clock.
        days: How many days the network looks ahead.
        rules: Rules of entry and asylum ground that belong to this network; others may be laid over them.
    """

    format: Literal["causeway-network/1"]
    name: Name
    starts: date
    days: Annotated[int, Meta(ge=1, le=366)]
    places: tuple[Place, ...]
    legs: tuple[Leg, ...]
    countries: tuple[Country, ...] = ()
    houses: tuple[House, ...] = ()
    helpers: tuple[Helper, ...] = ()
    causes: tuple[Cause, ...] = ()
    rules: RuleBook | None = None
