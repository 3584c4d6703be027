from __future__ import annotations

import numpy as np
import pytest

from causeway.linkage.candidates import find_candidates
from causeway.linkage.compare import ComparisonError
from causeway.linkage.thresholds import fit_scores, pair_probabilities, resampled
from tests.linkage.bits import families, lists_of, packed, random_flags


def known(count, *, shares, seed, noise=0.12):
    """Return candidates of lists whose truth is known: which pairs are one person, and how many there are."""
    people = families(np.random.default_rng(seed), count)
    lists, who = lists_of(people, shares=shares, seed=seed + 1, noise=noise)
    candidates = find_candidates(lists, seed=1)
    person = np.concatenate(who)
    true = person[candidates.one] == person[candidates.other]
    both = {
        (a, b): len(np.intersect1d(who[a], who[b])) for a in range(len(who)) for b in range(a + 1, len(who))
    }
    return candidates, true, both


@pytest.mark.parametrize(
    ("count", "shares", "noise"),
    [
        (800, (0.4, 0.5), 0.15),
        (800, (0.3, 0.3, 0.4), 0.12),
        (3000, (0.2, 0.3, 0.1), 0.15),
        (200, (0.6, 0.5), 0.1),
    ],
)
def test_numbers_of_matches_and_their_certainty_are_recovered(count, shares, noise):
    candidates, true, both = known(count, shares=shares, seed=count, noise=noise)
    model = fit_scores(candidates)
    for (a, b), expected in both.items():
        assert model.matches[a, b] == pytest.approx(expected, rel=0.1, abs=4)
    probability = pair_probabilities(candidates, model)
    taken = probability >= 0.5
    precision, recall = true[taken].mean(), true[taken].sum() / sum(both.values())
    assert precision > 0.9
    assert recall > 0.85
    assert probability[taken].mean() == pytest.approx(precision, abs=0.03)
    doubtful = (probability > 0.1) & (probability < 0.9)
    assert probability[doubtful].sum() == pytest.approx(
        true[doubtful].sum(), abs=max(6, 0.25 * doubtful.sum())
    )


def test_lists_with_nobody_in_common_give_next_to_no_matches():
    rng = np.random.default_rng(7)
    people = families(rng, 1200)
    lists = [packed(people[:600]), packed(people[600:])]
    model = fit_scores(find_candidates(lists, seed=1))
    candidates = find_candidates(lists, seed=1)
    assert (pair_probabilities(candidates, model) >= 0.5).sum() <= 6


def test_records_that_are_all_alike_leave_numbers_that_can_be_drawn_from():
    """An organisation that names one person forty times fills all candidates with them."""
    people = families(np.random.default_rng(9), 300)
    same = np.repeat(people[:1], 40, axis=0)
    lists = [packed(np.concatenate([people[first : first + 200], same])) for first in (0, 100)]
    again = resampled(fit_scores(find_candidates(lists, seed=1)), seed=2)
    assert np.isfinite(again.two_people).all()
    assert np.isfinite(again.one_person).all()


def test_a_higher_score_is_never_worth_less():
    candidates, _, _ = known(800, shares=(0.3, 0.3), seed=9, noise=0.3)
    model = fit_scores(candidates)
    for one in (model, resampled(model, seed=1), resampled(model, seed=2)):
        ratio = one.ratio(np.linspace(0, 1, 500))
        assert (np.diff(ratio) >= 0).all()
        assert 0 < one.missed < 1
        assert one.one_person.sum() == pytest.approx(1 - one.missed)
    at = model.threshold(0, 1)
    assert model.ratio(np.array([at]))[0] * model.odds(0, 1) >= 1
    assert model.threshold(1, 0) == at


def test_the_floor_lets_in_about_as_many_chance_pairs_as_records():
    rng = np.random.default_rng(13)
    lists = [packed(random_flags(rng, 700)), packed(random_flags(rng, 500))]
    found = find_candidates(lists, seed=1)
    assert 300 < len(found.score) < 1200
    assert found.score.min() >= found.floor
    assert found.compared == 350_000


def test_lists_that_cannot_be_compared_get_a_sentence():
    bits = packed(random_flags(np.random.default_rng(1), 30))
    for lists, told in (
        ([bits], "from two to sixteen"),
        ([bits] * 17, "from two to sixteen"),
        ([bits, bits[:0]], "no record"),
        ([bits, np.zeros((3, 16), np.uint64)], "nothing in it"),
    ):
        with pytest.raises(ComparisonError, match=told):
            find_candidates(lists, seed=1)


def test_progress_counts_all_pairs():
    bits = packed(random_flags(np.random.default_rng(1), 40))
    pairs: list[int] = []
    find_candidates([bits, bits[:30], bits[:20]], seed=1, on_pairs=pairs.append)
    assert sum(pairs) == 40 * 30 + 40 * 20 + 30 * 20
