"""Versions of the roster as a tree: which of them is in force, whatever order they came in.

Pure. Two successors of one version are a fork: nothing after it is in force until the root has chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from causeway.record.root import RosterChoice
from causeway.record.roster import Roster

__all__ = ["Lineage", "RosterFork", "Version", "lineage"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A verified version: its hash (32), its content, and whether it came after its appointment had run out.

    A late one counts only below a successor that is not: whoever took the coordinator's laptop after its time
    could date a version back.
    """

    hash: bytes
    roster: Roster
    late: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterFork:
    """The number that two or more versions claim, and those versions."""

    version: int
    successors: tuple[Version, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lineage:
    """The versions up to the one in force, and the fork at which they stop.

    Attributes:
        chain: From the oldest known one on.
        fork: What keeps the next version from being in force, if anything does.
        beyond: All versions after the fork, whose removals nobody should overlook meanwhile.
    """

    chain: tuple[Version, ...]
    fork: RosterFork | None
    beyond: tuple[Version, ...]


def _chosen(successors: list[Version], *, choices: Iterable[RosterChoice]) -> Version | None:
    number = successors[0].roster.version
    # Of two choices for one number every desk takes the same; only the root's holders can make them.
    hashes = sorted(one.hash for one in choices if one.version == number)
    by_hash = {one.hash: one for one in successors}
    return next((by_hash[one] for one in hashes if one in by_hash), None)


def lineage(versions: Iterable[Version], *, choices: Iterable[RosterChoice]) -> Lineage:
    """Return which versions are in force.

    Args:
        versions: Verified, all connected to one another, in any order.
        choices: Of the root, verified.

    Raises:
        ValueError: There is no version.
    """
    known = {one.hash: one for one in versions}
    if not known:
        raise ValueError("a centre has a roster")
    choices = list(choices)
    after: dict[bytes, list[Version]] = {}
    for one in known.values():
        after.setdefault(one.roster.previous, []).append(one)

    counting: set[bytes] = set()
    for one in sorted(known.values(), key=lambda one: one.roster.version, reverse=True):
        if not one.late or any(later.hash in counting for later in after.get(one.hash, [])):
            counting.add(one.hash)
    at = min(known.values(), key=lambda one: one.roster.version)
    chain = [at]
    while True:
        following = [one for one in after.get(at.hash, []) if one.hash in counting]
        successors = sorted(following, key=lambda one: one.hash)
        if not successors:
            return Lineage(chain=tuple(chain), fork=None, beyond=())
        found = successors[0] if len(successors) == 1 else _chosen(successors, choices=choices)
        if found is None:
            fork = RosterFork(version=at.roster.version + 1, successors=tuple(successors))
            passed = {one.hash for one in chain}
            beyond = tuple(
                one for one in known.values() if one.hash not in passed and _below(one, fork, known)
            )
            return Lineage(chain=tuple(chain), fork=fork, beyond=beyond)
        at = found
        chain.append(at)


def _below(one: Version, fork: RosterFork, known: dict[bytes, Version]) -> bool:
    heads = {version.hash for version in fork.successors}
    at: Version | None = one
    while at is not None and at.roster.version >= fork.version:
        if at.hash in heads:
            return True
        at = known.get(at.roster.previous)
    return False
