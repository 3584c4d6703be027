"""What the parts of a file may not say together: names that lead nowhere, legs that no border opens.

Each check yields a path into the file and a sentence; whoever read the file knows the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from causeway.routes.departures import minutes_of_clock
from causeway.routes.network import Helper, Leg, Network, Place
from causeway.routes.reading import Path
from causeway.routes.rules import RuleBook, RuleTable
from causeway.sentences import Sentence, say

__all__ = ["Flaw", "check_network", "check_rules", "missing_rules"]

Flaw = tuple[Path, Sentence]

_LISTS: Final = ("countries", "places", "houses", "helpers", "causes", "legs")


def check_network(network: Network) -> Iterator[Flaw]:
    """Yield what is wrong with a network as a whole."""
    for name in _LISTS:
        yield from _twice(name, (one.id for one in getattr(network, name)))
    yield from _check_places(network)
    helpers = {helper.id: helper for helper in network.helpers}
    for number, helper in enumerate(network.helpers):
        if {"first", "last"} <= set(helper.stages):
            yield (
                ("helpers", number, "stages"),
                say(
                    "Nobody may serve both the first and the last part of journeys, since they would know "
                    "both ends."
                ),
            )
    places = {place.id: place for place in network.places}
    causes = {cause.id for cause in network.causes}
    for number, leg in enumerate(network.legs):
        for path, what in _check_leg(leg, places, helpers, causes):
            yield ("legs", number, *path), what
    if network.rules is not None:
        for path, what in check_rules(network.rules):
            yield ("rules", *path), what
        for number, ground in enumerate(network.rules.ground):
            if ground.place is not None and ground.place not in places:
                yield ("rules", "ground", number, "place"), _NO_PLACE


def check_rules(book: RuleBook) -> Iterator[Flaw]:
    """Yield what is wrong with a book of rules as a whole."""
    yield from _twice("sources", (source.id for source in book.sources))
    sources = {source.id for source in book.sources}
    for name in ("entry", "transit", "ground"):
        for number, rule in enumerate(getattr(book, name)):
            if rule.source not in sources:
                yield (name, number, "source"), say("Expected the id of one of the sources.")
    for number, ground in enumerate(book.ground):
        if (ground.country is None) == (ground.place is None):
            yield ("ground", number), say("Expected either a country or a place, and not both.")


_NO_PLACE: Final = say("Expected the id of one of the places.")


def _twice(name: str, ids: Iterable[str]) -> Iterator[Flaw]:
    seen: set[str] = set()
    for number, one in enumerate(ids):
        if one in seen:
            yield (name, number, "id"), say("Expected an id of its own; an earlier one is the same.")
        seen.add(one)


def _check_places(network: Network) -> Iterator[Flaw]:
    if not network.places:
        yield ("places",), say("Expected one place at least.")
    countries = {country.id for country in network.countries}
    known = countries | {place.id for place in network.places} | {place.country for place in network.places}
    if countries:
        for number, place in enumerate(network.places):
            if place.country not in countries:
                yield ("places", number, "country"), say("Expected the id of one of the countries.")
    places = {place.id for place in network.places}
    for number, house in enumerate(network.houses):
        if house.place not in places:
            yield ("houses", number, "place"), _NO_PLACE
        for at, (one, other) in enumerate(house.must_not_meet):
            if one == other:
                yield ("houses", number, "must_not_meet", at), say("Expected two different people.")
    for number, helper in enumerate(network.helpers):
        for at, area in enumerate(helper.areas):
            if area not in known:
                yield (
                    ("helpers", number, "areas", at),
                    say("Expected the id of one of the places or countries."),
                )


def _check_leg(
    leg: Leg, places: dict[str, Place], helpers: dict[str, Helper], causes: set[str]
) -> Iterator[Flaw]:
    if bool(leg.at) == bool(leg.windows):
        yield (), say("Expected either times at which the leg sets out (at) or windows, and not both.")
    for number, window in enumerate(leg.windows):
        if minutes_of_clock(window.start) > minutes_of_clock(window.end):
            yield (
                ("windows", number),
                say("Expected an end after the beginning; after midnight, hours go on: 25:30."),
            )
    if leg.cause is not None and leg.cause not in causes:
        yield ("cause",), say("Expected the id of one of the causes.")
    origin, target = places.get(leg.origin), places.get(leg.target)
    if origin is None:
        yield ("from",), _NO_PLACE
    if target is None:
        yield ("to",), _NO_PLACE
    if leg.helper is not None:
        yield from _check_helper(helpers.get(leg.helper), origin, target)
    if origin is None or target is None:
        return
    if origin is target:
        yield ("to",), say("Expected a place other than the one the leg sets out from.")
    else:
        yield from _check_border(leg, origin, target)


def _check_helper(helper: Helper | None, origin: Place | None, target: Place | None) -> Iterator[Flaw]:
    if helper is None:
        yield ("helper",), say("Expected the id of one of the helpers.")
        return
    for place in (origin, target):
        if place is not None and helper.areas and not {place.id, place.country} & set(helper.areas):
            yield ("helper",), say("Expected a helper whose areas hold both ends of the leg.")
            return


def _check_border(leg: Leg, origin: Place, target: Place) -> Iterator[Flaw]:
    crosses = origin.country != target.country or origin.airside or target.airside
    if leg.border is None:
        if leg.mode == "border" or crosses:
            yield (
                (),
                say(
                    "This leg leads from one country into another, so it needs a crossing point (border): "
                    "journeys are lawful ones only."
                ),
            )
        return
    if not crosses:
        yield ("border",), say("Expected no border: both ends lie in one country.")
        return
    if leg.border.from_country != origin.country:
        yield ("border", "from"), say("Expected the country that the leg sets out from.")
    if leg.border.to_country != target.country:
        yield ("border", "to"), say("Expected the country that the leg leads into.")


def missing_rules(network: Network, table: RuleTable) -> Iterator[Sentence]:
    """Yield the countries that legs lead into and that no rule speaks of: no foreign passport opens them."""
    known = {rule.country for rule, _ in table.entry.values()}
    entered = {leg.border.to_country for leg in network.legs if leg.border is not None}
    for country in sorted(entered - known):
        yield say(
            "Legs lead into {country}, and no rule says whom it lets in; only its own people and those with "
            "its visa come through.",
            country=country,
        )
