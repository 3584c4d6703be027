"""What tells of somebody at the door: texts and words, whole and in pieces, files, tickets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from causeway.drills.needles import Secret
from causeway.drills.people import secrets_of
from causeway.drills.phone_visits import Visited
from causeway.sealed.receipt import Receipt
from causeway.sealed.words import DIGITS

__all__ = ["VisitorSecrets"]

_FILE_PIECES: Final = 24
_PIECE_BYTES: Final = 24
_TEXT_PIECE: Final = 16
_WORD_RUN: Final = 3
_WORD_JOINS: Final = ("", " ", "\n", ",", "-", "_", "\0", '","')


@dataclass(slots=True)
class VisitorSecrets:
    """All that the drill of a phone has to look for."""

    secrets: list[Secret] = field(default_factory=list)
    pieces: set[str] = field(default_factory=set)

    def add(self, visited: Visited, *, name: str, content: bytes) -> None:
        """Note all that tells of the person of a visit."""
        person = visited.visit.person

        def secret(what: str, forms: Iterable[str | bytes]) -> None:
            found = tuple(forms)
            if found:
                self.secrets.append(Secret(person.label, what, found))

        self.secrets.extend(secrets_of(person, entropy=visited.entropy))
        secret("some of the receipt words", _word_runs(visited.entropy))
        secret("piece of the message", self._fresh_pieces(person.message))
        secret("piece of the answer", self._fresh_pieces(person.answer))
        secret("name of a file", (name,))
        step = len(content) // _FILE_PIECES
        secret(
            "bytes of a file", (content[at : at + _PIECE_BYTES] for at in range(0, step * _FILE_PIECES, step))
        )
        secret("ticket of a form", (visited.ticket,) if visited.ticket else ())

    def _fresh_pieces(self, text: str) -> Iterator[str]:
        # Two people share some turns of phrase: the first one stands for both.
        for at in range(0, len(text) - _TEXT_PIECE + 1, _TEXT_PIECE // 2):
            piece = text[at : at + _TEXT_PIECE]
            if piece not in self.pieces:
                self.pieces.add(piece)
                yield piece


def _word_runs(entropy: bytes) -> Iterator[str]:
    for language in ("en", "ru", DIGITS):
        words = Receipt(entropy).words(language)
        for at, join in product(range(len(words) - _WORD_RUN + 1), _WORD_JOINS):
            yield join.join(words[at : at + _WORD_RUN])
