"""A journey through a timetable: what it costs, and whether it keeps within the limits of stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from causeway.routes.timetable import MINUTES_A_DAY, NO_LIMIT, Timetable

__all__ = ["Costs", "Journey", "Setting", "costs_in_parts", "rounded_up"]


class Costs(NamedTuple):
    """What a journey costs, in the order in which answers are sorted.

    Args:
        arrival: Minute.
        risk: Micro-nepers.
        money: Cents.
        handovers: How often the group passes from one pair of hands into another.
    """

    arrival: int
    risk: int
    money: int
    handovers: int


@dataclass(frozen=True)
class Journey:
    """Departures to take, one after the other, and what they cost with all waiting between them."""

    costs: Costs
    departures: tuple[int, ...]


@dataclass(frozen=True)
class Setting:
    """Where and when a journey sets out.

    Args:
        start: Place.
        minute: Minute from which the group can set out; a visit to the start begins with it.
        entered: Minute at which it entered the start's region, which may lie long before.
    """

    start: int
    minute: int
    entered: int


def costs_in_parts(
    timetable: Timetable, setting: Setting, departures: Sequence[int]
) -> tuple[int, int, int, int] | None:
    """Return arrival, risk and money in parts of a unit, and hand-overs; None where a limit is overstepped.

    Args:
        departures: Each sets out where the one before arrived, and no sooner.
    """
    t = timetable
    place, now, entered = setting.start, setting.minute, setting.entered
    risk = money = handovers = 0
    for d in departures:
        departs, arrives, target = int(t.departs[d]), int(t.arrives[d]), int(t.target[d])
        if t.origin[d] != place or departs < now:
            return None
        region, next_region = int(t.region[place]), int(t.region[target])
        if NO_LIMIT != t.max_stay[place] < departs - now:
            return None
        # The stay in a region lasts until the departure that leaves it; a way inside it belongs to the stay.
        if NO_LIMIT != t.region_stay[region] < (departs if next_region != region else arrives) - entered:
            return None
        risk += (departs - now) * int(t.wait_risk[place]) + MINUTES_A_DAY * int(t.risk[d])
        money += (departs - now) * int(t.wait_money[place]) + MINUTES_A_DAY * int(t.money[d])
        handovers += int(t.handovers[d])
        if next_region != region:
            entered = arrives
        place, now = target, arrives
    return now, risk, money, handovers


def rounded_up(arrival: int, risk: int, money: int, handovers: int) -> Costs:
    """Return costs in whole units from risk and money in parts."""
    return Costs(arrival, -(-risk // MINUTES_A_DAY), -(-money // MINUTES_A_DAY), handovers)
