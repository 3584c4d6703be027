"""Which processes descend from one (proc(5), Linux only)."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

__all__ = ["family_of"]

_PROC: Final = Path("/proc")


def family_of(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text()
                parent = int(stat[stat.rindex(")") + 2 :].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    family = [pid]
    for member in family:
        family.extend(children.get(member, []))
    return family
