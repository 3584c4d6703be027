"""Places doubled where a number for each place would not be exact: stays of several lengths, dated ground.

How long a stay may last can differ from one entry to the next: a visa that begins on Thursday allows ninety
days where the passport alone allows thirty. The searches know one length for each region. So where lengths
differ, a region is there once for each of them, its places and the ways between them too, and an entry leads
into the one whose length it allows. In the same way ground that counts on some days only is a place of its
own, which ends a journey, for those who arrive on these days. The searches need to know nothing of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.routes.timetable import NO_LIMIT, Timetable

__all__ = ["Apart", "DatedEnd", "keep_apart", "with_places"]


@dataclass(frozen=True)
class DatedEnd:
    """A place that ends a journey on some days only.

    Args:
        spans: From which minute to before which one arrivals count.
    """

    place: int
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Apart:
    """A timetable with doubles.

    Args:
        place_of: For each place, the one that it was or is a double of.
        region_of: For each region, the same.
    """

    timetable: Timetable
    place_of: NDArray[np.intp]
    region_of: NDArray[np.intp]


def keep_apart(
    timetable: Timetable,
    *,
    allowed: NDArray[np.int32],
    at_first: tuple[int, int],
    dated: Sequence[DatedEnd] = (),
) -> Apart:
    """Return a timetable in which each stay has the length that its entry allows.

    Args:
        timetable: With `region_stay` still open.
        allowed: int32 (n,), minutes that a stay may last which begins with this departure, or `NO_LIMIT`;
            looked at where it leads into another region.
        at_first: The region of the start, and minutes that the stay there may still last, or `NO_LIMIT`;
            the start lies in the double that keeps the region's number.
        dated: Ends that count on some days only; the others are in `timetable.ends`.
    """
    t = timetable
    whole = np.arange(t.max_stay.size)
    found = Apart(t, whole, np.arange(t.region_stay.size))
    if dated:
        found = _with_dated_ends(found, dated)
    return _with_stays(found, allowed, at_first)


def _with_dated_ends(found: Apart, dated: Sequence[DatedEnd]) -> Apart:
    t = found.timetable
    target = t.target.copy()
    first = t.max_stay.size
    for number, end in enumerate(dated):
        counts = np.zeros(t.arrives.size, dtype=np.bool_)
        for begin, until in end.spans:
            counts |= (t.arrives >= begin) & (t.arrives < until)
        target[counts & (t.target == end.place)] = first + number
    doubles = np.array([end.place for end in dated], dtype=np.intp)
    ends = np.concatenate([t.ends, np.arange(first, first + doubles.size, dtype=np.int32)])
    doubled = with_places(dataclasses.replace(t, target=target, ends=ends), doubles)
    return Apart(doubled, np.concatenate([found.place_of, doubles]), found.region_of)


def _with_stays(found: Apart, allowed: NDArray[np.int32], at_first: tuple[int, int]) -> Apart:
    t = found.timetable
    enters = t.region[t.origin] != t.region[t.target]
    into = t.region[t.target]
    region_stay = np.full(t.region_stay.size, NO_LIMIT, dtype=np.int32)
    more: list[tuple[int, int]] = []
    pairs = np.unique(np.stack([into[enters], allowed[enters]], axis=1), axis=0).tolist()
    lengths: dict[int, list[int]] = {at_first[0]: [at_first[1]]}
    for region, stay in pairs:
        known = lengths.setdefault(region, [])
        if stay not in known:
            known.append(stay)
    for region, known in lengths.items():
        region_stay[region] = known[0]
        more += [(region, stay) for stay in known[1:]]
    t = dataclasses.replace(t, region_stay=region_stay)
    found = dataclasses.replace(found, timetable=t)
    for region, stay in more:
        found, allowed = _doubled(found, region, stay, allowed)
    return found


def _doubled(
    found: Apart, region: int, stay: int, allowed: NDArray[np.int32]
) -> tuple[Apart, NDArray[np.int32]]:
    """Return a region a second time, for the entries that allow a stay of just this length."""
    t = found.timetable
    first, number = t.max_stay.size, t.region_stay.size
    doubles = np.flatnonzero(t.region == region)
    double_of = np.full(first, -1, dtype=np.int32)
    double_of[doubles] = np.arange(first, first + doubles.size)
    inside, ahead = t.region[t.origin] == region, t.region[t.target] == region
    target = np.where(~inside & ahead & (allowed == stay), double_of[t.target], t.target).astype(np.int32)
    # Whoever is in the double goes on in it, or leaves it as one leaves the region.
    again = np.flatnonzero(inside)
    rows = np.concatenate([np.arange(t.departs.size), again])
    origins = np.concatenate([t.origin, double_of[t.origin[again]]])
    targets = np.concatenate([target, np.where(ahead[again], double_of[t.target[again]], t.target[again])])
    order = np.lexsort((rows, t.arrives[rows], t.departs[rows]))
    rows = rows[order]
    arrays = {
        field.name: getattr(t, field.name)[rows]
        for field in dataclasses.fields(t)
        if field.name not in _BY_PLACE
    }
    arrays |= {"origin": origins[order], "target": targets[order].astype(np.int32)}
    longer = with_places(dataclasses.replace(t, **arrays), doubles)
    ends = np.concatenate([t.ends, double_of[t.ends[t.region[t.ends] == region]]])
    renamed = np.where(np.arange(longer.region.size) < first, longer.region, number)
    longer = dataclasses.replace(
        longer,
        ends=ends.astype(np.int32),
        region=renamed.astype(np.int32),
        region_stay=np.append(t.region_stay, np.int32(stay)),
    )
    place_of = np.concatenate([found.place_of, found.place_of[doubles]])
    region_of = np.append(found.region_of, found.region_of[region])
    return Apart(longer, place_of, region_of), allowed[rows]


def with_places(t: Timetable, doubles: NDArray[np.intp]) -> Timetable:
    """Return a timetable with doubles of places at the end."""
    return dataclasses.replace(
        t,
        **{
            name: np.concatenate([getattr(t, name), getattr(t, name)[doubles]])
            for name in ("wait_risk", "wait_money", "max_stay", "region")
        },
    )


_BY_PLACE = frozenset({"wait_risk", "wait_money", "max_stay", "region", "region_stay", "ends"})
