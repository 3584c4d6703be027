"""A person's name as three skeletons: family, given, patronymic, each where it belongs.

Lists hold names in the wrong column, in one column, with or without a patronymic. Endings say what a part is:
-ович and -овна mark a patronymic, -ов and -ский a family name. Families are compared by their stem, so that
brother and sister, Ахмадов and Ахмадова, Achmadoff and Akhmadov meet.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from causeway.linkage.normalise.fold import fold, fold_all
from causeway.linkage.normalise.given import canonical_given

__all__ = [
    "Cell",
    "NameParts",
    "Words",
    "arrange",
    "family_stem",
    "fathers_name",
    "given_name",
    "is_father",
    "look_family",
    "read_cell",
    "sort_words",
    "words_of",
]

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameParts:
    """Skeletons of a name's parts, `""` for what is missing.

    Args:
        family: Stem of the family name.
        given: The one form that stands for all variants of the given name.
        patronymic: The same for the father's given name.
    """

    family: str = ""
    given: str = ""
    patronymic: str = ""


# Endings are those of skeletons: -ович, -евич, -ич of Ильич; -овна, -евна, -инична.
_PATRONYMIC: Final = re.compile(
    r"(?<=[^aeiou])(?:[oe]vič|[oe]vna|inična|inčna)$|(?<=[aeiou])(?:e?vič|e?vna)$"
)
_LEAST_PATRONYMIC: Final = 6
# Quicker to look at than the whole pattern.
_PATRONYMIC_END: Final = ("vič", "vna", "čna")
# "Son of" and "daughter of", before or after the father's name.
_SON_OF: Final = "оглы оглу огли улы уулу кызы кизи гызы къызы ibn ibin bin binti bint"
# The Chechen ones stand after a genitive: Ӏелин кӏант.
_CHECHEN_SON_OF: Final = "кӏант воӏ йоӏ"
_GENITIVE: Final = re.compile(r"(?<=..)[aie]n$")
_FAMILY: Final = tuple("ov ev of ef ova eva ofa efa ski ska skoi".split())
_LEAST_FAMILY: Final = 5
_FAMILY_ENDING: Final = re.compile(r"(?:[oe](?:v|f)a?|ina?|[sc]k(?:i|a|oi))$")
_LEAST_STEM: Final = 2
# A hyphen parts words only before these.
_WORDS: Final = re.compile(
    r"[\s,;]+|[-‐-―](?=(?:оглы|оглу|кызы|кизи|гызы|ogl[yiu]|[kq][yi]z[yi])\b)", re.IGNORECASE
)


class Cell(NamedTuple):
    """What stands in one cell of a list: skeletons of its words, patronymics apart."""

    words: Words = ()
    fathers: Words = ()


_EMPTY: Final = Cell()


def words_of(text: str) -> list[str]:
    """Return the words of a cell; a hyphen does not part them."""
    if text.isalpha():
        return [text]
    return [word for word in _WORDS.split(text) if word]


def read_cell(text: str, *, fold_word: Callable[[str], str] = fold) -> Cell:
    """Return what stands in a cell; `fold_word` may look skeletons up."""
    folded = [fold_word(word) for word in words_of(text)]
    return _split_fathers([word for word in folded if word])


def arrange(
    *,
    family: Cell | None = None,
    given: Cell | None = None,
    patronymic: Cell | None = None,
    full: Cell | None = None,
) -> NameParts:
    """Return a name's parts, moved to where their endings say that they belong.

    Each part depends on its own cell alone, unless a patronymic stands in the first two, the given name
    looks like a family name, or there is a column of whole names.

    Args:
        family: The family name's column.
        given: The given name's column; it may also hold the patronymic.
        patronymic: The patronymic's column; it may hold the father's given name as it is.
        full: A column that holds the whole name, family first where endings don't tell.
    """
    families, givens, fathers = sort_words(
        family or _EMPTY, given or _EMPTY, patronymic or _EMPTY, full or _EMPTY
    )
    return NameParts(family=family_stem(families), given=given_name(givens), patronymic=fathers_name(fathers))


def sort_words(family: Cell, given: Cell, patronymic: Cell, full: Cell) -> tuple[Words, Words, Words]:
    """Return the words of family name, given name and patronymic, as `arrange` explains."""
    families, givens = family.words, given.words
    fathers = patronymic.fathers or given.fathers or family.fathers or patronymic.words
    if not patronymic.fathers and given.fathers and not givens:
        # The patronymic's column holds what should stand where the patronymic was found.
        givens = patronymic.words
    if full.words or full.fathers:
        fathers = fathers or full.fathers
        first = tuple(word for word in full.words if _looks_family(word))[:1] or full.words[:1]
        families = families or first
        givens = givens or tuple(word for word in full.words if word not in first)
    if look_family(givens) and families and not look_family(families):
        families, givens = givens, families
    return families, givens, fathers


def family_stem(words: Words) -> str:
    """Return the stem of a family name: Ахмадов, Ахмадова, Achmadoff are one."""
    skeleton = "".join(words)
    stem = _FAMILY_ENDING.sub("", skeleton)
    return stem if len(stem) >= _LEAST_STEM else skeleton


def given_name(words: Words) -> str:
    """Return what stands for a given name, of one word or more."""
    # Folded once more: letters that meet where words were joined.
    return canonical_given(fold("".join(words)) if len(words) > 1 else "".join(words))


def fathers_name(words: Words) -> str:
    """Return what stands for the father's given name, from a patronymic or from that name itself."""
    skeleton = "".join(words)
    return canonical_given(_PATRONYMIC.sub("", skeleton) if _may_be_father(skeleton) else skeleton)


def _split_fathers(words: list[str]) -> Cell:
    """Return the words without, and those with, the mark of a patronymic."""
    if len(words) < 2:
        return Cell((), tuple(words)) if words and is_father(words[0]) else Cell(tuple(words))
    rest: list[str] = []
    fathers: list[str] = []
    son_of, chechen_son_of = _folded(_SON_OF), _folded(_CHECHEN_SON_OF)
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if word in son_of or word in chechen_son_of:
            continue
        if after in chechen_son_of:
            fathers.append(_GENITIVE.sub("", word))
        elif before in son_of or (after in son_of and before) or is_father(word):
            fathers.append(word)
        else:
            rest.append(word)
    return Cell(tuple(rest), tuple(fathers))


@cache
def _folded(words: str) -> frozenset[str]:
    return frozenset(fold_all(words.split()))


def is_father(word: str) -> bool:
    """Whether a skeleton ends like a patronymic."""
    return _may_be_father(word) and _PATRONYMIC.search(word) is not None


def _may_be_father(word: str) -> bool:
    return word.endswith(_PATRONYMIC_END) and len(word) >= _LEAST_PATRONYMIC


def look_family(words: Words) -> bool:
    """Whether there are words, and all end like family names."""
    return bool(words) and all(map(_looks_family, words))


def _looks_family(word: str) -> bool:
    return len(word) >= _LEAST_FAMILY and word.endswith(_FAMILY)
