from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.errors import LocalError
from causeway.sealed.shares import ShareRefused, combine_shares, read_share, split_secret

SECRET = bytes(range(32))

# SLIP-0039, test vectors, "Basic sharing 2-of-3 (128 bits)": the secret is half as long as a root.
VECTOR = (
    "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue view "
    "short owner flip making coding armed",
    "shadow pistol academic acid actress prayer class unknown daughter sweater depict flip twice unkind "
    "craft early superior advocate guest smoking",
)


def test_any_k_shares_make_the_secret_again_and_fewer_do_not() -> None:
    shares = [read_share(" ".join(share)) for share in split_secret(SECRET, k=2, n=4)]
    assert {share.needed for share in shares} == {2}
    for two in combinations(shares, 2):
        assert combine_shares(two) == SECRET
    assert combine_shares(shares) == SECRET
    for one in shares:
        with pytest.raises(ShareRefused):
            combine_shares([one, one])


def test_a_share_is_33_words_and_another_splitting_fits_none_of_it() -> None:
    first, second = split_secret(SECRET, k=2, n=3), split_secret(SECRET, k=2, n=3)
    assert {len(share) for share in first} == {33}
    with pytest.raises(ShareRefused):
        combine_shares([read_share(" ".join(first[0])), read_share(" ".join(second[1]))])


def test_how_it_is_typed_makes_no_difference_and_a_wrong_word_does() -> None:
    (words, *_) = split_secret(SECRET, k=2, n=2)
    numbered = "\n".join(f"{number}. {word.upper()}," for number, word in enumerate(words, start=1))
    assert read_share(numbered) == read_share(" ".join(words))
    wrong = list(words)
    wrong[7] = "academic" if wrong[7] != "academic" else "acid"
    for text in (" ".join(wrong), " ".join(words[:-1]), " ".join(words + words[:1]), "", "nothing"):
        with pytest.raises(ShareRefused) as refused:
            read_share(text)
        assert "academic" not in refused.value.diagnostics()


def test_shares_of_something_else_are_refused() -> None:
    for share in VECTOR:
        with pytest.raises(ShareRefused):
            read_share(share)


@pytest.mark.parametrize(("k", "n"), [(1, 1), (1, 3), (3, 2), (2, 17), (0, 0)])
def test_k_of_n_has_bounds(k: int, n: int) -> None:
    with pytest.raises(LocalError):
        split_secret(SECRET, k=k, n=n)
    with pytest.raises(ValueError, match="32 bytes"):
        split_secret(SECRET[:16], k=2, n=3)


@settings(max_examples=50)
@given(st.text(max_size=300))
def test_arbitrary_texts_raise_only_our_error(text: str) -> None:
    with pytest.raises(ShareRefused):
        read_share(text)
