"""Local search: let somebody in, whoever stands in the way steps aside and looks for another way.

Candidates are tried in the order of their gain, their worth less the prices of what they take, so that those
the relaxation would choose come first. A swap stays only if the plan is worth more after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

import numpy as np

from causeway.routes.limits import Limits
from causeway.routes.relaxation import Relaxation
from causeway.routes.standing import Standing

__all__ = ["by_gain", "improve_by_swaps", "swap_in"]

_PROMISING: Final = 0.05
# Everybody who goes uses money: the cheapest of some of them is cheap enough.
_LOOKED_AT: Final = 48


def by_gain(limits: Limits, relaxation: Relaxation) -> list[int]:
    """Return all columns, those first that are worth most beyond the price of what they take."""
    order: list[int] = np.lexsort((np.arange(limits.n_columns), -relaxation.gain)).tolist()
    return order


def improve_by_swaps(standing: Standing, *, relaxation: Relaxation, order: Sequence[int]) -> bool:
    """Try one round of swaps; return whether any helped.

    Args:
        standing: Changed in place; never worth less afterwards.
        order: All columns, best first.
    """
    limits = standing.limits
    best = np.zeros(len(limits.people))
    np.maximum.at(best, limits.person, relaxation.gain)
    far = best[limits.person] - relaxation.gain > _PROMISING * float(limits.worth.max())
    owner, worth = limits.person.tolist(), limits.worth.tolist()
    helped = False
    for column in order:
        held = standing.chosen[owner[column]]
        if far[column] or (held >= 0 and worth[held] >= worth[column]):
            continue
        helped |= swap_in(standing, column)
    standing.fill(order)
    return helped


def swap_in(standing: Standing, column: int) -> bool:
    """Choose a column, move or drop whoever is in its way; undo it all if the plan is not worth more."""
    owner, worth = standing.owner, standing.worth
    person = owner[column]
    before = standing.total
    out = [standing.take(person)] if standing.chosen[person] >= 0 else []
    short, met = standing.in_the_way(column)
    out += [standing.take(enemy) for enemy in sorted(met)]
    for row, _ in short:
        needed = standing.amount(column, row)
        while standing.left[row] < needed:
            users = islice(standing.users(row), _LOOKED_AT)
            cheapest = min(users, key=lambda user: (worth[user] / standing.amount(user, row), user))
            out.append(standing.take(owner[cheapest]))
    if standing.fits(column):
        standing.put(column)
        for gone in sorted(out, key=lambda gone: (-worth[gone], gone)):
            _put_best(standing, owner[gone])
        if standing.total > before:
            return True
        standing.take(person)
    for gone in out:
        if standing.chosen[owner[gone]] >= 0:
            standing.take(owner[gone])
    for gone in out:
        standing.put(gone)
    return False


def _put_best(standing: Standing, person: int) -> None:
    """Choose for somebody the best of their columns that fits now."""
    if standing.chosen[person] >= 0:
        return
    worth = standing.worth
    fitting = [column for column in standing.limits.columns_of(person) if standing.fits(column)]
    if fitting:
        standing.put(max(fitting, key=lambda column: (worth[column], -column)))
