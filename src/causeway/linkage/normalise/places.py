"""Places as skeletons of their words, without what kind of place each is."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from causeway.linkage.normalise.fold import fold, fold_all

__all__ = ["place_words", "words_of_place"]

_WORDS: Final = re.compile(r"[\s,;.()/]+")
_KINDS: Final = (
    "г гор город с сел село сл д дер деревня пос посёлок поселок пгт ст стан станица х хутор аул р-н район"
    " обл область край респ республика ул улица мкр city town village district region republic oblast raion"
    " rayon settlement stanitsa aul v of the гӏала юрт шахьар кӏошт"
)
# Towns that bear unlike names in two languages; the Russian one stands for both.
_SAME_PLACE: Final = (
    ("Соьлжа", "Грозный"),
    ("Соьлжа-ГӀала", "Грозный"),
    ("Гуьмсе", "Гудермес"),
    ("Устрада", "Аргун"),
    ("Устрада-ГӀала", "Аргун"),
    ("Хьалха-Марта", "Урус-Мартан"),
    ("Наьсаре", "Назрань"),
    ("Буро", "Владикавказ"),
    ("Дзауджикау", "Владикавказ"),
)


def words_of_place(text: str) -> list[str]:
    """Return a place's words as they were typed."""
    return [word for word in _WORDS.split(text) if word]


def place_words(text: str, *, fold_word: Callable[[str], str] = fold) -> tuple[str, ...]:
    """Return the skeletons of a place's words, each once, sorted; empty where nothing is left of it.

    Sorted, since lists put district and village in either order. `fold_word` may look skeletons up.
    """
    stands_for = _skeletons()
    folded = map(fold_word, words_of_place(text))
    return tuple(sorted({stands_for.get(word, word) for word in folded} - {""}))


@cache
def _skeletons() -> dict[str, str]:
    """Return, for skeletons of a place's other names, its own; for those of kinds of places, nothing."""
    others, places = (fold_all(words) for words in zip(*_SAME_PLACE, strict=True))
    return dict(zip(others, places, strict=True)) | dict.fromkeys(fold_all(_KINDS.split()), "")
