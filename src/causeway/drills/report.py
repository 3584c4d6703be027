"""What a drill has found, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from causeway.drills.canaries import CANARY, Canaries
from causeway.drills.search import Find

__all__ = ["DrillReport", "Found", "TextTable"]


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """Something that tells of somebody: what and whose, where, and how it was written there."""

    what: str
    where: str
    why: str


@dataclass(frozen=True, slots=True)
class TextTable:
    """Something that people read in rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DrillReport:
    """The end of a drill.

    Attributes:
        drill: Its name.
        people: How many invented people there were.
        people_exposed: Of how many of them anything was found.
        found: What was found of them.
        searched_bytes: Of memory and files; what was unpacked from them is not counted again.
        searched: What was taken and searched.
        not_searched: What somebody might also take.
        canaries: How many were planted.
        missed: What had to be found and was not: then the drill says nothing.
    """

    drill: str
    people: int
    people_exposed: int
    found: tuple[Found, ...]
    searched_bytes: int
    searched: tuple[str, ...]
    not_searched: tuple[str, ...]
    canaries: int
    missed: tuple[str, ...]

    @classmethod
    def of(
        cls,
        drill: str,
        *,
        people: int,
        finds: Iterable[Find],
        canaries: Canaries,
        searched_bytes: int,
        searched: Sequence[str],
        not_searched: Sequence[str],
        missed: Sequence[str] = (),
        also_found: Sequence[Found] = (),
    ) -> Self:
        """Sum up what a search has found.

        Args:
            drill: Its name.
            people: How many there were.
            finds: All finds, canaries among them.
            canaries: What was planted.
            searched_bytes: How much was read.
            searched: What was.
            not_searched: What was not.
            missed: What else had to be found and was not.
            also_found: What lies where it must not, though it tells of nobody by itself.
        """
        finds = list(finds)
        of_people = [find for find in finds if find.secret.person != CANARY]
        return cls(
            drill=drill,
            people=people,
            people_exposed=len({find.secret.person for find in of_people}),
            found=tuple(sorted({*also_found, *(_told(find) for find in of_people)})),
            searched_bytes=searched_bytes,
            searched=tuple(searched),
            not_searched=tuple(not_searched),
            canaries=canaries.count,
            missed=(*missed, *canaries.missed(find.secret for find in finds)),
        )

    @property
    def passed(self) -> bool:
        """Whether nobody was exposed, in a search that is known to find."""
        return not self.people_exposed and not self.found and not self.missed

    def tables(self) -> tuple[TextTable, ...]:
        """Return what a drill has to say beyond what all of them say."""
        return ()

    def as_json(self) -> dict[str, Any]:
        """Return it for `--json`."""
        return {
            "drill": self.drill,
            "people": self.people,
            "people_exposed": self.people_exposed,
            "found": [{"what": one.what, "where": one.where, "why": one.why} for one in self.found],
            "searched_bytes": self.searched_bytes,
            "searched": list(self.searched),
            "not_searched": list(self.not_searched),
            "canaries_planted": self.canaries,
            "canaries_missed": list(self.missed),
        }


def _told(find: Find) -> Found:
    why = f"written as {find.encoding}"
    if find.packed:
        why += f", packed as {' in '.join(reversed(find.packed))}"
    return Found(f"{find.secret.what} of {find.secret.person}", find.where, why)
