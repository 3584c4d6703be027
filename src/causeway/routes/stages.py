"""Which part of a journey a helper may serve: nobody sees both ends.

The first leg of a journey is the one taken by a group that has not set out, so the origin is doubled: who
stands at the double has not. From then on a stage is a matter of where a departure starts and ends, and the
searches need to know nothing of it.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from causeway.routes.compiling import Compiled
from causeway.routes.network import Helper, Network
from causeway.routes.timetable import Timetable

__all__ = ["keep_to_stages"]


def keep_to_stages(compiled: Compiled, network: Network) -> Compiled:
    """Return a case in which helpers serve their stages only; the same one where no departure has a helper.

    A leg from the origin to the very end has both ends, so nobody helps on it. A group that comes back to
    its origin is in the middle of its way.
    """
    helpers = {helper.id: helper for helper in network.helpers}
    of_leg = [None if leg.helper is None else helpers[leg.helper] for leg in compiled.legs]
    t = compiled.timetable
    helped = np.array([one is not None for one in of_leg], dtype=np.bool_)[t.leg]
    if not helped.any() or compiled.origin in t.ends:
        return compiled
    first, middle, last = (
        (~helped) | np.array([_serves(one, stage) for one in of_leg], dtype=np.bool_)[t.leg]
        for stage in ("first", "middle", "last")
    )
    to_end = np.isin(t.target, t.ends)
    sets_out = np.flatnonzero((t.origin == compiled.origin) & np.where(to_end, ~helped, first))
    goes_on = np.flatnonzero(np.where(to_end, last, middle))
    double = len(compiled.places)
    return dataclasses.replace(
        compiled,
        timetable=_doubled(t, sets_out, goes_on, compiled.origin),
        places=(*compiled.places, compiled.places[compiled.origin]),
        origin=double,
    )


def _serves(helper: Helper | None, stage: str) -> bool:
    return helper is None or stage in helper.stages


def _doubled(t: Timetable, sets_out: NDArray[np.intp], goes_on: NDArray[np.intp], origin: int) -> Timetable:
    kept = np.concatenate([sets_out, goes_on])
    starts = np.concatenate([np.full(sets_out.size, t.max_stay.size, np.int32), t.origin[goes_on]])
    order = np.lexsort((kept, t.arrives[kept], t.departs[kept]))
    kept, starts = kept[order], starts[order]
    arrays = {
        field.name: getattr(t, field.name)[kept]
        for field in dataclasses.fields(t)
        if field.name in _BY_DEPARTURE
    }
    for name in ("wait_risk", "wait_money", "max_stay", "region"):
        of_place = getattr(t, name)
        arrays[name] = np.append(of_place, of_place[origin])
    arrays["origin"] = starts
    return dataclasses.replace(t, **arrays)


_BY_DEPARTURE = frozenset(
    {"departs", "arrives", "origin", "target", "risk", "money", "handovers", "leg", "through", "lost",
     "back_after", "cause"}
)  # fmt: skip
