"""Planned journeys as parts that a helper serves each, and who could serve them: what is read, and checked.

A part is what one helper does for one group: a drive, a night or some in a house, a walk to the bus. What it
would risk with each helper comes from the centre: who drives well, whose house is watched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from causeway.routes.read_json import read_file
from causeway.routes.reading import Path
from causeway.sentences import Sentence, say

__all__ = ["EXPOSURE_FORMAT", "ExposurePlan", "Part", "Serving", "Stage", "read_exposure_plan"]

EXPOSURE_FORMAT: Final = "causeway-exposure/1"

Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s\x00-\x1f]+$")]
Count = Annotated[int, Meta(ge=0, le=100_000)]
Stage = Literal["first", "middle", "last"]

_TWICE: Final = say("Expected an id of its own; an earlier one is the same.")
_NO_HELPER: Final = say("Expected the id of one of the helpers.")
_NO_PERSON: Final = say("Expected the id of one of the people.")
_SAME_PERSON: Final = say("Expected each person once.")
_ENDS: Final = say(
    "Nobody may serve both the first and the last part of journeys, since they would know both ends."
)


class Serving(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A helper: a driver, a host, somebody who walks along.

    Args:
        seats: People whom they can serve on one day (a host: beds in a night).
        on: Days with another number; zero where they cannot.
        areas: Where they serve; none means everywhere.
        stages: Which part of a journey they may serve.
        frozen: Not to be asked on any day.
    """

    id: Id
    seats: Count
    on: dict[date, Count] = msgspec.field(default_factory=dict)
    areas: tuple[Id, ...] = ()
    stages: Annotated[tuple[Stage, ...], Meta(min_length=1)] = ("middle",)
    frozen: bool = False

    def room(self, day: date) -> int:
        """Return how many they can serve on that day."""
        return 0 if self.frozen else self.on.get(day, self.seats)


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One part of a journey, which one helper serves.

    Args:
        people: The group that it serves; they stay together.
        on: Its first day.
        days: How many days or nights it lasts, on each of which it takes its seats.
        risks: For each helper who could, the risk of this part with them, in micro-nepers.
    """

    id: Id
    people: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=50)]
    on: date
    stage: Stage
    days: Annotated[int, Meta(ge=1, le=366)] = 1
    area: Id | None = None
    risks: dict[Id, Annotated[int, Meta(ge=0, le=20_000_000)]]


class ExposurePlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everything that helpers are asked for.

    Args:
        more_risk: How much more risk than the least possible may be taken to give away fewer: 0.03 is 3 %.
    """

    format: Literal["causeway-exposure/1"]
    people: tuple[Id, ...]
    helpers: tuple[Serving, ...]
    parts: tuple[Part, ...]
    more_risk: Annotated[float, Meta(ge=0, le=1)] = 0.03


def read_exposure_plan(data: bytes) -> ExposurePlan:
    """Return the plan that a file holds.

    Raises:
        BrokenFile: With the line of everything found wrong.
    """
    return read_file(data, ExposurePlan, _check)


def _check(plan: ExposurePlan) -> Iterator[tuple[Path, Sentence]]:
    yield from _twice("helpers", (helper.id for helper in plan.helpers), field="id")
    yield from _twice("parts", (part.id for part in plan.parts), field="id")
    yield from _twice("people", plan.people)
    helpers, people = {helper.id for helper in plan.helpers}, set(plan.people)
    for number, helper in enumerate(plan.helpers):
        if {"first", "last"} <= set(helper.stages):
            yield ("helpers", number, "stages"), _ENDS
    for number, part in enumerate(plan.parts):
        for at, person in enumerate(part.people):
            if person not in people:
                yield ("parts", number, "people", at), _NO_PERSON
            elif person in part.people[:at]:
                yield ("parts", number, "people", at), _SAME_PERSON
        if not helpers.issuperset(part.risks):
            yield ("parts", number, "risks"), _NO_HELPER


def _twice(name: str, ids: Iterable[str], *, field: str | None = None) -> Iterator[tuple[Path, Sentence]]:
    seen: set[str] = set()
    for number, one in enumerate(ids):
        if one in seen:
            yield ((name, number) if field is None else (name, number, field)), _TWICE
        seen.add(one)
