"""Registers with several values: two who set an address at once get both, as a conflict to settle.

The fold is a set union of "written" and "replaced", so the order in which entries arrive, and how
often, makes no difference. An entry that was issued again under its id is the same value; other content under
an id that is taken is one more value, and a conflict: nobody can change silently what stands there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from causeway.record.entry import Body

__all__ = ["Register", "Written"]

_encoder = msgspec.msgpack.Encoder()


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

    current: dict[bytes, dict[bytes, Written]] = field(default_factory=dict)
    replaced: set[bytes] = field(default_factory=set)

    def apply(self, body: Body) -> None:
        """Take one `set` entry, in any order and as often as it comes."""
        for head in body.heads:
            self.replaced.add(head)
            self.current.pop(head, None)
        if body.entry_id not in self.replaced:
            content = _encoder.encode((body.value, body.clock, body.member))
            self.current.setdefault(body.entry_id, {})[content] = Written(
                entry_id=body.entry_id, value=body.value, clock=body.clock, member=body.member
            )

    def apply_all(self, bodies: Iterable[Body]) -> None:
        """Take several entries."""
        for body in bodies:
            self.apply(body)

    @property
    def values(self) -> tuple[Written, ...]:
        """All values in force, newest first by the display clock; more than one is a conflict to settle."""
        found = [
            (one.clock, entry_id, content)
            for entry_id in self.current
            for content, one in self.current[entry_id].items()
        ]
        return tuple(self.current[entry_id][content] for _, entry_id, content in sorted(found, reverse=True))

    @property
    def heads(self) -> tuple[bytes, ...]:
        """What an entry that settles this register has to name."""
        return tuple(sorted(self.current))
