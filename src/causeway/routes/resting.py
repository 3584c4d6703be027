"""What a plan says of the rules that its itineraries rest on: those that are too old, every time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from causeway.routes.programme import Choice, Itinerary, Programme
from causeway.routes.rules import too_old
from causeway.sentences import Sentence, say

__all__ = ["old_rules", "silent_note"]


def old_rules(
    programme: Programme, chosen: Sequence[Choice], *, now: dt.date
) -> dict[str, tuple[Sentence, ...]]:
    """Return, for everybody who goes by an itinerary that rests on rules that are too old, what to say."""
    ways = _ways(programme)
    found = {}
    for choice in chosen:
        rests = ways[choice.person, choice.itinerary].rests or ()
        said = (too_old(rest.date, source=rest.source, now=now) for rest in rests)
        notes = {str(note): note for note in said if note is not None}
        if notes:
            found[choice.person] = tuple(notes.values())
    return found


def silent_note(programme: Programme, chosen: Sequence[Choice]) -> tuple[Sentence, ...]:
    """Return what to say where nobody has written down on which rules itineraries rest."""
    ways = _ways(programme)
    silent = sum(ways[choice.person, choice.itinerary].rests is None for choice in chosen)
    if not silent:
        return ()
    return (
        say(
            "Of {silent} of the {going} itineraries it is not said on which rules they rest. Find them again "
            "before anybody leaves.",
            silent=silent,
            going=len(chosen),
        ),
    )


def _ways(programme: Programme) -> Mapping[tuple[str, str], Itinerary]:
    return {(person.id, way.id): way for person in programme.people for way in person.itineraries}
