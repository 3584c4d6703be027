"""Sentences about scripts: one list that is written unlike the rest loses its matches in silence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from causeway.linkage.encoded_list import EncodedList, ScriptMix
from causeway.sentences import Sentence, say

__all__ = ["notes_between", "notes_on"]

# Below this share, rows in another script are taken for single foreign names.
_NOTICED: Final = 0.02


def notes_on(scripts: ScriptMix, *, normalised: bool) -> tuple[Sentence, ...]:
    """Return what an organisation must know of its list's scripts before it hands over the encodings."""
    notes = []
    if scripts.total and 1 - scripts.main_share >= _NOTICED:
        percent = round(100 * (1 - scripts.main_share))
        notes.append(
            say(
                "{percent} % of the names are in another script than the rest of the list. Look whether two"
                " lists were put together, and whether people stand on it twice.",
                percent=percent,
            )
        )
    if scripts.other >= max(1, _NOTICED * scripts.total):
        notes.append(
            say(
                "{rows} names have no Cyrillic or Latin letters. They only match names typed in"
                " exactly the same letters.",
                rows=scripts.other,
            )
        )
    if not normalised:
        notes.append(
            say(
                "The list is encoded as it was typed. Names in two scripts will not match, and"
                " the estimate will be far too high."
            )
        )
    return tuple(notes)


def notes_between(lists: Sequence[EncodedList]) -> tuple[Sentence, ...]:
    """Return a sentence for each list whose main script is not that of most lists."""
    mains = [one.scripts.main for one in lists if len(one)]
    if len(set(mains)) < 2:
        return ()
    # Of as many lists in each script, the first list's script counts as the usual one.
    usual = max(dict.fromkeys(mains), key=mains.count)
    return tuple(
        say(
            "The list “{name}” is mostly in {script} letters, the others mostly in {usual} ones. Look at the"
            " pairs it takes part in with special care: matches that spelling hides make the"
            " estimate too high.",
            name=one.name,
            script=_NAMES[one.scripts.main],
            usual=_NAMES[usual],
        )
        for one in lists
        if len(one) and one.scripts.main != usual
    )


_NAMES: Final = {"cyrillic": "Cyrillic", "latin": "Latin", "mixed": "mixed", "other": "other"}
