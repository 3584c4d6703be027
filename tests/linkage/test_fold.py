from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.count.romanise import CHECHEN_STANDARDS, STANDARDS
from bench.count.stems import FAMILIES, MEN, WOMEN
from causeway.linkage.normalise.fold import SOUNDS, consonants, fold, fold_all, trimmed
from causeway.linkage.normalise.given import canonical_given

RUSSIAN = sorted(
    {*FAMILIES.split(), *(w for line in (MEN + WOMEN).splitlines() for w in line.split("|")[0].split())}
)
CHECHEN = sorted({line.split("|")[1] for line in (MEN + WOMEN).splitlines() if line.partition("|")[2]})
names = st.text(
    st.sampled_from("абвгежзйхцчшщъьюяёӏӀ1lI' -.abcdeghijkstuyxzžčşġẋäі‡") | st.characters(), max_size=20
)


@pytest.mark.parametrize("standard", sorted(STANDARDS))
def test_a_name_and_its_romanisation_share_a_skeleton(standard: str) -> None:
    """By each standard, all but a few; those few differ in two letters at most (Джамал, Соловьёв)."""
    apart = [name for name in RUSSIAN if fold(STANDARDS[standard](name)) != fold(name)]
    assert len(apart) <= 0.03 * len(RUSSIAN), apart


@pytest.mark.parametrize("standard", sorted(CHECHEN_STANDARDS))
def test_chechen_latin_too(standard: str) -> None:
    apart = [name for name in CHECHEN if fold(CHECHEN_STANDARDS[standard](name)) != fold(name)]
    assert len(apart) <= 0.08 * len(CHECHEN), apart


@pytest.mark.parametrize("typed", "1lI|ӀӏІ")
def test_a_palochka_may_be_typed_in_any_way(typed: str) -> None:
    for written in ("ГӀала", "ХӀамид", "ТӀапаев", "ЧӀагӀаев"):
        assert fold(written.replace("Ӏ", typed)) == fold(written)


def test_latin_letters_in_a_cyrillic_word() -> None:
    assert fold("Mагомедoв") == fold("Магомедов")
    assert fold("Maгomedov") == fold("Magomedov")


@given(names)
@settings(max_examples=400)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert trimmed(trimmed(once)) == trimmed(once)


@given(st.lists(names, max_size=5))
def test_many_at_once_as_one_by_one(texts: list[str]) -> None:
    assert fold_all(texts) == [fold(text) for text in texts]


@given(st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюяӏ -", max_size=20))
def test_the_alphabet_is_small(text: str) -> None:
    assert set(fold(text)) <= set(SOUNDS)


def test_hyphens_spaces_and_case_have_no_part() -> None:
    assert fold("Абдул-Хамид") == fold("абдул хамид") == fold("АБДУЛХАМИД")


def test_another_script_stays() -> None:
    assert fold("محمد") == "محمد"


def test_few_family_names_fall_together() -> None:
    """Skeletons must still tell people apart."""
    families = FAMILIES.split()
    assert len({fold(name) for name in families}) >= len(families) - 2


def test_alike_consonants() -> None:
    assert consonants([fold("Вахид")]) == consonants([fold("Вагит")])
    assert consonants([fold("Юсуп")]) == consonants([fold("Юсуб")])
    assert consonants([fold("Муса")]) != consonants([fold("Иса")])


def test_variants_of_a_given_name_are_one() -> None:
    for forms in (
        ("Магомед", "Мухаммад", "Мохьмад", "Muhammad"),
        ("Хамзат", "Hamza", "Хьамзат"),
        ("Юсуф", "Iusup"),
    ):
        assert len({canonical_given(fold(form)) for form in forms}) == 1, forms


def test_brothers_are_not_one() -> None:
    for one, other in (("Хасан", "Хусейн"), ("Ахмед", "Магомед"), ("Иса", "Муса"), ("Алихан", "Али")):
        assert canonical_given(fold(one)) != canonical_given(fold(other))


def test_what_stands_for_a_name_stands_for_itself() -> None:
    for name in RUSSIAN:
        stem = canonical_given(fold(name))
        assert canonical_given(stem) == stem
