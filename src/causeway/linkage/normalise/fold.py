"""The skeleton of a name: one string for its spellings in Russian, Chechen and Latin letters.

The alphabet of a skeleton is `a b c d e f g h i k l m n o p r s t u v z č š ž`. Three ideas:

- Letters that romanisations confuse become one: й, и, ы (`i`, `y`, `j`), ю and у, я and а, щ and ш.
- What a standard writes with two letters becomes one, again and again until nothing changes. So Cyrillic
  `сх`, ISO 9 `sh`, ICAO `skh` and GOST `sx` end as the same letter, though `sh` may also be ш: two sounds
  made one cost little, two spellings kept apart cost a match.
- What keyboards lack is left out: palochka, soft and hard sign, marks above and below.

Covers GOST 7.79-2000 A (ISO 9:1995) and B, GOST 16876-71, BGN/PCGN for Russian (1947) and Chechen (2008),
ALA-LC, ICAO Doc 9303 (Russian passports since 2013), the passports of 1997 and 2010, the Chechen Latin
alphabet of 1992, and the usual English, French and German ways where they don't contradict these (`sch`,
`tch`, `ou`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.linkage.normalise.rewriting import letter_table, pair_table, rewrite_lines
from causeway.linkage.normalise.scripts import in_russian, repair_word

__all__ = ["SOUNDS", "VOWELS", "consonants", "fold", "fold_all", "trimmed"]

VOWELS: Final = "aeiou"
SOUNDS: Final = "abcdefghiklmnoprstuvzčšž"

# Stands between words while the rules for beginnings apply.
_BREAK: Final = "\t"
_CYRILLIC: Final = str.maketrans(
    {
        **dict(zip("абвгдезиклмнопрстуфхцчшщыэ", "abvgdeziklmnoprstufhcčššie", strict=True)),
        **dict(zip("ёжйюяіїєґўј", "ežiuaiiegui", strict=True)),
        # Neighbours: Kazakh, Tatar, Ossetic, Tajik, Kyrgyz.
        **dict(zip("әөүұқғңһҳҷӣӯӕњљ", "aouukgnhhžiuanl", strict=True)),
        **dict.fromkeys("ьъӏ’ʼ"),
    }
)
_LATIN_MARKED: Final = str.maketrans(
    {
        **dict.fromkeys("čç", "č"),
        **dict.fromkeys("šşŝș", "š"),
        **dict.fromkeys("žƶǯ", "ž"),
        "ə": "a",
        "ǝ": "a",
        "æ": "a",
        "ı": "i",
        "ŋ": "n",
        "ł": "l",
        "đ": "d",
        "ø": "o",
        "ß": "s",
        "ğ": "g",
    }
)
_LATIN: Final = str.maketrans("wxyqj", "vhiki", "\t")
# Latin x is х in GOST 7.79 B and in Chechen, but ks in these.
_KS: Final = re.compile(r"(?<=[\n\t]ale)x(?=[aei])|(?<=[\n\t]ma)x(?=im)|(?<=[\n\t])x(?=eni)|(?<=feli)x")
_YO: Final = re.compile(r"[yj]o(?!u)")
# j is дж before e and i and at the start (Jamal), й in the rest (Jusup, Il'jas, Andrej).
_J_CONSONANT: Final = re.compile(r"j(?=[ei])|(?<=[\n\t])j(?=[aoe])|(?<=[\n\t]d)j")
# Letters, without those that only modify another (apostrophes among them).
_PLAIN: Final = ("Ll", "Lo")
_IS_CYRILLIC: Final = re.compile(r"[Ѐ-ԯ]")
_PAIRS: Final = {
    "tsch": "č",
    "dsch": "ž",
    "sch": "š",
    "sh": "š",
    "šh": "š",
    "sč": "š",
    "šč": "š",
    "ch": "č",
    "tč": "č",
    "tš": "č",
    "zh": "ž",
    "dž": "ž",
    "dš": "ž",
    "dz": "z",
    "kh": "h",
    "gh": "g",
    "th": "t",
    "ph": "p",
    "dh": "d",
    "ts": "c",
    "tc": "c",
    "cz": "c",
    "tz": "c",
    "ck": "k",
    "ou": "u",
    **{f"i{vowel}": vowel for vowel in "aeou"},
}
_BETWEEN: Final = re.compile(r"[\s\-‐-―_.]+")
# Sounds that neighbours' ears and pens confuse: voiced and voiceless, г and х and к.
_SOUND: Final = str.maketrans("bdghzžščcv", "ptkksssssf", VOWELS)
# All but words in plain Latin or Russian letters.
_ODD_LINE: Final = re.compile(r"^(?!(?:[A-Za-z]+|[А-Яа-яЁё]+)$).+$", re.MULTILINE)
_ANY_CASE: Final = "abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюяё"
_CODEC: Final = ("utf-32-le", "surrogatepass")


def fold(text: str) -> str:
    """Return the skeleton of a name: its words run together, hyphens and spaces with no part in it.

    `fold(fold(x)) == fold(x)`. A script that is neither Cyrillic nor Latin stays as it is, in small letters.
    """
    return fold_all([text])[0]


def fold_all(texts: Sequence[str]) -> list[str]:
    """Return the skeletons of many names, as `fold` does of one, all in one text for speed."""
    if not texts:
        return []
    words = "\n".join(texts)
    if words.count("\n") >= len(texts):
        words = "\n".join([text.replace("\n", " ") for text in texts])
    odd = list(_ODD_LINE.finditer(words))
    mended = _in_sounds([_repaired(found[0]) for found in odd])
    # From the end of one odd line to the start of the next, nothing changes.
    edges = zip([0, *(found.end() for found in odd)], [*(found.start() for found in odd), None], strict=True)
    kept = [words[start:end] for start, end in edges]
    words = "".join(chain.from_iterable(zip(kept, [*mended, ""], strict=True)))
    # Letters that only a Latin spelling leaves.
    if any(letter in words for letter in "xyjqwXYJQW"):
        words = "\n".join(_in_sounds([words]))
    return _rewritten(words, *_fold_rules())


def consonants(skeletons: Sequence[str]) -> list[str]:
    """Return what is left of skeletons without vowels, and with alike consonants made one.

    Вахид and Вагит share it; so do Юсуп and Юсуб.
    """
    return _rewritten("\n".join(skeletons), *_sound_rules()) if skeletons else []


def trimmed(skeleton: str) -> str:
    """Return a skeleton without the vowels at its end, which a patronymic loses; unless nothing were left."""
    return skeleton.rstrip(VOWELS) or skeleton


def _repaired(text: str) -> str:
    """Return a text's words, each in one script, with a mark between them."""
    if text.isalpha() and (text.isascii() or in_russian(text)):
        return text
    # BGN/PCGN 2008 has a z with a stroke, which Unicode does not compose.
    words = _BETWEEN.split(unicodedata.normalize("NFKC", text).replace("z̵", "ž").replace("Z̵", "ž"))
    return _BREAK.join(repair_word(word) for word in words if word)


def _in_sounds(texts: Sequence[str]) -> list[str]:
    """Return texts in the letters of skeletons, without marks between words."""
    sounds = "".join([f"\n{text}" for text in texts]).translate(_LETTERS)
    if any(letter in sounds for letter in "xyjqw\t"):
        sounds = _J_CONSONANT.sub("ž", _YO.sub("e", _KS.sub("ks", sounds))).translate(_LATIN)
    return sounds.split("\n")[1:]


def _rewritten(text: str, letters: NDArray[np.uint32], pairs: NDArray[np.uint32]) -> list[str]:
    """Return the lines of a text, rewritten by rules that `rewrite_lines` explains."""
    before = np.frombuffer(text.encode(*_CODEC), dtype="<u4")
    after = np.empty_like(before)
    size = rewrite_lines(before, letters, pairs, after)
    return after[:size].tobytes().decode(*_CODEC).split("\n")


@cache
def _fold_rules() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    plain = _ANY_CASE + _ANY_CASE.upper()
    letters = letter_table({ord(letter): letter.translate(_LETTERS) for letter in plain})
    return letters, pair_table(_PAIRS)


@cache
def _sound_rules() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    return letter_table({code: chr(other) if other else "" for code, other in _SOUND.items()}), pair_table({})


class _Letters(dict[int, str]):
    """What stands in a skeleton for each letter, worked out when it first comes up, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        letter = chr(code).lower()
        known = letter.translate(_CYRILLIC).translate(_LATIN_MARKED)
        if known == letter and not letter.isascii() and letter not in SOUNDS:
            # Without its marks it may be a letter that the tables have.
            bare = unicodedata.normalize("NFKD", letter).lower()
            known = bare.translate(_CYRILLIC).translate(_LATIN_MARKED)
        kept = "".join(x for x in known if unicodedata.category(x) in _PLAIN and not _IS_CYRILLIC.match(x))
        self[code] = kept
        return kept


_LETTERS: Final = _Letters({ord(x): x for x in "\n" + _BREAK})
