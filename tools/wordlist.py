"""Make the word lists that receipts are read from: 4,096 words a language, by stated rules.

Usage: ``python tools/wordlist.py`` writes the lists, ``--check`` compares instead and exits with 1 where
a list differs. The rules and their reasons stand in docs/decisions/0002-word-lists.md:

1. Walk the words of `wordfreq`'s large list, the most frequent first, down to a depth per language.
2. Keep those of the language's own letters and of a length that is quickly typed.
3. Drop what `wordlists/<language>.*.txt` names: a line is one word, and one that ends in ``*`` is every word
   that begins so. These lists were written while reading, and are grouped by the reason for dropping.
4. Drop a word that begins with the same five letters as a kept one, that is the beginning of a kept one or
   begins with one (unless the shorter has three letters), or that is one slip from a kept one:
   Damerau-Levenshtein distance 1.
5. Keep base forms only: English by simplemma; Russian nouns and adjectives in the nominative by pymorphy3,
   none that is a name, a place, a brand, an abbreviation or slang, and none that may be spelt with ё.
6. Stop at 4,096 and sort by code point.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["COUNT", "PREFIX", "RULES", "Rules", "is_near", "list_path", "main", "make"]

COUNT = 4096
PREFIX = 5
"""Letters that tell every word of a list apart."""

_BEGINNINGS = range(4, PREFIX + 1)

_TOOLS = Path(__file__).resolve().parent
_EXCLUDED = _TOOLS / "wordlists"
_LISTS = _TOOLS.parent / "src" / "causeway" / "sealed" / "wordlists"

# pymorphy3's grammemes (OpenCorpora) of words that point at somebody or somewhere, or that are not
# standard spelling: first name, surname, patronymic, place, organisation, brand, abbreviation, misspelling,
# slang, colloquial, archaic; and of adjectives that are pronouns, numbers or superlatives.
_POINTING = frozenset({"Name", "Geox"})
_MARKED = _POINTING | {
    "Surn",
    "Patr",
    "Orgn",
    "Trad",
    "Abbr",
    "Erro",
    "Slng",
    "Infr",
    "Arch",
    "Apro",
    "Anum",
    "Supr",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs between languages.

    Args:
        shape: The letters and lengths that are allowed, in letters.
        depth: How many of wordfreq's words are looked at, the most frequent first.
        base_form: Tells whether a word is the form that a dictionary would list.
    """

    shape: re.Pattern[str]
    depth: int
    base_form: Callable[[str], bool]


def make(language: str) -> tuple[str, ...]:
    """Return the 4,096 words of a language, sorted by code point.

    Raises:
        ValueError: The rules leave fewer words than are needed.
    """
    return tuple(sorted(ranked(language, COUNT)))


def ranked(language: str, count: int) -> list[str]:
    """Return the first `count` words that the rules keep, the most frequent first."""
    rules = RULES[language]
    dropped = _exclusions(language)
    kept = _Kept()
    words = []
    for word in _candidates(language, rules.depth):
        if not rules.shape.fullmatch(word) or dropped.matches(word) or kept.has_like(word):
            continue
        if not rules.base_form(word):
            continue
        kept.add(word)
        words.append(word)
        if len(words) == count:
            return words
    raise ValueError(f"{language}: {len(words)} words are left, {count} are needed")


def is_near(one: str, other: str) -> bool:
    """Tell whether two words are equal or one slip apart: a letter more, less, changed, or two swapped."""
    if len(one) < len(other):
        one, other = other, one
    if len(one) - len(other) > 1:
        return False
    if len(one) > len(other):
        return any(one[:i] + one[i + 1 :] == other for i in range(len(one)))
    differing = [i for i in range(len(one)) if one[i] != other[i]]
    if len(differing) == 2:
        first, second = differing
        return second == first + 1 and one[first] == other[second] and one[second] == other[first]
    return len(differing) < 2


class _Kept:
    """The words kept so far, indexed so that a clash is found without comparing with all of them.

    Two words one slip apart always share a spelling once at most one letter is left out of each.
    """

    def __init__(self) -> None:
        self._beginnings: set[str] = set()
        self._words: set[str] = set()
        self._thinned: defaultdict[str, list[str]] = defaultdict(list)

    def has_like(self, word: str) -> bool:
        """Tell whether a kept word clashes with this one (rule 4)."""
        if word[:PREFIX] in self._beginnings or any(word[:i] in self._words for i in _BEGINNINGS):
            return True
        return any(is_near(word, other) for key in _thinned(word) for other in self._thinned.get(key, ()))

    def add(self, word: str) -> None:
        """Keep a word."""
        self._words.add(word)
        self._beginnings.update(word[:i] for i in _BEGINNINGS)
        for key in _thinned(word):
            self._thinned[key].append(word)


def _thinned(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


@dataclass(frozen=True, slots=True)
class _Exclusions:
    words: frozenset[str]
    stems: tuple[str, ...]

    def matches(self, word: str) -> bool:
        """Tell whether a word is dropped by name (rule 3)."""
        return word in self.words or word.startswith(self.stems)


def _exclusions(language: str) -> _Exclusions:
    words: set[str] = set()
    for path in sorted(_EXCLUDED.glob(f"{language}.*.txt")):
        words.update(
            line for line in path.read_text("utf-8").split("\n") if line and not line.startswith("#")
        )
    stems = tuple(sorted(word[:-1] for word in words if word.endswith("*")))
    return _Exclusions(words=frozenset(words), stems=stems)


def _candidates(language: str, depth: int) -> Iterator[str]:
    from wordfreq import iter_wordlist

    for _, word in zip(range(depth), iter_wordlist(language, wordlist="large"), strict=False):
        yield word


def _is_english_base(word: str) -> bool:
    import simplemma

    return simplemma.is_known(word, lang="en") and simplemma.lemmatize(word, lang="en") == word


@cache
def _russian() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


def _is_russian_base(word: str) -> bool:
    analyzer = _russian()
    if not analyzer.word_is_known(word):
        return False
    readings = analyzer.parse(word)
    best = readings[0]
    if best.normal_form != word or best.tag.POS not in {"NOUN", "ADJF"} or "nomn" not in best.tag:
        return False
    if best.tag.grammemes & _MARKED or any("ё" in reading.word + reading.normal_form for reading in readings):
        return False
    return not any(reading.normal_form == word and reading.tag.grammemes & _POINTING for reading in readings)


RULES = {
    "en": Rules(shape=re.compile("[a-z]{3,8}"), depth=60_000, base_form=_is_english_base),
    "ru": Rules(shape=re.compile("[а-я]{3,8}"), depth=250_000, base_form=_is_russian_base),
}


def list_path(language: str) -> Path:
    """Return where a language's list is kept."""
    return _LISTS / f"{language}.txt"


def main(arguments: list[str] | None = None) -> int:
    """Write the lists, or compare them with what the rules give."""
    parser = argparse.ArgumentParser(description="Make the word lists of receipts.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check: bool = parser.parse_args(arguments).check
    stale = []
    for language in RULES:
        text = "".join(f"{word}\n" for word in make(language))
        path = list_path(language)
        if check and (not path.exists() or path.read_text("utf-8") != text):
            stale.append(language)
        elif not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
    if stale:
        print("differs from its rules: " + ", ".join(stale), file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
