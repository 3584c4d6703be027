"""What a person is told to do: steps, and what follows each."""

from __future__ import annotations

from dataclasses import dataclass

from causeway.sentences import Sentence

__all__ = ["Arrived", "Instructions", "NoWay", "OnTo", "Rare", "Step", "Stuck", "Then"]


@dataclass(frozen=True)
class Arrived:
    """The journey has ended where it should."""


@dataclass(frozen=True)
class OnTo:
    """Go on with the step of this number."""

    step: int


@dataclass(frozen=True)
class Stuck:
    """Nothing is left to take that leads there in time and within the stays allowed."""


@dataclass(frozen=True)
class Rare:
    """This happens so rarely that the table leaves it out; ask the centre."""


Then = Arrived | OnTo | Stuck | Rare


@dataclass(frozen=True)
class Step:
    """Wait at a place until a departure, and take it.

    Args:
        number: From 1, in order of departure.
        since: The earliest minute at which somebody waits here for it.
        departure: The timetable's.
        met: Causes met failing or open by everybody who comes here.
        reached: The chance of standing here at the departure at all.
        chance: The chance of arrival of those who do.
        through: Their chance of getting through on this departure.
        lost: Their chance of being taken on it.
        then: After getting through.
        back_at: The minute at which somebody turned back stands here again.
        back: After being turned back; None where nobody is.
    """

    number: int
    place: int
    since: int
    departs: int
    departure: int
    target: int
    arrives: int
    met: tuple[tuple[int, int], ...]
    reached: float
    chance: float
    through: float
    lost: float
    then: Then
    back_at: int
    back: Then | None


@dataclass(frozen=True)
class Instructions:
    """What one group does from one start on.

    Args:
        chance: Of arrival, at the start.
        missing: The chance of scenarios left out, which count as not arriving.
        first: What to begin with.
        left_out: The chance of getting to a point that is too rare for the table.
    """

    start: int
    at: int
    chance: float
    missing: float
    first: Then
    steps: tuple[Step, ...]
    left_out: float


@dataclass(frozen=True)
class NoWay:
    """Whatever one does, one does not arrive."""

    reason: Sentence
