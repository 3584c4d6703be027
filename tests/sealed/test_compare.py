from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.errors import LocalError
from causeway.sealed.compare import compare_words, new_salt, read_salt, spell_salt
from causeway.sealed.words import DIGITS, LANGUAGES, word_list

LABEL = b"causeway/test-words/1"


def test_six_words_in_every_list() -> None:
    words = compare_words(LABEL, compared=(b"a", b"b"))
    assert set(words) == {*LANGUAGES, DIGITS}
    for lang, six in words.items():
        assert len(six) == 6
        assert set(six) <= set(word_list(lang))
    numbers = {lang: [word_list(lang).index(word) for word in six] for lang, six in words.items()}
    assert numbers["en"] == numbers["ru"] == numbers[DIGITS]


def test_every_part_and_where_it_ends_counts() -> None:
    same = compare_words(LABEL, compared=(b"a", b"b"))
    assert same == compare_words(LABEL, compared=(b"a", b"b"))
    others = [(b"ab", b""), (b"", b"ab"), (b"b", b"a"), (b"a", b"b", b""), (b"a", b"c")]
    for other in others:
        assert compare_words(LABEL, compared=other) != same
    assert compare_words(b"causeway/other-words/1", compared=(b"a", b"b")) != same


def test_the_words_of_a_vector() -> None:
    # Kept so that no later version shows other words than an older one at the other end of the call.
    words = compare_words(LABEL, compared=(b"one", b"two"))
    assert words[DIGITS] == ("2446", "1384", "2385", "2252", "2143", "0634")


@given(st.binary(min_size=3, max_size=3))
def test_a_salt_is_read_from_any_list(salt: bytes) -> None:
    for words in spell_salt(salt).values():
        assert read_salt(" ".join(words)) == salt
        assert read_salt(" - ".join(word.upper() for word in words)) == salt


@pytest.mark.parametrize("typed", ["", "one", "one two three", "qqqqqq wwwwww", "12", "0007 4096", "7 8"])
def test_what_is_no_salt(typed: str) -> None:
    with pytest.raises(LocalError):
        read_salt(typed)


def test_a_new_salt_is_two_words() -> None:
    assert all(len(words) == 2 for words in spell_salt(new_salt(random=lambda size: b"\xff" * size)).values())
