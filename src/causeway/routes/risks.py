"""What a departure risks and costs, for a whole group.

A chance comes with how sure it is: p as after n tries. Told to be cautious, we reckon with a low quantile of
the Beta distribution that n tries leave, under Jeffreys' prior: Beta(pn + ½, (1 − p)n + ½).

Source: Brown, Cai, DasGupta (2001), "Interval estimation for a binomial proportion", eq. 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.routes.cases import Case, Wanted
from causeway.routes.columns import Columns
from causeway.routes.network import Network

__all__ = ["MICRO", "Risk", "group_risk", "micro_nepers"]

MICRO: Final = 1_000_000


@dataclass(frozen=True, eq=False)
class Risk:
    """Risks of departures (n).

    Args:
        risk: int64 (n,), micro-nepers, the shared cause included as if it were the departure's own.
        through: float64 (n,), the chance of getting through when the shared cause has not come about.
        lost: float64 (n,), the chance of being taken then.
        cause: int32 (n,), number of the shared cause, or −1.
    """

    risk: NDArray[np.int64]
    through: NDArray[np.float64]
    lost: NDArray[np.float64]
    cause: NDArray[np.int32]


def micro_nepers(chance_of_failing: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return −1,000,000 · ln(1 − chance), rounded."""
    whole: NDArray[np.int64] = np.rint(-MICRO * np.log1p(-chance_of_failing)).astype(np.int64)
    return whole


def group_risk(
    network: Network, columns: Columns, case: Case, leg: NDArray[np.int32], doubt: NDArray[np.float64]
) -> Risk:
    """Return the risk of a group, which is that of its member with the greatest.

    Args:
        leg: int32 (n,), the leg of each departure.
        doubt: float64 (m, n), −ln of the chance that rules still hold, for each member.
    """
    nepers = -np.log(_chances(columns, case.cautious))

    worst = np.full(leg.size, -1.0)
    caught = np.zeros(leg.size)
    for member, traveller in enumerate(case.travellers):
        on_the_way = nepers * _factors(network, columns, traveller.wanted)
        whole = on_the_way[leg] + doubt[member]
        taken = (-np.expm1(-on_the_way) * columns.lost)[leg]
        # Of two members at equal risk, the one that is sooner lost.
        greater = (whole > worst) | ((whole == worst) & (taken > caught))
        worst = np.where(greater, whole, worst)
        caught = np.where(greater, taken, caught)

    chance = np.fromiter((one.chance for one in network.causes), np.float64, len(network.causes))
    by_cause = np.append(-np.log1p(-chance), 0.0)
    return Risk(
        risk=np.rint(MICRO * (worst + by_cause[columns.cause[leg]])).astype(np.int64),
        through=np.exp(-worst),
        lost=caught,
        cause=columns.cause[leg],
    )


def _chances(columns: Columns, cautious: float | None) -> NDArray[np.float64]:
    if cautious is None:
        return columns.chance
    # Here, since few cases ask for it and scipy takes half a second to load.
    from scipy.special import betaincinv

    hits, misses = columns.chance * columns.tries, (1 - columns.chance) * columns.tries
    low = np.asarray(betaincinv(hits + 0.5, misses + 0.5, cautious), np.float64)
    # A quantile of a wide distribution can come to nothing at all; a chance that small reads as one in a
    # million million, and stays a number. Never above the chance itself: caution does not cheer.
    return np.clip(low, 1e-12, columns.chance)


def _factors(network: Network, columns: Columns, wanted: Wanted | None) -> NDArray[np.float64]:
    """Return by how much each leg's −ln(chance) is multiplied for somebody looked for."""
    factors: NDArray[np.float64] = np.ones(columns.chance.size)
    if wanted is None:
        return factors
    for here, factor in (
        (columns.checked, wanted.document_check),
        (columns.named, wanted.named_ticket),
        (columns.filmed, wanted.cameras),
    ):
        np.maximum(factors, factor, out=factors, where=here)
    if wanted.countries:
        places = network.places
        looks = np.fromiter((place.country in wanted.countries for place in places), np.bool_, len(places))
        factors[~(looks[columns.origin] | looks[columns.target])] = 1.0
    return factors
