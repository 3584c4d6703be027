"""Which script a name is in, and letters typed in the wrong one.

Chechen and its neighbours write the palochka `Ӏ`, which few keyboards have: people type `1`, `l`, `I`, `|` or
the Ukrainian `І` for it. And who changes keyboards in mid-word leaves Latin `a`, `c`, `o` in Cyrillic words.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

__all__ = ["PALOCHKA", "Script", "in_russian", "repair_word", "script_of"]

Script = Literal["cyrillic", "latin", "mixed", "other"]
PALOCHKA: Final = "ӏ"

# Most words: nothing in them needs a second look.
_RUSSIAN: Final = re.compile(r"[А-Яа-яЁё\-\s]+")
_CYRILLIC: Final = re.compile(r"[Ѐ-ӿԀ-ԯ]")
_LATIN: Final = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")
# Typed for a palochka next to Cyrillic letters. Capital I and small l, since the two look like one.
_TYPED_PALOCHKA: Final = re.compile(r"[1Il|!ǀӀ]")
# The Ukrainian letter stands for a palochka after the consonants that take one, before a vowel.
_UKRAINIAN_PALOCHKA: Final = re.compile(
    r"(?<=[гкптхцчГКПТХЦЧ])[Іі](?=[аеиоуыэюяАЕИОУЫЭЮЯ])|^[Іі](?=[аеоуэюяАЕОУЭЮЯ])"
)
_TO_CYRILLIC: Final = str.maketrans("aceopxyiABCEHKMOPTXY", "асеорхуіАВСЕНКМОРТХУ")
_TO_LATIN: Final = str.maketrans("асеорхуіАВСЕНКМОРТХУІ", "aceopxyiABCEHKMOPTXYI")


def script_of(text: str) -> Script:
    """Return the script of a name as it was typed.

    A palochka typed as a Latin letter in a Cyrillic word does not make the name mixed.
    """
    if _RUSSIAN.fullmatch(text):
        return "cyrillic" if text.strip("- ") else "other"
    seen: set[str] = set()
    for word in text.split():
        repaired = repair_word(word)
        if _CYRILLIC.search(repaired):
            seen.add("cyrillic")
        if _LATIN.search(repaired):
            seen.add("latin")
        if not seen and any(unicodedata.category(letter)[0] == "L" for letter in repaired):
            seen.add("other")
    if seen == {"cyrillic"}:
        return "cyrillic"
    if seen == {"latin"}:
        return "latin"
    return "mixed" if {"cyrillic", "latin"} <= seen else "other"


def in_russian(text: str) -> bool:
    """Whether a text has letters of the Russian alphabet only, besides spaces and hyphens."""
    return _RUSSIAN.fullmatch(text) is not None


def repair_word(word: str) -> str:
    """Return a word in one script: the one that most of its letters are in, Cyrillic where it is even."""
    if word.isascii() or _RUSSIAN.fullmatch(word):
        return word
    word = unicodedata.normalize("NFC", word)
    if not _CYRILLIC.search(word):
        return word
    word = _UKRAINIAN_PALOCHKA.sub(PALOCHKA, word)
    cyrillic = len(_CYRILLIC.findall(word))
    latin = len(_LATIN.findall(_TYPED_PALOCHKA.sub("", word)))
    if cyrillic >= latin:
        return _TYPED_PALOCHKA.sub(PALOCHKA, word).translate(_TO_CYRILLIC)
    return word.translate(_TO_LATIN)
