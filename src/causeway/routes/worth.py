"""What it is worth that somebody goes by an itinerary: one whole number, so that plans can be compared.

    worth = people · ratio^(4 − tier) · chance · (1000 + waited − later), rounded, at least 1

    chance = exp(−risk / 1,000,000)                 the chance of arrival
    waited = points · days / (days + half)          diminishing: who waited longer comes first in a tier, but
                                                    the hundredth day adds less than the tenth
    later  = min(most, per day · days until arrival)

With the weights as they stand (`programme.Weights`: ratio 10, 500 points, half after 60 days, 5 points a
day, 500 at most) the points of two people of one tier differ by less than a factor of 3. So one person of a
tier prevails over any three of the next where their chances are alike, and over any one whose chance is not
more than three times as good. A plan's objective is the sum over everybody who goes.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Final

from causeway.routes.programme import LOWEST_TIER, Itinerary, Person, Weights

__all__ = ["worth"]

_BASE_POINTS: Final = 1_000
_NEPER: Final = 1_000_000


def worth(itinerary: Itinerary, *, person: Person, starts: date, weights: Weights) -> int:
    """Return what this person's going by this itinerary adds to a plan's objective."""
    waited = weights.waited * person.waiting_days / (person.waiting_days + weights.waited_half_days)
    days = max(0, (itinerary.arrives - starts).days)
    later = min(weights.later_most, weights.day_later * days)
    heads = person.people * int(weights.tier_ratio ** (LOWEST_TIER - person.tier))
    chance = math.exp(-itinerary.risk / _NEPER)
    return max(1, round(heads * chance * (_BASE_POINTS + waited - later)))
