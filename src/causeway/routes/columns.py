"""A network as columns, made once: what does not depend on who travels.

A plan for a thousand people compiles a thousand cases on one network; looking at every leg's words again for
each would take most of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.routes.departures import Departures, expand
from causeway.routes.network import Leg, Network

__all__ = ["FREE", "NO_SEATS", "Columns", "GateKey"]

FREE = -1
NO_SEATS = 2**31 - 1

# Country left, country entered, crossing point, place behind the border control or "", documents asked.
GateKey = tuple[str, str, str, str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Columns:
    """Legs (l of them) by their number in the network, and all of their departures.

    Args:
        back: int32 (l,), minutes after which somebody turned back stands at the start again.
        money_each: int64 (l,), cents for each person; `money_once` is for all together.
        seats: int64 (l,), the leg's or its helper's, whichever are fewer; `NO_SEATS` where all have room.
        cause: int32 (l,), number of the shared cause, or −1.
        gate: int32 (l,), which of `gates` has to open, or `FREE`.
        departures: In order of time: by `departs`, then by arrival.
        arrives: int64, for each departure.
    """

    origin: NDArray[np.int32]
    target: NDArray[np.int32]
    back: NDArray[np.int32]
    handovers: NDArray[np.int32]
    money_each: NDArray[np.int64]
    money_once: NDArray[np.int64]
    seats: NDArray[np.int64]
    chance: NDArray[np.float64]
    tries: NDArray[np.float64]
    lost: NDArray[np.float64]
    cause: NDArray[np.int32]
    checked: NDArray[np.bool_]
    named: NDArray[np.bool_]
    filmed: NDArray[np.bool_]
    gate: NDArray[np.int32]
    gates: tuple[GateKey, ...]
    departures: Departures
    arrives: NDArray[np.int64]

    @classmethod
    def of(cls, network: Network) -> Columns:
        """Return a network's columns.

        Raises:
            TooManyDepartures: More than a search could hold.
        """
        legs = network.legs

        def column(kind: type[Any], cell: Callable[[Leg], Any]) -> NDArray[Any]:
            return np.fromiter(map(cell, legs), kind, len(legs))

        place = {one.id: number for number, one in enumerate(network.places)}
        cause = {one.id: number for number, one in enumerate(network.causes)}
        room = {helper.id: helper.seats for helper in network.helpers}
        gate, gates = _gates(network)
        departures = expand(network)
        takes = column(np.int64, lambda leg: leg.takes)
        arrives = departures.departs + takes[departures.leg]
        order = np.lexsort((arrives, departures.departs))
        return cls(
            origin=column(np.int32, lambda leg: place[leg.origin]),
            target=column(np.int32, lambda leg: place[leg.target]),
            back=column(np.int32, lambda leg: leg.back_after or 2 * leg.takes),
            handovers=column(np.int32, _handovers),
            money_each=column(np.int64, lambda leg: leg.money_cents),
            money_once=column(np.int64, lambda leg: leg.money_once_cents),
            seats=column(np.int64, lambda leg: _seats(leg, room)),
            chance=column(np.float64, lambda leg: leg.chance),
            tries=column(np.float64, lambda leg: leg.tries),
            lost=column(np.float64, lambda leg: leg.lost),
            cause=column(np.int32, lambda leg: -1 if leg.cause is None else cause[leg.cause]),
            # A border is where papers are looked at, whatever else is said of the leg.
            checked=column(np.bool_, lambda leg: leg.document_check or leg.border is not None),
            named=column(np.bool_, lambda leg: leg.named_ticket),
            filmed=column(np.bool_, lambda leg: leg.cameras),
            gate=gate,
            gates=gates,
            departures=Departures(departures.leg[order], departures.departs[order]),
            arrives=arrives[order],
        )


def _handovers(leg: Leg) -> int:
    if leg.handovers is not None:
        return leg.handovers
    return 0 if leg.helper is None else 1


def _seats(leg: Leg, room: dict[str, int]) -> int:
    seats = NO_SEATS if leg.seats is None else leg.seats
    return seats if leg.helper is None else min(seats, room[leg.helper])


def _gates(network: Network) -> tuple[NDArray[np.int32], tuple[GateKey, ...]]:
    """Return each leg's gate: legs that ask the same of papers share one."""
    airside = {place.id for place in network.places if place.airside}
    numbers: dict[GateKey, int] = {}

    def keys() -> Iterable[int]:
        for leg in network.legs:
            border = leg.border
            if border is not None:
                behind = leg.target if leg.target in airside else ""
                key = border.from_country, border.to_country, border.crossing, behind, leg.asks
            elif leg.asks:
                key = "", "", "", "", leg.asks
            else:
                yield FREE
                continue
            yield numbers.setdefault(key, len(numbers))

    gate = np.fromiter(keys(), np.int32, len(network.legs))
    return gate, tuple(numbers)
