"""Legs from a public timetable feed (GTFS Schedule), for the stops that a centre chooses.

A feed knows stops and times. What a ride risks, which documents it asks for, which country a stop lies in
and which crossing point a train uses, it does not know: the centre says that. One leg is one ride without a
change between two chosen stops, however many it passes; so its chance is that of the ride.

Source: GTFS Schedule Reference, gtfs.org/documentation/schedule/reference (stops, routes, trips, stop_times,
calendar, calendar_dates). Times by frequency (frequencies.txt) have no exact departures and are left out,
with a sentence.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec.structs import replace

from causeway.routes.documents import CountryId, Identifier, Name
from causeway.routes.network import Border, Leg, Mode, Place
from causeway.routes.read_tables import Row, broken_table, rows_of
from causeway.routes.reading import Problem
from causeway.sentences import Sentence, say

__all__ = ["GTFS_FILES", "CrossingPoint", "FeedChoice", "FeedLegs", "FeedStop", "read_gtfs"]

GTFS_FILES: Final = ("stops", "routes", "trips", "stop_times", "calendar", "calendar_dates", "frequencies")

# route_type: 0 to 12 from the reference, hundreds from the extended types that many feeds use.
_MODES: Final[dict[int, Mode]] = {
    0: "train",
    1: "train",
    2: "train",
    3: "bus",
    5: "train",
    11: "bus",
    12: "train",
}
_EXTENDED: Final[dict[int, Mode]] = {
    1: "train",
    2: "bus",
    4: "train",
    7: "bus",
    8: "bus",
    9: "train",
    11: "flight",
}
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class FeedStop(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stop that matters, and the country it lies in.

    Args:
        stop: Its `stop_id`; platforms below it (`parent_station`) count as it.
    """

    stop: Name
    place: Identifier
    country: CountryId


class CrossingPoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={
    "from_country": "from", "to_country": "to"
}):  # fmt: skip
    """Where rides of this feed cross from one country into another."""

    from_country: CountryId
    to_country: CountryId
    crossing: Name


class FeedChoice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a centre says about a feed.

    Args:
        prefix: Begins the ids of the legs, so that two feeds do not meet.
        starts: First day to take.
        days: How many days.
        chance: The chance of getting through for one ride.
        named_ticket: Whether tickets bear a name; likewise `document_check`, `cameras`.
        clock_ahead: Minutes that the feed's clock (its agency's time zone) is ahead of the network's.
    """

    prefix: Identifier
    starts: dt.date
    days: Annotated[int, Meta(ge=1, le=366)]
    stops: Annotated[tuple[FeedStop, ...], Meta(min_length=2)]
    crossings: tuple[CrossingPoint, ...] = ()
    chance: Annotated[float, Meta(gt=0, le=1)] = 1.0
    tries: Annotated[float, Meta(ge=0, le=1_000_000)] = 10.0
    money_cents: Annotated[int, Meta(ge=0, le=100_000_000)] = 0
    named_ticket: bool = False
    document_check: bool = False
    cameras: bool = False
    clock_ahead: Annotated[int, Meta(ge=-1440, le=1440)] = 0


@dataclass(frozen=True)
class FeedLegs:
    """What a feed gives to a network.

    Args:
        notes: What was left out, and why.
    """

    places: tuple[Place, ...]
    legs: tuple[Leg, ...]
    notes: tuple[Sentence, ...]


@dataclass(frozen=True)
class _Trip:
    service: str
    mode: Mode


# Stop from, stop to, minutes, mode, service: rides that differ in nothing but the time of day are one leg.
_Ride = tuple[str, str, int, Mode, str]


def read_gtfs(files: Mapping[str, bytes], choice: FeedChoice) -> FeedLegs:
    """Return the places and legs that a feed holds between chosen stops.

    Args:
        files: By name, without `.txt`: those of `GTFS_FILES` that there are.

    Raises:
        BrokenFile: With file and line of what is wrong.
    """
    for name in ("stops", "routes", "trips", "stop_times"):
        if name not in files:
            raise broken_table(Problem(say("This file is missing from the feed."), file=f"{name}.txt"))
    chosen = {stop.stop: stop for stop in choice.stops}
    names, station = _stops(files["stops"], chosen)
    notes: list[Sentence] = []
    trips = _trips(files, _frequent(files, notes))
    dates = _service_dates(files, choice)
    rides: dict[_Ride, set[int]] = defaultdict(set)
    for trip, passed in _passings(files["stop_times"], trips, station):
        for at, (_, _, origin, departs) in enumerate(passed):
            for _, arrives, target, _ in passed[at + 1 :]:
                if target != origin and arrives is not None and departs is not None and arrives > departs:
                    rides[origin, target, arrives - departs, trip.mode, trip.service].add(departs)
    places = tuple(
        Place(id=stop.place, name=names[stop.stop], country=stop.country, clock_ahead=choice.clock_ahead)
        for stop in choice.stops
    )
    legs, without_crossing = _legs(rides, choice, chosen, dates)
    if without_crossing:
        notes.append(
            say(
                "Rides between countries were left out, since no crossing point was named for them: {count}.",
                count=without_crossing,
            )
        )
    return FeedLegs(places, legs, tuple(notes))


def _legs(
    rides: Mapping[_Ride, set[int]],
    choice: FeedChoice,
    chosen: Mapping[str, FeedStop],
    dates: Mapping[str, tuple[dt.date, ...]],
) -> tuple[tuple[Leg, ...], int]:
    crossings = {(one.from_country, one.to_country): one.crossing for one in choice.crossings}
    legs: list[Leg] = []
    left_out = 0
    for (origin, target, takes, mode, service), departs in sorted(rides.items()):
        running = dates.get(service, ())
        if not running:
            continue
        here, there = chosen[origin], chosen[target]
        border = None
        if here.country != there.country:
            crossing = crossings.get((here.country, there.country))
            if crossing is None:
                left_out += len(departs)
                continue
            border = Border(from_country=here.country, to_country=there.country, crossing=crossing)
        leg = Leg(
            id=f"{choice.prefix}-{len(legs) + 1}",
            mode=mode,
            origin=here.place,
            target=there.place,
            takes=takes,
            dates=running,
            chance=choice.chance,
            tries=choice.tries,
            money_cents=choice.money_cents,
            named_ticket=choice.named_ticket,
            document_check=choice.document_check,
            cameras=choice.cameras,
            border=border,
        )
        legs.append(replace(leg, at=tuple(f"{at // 60:02}:{at % 60:02}" for at in sorted(departs))))
    return tuple(legs), left_out


# ---- Files of the feed ----


def _stops(data: bytes, chosen: Mapping[str, FeedStop]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the names of the chosen stops, and for each stop or platform the chosen one that it is."""
    names: dict[str, str] = {}
    station: dict[str, str] = {}
    for row in rows_of(data, file="stops.txt", columns=("stop_id",)):
        stop = _cell(row, "stop_id")
        parent = row.cells.get("parent_station", "")
        if stop in chosen:
            names[stop] = row.cells.get("stop_name", stop)[:200]
            station[stop] = stop
        elif parent in chosen:
            station[stop] = parent
    missing = set(chosen) - set(names)
    if missing:
        what = say("Stops that were chosen and are not in this file: {count}.", count=len(missing))
        raise broken_table(Problem(what, file="stops.txt"))
    return names, station


def _frequent(files: Mapping[str, bytes], notes: list[Sentence]) -> set[str]:
    if "frequencies" not in files:
        return set()
    rows = rows_of(files["frequencies"], file="frequencies.txt", columns=("trip_id",))
    trips = {_cell(row, "trip_id") for row in rows}
    if trips:
        what = "Trips that run by a frequency, without exact times, were left out: {count}."
        notes.append(say(what, count=len(trips)))
    return trips


def _trips(files: Mapping[str, bytes], without: set[str]) -> dict[str, _Trip]:
    modes: dict[str, Mode] = {}
    for row in rows_of(files["routes"], file="routes.txt", columns=("route_id", "route_type")):
        number = _whole(row, "route_type")
        mode = _MODES.get(number) or _EXTENDED.get(number // 100)
        if mode is not None:  # ferries, cable cars: nothing that our modes name
            modes[_cell(row, "route_id")] = mode
    trips = {}
    for row in rows_of(files["trips"], file="trips.txt", columns=("trip_id", "route_id", "service_id")):
        mode = modes.get(_cell(row, "route_id"))
        trip = _cell(row, "trip_id")
        if mode is not None and trip not in without:
            trips[trip] = _Trip(_cell(row, "service_id"), mode)
    return trips


def _service_dates(files: Mapping[str, bytes], choice: FeedChoice) -> dict[str, tuple[dt.date, ...]]:
    # One day earlier too: a trip at 25:10 rides on the next day.
    days = [choice.starts + dt.timedelta(days=day) for day in range(-1, choice.days)]
    running: dict[str, set[dt.date]] = defaultdict(set)
    if "calendar" in files:
        weekly = ("service_id", *_DAYS, "start_date", "end_date")
        for row in rows_of(files["calendar"], file="calendar.txt", columns=weekly):
            first, last = _date(row, "start_date"), _date(row, "end_date")
            on = [_whole(row, day) == 1 for day in _DAYS]
            running[_cell(row, "service_id")] |= {
                day for day in days if first <= day <= last and on[day.weekday()]
            }
    if "calendar_dates" in files:
        columns = ("service_id", "date", "exception_type")
        for row in rows_of(files["calendar_dates"], file="calendar_dates.txt", columns=columns):
            day, kind = _date(row, "date"), _whole(row, "exception_type")
            if kind == 1 and day in days:
                running[_cell(row, "service_id")].add(day)
            elif kind == 2:
                running[_cell(row, "service_id")].discard(day)
    return {service: tuple(sorted(dates)) for service, dates in running.items()}


# Order on the trip, arrival, stop, departure; times in minutes from the service day's midnight.
_Passing = tuple[int, int | None, str, int | None]


def _passings(
    data: bytes, trips: Mapping[str, _Trip], station: Mapping[str, str]
) -> Iterator[tuple[_Trip, list[_Passing]]]:
    """Yield for each trip the chosen stops that it passes, in order."""
    passed: dict[str, list[_Passing]] = defaultdict(list)
    columns = ("trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time")
    for row in rows_of(data, file="stop_times.txt", columns=columns):
        trip, stop = _cell(row, "trip_id"), _cell(row, "stop_id")
        if trip not in trips or stop not in station:
            continue
        arrives, departs = _clock(row, "arrival_time"), _clock(row, "departure_time")
        # Nobody gets in where the vehicle only lets people out (1), and the other way round.
        departs = None if row.cells.get("pickup_type") == "1" else departs
        arrives = None if row.cells.get("drop_off_type") == "1" else arrives
        passed[trip].append((_whole(row, "stop_sequence"), arrives, station[stop], departs))
    for trip, passings in passed.items():
        yield trips[trip], sorted(passings, key=lambda one: one[0])


# ---- Cells ----


def _cell(row: Row, column: str) -> str:
    try:
        return row.cells[column]
    except KeyError:
        raise broken_table(row.problem(say("This cell has to hold something."), column)) from None


def _whole(row: Row, column: str) -> int:
    text = _cell(row, column)
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise broken_table(row.problem(say("Expected {what}.", what="a whole number"), column))
    return int(text)


def _date(row: Row, column: str) -> dt.date:
    text = _cell(row, column)
    try:
        if not (text.isascii() and text.isdigit() and len(text) == 8):
            raise ValueError
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise broken_table(row.problem(say("Expected a date such as 20270301."), column)) from None


def _clock(row: Row, column: str) -> int | None:
    """Return a time such as 8:15:00 in minutes; None where the feed gives none."""
    text = row.cells.get(column)
    if text is None:
        return None
    parts = text.split(":")
    good = len(parts) == 3 and all(part.isascii() and part.isdigit() and len(part) <= 2 for part in parts)
    if not good or int(parts[0]) > 47 or int(parts[1]) > 59 or int(parts[2]) > 59:
        raise broken_table(row.problem(say("Expected a time such as 08:15:00, up to 47:59:59."), column))
    # Seconds are cut off when leaving and counted up when arriving: never an optimist.
    up = 1 if column == "arrival_time" and parts[2] != "00" else 0
    return int(parts[0]) * 60 + int(parts[1]) + up
