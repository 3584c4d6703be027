"""Texts of the count: every one that a reader may get is translated, with the same gaps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from causeway.dossier.count_report.language import FOLDER, LANGUAGES, language
from causeway.sentences import say

ROOT = Path(__file__).parents[2] / "src/causeway"
GAP = re.compile(r"\{\w+\}")


def texts(folder: Path) -> set[str]:
    methods = [("**.py", "python")]
    found = extract_from_dir(folder, method_map=methods, keywords={"say": None})
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


@pytest.mark.parametrize("tag", sorted(set(LANGUAGES) - {"en"}))
def test_every_text_is_translated_with_its_gaps(tag: str) -> None:
    with (FOLDER / f"{tag}.po").open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    assert not catalogue.obsolete
    below, own = texts(ROOT / "count"), texts(ROOT / "dossier/count_report")
    assert len(below) > 50
    assert len(own) > 80
    for text in sorted(below | own):
        message = catalogue.get(text)
        assert message is not None, text
        assert not message.fuzzy
        assert message.string
        assert sorted(GAP.findall(str(message.string))) == sorted(GAP.findall(text)), text
    unused = {message.id for message in catalogue if message.id} - below - own
    assert not unused


def test_numbers_and_names_are_written_as_the_language_does() -> None:
    sentence = say("The range is wide: the upper end is {times} times the lower.", times=3.6)
    assert language("en").tell(sentence) == "The range is wide: the upper end is 3.6 times the lower."
    assert language("ru").tell(sentence) == "Диапазон широк: отношение верхнего конца к нижнему — 3,6."
    assert language("en").number(1234567) == "1,234,567"
    assert language("ru").number(1234567) == "1\u00a0234\u00a0567"
    assert language("ru").number(float("inf")) == "–"
    assert language("en").joined(["A", "B", "C"]) == "A, B and C"
    assert language("ru").joined(["A", "B", "C"]) == "A, B и C"
