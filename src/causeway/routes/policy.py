"""What to do next, at every place and time, when a leg fails: a policy, and its exact chance of arrival.

A plan is a list of legs and ends with the first one that fails. A policy says for every place and every
departure there whether to take it or to wait, and so has an answer for somebody who was turned back. It is
found by one sweep over all departures, the latest first: what follows on each is known when it is reached
(backward induction; R. Bellman, Dynamic Programming, 1957, ch. III). The chance of a state is that of
reaching an end by the horizon:

    taking d     through · V(target, arrives) + turned back · V(origin, departs + back_after) + lost · 0
    waiting      e^(−risk of waiting until the next departure there) · V(there, then)

Whoever was turned back has run the risk of having waited there meanwhile, so that nobody is sent out for
being safer on the way back than in the house.

Three things make it more than that.

**Limited stays.** A state holds the end of the visit and of the stay in the region (`policy_rows`), so no
advice ever oversteps either. Turned back, one's clock goes on: it is the same visit and the same stay. Who
has no departure left that their stay allows counts as not arriving. Visits are exact; ends of stays in a
region may be rounded down where they are very many, which never recommends too long a stay.

**Failures that come together.** If a cause is down, all its departures fail. A traveller can't see that, but
meets it. So a state also holds what is remembered of each cause: not met, met failing, met open
(`scenarios`). For every memory the sweep carries one chance per scenario and chooses by their weighted sum,
which is all that somebody with that memory can go by. Given the scenario, place, time and memory are a
Markov chain, so the chance of the policy is exact (to rounding) whatever weights it chose by. The choice is
optimal among policies with that memory where failing says the same each time (say, departures of a cause
that fail for nothing else, so that one failure tells all); otherwise the weights after a failure use the mean
of the cause's departures and count one failure only. Remembering how often one failed, and when, would be
the full partially observed problem, whose states multiply with every try; five pairs for each cause is what
keeps all places within the time of one search. Causes are independent of each other, and stay as they are
until the horizon.

**Equal choices.** Of two with the same chance, the one with the earlier planned arrival is taken; if that is
equal too, waiting: nobody is sent to and fro for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.routes.policy_plain import NEVER, PlainSweep
from causeway.routes.policy_rows import DEAD, Rows, lay_out_rows
from causeway.routes.scenarios import Beliefs, lay_out_beliefs
from causeway.routes.timetable import MINUTES_A_DAY, Timetable

__all__ = ["Policy", "find_policy"]

# Micro-nepers a day, as a rate by the minute.
_MICRO_MINUTES: Final = 1_000_000 * MINUTES_A_DAY
_CELLS: Final = 1_000_000
# Three causes remembered, or seven in every scenario: so many pairs go before exact ends of stays.
_PAIRS: Final = 128
_SCENARIOS: Final = 64
_EQUAL: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Policy:
    """What to do at every place and time, and what chance it gives.

    Args:
        value: float64 (rows, z), the chance of arrival by pair of memory and scenario, in the moment of a
            row's departure.
        take: bool (rows, m), whether somebody with that memory takes the row's departure.
        planned: int32 (rows, m), the minute of arrival if nothing fails.
        horizon: The minute by which one has to have arrived.
    """

    timetable: Timetable
    causes: tuple[float, ...]
    rows: Rows
    beliefs: Beliefs
    value: NDArray[np.float64]
    take: NDArray[np.bool_]
    planned: NDArray[np.int32]
    horizon: int

    def chance(self, place: int, *, at: int) -> float:
        """Return the chance of arrival for somebody who is at a place at a minute and has met nothing.

        Where scenarios had to be left out (`beliefs.missing`), they count as not arriving.

        Raises:
            ValueError: A minute before the first that the policy was made for.
        """
        if at < self.rows.begin:
            raise ValueError("the policy was made for later minutes")
        if place in self.timetable.ends:
            return 1.0 if at <= self.horizon else 0.0
        row = self.rows.find(place, at=at)
        if row == DEAD:
            return 0.0
        pairs = slice(0, int(self.beliefs.starts[1]))
        slot = self.rows.next_slot(place, at)
        wait = float(self.timetable.wait_risk[place]) / _MICRO_MINUTES
        keeps = float(np.exp(-wait * (int(self.rows.time[slot]) - at)))
        return keeps * float(self.value[row, pairs] @ self.beliefs.weights[self.beliefs.scenario_of[pairs]])

    def chances(self, *, at: int) -> NDArray[np.float64]:
        """Return the chance of arrival from every place (p,) for somebody who is there at a minute."""
        return np.array([self.chance(place, at=at) for place in range(len(self.timetable.max_stay))])


def find_policy(
    timetable: Timetable,
    *,
    causes: Sequence[float] = (),
    horizon: int | None = None,
    begin: int | None = None,
    max_cells: int = _CELLS,
    compiled: bool = True,
) -> Policy:
    """Find what to do next at every place and time.

    Args:
        causes: The chance of each shared cause to come about, by its number in the timetable.
        horizon: The minute by which one has to have arrived; the last arrival if nothing is said.
        begin: The first minute that somebody may set out from; the first departure if nothing is said.
        max_cells: How many numbers the policy may hold: bounds what is remembered of causes and how many
            ends of stays in regions are told apart.
        compiled: Whether to use numba where it is there.
    """
    last = int(timetable.arrives.max()) if len(timetable.arrives) else 0
    soonest = int(timetable.departs[0]) if len(timetable.departs) else 0
    horizon = last if horizon is None else horizon
    begin = soonest if begin is None else begin
    uncertain = np.unique(timetable.cause[timetable.cause >= 0])
    rows = lay_out_rows(
        timetable, begin=begin, max_rows=max(1, max_cells // min(_PAIRS, 5 ** len(uncertain)))
    )
    # Scenarios come before memory and before the bound: what is left out of them counts as not arriving.
    pairs = max(max_cells // max(1, rows.size), min(_SCENARIOS, 2 ** len(uncertain)))
    beliefs = lay_out_beliefs(timetable, causes=causes, max_pairs=pairs)
    run = _sweep if compiled and _have_numba() else _sweep_plain
    value, take, planned = run(timetable, rows, beliefs, horizon)
    return Policy(
        timetable=timetable,
        causes=tuple(causes),
        rows=rows,
        beliefs=beliefs,
        value=value,
        take=take,
        planned=planned,
        horizon=horizon,
    )


_Swept = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int32]]


def _have_numba() -> bool:
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True


def _sweep(timetable: Timetable, rows: Rows, beliefs: Beliefs, horizon: int) -> _Swept:
    # Here, since numba takes a second to load and need not be there.
    from causeway.routes.policy_sweep import sweep

    value = np.zeros((rows.size, beliefs.size))
    take = np.zeros((rows.size, len(beliefs.memories)), dtype=np.bool_)
    planned = np.full(take.shape, NEVER, dtype=np.int32)
    is_end = np.zeros(len(timetable.max_stay), dtype=np.bool_)
    is_end[timetable.ends] = True
    sweep(
        timetable.departs, timetable.arrives, timetable.origin, timetable.target, timetable.through,
        timetable.lost, timetable.back_after, timetable.cause, is_end, timetable.wait_risk / _MICRO_MINUTES,
        rows.first, rows.slot, rows.time, rows.row_start, rows.stay, rows.region, rows.region_stay,
        rows.width, rows.lowest, rows.end_start, rows.ends, rows.enters,
        beliefs.starts, beliefs.belief, beliefs.down, beliefs.after_through, beliefs.after_back,
        beliefs.memory_through, beliefs.closed, horizon, value, take, planned, _EQUAL,
    )  # fmt: skip
    return value, take, planned


def _sweep_plain(timetable: Timetable, rows: Rows, beliefs: Beliefs, horizon: int) -> _Swept:
    wait = timetable.wait_risk / _MICRO_MINUTES
    plain = PlainSweep(timetable, rows=rows, beliefs=beliefs, wait=wait, horizon=horizon, tolerance=_EQUAL)
    plain.run()
    return plain.value, plain.take, plain.planned
