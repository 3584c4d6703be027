"""Legs that are closed at all times: blocked, too small, with nobody to drive, or with no papers for them."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from causeway.routes.borders import Borders
from causeway.routes.cases import Case
from causeway.routes.columns import Columns
from causeway.routes.network import Leg, Network
from causeway.routes.obstacles import Obstacle
from causeway.sentences import say

__all__ = ["closed_legs", "times_obstacle"]


def closed_legs(
    network: Network, columns: Columns, case: Case, borders: Borders, without: frozenset[Obstacle]
) -> dict[int, tuple[Obstacle, ...]]:
    """Return the legs that are closed to a group at all times, with everything that closes them."""
    people = len(case.travellers)
    why: dict[int, list[Obstacle]] = defaultdict(list)
    blocked = set(case.blocked_legs)
    if blocked:
        for number, leg in enumerate(network.legs):
            if leg.id in blocked:
                why[number].append(_blocked_leg(leg))
    for number, place in enumerate(network.places):
        if place.id in case.blocked_places:
            # Where the group is already, blocked or not, it may leave.
            at = columns.target == number
            at |= (columns.origin == number) & (place.id != case.origin)
            for leg_number in np.flatnonzero(at):
                why[int(leg_number)].append(_blocked_place(place.id))
    for leg_number in np.flatnonzero(columns.seats < people):
        seats = int(columns.seats[leg_number])
        why[int(leg_number)].append(_seats(network.legs[leg_number], seats, people))
    frozen = {helper.id for helper in network.helpers if helper.frozen}
    if frozen:
        for number, leg in enumerate(network.legs):
            if leg.helper is not None and leg.helper in frozen:
                why[number].append(_frozen(leg.helper, leg))
    for gate, closing in borders.closing():
        for leg_number in np.flatnonzero(columns.gate == gate):
            why[int(leg_number)] += closing
    left = {number: tuple(one for one in many if one not in without) for number, many in why.items()}
    return {number: many for number, many in left.items() if many}


def times_obstacle(leg: Leg) -> Obstacle:
    """Return what is said of a leg that does not set out while the group could take it."""
    return Obstacle(
        "times",
        (leg.id,),
        say("“{leg}” does not set out in the time asked for.", leg=leg.id),
        say("An earlier start or a later end of the time asked for.", leg=leg.id),
    )


def _blocked_leg(leg: Leg) -> Obstacle:
    return Obstacle(
        "blocked_leg",
        (leg.id,),
        say("The case says that “{leg}” is not to be used.", leg=leg.id),
        say("“{leg}” can be used again.", leg=leg.id),
    )


def _blocked_place(place: str) -> Obstacle:
    return Obstacle(
        "blocked_place",
        (place,),
        say("The case says that “{place}” is not to be used.", place=place),
        say("“{place}” can be used again.", place=place),
    )


def _seats(leg: Leg, seats: int, people: int) -> Obstacle:
    gaps: dict[str, int | float | str] = {"leg": leg.id, "seats": seats, "people": people}
    return Obstacle(
        "seats",
        (leg.id,),
        say("“{leg}” has room for {seats}, and {people} travel together.", **gaps),
        say("Room for {people} on “{leg}”, or a group that parts.", **gaps),
    )


def _frozen(helper: str, leg: Leg) -> Obstacle:
    return Obstacle(
        "helper",
        (helper, leg.id),
        say("The helper “{helper}” of “{leg}” is not to be asked.", helper=helper, leg=leg.id),
        say("Another helper for “{leg}”.", leg=leg.id),
    )
