"""Sentences that a reader gets, kept apart from what fills their gaps.

The numbers below the desk speak in results, not on pages: a route's reason, a verdict on a count. They say
it here once in English, with named gaps; a page or a report looks the text up in its own catalogue and
fills the gaps in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

__all__ = ["Sentence", "say"]


@dataclass(frozen=True)
class Sentence:
    """A sentence in English with `{gaps}`, and what stands in them.

    Args:
        text: The sentence, which is also its key in a catalogue.
        values: What stands in each gap: numbers, names of places or lists, never a refused value.
    """

    text: str
    values: Mapping[str, int | float | str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.in_language(str)

    def in_language(self, gettext: Callable[[str], str]) -> str:
        """Return the sentence as a catalogue has it."""
        return gettext(self.text).format_map(self.values)


def say(text: str, **values: int | float | str) -> Sentence:
    """Return a sentence; extraction of texts looks for this name."""
    return Sentence(text, values)
