"""Timetables small enough for every course of events to be counted, with stays, regions and causes."""

import dataclasses
import itertools

import numpy as np

from causeway.routes.timetable import MINUTES_A_DAY, NO_LIMIT, Timetable

SPAN = 600


def tiny_timetable(
    seed: int, *, places: int = 4, departures: int = 12, stays: bool = True, causes: int = 0
) -> Timetable:
    """Return random departures among a few places; the last place is the only end."""
    rng = np.random.default_rng(seed)
    free = NO_LIMIT, NO_LIMIT, NO_LIMIT
    departs = np.sort(rng.integers(0, SPAN // 10, departures) * 10)
    origin = rng.integers(0, places - 1, departures)
    target = (origin + rng.integers(1, places, departures)) % places
    arrives = departs + rng.integers(1, 15, departures) * 10
    order = np.lexsort((arrives, departs))
    through = rng.choice([0.3, 0.6, 0.9, 1.0], departures)
    regions = 2
    return Timetable(
        departs=departs[order].astype(np.int32),
        arrives=arrives[order].astype(np.int32),
        origin=origin[order].astype(np.int32),
        target=target[order].astype(np.int32),
        risk=np.zeros(departures, dtype=np.int64),
        money=np.zeros(departures, dtype=np.int64),
        handovers=np.zeros(departures, dtype=np.int32),
        leg=np.arange(departures, dtype=np.int32),
        # So risky that an hour of waiting shows in the chance.
        wait_risk=rng.choice([0, 500_000, 2_000_000], places).astype(np.int64),
        wait_money=np.zeros(places, dtype=np.int64),
        max_stay=rng.choice([NO_LIMIT, 60, 200] if stays else free, places).astype(np.int32),
        region=rng.integers(0, regions, places).astype(np.int32),
        region_stay=rng.choice([NO_LIMIT, 150, 300] if stays else free, regions).astype(np.int32),
        ends=np.array([places - 1], dtype=np.int32),
        through=through,
        lost=(1 - through) * rng.choice([0.0, 0.3, 1.0], departures),
        back_after=rng.choice([10, 40, 90], departures).astype(np.int32),
        cause=(rng.integers(-1, causes, departures) if causes else np.full(departures, -1)).astype(np.int32),
    )


def sure_where_causes(timetable: Timetable) -> Timetable:
    """Return the same with departures of causes failing for nothing else: one failure tells all."""
    has = timetable.cause >= 0
    return dataclasses.replace(
        timetable,
        through=np.where(has, 1.0, timetable.through),
        lost=np.where(has, 0.0, timetable.lost),
    )


class CourseOfEvents:
    """The chance of arrival by counting every course of events, with everything remembered.

    A state is where and when somebody is, the minutes by which they must be gone, and one weight for each
    scenario: its chance times that of what has happened, given the scenario. It shares nothing with the sweep
    but the meaning of a timetable.
    """

    def __init__(self, timetable: Timetable, causes: tuple[float, ...], horizon: int) -> None:
        self.table, self.horizon = timetable, horizon
        self.scenarios = list(itertools.product((False, True), repeat=len(causes)))
        self.prior = tuple(
            float(np.prod([c if down else 1 - c for c, down in zip(causes, scenario, strict=True)]))
            for scenario in self.scenarios
        )
        self.never = 10**9

    def best(self, place: int, at: int) -> float:
        """Return the best chance that any way of deciding gives."""
        return self._best(place, at, -1, *self._ends(place, at, None), self.prior)

    def followed(self, place: int, at: int, decide) -> float:
        """Return the chance of somebody for whom `decide` says what to do.

        Args:
            decide: Takes departure, place, end of visit, end of stay, and what was met: cause -> 1 or 2.
        """
        visit, region = self._ends(place, at, None)
        return sum(
            weight * self._followed(place, at, -1, visit, region, {}, scenario, decide)
            for weight, scenario in zip(self.prior, self.scenarios, strict=True)
            if weight > 0
        )

    def _ends(self, place: int, at: int, region_end: int | None) -> tuple[int, int]:
        table = self.table
        visit = at + int(table.max_stay[place]) if table.max_stay[place] != NO_LIMIT else self.never
        if region_end is None:
            stay = int(table.region_stay[table.region[place]])
            region_end = at + stay if stay != NO_LIMIT else self.never
        return visit, region_end

    def _next(self, place: int, at: int, after: int) -> int | None:
        for departure in range(after + 1, len(self.table.departs)):
            if self.table.origin[departure] == place and self.table.departs[departure] >= at:
                return departure
        return None

    def _kept(self, place: int, minutes: int) -> float:
        return float(np.exp(-self.table.wait_risk[place] * 1e-6 / MINUTES_A_DAY * minutes))

    def _onward(self, departure: int, place: int, region_end: int) -> tuple[int, int, int, int] | None:
        """Return place, minute and ends after getting through; None where that is too late for the stay."""
        table = self.table
        target, arrives = int(table.target[departure]), int(table.arrives[departure])
        same = table.region[target] == table.region[place]
        if same and arrives > region_end:
            return None
        return target, arrives, *self._ends(target, arrives, region_end if same else None)

    def _outcomes(self, departure: int, scenario: tuple[bool, ...]) -> tuple[float, float]:
        through, lost = float(self.table.through[departure]), float(self.table.lost[departure])
        cause = int(self.table.cause[departure])
        if cause >= 0 and scenario[cause]:
            return 0.0, 1 - (lost / (1 - through) if through < 1 else 0.0)
        return through, 1 - through - lost

    def _best(self, place, at, after, visit, region, weights) -> float:
        table = self.table
        if place in table.ends:
            return sum(weights) if at <= self.horizon else 0.0
        departure = self._next(place, at, after)
        if departure is None or table.departs[departure] > min(visit, region) or not any(weights):
            return 0.0
        now = int(table.departs[departure])
        kept = self._kept(place, now - at)
        weights = tuple(weight * kept for weight in weights)
        best = self._best(place, now, departure, visit, region, weights)
        onward = self._onward(departure, place, region)
        if onward is not None:
            outcomes = [self._outcomes(departure, scenario) for scenario in self.scenarios]
            gone = tuple(w * through for w, (through, _) in zip(weights, outcomes, strict=True))
            back = tuple(w * turned for w, (_, turned) in zip(weights, outcomes, strict=True))
            there, minute, visit_end, stay_end = onward
            value = self._best(there, minute, -1, visit_end, stay_end, gone)
            after_that = self._kept(place, int(table.back_after[departure]))
            back = tuple(weight * after_that for weight in back)
            value += self._best(place, now + int(table.back_after[departure]), departure, visit, region, back)
            if any(gone):
                best = max(best, value)
        return best

    def _followed(self, place, at, after, visit, region, met, scenario, decide) -> float:
        table = self.table
        if place in table.ends:
            return 1.0 if at <= self.horizon else 0.0
        departure = self._next(place, at, after)
        if departure is None or table.departs[departure] > min(visit, region):
            return 0.0
        now = int(table.departs[departure])
        kept = self._kept(place, now - at)
        if not decide(departure, place, visit, region, met):
            return kept * self._followed(place, now, departure, visit, region, met, scenario, decide)
        onward = self._onward(departure, place, region)
        assert onward is not None, "sent somewhere too late for the stay"
        through, turned = self._outcomes(departure, scenario)
        cause = int(table.cause[departure])
        value = 0.0
        if through > 0:
            there, minute, visit_end, stay_end = onward
            known = met if cause < 0 else met | {cause: 2}
            value += through * self._followed(there, minute, -1, visit_end, stay_end, known, scenario, decide)
        if turned > 0:
            known = met if cause < 0 else {cause: 1} | met
            back = now + int(table.back_after[departure])
            turned *= self._kept(place, int(table.back_after[departure]))
            value += turned * self._followed(place, back, departure, visit, region, known, scenario, decide)
        return kept * value
