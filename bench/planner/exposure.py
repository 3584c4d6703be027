"""Exposure against risk-only planning: an invented plan of 60 people and 24 helpers, its seed fixed.

Returned by `run`:

    people, helpers, parts  the size of the plan
    least_risk              what the assignment of least risk gives away at most: `direct`, `two_hops`
    cells                   the same of the assignment found, with `more_risk` (a share) beside it
    direct_ratio            the greatest number directly against that of least risk
    two_hops_ratio          the same by two hops
    bound_direct, bound_two_hops, bound_together
                            proven for every assignment within the budget
    seconds                 in all
"""

from __future__ import annotations

import random
import time
from datetime import date, timedelta
from typing import Any

from causeway.routes.exposure import Exposure, minimise_exposure
from causeway.routes.exposure_plan import ExposurePlan, Part, Serving

__all__ = ["invent_plan", "run"]

_START = date(2027, 3, 1)
_DAYS = 12
# Who takes people out of town, who puts them up, who drives on, who takes them over the last stretch.
_KINDS = (("out", "first", 6, 4), ("night", "middle", 6, 6), ("on", "middle", 6, 4), ("last", "last", 6, 4))


def invent_plan(*, people: int = 60, helpers: int = 24, seed: int = 7) -> ExposurePlan:
    """Return a plan in which people leave over twelve days, each served in four parts.

    A quarter of the helpers serve each part, each away on some days, so that nobody can do everything. Their
    risks differ modestly: by helper (a standard deviation of 3 %) and, half as much, by helper and journey.
    So planning by risk alone asks the best of each kind as often as they have seats.
    """
    rng = random.Random(seed)
    per_kind = helpers // len(_KINDS)
    listed, skill = [], {}
    for kind, stage, _, seats in _KINDS:
        for at in range(per_kind):
            name = f"{kind}-{at}"
            off = {_START + timedelta(days=day): 0 for day in range(_DAYS + 4) if rng.random() < 0.1}
            listed.append(Serving(id=name, seats=seats, on=off, stages=(stage,)))
            skill[name] = rng.gauss(1, 0.03)
    parts = []
    for at in range(people):
        leaves = rng.randrange(_DAYS)
        for number, (kind, stage, _, _) in enumerate(_KINDS):
            base = rng.uniform(8_000, 30_000)
            parts.append(
                Part(
                    id=f"p{at}-{kind}",
                    people=(f"p{at}",),
                    on=_START + timedelta(days=leaves + number),
                    stage=stage,
                    risks={
                        name: round(base * skill[name] * rng.gauss(1, 0.015))
                        for name in (f"{kind}-{one}" for one in range(per_kind))
                    },
                )
            )
    return ExposurePlan(
        format="causeway-exposure/1",
        people=tuple(f"p{at}" for at in range(people)),
        helpers=tuple(listed),
        parts=tuple(parts),
    )


def run(*, quick: bool = False) -> dict[str, Any]:
    """Measure."""
    plan = invent_plan()
    started = time.perf_counter()
    found = minimise_exposure(plan, seed=1, starts=4 if quick else 12, improve_seconds=0.0 if quick else 60.0)
    if not isinstance(found, Exposure):
        raise RuntimeError(str(found.reason))
    direct, two_hops = max(found.given.direct), max(found.given.two_hops)
    base, base_two = max(found.least_risk_given.direct), max(found.least_risk_given.two_hops)
    return {
        "people": len(plan.people),
        "helpers": len(plan.helpers),
        "parts": len(plan.parts),
        "least_risk": {"direct": base, "two_hops": base_two},
        "cells": {"direct": direct, "two_hops": two_hops, "more_risk": round(found.more_risk, 5)},
        "direct_ratio": round(direct / base, 4),
        "two_hops_ratio": round(two_hops / base_two, 4),
        "bound_direct": found.bound_direct,
        "bound_two_hops": found.bound_two_hops,
        "bound_together": found.bound_together,
        "seconds": round(time.perf_counter() - started, 2),
    }
