"""`causeway routes find`: every way out that no other outdoes, or what stands nearest to opening one."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from causeway.routes.explain import ExplainedLeg, Route
from causeway.routes.find import AN_ANSWER, NoWayOut, Routes, find
from causeway.routes.itineraries import itinerary_of
from causeway.routes.near_misses import Nearest
from causeway.routes.read_json import read_case, read_network, read_rules
from causeway.routes.rules import RestsOn, RuleTable
from causeway.sentences import Sentence

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["as_json", "command"]

_NO_WAY: Final = 1
_SHOWN: Final = 12
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("find")
@click.argument("network", type=_FILE)
@click.argument("case", type=_FILE)
@click.option("--json", "json_wanted", is_flag=True, help="Print everything as JSON.")
@click.option(
    "--rules", "books", multiple=True, type=_FILE, help="Rules laid over the network's own, last on top."
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    help="Draws among routes that are almost equally good; 0: the exact answers; the case's own otherwise.",
)
@click.option(
    "--now",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day against which the age of rules counts; today's otherwise.",
)
def command(
    network: Path,
    case: Path,
    json_wanted: bool,
    books: tuple[Path, ...],
    seed: int | None,
    now: dt.datetime | None,
) -> None:
    """Find lawful ways out of a NETWORK for the group of a CASE.

    Every way is listed that no other outdoes in arrival, risk, money and hand-overs at once. Ends with 1
    when there is none, after saying what would open one. An answer is a chance, never a yes.
    """
    ways = read_network(network.read_bytes())
    table = RuleTable.of(ways.rules, *(read_rules(book.read_bytes()) for book in books))
    group = read_case(case.read_bytes())
    day = now.date() if now is not None else dt.datetime.now(tz=dt.UTC).date()
    answer = find(ways, table, group, now=day, seed=seed)
    if json_wanted:
        click.echo(json.dumps(as_json(answer), ensure_ascii=False, indent=2))
    else:
        from rich.console import Console

        _print(answer, Console(soft_wrap=True))
    if isinstance(answer, NoWayOut):
        sys.exit(_NO_WAY)


def as_json(answer: Routes | NoWayOut) -> dict[str, Any]:
    """Return an answer as what `--json` prints.

    `arrival` is in minutes from the network's first midnight, `risk` in micro-nepers, `money` in cents; times
    of day are by the clock of the place. `itinerary` is the route as a programme reads it.
    """
    if isinstance(answer, NoWayOut):
        return {
            "routes": [],
            "reason": str(answer.reason),
            "because": _texts(answer.because),
            "nearest": [_nearest(one) for one in answer.nearest],
            "notes": _texts(answer.notes),
        }
    return {
        "routes": [_route(one, number) for number, one in enumerate(answer.routes, start=1)],
        "exact": answer.exact,
        "notes": _texts((AN_ANSWER, *answer.notes)),
    }


def _texts(sentences: Iterable[Sentence]) -> list[str]:
    return [str(one) for one in sentences]


def _route(route: Route, number: int) -> dict[str, Any]:
    return {
        **route.costs._asdict(),
        "arrives_at": route.arrives_at.isoformat(),
        "end": route.end.id,
        "chance": round(route.chance, 6),
        "legs": [_leg(leg) for leg in route.legs],
        "ground": [_rest(rest) for rest in route.ground],
        "notes": _texts(route.notes),
        "itinerary": msgspec.to_builtins(itinerary_of(route, name=f"way-{number}")),
    }


def _leg(leg: ExplainedLeg) -> dict[str, Any]:
    return {
        "leg": leg.leg.id,
        "mode": leg.leg.mode,
        "from": leg.origin.id,
        "to": leg.target.id,
        "departs_at": leg.departs_at.isoformat(),
        "arrives_at": leg.arrives_at.isoformat(),
        "departs": leg.departs,
        "arrives": leg.arrives,
        "waits": leg.waits,
        "risk": leg.risk,
        "money": leg.money,
        "handovers": leg.handovers,
        "chance": round(leg.chance, 6),
        "helper": leg.leg.helper,
        "nights": [{"house": house.id, "on": night.isoformat()} for night, house in leg.nights],
        "rests": [_rest(rest) for rest in leg.rests],
        "says": _texts(leg.said),
    }


def _rest(rest: RestsOn) -> dict[str, Any]:
    return {
        "rule": str(rest.said),
        "source": rest.source,
        "date": rest.date.isoformat(),
        "confidence": rest.confidence,
        "stale": None if rest.stale is None else str(rest.stale),
    }


def _nearest(one: Nearest) -> dict[str, Any]:
    return {
        "remedy": _texts(one.remedy),
        "obstacles": [
            {"kind": obstacle.kind, "subject": list(obstacle.subject), "reason": str(obstacle.reason)}
            for obstacle in one.obstacles
        ],
        "arrival": one.arrives,
        "arrives_at": one.arrives_at.isoformat(),
        "legs": list(one.legs),
        "notes": _texts(one.notes),
    }


def _print(answer: Routes | NoWayOut, console: Console) -> None:
    from rich.text import Text

    if isinstance(answer, NoWayOut):
        console.print(Text(str(answer.reason), style="bold"))
        for sentence in answer.because:
            console.print(Text(f"  · {sentence}"))
        if answer.nearest:
            console.print(Text("\nAny one of these would open a way:", style="bold"))
        for near in answer.nearest:
            remedy = " ".join(_texts(near.remedy))
            if len(near.remedy) > 1:
                remedy = f"All of these together: {remedy}"
            when = near.arrives_at.isoformat(" ", "minutes")
            console.print(Text(f"  · {remedy} First arrival {when}, by {', '.join(near.legs)}."))
            for note in near.notes:
                console.print(Text(f"    ! {note}", style="yellow"))
    else:
        _print_routes(answer, console)
    for note in answer.notes:
        console.print(Text(f"\n{note}"))
    console.print(Text(f"\n{AN_ANSWER}", style="bold"))


def _print_routes(answer: Routes, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table("", "arrives", "chance", "money", "hand-overs", "legs")
    shown = _spread(answer.routes)
    for number, route in enumerate(shown, start=1):
        table.add_row(
            str(number),
            route.arrives_at.isoformat(" ", "minutes"),
            f"{route.chance:.1%}",
            f"{route.costs.money / 100:,.2f}",
            str(route.costs.handovers),
            str(len(route.legs)),
        )
    console.print(table)
    if len(shown) < len(answer.routes):
        console.print(
            f"{len(shown)} of {len(answer.routes)} routes: the best in each respect, and other ways;"
        )
        console.print("--json lists all.")
    for number, route in enumerate(shown, start=1):
        console.print(Text(f"\nRoute {number}, to {route.end.name}", style="bold"))
        for leg in route.legs:
            for sentence in leg.said:
                console.print(Text(f"  {sentence}"))
            console.print(Text(f"    chance {leg.chance:.1%}, {leg.money / 100:,.2f}"))
        for rest in route.ground:
            console.print(Text(f"  {rest.said} ({rest.source}, {rest.date.isoformat()})"))
        for note in route.notes:
            console.print(Text(f"  ! {note}", style="yellow"))


def _spread(routes: tuple[Route, ...]) -> list[Route]:
    """Return few enough routes to read: the best in each objective, then those that go another way."""
    chosen = {
        min(range(len(routes)), key=lambda at: (routes[at].costs[objective], at)) for objective in range(4)
    }
    ways = {_way(routes[at]) for at in chosen}
    for at, route in enumerate(routes):
        if len(chosen) < _SHOWN and _way(route) not in ways:
            chosen.add(at)
            ways.add(_way(route))
    return [routes[at] for at in sorted(chosen)]


def _way(route: Route) -> tuple[str, ...]:
    return tuple(leg.leg.id for leg in route.legs)
