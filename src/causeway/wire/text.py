"""What a person typed, brought into the one form that travels (docs/FORMAT.md, section 5)."""

from __future__ import annotations

import unicodedata

__all__ = ["clean_text", "utf16_units"]


def utf16_units(text: str) -> int:
    """Return the length that a browser's `maxlength` counts."""
    return sum(2 if ord(character) > 0xFFFF else 1 for character in text)


_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates: with them a text is shown in another order than it is read in."""


def _travels(character: str) -> bool:
    # "Cs" are halves of surrogate pairs: they have no UTF-8 and would make a message unreadable.
    # Joiners and direction marks stay: languages need them.
    if character in _REORDERING:
        return False
    return character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"}


def clean_text(text: str) -> str:
    """Return `text` with line feeds alone as line ends, without control characters or such as reorder.

    Nothing is refused here: losing a control character is better than losing a message.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(character for character in unified if _travels(character))
