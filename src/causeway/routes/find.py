"""Ways out for one group: every one that no other outdoes, or what stands nearest to opening one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from causeway.routes.cases import Case
from causeway.routes.compiling import Compiled, compile_case
from causeway.routes.explain import Route, clock_of, explain
from causeway.routes.journeys import Journey
from causeway.routes.near_equal import DEFAULT_TOLERANCE, Tolerance, near_equal
from causeway.routes.near_misses import Nearest, nearest_things
from causeway.routes.network import Network
from causeway.routes.rules import RuleTable
from causeway.routes.search import Engine, search
from causeway.routes.stages import keep_to_stages
from causeway.sentences import Sentence, say

__all__ = ["AN_ANSWER", "NoWayOut", "Routes", "find", "journeys_of"]

AN_ANSWER = say(
    "An answer is a chance, never a yes: the chances are those of the network's files, and whoever stands at "
    "a border decides. Every crossing here is one that the papers in the case open by the rules named; "
    "nothing else was looked for."
)


@dataclass(frozen=True)
class Routes:
    """Every way out that no other outdoes in arrival, risk, money and hand-overs at once.

    Args:
        routes: By arrival, then risk, money and hand-overs; never empty.
        exact: Whether these are the answers themselves, not journeys drawn from those almost as good.
        notes: What holds for all of them.
    """

    compiled: Compiled
    routes: tuple[Route, ...]
    exact: bool
    notes: tuple[Sentence, ...]


@dataclass(frozen=True)
class NoWayOut:
    """There is none, why not, and what would open one.

    Args:
        because: What stands in the way of the legs that could have been of use.
        nearest: Each by itself opens a way out; one thing before several, an early arrival before a late one.
    """

    reason: Sentence
    because: tuple[Sentence, ...]
    nearest: tuple[Nearest, ...]
    notes: tuple[Sentence, ...]


def find(
    network: Network,
    table: RuleTable,
    case: Case,
    *,
    now: dt.date,
    seed: int | None = None,
    tolerance: Tolerance = DEFAULT_TOLERANCE,
    engine: Engine = "fastest",
) -> Routes | NoWayOut:
    """Find every way out for a group.

    Args:
        now: Against which the age of a rule counts.
        seed: Chooses among routes that are almost equally good, within `tolerance`; 0 takes the exact
            answers, and nothing said takes the case's own.

    Raises:
        CaseError: The case does not fit the network.
        TooManyDepartures: More than a search could hold.
    """
    compiled = keep_to_stages(compile_case(network, table, case, now=now), network)
    seed = case.seed if seed is None else seed
    journeys = journeys_of(compiled, seed=seed, tolerance=tolerance, engine=engine)
    if journeys:
        routes = tuple(explain(compiled, journey) for journey in journeys)
        return Routes(compiled, routes, seed == 0, compiled.notes)
    because, nearest = nearest_things(network, table, case, compiled, now=now, engine=engine)
    return NoWayOut(_reason(compiled), because, nearest, compiled.notes)


def journeys_of(
    compiled: Compiled,
    *,
    seed: int = 0,
    tolerance: Tolerance = DEFAULT_TOLERANCE,
    engine: Engine = "fastest",
) -> tuple[Journey, ...]:
    """Return the journeys of a compiled case: the exact answers, or with a seed, journeys drawn near them."""
    journeys = search(compiled.timetable, start=compiled.origin, minute=compiled.earliest, engine=engine)
    if seed == 0:
        return journeys
    return near_equal(
        compiled.timetable,
        journeys,
        start=compiled.origin,
        minute=compiled.earliest,
        seed=seed,
        tolerance=tolerance,
    )


def _reason(compiled: Compiled) -> Sentence:
    gaps = {
        "place": compiled.places[compiled.origin].name,
        "earliest": clock_of(compiled, compiled.origin, compiled.earliest).isoformat(" ", "minutes"),
        "latest": clock_of(compiled, compiled.origin, compiled.latest).isoformat(" ", "minutes"),
    }
    if not compiled.timetable.ends.size:
        return say("No place of this network counts as ground where this group can ask for asylum.")
    if not (compiled.timetable.origin == compiled.origin).any():
        return say("Nothing that is open to this group leaves {place} from {earliest} to {latest}.", **gaps)
    return say(
        "Nothing that is open to this group leads from {place} to an end from {earliest} to {latest}.", **gaps
    )
