"""Scheduling: a good plan at once, better in minutes, beside CP-SAT alone and HiGHS alone; then re-planning.

Returned by `run`:

    thousand        1,000 people with ten itineraries each, one for each seed:
        people_go           the share of people (heads) that the last plan lets go
        lp_seconds          the linear relaxation by itself
        first_seconds       until the first plan, relaxation and rounding together
        first_in_lps        the same as a multiple of lp_seconds
        gap_first           the first plan's gap to the relaxation's bound
        gap_first_final     the first plan's gap to the last bound
        gap_5min            the last plan's gap to the last bound
        seconds             how long it was given, or until a gap of a ten-thousandth
        peak_mib            the greatest memory of a process that did this and nothing else
        cpsat_alone         gap of CP-SAT with eight workers and no hint, in the same time, if it is here; on
                            the first seed
        highs_alone         gap of HiGHS on the plain rows, in the same time; on the first seed
    ten_thousand    10,000 people, as above without the comparison, and:
        gap_last            the last plan's gap
    hard            1,000 groups on eight corridors in the place of eleven, of 2.6 people on average in the
                    place of 1.6: twice as many for each bed, and more beds left over in ones and twos
    replan          after a fallen house, a lost helper, a failed leg, on the first seed of the thousand:
        rescued, stranded   whose promise broke: who has another way, who has none
        moved_share         of the untouched, how many are moved
        moved_at_least      how many must be, as far as it was proved
        rescue_proved       whether no more could be rescued
        seconds             how long it took
    cpsat           whether OR-Tools is here, for the comparison
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from bench.planner.child import in_child
from bench.planner.programmes import LARGER, STARTS, invent
from causeway.routes.cpsat import CpSat, has_cpsat
from causeway.routes.events import Event
from causeway.routes.limits import compile_programme
from causeway.routes.programme import Choice, Programme
from causeway.routes.replan import replan
from causeway.routes.schedule import choices_of, gap, watch
from causeway.routes.standing import Standing

__all__ = ["run"]

_ENOUGH = 1e-4


def run(*, quick: bool = False) -> dict[str, Any]:
    """Measure."""
    many, seeds, seconds = (200, (1,), 6.0) if quick else (1_000, (1, 2), 300.0)
    thousand = []
    promised: tuple[Choice, ...] = ()
    for seed in seeds:
        numbers, plan = _in_child(seconds, many, seed=seed)
        promised = promised or plan
        if seed == seeds[0]:
            numbers["cpsat_alone"] = _alone(_cpsat_alone, seconds, many, seed) if has_cpsat() else None
            numbers["highs_alone"] = _alone(_highs_alone, seconds, many, seed)
        thousand.append(numbers)
    more, more_seconds = (600, 12.0) if quick else (10_000, 300.0)
    ten_thousand, _ = _in_child(more_seconds, more, seed=1)
    ten_thousand["gap_last"] = ten_thousand.pop("gap_5min")
    hard, _ = _in_child(seconds, many, seed=1, corridors=2 if quick else 8, sizes=LARGER)
    hard["highs_alone"] = None if quick else _alone(_highs_alone, seconds, many, 1, corridors=8, sizes=LARGER)
    return {
        "thousand": thousand,
        "ten_thousand": ten_thousand,
        "hard": hard,
        "replan": _replans(invent(many, seed=seeds[0]), promised, 8.0 if quick else 60.0),
        "cpsat": has_cpsat(),
    }


def _in_child(seconds: float, people: int, **how: Any) -> tuple[dict[str, Any], tuple[Choice, ...]]:
    (numbers, plan), peak = in_child(_watched, seconds, people, **how)
    return {**numbers, "peak_mib": peak}, plan


def _alone(measure: Callable[..., float], seconds: float, people: int, seed: int, **how: Any) -> float:
    gap_alone: float = in_child(measure, seconds, people, seed=seed, **how)[0]
    return gap_alone


def _watched(seconds: float, people: int, **how: Any) -> tuple[dict[str, Any], tuple[Choice, ...]]:
    limits = compile_programme(invent(people, **how))
    seen = list(watch(limits, seconds=seconds, enough=_ENOUGH))
    first, last = seen[0], seen[-1]
    heads = [person.people for person in limits.people]
    going = sum(heads[limits.person[column]] for column in last.columns)
    numbers = {
        "people": len(heads),
        "people_go": round(going / sum(heads), 4),
        "lp_seconds": round(first.relaxation_seconds, 3),
        "first_seconds": round(first.seconds, 3),
        "first_in_lps": round(first.seconds / first.relaxation_seconds, 2),
        "gap_first": round(first.gap, 6),
        "gap_first_final": round(gap(first.objective, last.bound), 6),
        "gap_5min": round(last.gap, 6),
        "seconds": round(last.seconds, 1),
    }
    return numbers, choices_of(limits, Standing(limits, last.columns))


def _cpsat_alone(seconds: float, people: int, **how: Any) -> float:
    limits = compile_programme(invent(people, **how))
    best = [0, int(limits.worth.sum())]

    def on_plan(columns: tuple[int, ...]) -> None:
        best[0] = max(best[0], int(limits.worth[list(columns)].sum()))

    def on_bound(bound: int) -> None:
        best[1] = min(best[1], bound)

    everything = np.ones(limits.n_columns, dtype=np.bool_)
    CpSat(limits, open_to=everything, on_plan=on_plan, on_bound=on_bound).run(seconds)
    return round(gap(best[0], best[1]), 6)


def _highs_alone(seconds: float, people: int, **how: Any) -> float:
    """HiGHS as anybody would call it: a row for each thing, a row for each pair at each place."""
    limits = compile_programme(invent(people, **how))
    rows, columns, amounts, right = [], [], [], []
    for column, uses in enumerate(limits.uses):
        for row, amount in [(-1 - int(limits.person[column]), 1), *uses]:
            rows.append(row + len(limits.people))
            columns.append(column)
            amounts.append(amount)
    right = [1] * len(limits.people) + limits.room.tolist()
    at: dict[tuple[int, int], list[int]] = {}
    for column, points in enumerate(limits.points):
        for point in points:
            at.setdefault((point, int(limits.person[column])), []).append(column)
    for (point, person), here in at.items():
        for enemy in limits.enemies_at(point, person):
            if person < enemy and (point, enemy) in at:
                both = [*here, *at[point, enemy]]
                rows.extend([len(right)] * len(both))
                columns.extend(both)
                amounts.extend([1] * len(both))
                right.append(1)
    matrix = sparse.csr_matrix(
        (np.array(amounts, float), (rows, columns)), shape=(len(right), limits.n_columns)
    )
    solved = milp(
        -limits.worth / float(limits.worth.max()),
        constraints=LinearConstraint(matrix, -np.inf, np.array(right, float)),
        integrality=np.ones(limits.n_columns, dtype=np.int64),
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": _ENOUGH},
    )
    if solved.x is None:
        return 1.0
    return round(abs(solved.mip_dual_bound - solved.fun) / max(1e-9, abs(solved.fun)), 6)


def _replans(programme: Programme, promised: tuple[Choice, ...], seconds: float) -> list[dict[str, Any]]:
    ways = {way.id: way for person in programme.people for way in person.itineraries}
    going = [ways[choice.itinerary] for choice in promised]
    houses = Counter(night.house for way in going for night in way.nights)
    helpers = Counter(ride.helper for way in going for ride in way.rides if ride.helper is not None)
    legs = Counter((ride.leg, ride.on) for way in going for ride in way.rides)
    (leg, on), _ = legs.most_common(1)[0]
    events = [
        Event("house", houses.most_common(1)[0][0], STARTS + timedelta(days=10)),
        Event("house", houses.most_common(1)[0][0]),
        Event("helper", helpers.most_common(1)[0][0]),
        Event("leg", leg, on),
    ]
    return [_replanned(programme, promised, event, seconds) for event in events]


def _replanned(
    programme: Programme, promised: tuple[Choice, ...], event: Event, seconds: float
) -> dict[str, Any]:
    began = time.perf_counter()
    answer = replan(programme, promised=promised, events=[event], seconds=seconds)
    return {
        "event": event.kind,
        "rescued": len(answer.rescued),
        "stranded": len(answer.stranded),
        "untouched": answer.untouched,
        "moved_share": round(answer.moved_share, 4),
        "moved_at_least": answer.moved_at_least,
        "rescue_proved": answer.rescue_proved,
        "seconds": round(time.perf_counter() - began, 1),
    }
