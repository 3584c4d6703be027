"""What is searched for, and a search for thousands of such things at once.

Strategy: every pattern gets an anchor, a byte in it that is rare elsewhere; few bytes serve as anchors for
all. One regular expression per anchor byte jumps from one such byte to the next (memchr) and looks at the few
bytes that follow; only what passes is compared in full. Overlapping finds are all found, since an expression
consumes nothing but its anchor.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

from causeway.drills.encodings import encoded, encoded_binary

__all__ = ["SHORTEST", "Finder", "Needle", "Secret", "needles_of"]

SHORTEST: Final = 7
"""Bytes of the shortest pattern: anything shorter turns up by chance in a few hundred megabytes."""

_LOOK_AHEAD: Final = 6
_COMMON: Final = frozenset(b"\x00\xff\x01\x04\x20\x48\x8betaoinsrlcdpumfgh_.\x0f\x24\x89\x40")
"""Bytes that are frequent in programs and their memory; no anchors unless nothing else is there."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Something that tells of one person.

    Attributes:
        person: Whose.
        what: What kind of thing.
        forms: How it may be put, each complete in itself; bytes for keys and ids.
    """

    person: str
    what: str
    forms: tuple[str | bytes, ...]


@dataclass(frozen=True, slots=True)
class Needle:
    """One way in which a secret may be written."""

    pattern: bytes
    secret: Secret
    encoding: str


def needles_of(secrets: Iterable[Secret]) -> Iterator[Needle]:
    """Yield every way in which these secrets may be written.

    Raises:
        ValueError: A secret is so short that finding it would mean nothing.
    """
    for secret in secrets:
        seen: set[bytes] = set()
        for form in secret.forms:
            for encoding, pattern in encoded(form) if isinstance(form, str) else encoded_binary(form):
                if len(pattern) < SHORTEST:
                    raise ValueError(f"{secret.what} is too short to be searched for as {encoding}")
                if pattern not in seen:
                    seen.add(pattern)
                    yield Needle(pattern, secret, encoding)


@dataclass(frozen=True, slots=True)
class _Group:
    """All needles with one anchor byte, each with the anchor's place in it."""

    expression: re.Pattern[bytes]
    members: tuple[tuple[Needle, int], ...]


@final
class Finder:
    """Finds any of many needles in bytes."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        """Prepare the search; takes about a second for ten thousand needles."""
        self._needles = tuple(needles)
        self.longest = max((len(needle.pattern) for needle in self._needles), default=0)
        self._groups = tuple(_groups(self._needles))

    @property
    def needles(self) -> tuple[Needle, ...]:
        """All that is searched for."""
        return self._needles

    def find(self, data: bytes) -> Iterator[tuple[int, Needle]]:
        """Yield the place and the needle of every find."""
        for group in self._groups:
            for match in group.expression.finditer(data):
                for needle, anchor in group.members:
                    start = match.start() - anchor
                    if start >= 0 and data.startswith(needle.pattern, start):
                        yield start, needle


def _groups(needles: Sequence[Needle]) -> Iterator[_Group]:
    """Choose anchors greedily: the byte that serves most needles comes first."""
    left = set(range(len(needles)))
    for usable in (lambda byte: byte not in _COMMON, lambda byte: True):
        holding = _by_byte(needles, left, usable)
        while left and holding:
            byte = max(holding, key=lambda candidate: (len(holding[candidate] & left), candidate))
            served = holding.pop(byte) & left
            if not served:
                break
            left -= served
            yield _group([needles[number] for number in sorted(served)], byte)


def _by_byte(
    needles: Sequence[Needle], numbers: Iterable[int], usable: Callable[[int], bool]
) -> dict[int, set[int]]:
    holding: dict[int, set[int]] = defaultdict(set)
    for number in numbers:
        for byte in set(_anchor_room(needles[number].pattern)):
            if usable(byte):
                holding[byte].add(number)
    return holding


def _anchor_room(pattern: bytes) -> bytes:
    """Return the part of a pattern where an anchor has enough bytes after it."""
    return pattern[: len(pattern) - _LOOK_AHEAD]


def _group(needles: Sequence[Needle], byte: int) -> _Group:
    members = tuple((needle, _anchor_room(needle.pattern).index(byte)) for needle in needles)
    following = {needle.pattern[at + 1 : at + 1 + _LOOK_AHEAD] for needle, at in members}
    first = b"".join(re.escape(bytes([letter])) for letter in sorted({after[0] for after in following}))
    expression = re.escape(bytes([byte])) + b"(?=[" + first + b"])(?=" + _trie(sorted(following)) + b")"
    return _Group(re.compile(expression, re.DOTALL), members)


def _trie(words: Sequence[bytes]) -> bytes:
    """Return an expression for words of equal length that shares their beginnings."""
    if len(words) == 1:
        return re.escape(words[0])
    by_first: dict[int, list[bytes]] = defaultdict(list)
    for word in words:
        by_first[word[0]].append(word[1:])
    branches = (re.escape(bytes([first])) + _trie(rest) for first, rest in by_first.items())
    return b"(?:" + b"|".join(branches) + b")"
