"""Ways out: from hiding to ground where one can ask for asylum, by lawful journeys only.

Pure: bytes and values in, values out; no file, no socket, no clock. The rooms, in the order in which a
question passes through them:

**Files.** `read_network`, `read_case` and `read_rules` (also CSV: `read_csv_network`, timetable feeds:
`read_gtfs`, public tables of entry rules: `import_entry_table`) give the shapes in `network.py`, `cases.py`,
`documents.py`, `rules.py`. What is broken raises `BrokenFile` with lines and what was expected.

**What is open.** `compile_case` lays a group's papers over the network (`access.py`, `borders.py`): which
departures it may take, at what risk, resting on which rules (`RestsOn`). Out come arrays (`Timetable`), from
which words have gone. `keep_to_stages` then takes out what would have a helper know both ends.

**One group.** `find` returns the exact Pareto set of journeys, explained (`Routes`), or `NoWayOut` with the
nearest things that would open one. `policy_table` says what to do next when a leg fails.

**Many people.** `schedule.schedule` plans who goes when by which itinerary, `replan.replan` plans anew after
something fell; both explain who does not go. `minimise_exposure` spreads helpers so that one arrest gives
away few. These two functions are named like their modules and are imported from there.

Whatever needs scipy's solvers is loaded when it is asked for; numba and OR-Tools need not be there at all.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from causeway.routes.cases import CASE_FORMAT, Case, ExitBan, Traveller, Wanted
from causeway.routes.checking import missing_rules
from causeway.routes.columns import Columns
from causeway.routes.compiling import CaseError, Compiled, compile_case
from causeway.routes.departures import TooManyDepartures
from causeway.routes.documents import Document
from causeway.routes.explain import ExplainedLeg, Route, clock_of
from causeway.routes.find import AN_ANSWER, NoWayOut, Routes, find, journeys_of
from causeway.routes.instructions import instructions
from causeway.routes.itineraries import itinerary_of
from causeway.routes.journeys import Costs, Journey
from causeway.routes.near_equal import DEFAULT_TOLERANCE, Tolerance, near_equal
from causeway.routes.near_misses import Nearest
from causeway.routes.network import (
    NETWORK_FORMAT,
    Border,
    Cause,
    Country,
    Helper,
    House,
    Leg,
    Network,
    Place,
    Window,
)
from causeway.routes.obstacles import Obstacle
from causeway.routes.policy import Policy, find_policy
from causeway.routes.policy_table import PlaceTable, PolicyTable, TableStep, policy_table
from causeway.routes.public_table import import_entry_table
from causeway.routes.read_csv import read_csv_network
from causeway.routes.read_gtfs import FeedChoice, FeedLegs, read_gtfs
from causeway.routes.read_json import check_again, read_case, read_file, read_network, read_rules, write_rules
from causeway.routes.reading import BrokenFile, Problem
from causeway.routes.rules import (
    RULES_FORMAT,
    STALE_DAYS,
    EntryRule,
    Ground,
    RestsOn,
    RuleBook,
    RuleTable,
    Source,
    TransitRule,
    rests_on,
)
from causeway.routes.search import Engine, search
from causeway.routes.simulate import Journeys, simulate
from causeway.routes.stages import keep_to_stages
from causeway.routes.steps import Arrived, Instructions, NoWay, OnTo, Rare, Step, Stuck
from causeway.routes.timetable import MINUTES_A_DAY, NO_LIMIT, Timetable

if TYPE_CHECKING:
    from causeway.routes.events import Event, EventError, parse_event
    from causeway.routes.exposure import Exposure, NotServed, minimise_exposure
    from causeway.routes.exposure_plan import EXPOSURE_FORMAT, ExposurePlan, Part, Serving, read_exposure_plan
    from causeway.routes.limits import Limits, compile_programme
    from causeway.routes.programme import (
        PROGRAMME_FORMAT,
        Choice,
        Driver,
        Itinerary,
        Lodging,
        Night,
        Person,
        Programme,
        Rest,
        Ride,
        Vehicle,
        Weights,
    )
    from causeway.routes.programme_reading import read_plan, read_programme
    from causeway.routes.replan import Replan
    from causeway.routes.schedule import Plan, Progress, watch
    from causeway.routes.waiting import Waiting

__all__ = [
    "AN_ANSWER",
    "CASE_FORMAT",
    "DEFAULT_TOLERANCE",
    "EXPOSURE_FORMAT",
    "MINUTES_A_DAY",
    "NETWORK_FORMAT",
    "NO_LIMIT",
    "PROGRAMME_FORMAT",
    "RULES_FORMAT",
    "STALE_DAYS",
    "Arrived",
    "Border",
    "BrokenFile",
    "Case",
    "CaseError",
    "Cause",
    "Choice",
    "Columns",
    "Compiled",
    "Costs",
    "Country",
    "Document",
    "Driver",
    "Engine",
    "EntryRule",
    "Event",
    "EventError",
    "ExitBan",
    "ExplainedLeg",
    "Exposure",
    "ExposurePlan",
    "FeedChoice",
    "FeedLegs",
    "Ground",
    "Helper",
    "House",
    "Instructions",
    "Itinerary",
    "Journey",
    "Journeys",
    "Leg",
    "Limits",
    "Lodging",
    "Nearest",
    "Network",
    "Night",
    "NoWay",
    "NoWayOut",
    "NotServed",
    "Obstacle",
    "OnTo",
    "Part",
    "Person",
    "Place",
    "PlaceTable",
    "Plan",
    "Policy",
    "PolicyTable",
    "Problem",
    "Programme",
    "Progress",
    "Rare",
    "Replan",
    "Rest",
    "RestsOn",
    "Ride",
    "Route",
    "Routes",
    "RuleBook",
    "RuleTable",
    "Serving",
    "Source",
    "Step",
    "Stuck",
    "TableStep",
    "Timetable",
    "Tolerance",
    "TooManyDepartures",
    "TransitRule",
    "Traveller",
    "Vehicle",
    "Waiting",
    "Wanted",
    "Weights",
    "Window",
    "check_again",
    "clock_of",
    "compile_case",
    "compile_programme",
    "find",
    "find_policy",
    "import_entry_table",
    "instructions",
    "itinerary_of",
    "journeys_of",
    "keep_to_stages",
    "minimise_exposure",
    "missing_rules",
    "near_equal",
    "parse_event",
    "policy_table",
    "read_case",
    "read_csv_network",
    "read_exposure_plan",
    "read_file",
    "read_gtfs",
    "read_network",
    "read_plan",
    "read_programme",
    "read_rules",
    "rests_on",
    "search",
    "simulate",
    "watch",
    "write_rules",
]

# Loaded when asked for: scipy's solvers take longer to load than most searches take.
_LATER: Final = {
    "Event": "events",
    "EventError": "events",
    "parse_event": "events",
    "Exposure": "exposure",
    "NotServed": "exposure",
    "minimise_exposure": "exposure",
    "EXPOSURE_FORMAT": "exposure_plan",
    "ExposurePlan": "exposure_plan",
    "Part": "exposure_plan",
    "Serving": "exposure_plan",
    "read_exposure_plan": "exposure_plan",
    "Limits": "limits",
    "compile_programme": "limits",
    "PROGRAMME_FORMAT": "programme",
    "Choice": "programme",
    "Driver": "programme",
    "Itinerary": "programme",
    "Lodging": "programme",
    "Night": "programme",
    "Person": "programme",
    "Programme": "programme",
    "Rest": "programme",
    "Ride": "programme",
    "Vehicle": "programme",
    "Weights": "programme",
    "read_plan": "programme_reading",
    "read_programme": "programme_reading",
    "Replan": "replan",
    "Plan": "schedule",
    "Progress": "schedule",
    "watch": "schedule",
    "Waiting": "waiting",
}


def __getattr__(name: str) -> Any:
    """Load what plans for many people, by its name."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
