"""Registers with several values: two who set an address at once get both, as a conflict to settle.

The fold is a set union of "written" and "replaced", so the order in which entries arrive, and how
often, makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from causeway.record.entry import Body

__all__ = ["Register", "Written"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """One value in force: who wrote it, and when by the display clock."""

    entry_id: bytes
    value: Any
    clock: int
    member: bytes


@dataclass(kw_only=True, slots=True)
class Register:
    """The values of one register that nobody has replaced."""

    current: dict[bytes, Written] = field(default_factory=dict)
    replaced: set[bytes] = field(default_factory=set)

    def apply(self, body: Body) -> None:
        """Take one `set` entry, in any order and as often as it comes."""
        for head in body.heads:
            self.replaced.add(head)
            self.current.pop(head, None)
        if body.entry_id not in self.replaced:
            self.current[body.entry_id] = Written(
                entry_id=body.entry_id, value=body.value, clock=body.clock, member=body.member
            )

    def apply_all(self, bodies: Iterable[Body]) -> None:
        """Take several entries."""
        for body in bodies:
            self.apply(body)

    @property
    def values(self) -> tuple[Written, ...]:
        """All values in force, newest first by the display clock; more than one is a conflict to settle."""
        return tuple(sorted(self.current.values(), key=lambda one: (one.clock, one.entry_id), reverse=True))

    @property
    def heads(self) -> tuple[bytes, ...]:
        """What an entry that settles this register has to name."""
        return tuple(sorted(self.current))
