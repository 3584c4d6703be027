"""What makes a plan better while one watches: engines side by side that share what they find.

Prover: HiGHS on every column that a better plan could still hold; it lowers the bound, and is started anew
with more time when the plan has become better meanwhile. Neighbourhoods: parts of the plan, solved one after
the other. CP-SAT, where OR-Tools is installed and is wished for: from the best plan, with all its workers.

HiGHS, as scipy has it, cannot be interrupted: its engines run in daemon threads that a stop leaves behind, to
end unheard at their own limit of seconds (`settle` waits for them).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from causeway.routes.cpsat import CpSat
from causeway.routes.limits import Limits
from causeway.routes.neighbourhoods import Neighbourhoods
from causeway.routes.part import solve_part
from causeway.routes.relaxation import Relaxation
from causeway.routes.standing import Standing
from causeway.routes.swaps import by_gain

__all__ = ["Race", "engines_running", "settle"]

_PART_SECONDS: Final = 4.0
_QUICK_SECONDS: Final = 0.7
_PROOF_SECONDS: Final = 60.0
_IN_TIME: Final = 0.92
_PROOF_GROWTH: Final = 2.0

_engines: WeakSet[threading.Thread] = WeakSet()


def engines_running() -> bool:
    """Tell whether a search that ended has left engines behind."""
    return any(thread.is_alive() for thread in list(_engines))


def settle() -> None:
    """Wait for engines that a stopped search left behind: before a process ends in the ordinary way.

    HiGHS' own threads abort a process that ends while they work.
    """
    for thread in list(_engines):
        thread.join()


class Race:
    """The best plan and bound so far, and the engines that better them.

    Args:
        standing: A plan to start from.
        until: A moment of `time.perf_counter` at which everything ends.
    """

    def __init__(
        self, limits: Limits, *, relaxation: Relaxation, standing: Standing, seed: int, until: float
    ) -> None:
        self.objective = standing.total
        self.columns = tuple(standing.columns())
        self.bound = relaxation.bound
        self.failures: list[BaseException] = []
        self._limits = limits
        self._relaxation = relaxation
        self._order = by_gain(limits, relaxation)
        self._seed = seed
        self._until = until
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._cpsat: CpSat | None = None
        self._parts_run = False
        best = np.zeros(len(limits.people))
        np.maximum.at(best, limits.person, relaxation.gain)
        self._lost = best[limits.person] - relaxation.gain
        self._root = relaxation.bound

    def start(self, *, exact: bool, alone: bool, cpsat: bool) -> None:
        """Start the engines.

        Args:
            exact: The prover among them; where there are very many columns it finds nothing in minutes.
            alone: The prover first, and neighbourhoods only if it does not end soon.
            cpsat: CP-SAT among them.
        """
        if exact:
            self._engine(self._prove)
        if cpsat:
            self._engine(self._run_cpsat)
        self._parts_run = not (exact and alone)
        if self._parts_run:
            self._engine(self._search_parts)

    def wait(self, seconds: float) -> bool:
        """Wait until something is better, at most so long; return whether something is."""
        changed = self._changed.wait(seconds)
        self._changed.clear()
        return changed

    def stop(self) -> None:
        """End the engines; what they find from now on is not looked at."""
        with self._lock:
            self._ended.set()
            if self._cpsat is not None:
                self._cpsat.stop()

    @property
    def over(self) -> bool:
        """Whether the best is proved, the time is up, or somebody stopped."""
        return self._ended.is_set() or self.objective >= self.bound or time.perf_counter() >= self._until

    def open_columns(self) -> NDArray[np.bool_]:
        """Return the columns that a better plan could hold: (n,).

        Choosing a column costs its person's best gain less its own; whoever goes beyond what lies between
        bound and plan cannot lead to a better one (reduced-cost fixing, Dantzig, Fulkerson and Johnson 1954).
        """
        open_to: NDArray[np.bool_] = self._lost <= self._root - self.objective
        open_to[list(self.columns)] = True
        return open_to

    def offer(self, columns: Iterable[int]) -> None:
        """Take a plan that an engine found, if it is better; filled up first."""
        standing = Standing(self._limits, columns)
        standing.fill(self._order)
        with self._lock:
            if standing.total > self.objective and not self._ended.is_set():
                self.objective, self.columns = standing.total, tuple(standing.columns())
                self._changed.set()

    def lower(self, bound: int) -> None:
        """Take a bound that an engine proved."""
        with self._lock:
            if bound < self.bound and not self._ended.is_set():
                self.bound = max(bound, self.objective)
                self._changed.set()

    def _engine(self, engine: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._guarded, args=(engine,), daemon=True)
        _engines.add(thread)
        thread.start()

    def _guarded(self, engine: Callable[[], None]) -> None:
        try:
            engine()
        except BaseException as failure:  # handed on to the thread that waits
            self.failures.append(failure)
            self._changed.set()

    def _left(self) -> float:
        return self._until - time.perf_counter()

    def _prove(self) -> None:
        seconds = _PROOF_SECONDS
        while not self.over:
            began = time.perf_counter()
            # Each run begins anew: one that would leave little time for another takes it all. What comes
            # after the end is not heard, and HiGHS overruns its limit.
            left = self._left() * _IN_TIME
            allowed = max(0.1, seconds if left > _PROOF_GROWTH * seconds else left)
            before = self.objective
            part = solve_part(self._limits, standing=[], free=self.open_columns(), seconds=allowed)
            if part.columns is not None:
                self.offer(part.columns)
            # A column left out leads to no plan better than `before`.
            self.lower(max(part.bound, before))
            if part.finished:
                return
            if not self._parts_run and not self.over:
                self._parts_run = True
                self._engine(self._search_parts)
            if time.perf_counter() - began >= allowed:
                seconds *= _PROOF_GROWTH

    def _search_parts(self) -> None:
        rng = random.Random(self._seed)  # noqa: S311 - which part of the plan is looked at next
        parts = Neighbourhoods(self._limits, promising=self.open_columns(), rng=rng)
        while not self.over:
            standing = Standing(self._limits, self.columns)
            began = time.perf_counter()
            free = parts.draw(standing)
            allowed = max(0.1, min(_PART_SECONDS, self._left()))
            part = solve_part(self._limits, standing=standing.columns(), free=free, seconds=allowed)
            if part.columns is not None:
                self.offer(part.columns)
            parts.solved(quickly=time.perf_counter() - began < _QUICK_SECONDS)

    def _run_cpsat(self) -> None:
        engine = CpSat(
            self._limits,
            open_to=self.open_columns(),
            hint=self.columns,
            seed=self._seed,
            on_plan=self.offer,
            on_bound=self.lower,
        )
        with self._lock:
            if self._ended.is_set():
                return
            self._cpsat = engine
        engine.run(max(0.1, self._left()))
