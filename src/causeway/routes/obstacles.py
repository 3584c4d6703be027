"""What stands in the way of a leg, in a form that can be taken away to see what would open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from causeway.sentences import Sentence

__all__ = ["Obstacle", "ObstacleKind"]

ObstacleKind = Literal[
    "document",
    "document_date",
    "rule",
    "exit_ban",
    "asked",
    "transit",
    "blocked_leg",
    "blocked_place",
    "seats",
    "helper",
    "times",
]


@dataclass(frozen=True)
class Obstacle:
    """One thing that closes legs, or some of their departures.

    Two are the same when kind and subject are: one missing visa that closes ten legs is one obstacle.

    Args:
        subject: What it is about, by names and ids: a traveller, a country, a leg.
        reason: Why, as a whole sentence.
        remedy: What would open it, as a whole sentence.
    """

    kind: ObstacleKind
    subject: tuple[str, ...]
    reason: Sentence = field(compare=False)
    remedy: Sentence = field(compare=False)

    @property
    def removable(self) -> bool:
        """Whether something in the world could take it away; no leg sets out at a time that it has not."""
        return self.kind != "times"
