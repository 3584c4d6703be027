from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.linkage.compare import ComparisonError, popcounts, sample_scores, similar_pairs
from tests.linkage.bits import changed, packed, random_flags


def dice(left, right):
    """Compute every coefficient, the slow way."""
    common = np.bitwise_count(left[:, None] & right[None]).sum(2, dtype=np.int64)
    return 2 * common / np.maximum(1, popcounts(left)[:, None] + popcounts(right)[None])


def assert_same(found, scores, threshold):
    expected = np.argwhere(scores >= threshold)
    assert np.array_equal(np.stack([found.left, found.right], axis=1), expected)
    np.testing.assert_allclose(found.score, scores[tuple(expected.T)])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 300), (1100, 70), (255, 513)])
def test_all_pairs_above_a_threshold_and_no_others(rows, columns, threads):
    rng = np.random.default_rng(rows)
    some = random_flags(rng, rows)
    others = random_flags(rng, columns)
    same = min(rows, columns) // 2
    others[:same] = changed(some[:same], rng, rng.uniform(0, 0.6, same))
    left, right = packed(some), packed(others)
    for threshold in (0.34, 0.6, 1.0):
        assert_same(
            similar_pairs(left, right, threshold=threshold, threads=threads), dice(left, right), threshold
        )


def test_records_of_very_different_size_are_not_lost():
    rng = np.random.default_rng(1)
    flags = rng.random((400, 1024)) < rng.uniform(0.001, 0.9, 400)[:, None]
    bits = packed(flags | (flags.sum(1) == 0)[:, None])
    for threshold in (0.05, 0.5, 0.9):
        assert_same(similar_pairs(bits, bits.copy(), threshold=threshold), dice(bits, bits), threshold)


@settings(max_examples=40)
@given(st.integers(1, 40), st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_a_pair_exactly_on_the_threshold_is_in(common, more, others, seed):
    rng = np.random.default_rng(seed)
    places = rng.permutation(1024)
    one, other = np.zeros((2, 1, 1024), dtype=bool)
    one[0, places[: common + more]] = True
    other[0, places[:common]] = True
    other[0, places[common + more : common + more + others]] = True
    score = 2 * common / (2 * common + more + others)
    one, other = packed(one), packed(other)
    assert len(similar_pairs(one, other, threshold=score)) == 1
    assert len(similar_pairs(one, other, threshold=min(1.0, score + 1e-7))) == 0


def test_a_list_with_itself_gives_each_pair_once():
    rng = np.random.default_rng(2)
    bits = packed(random_flags(rng, 300))
    bits[200:] = bits[:100]
    found = similar_pairs(bits, threshold=0.99)
    assert list(zip(found.left, found.right, strict=True)) == [(i, i + 200) for i in range(100)]


def test_many_more_pairs_than_one_buffer_holds():
    bits = np.repeat(packed(random_flags(np.random.default_rng(3), 1)), 1500, axis=0)
    found = similar_pairs(bits, bits, threshold=0.9)
    assert len(found) == 1500 * 1500
    assert (found.score == 1).all()


def test_a_record_with_nothing_in_it_is_like_nothing():
    bits = np.zeros((3, 16), dtype=np.uint64)
    bits[1] = 1
    assert list(similar_pairs(bits, bits, threshold=0.01).left) == [1]
    assert not len(similar_pairs(bits[:1], bits, threshold=0.01))
    assert not len(similar_pairs(bits[:0], bits, threshold=0.5))


def test_progress_counts_all_rows_and_can_end_it():
    bits = packed(random_flags(np.random.default_rng(4), 2500))
    rows: list[int] = []
    similar_pairs(bits, bits, threshold=0.9, on_rows=rows.append)
    assert sum(rows) == 2500

    def stop(_rows):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        similar_pairs(bits, bits, threshold=0.9, on_rows=stop)


@pytest.mark.parametrize("threshold", [0, -1, 1.01, float("nan")])
def test_a_threshold_out_of_range_is_refused(threshold):
    bits = np.ones((2, 16), dtype=np.uint64)
    with pytest.raises(ComparisonError, match="threshold"):
        similar_pairs(bits, bits, threshold=threshold)


@pytest.mark.parametrize(
    "bits", [np.ones((2, 8), np.uint64), np.ones((2, 16), np.int64), np.ones(16, np.uint64)]
)
def test_other_shapes_are_refused(bits):
    with pytest.raises(ComparisonError, match="1,024 bits"):
        similar_pairs(bits, bits, threshold=0.5)


def test_random_pairs_have_the_scores_of_all_pairs():
    rng = np.random.default_rng(5)
    left, right = packed(random_flags(rng, 60)), packed(random_flags(rng, 80, share=0.5))
    drawn = sample_scores(left, right, draws=100_000, seed=1)
    every = dice(left, right)
    assert abs(drawn.mean() - every.mean()) < 0.001
    assert abs(np.quantile(drawn, 0.99) - np.quantile(every, 0.99)) < 0.003
    assert len(sample_scores(left[:0], right, draws=10, seed=1)) == 0
