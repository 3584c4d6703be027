from __future__ import annotations

import itertools
import random

import pytest

from causeway.routes.cliques import cover


@pytest.mark.parametrize("seed", range(20))
def test_cliques_cover_every_pair_and_hold_enemies_alone(seed):
    rng = random.Random(seed)  # noqa: S311
    n_people, n_points = 9, 2
    pairs = {pair for pair in itertools.combinations(range(n_people), 2) if rng.random() < 0.5}
    enemies = [frozenset({a for p in pairs if who in p for a in p} - {who}) for who in range(n_people)]
    person_of = [who for who in range(n_people) for _ in range(2)]
    points = [tuple(at for at in range(n_points) if rng.random() < 0.7) for _ in person_of]
    covered = set()
    for clique in cover(points, person_of, enemies, {}):
        for one, other in itertools.combinations(sorted({person_of[column] for column in clique}), 2):
            assert (one, other) in pairs
        shared = set.intersection(*(set(points[column]) for column in clique))
        assert shared
        covered |= {(point, frozenset(two)) for point in shared for two in itertools.combinations(clique, 2)}
    for one, other in itertools.combinations(range(len(points)), 2):
        if (person_of[one], person_of[other]) in pairs:
            assert {
                (point, frozenset((one, other))) for point in set(points[one]) & set(points[other])
            } <= covered


def test_a_whole_faction_shares_one_row():
    enemies = [frozenset(range(5)) - {who} for who in range(5)]
    assert list(cover([(0,)] * 5, range(5), enemies, {})) == [(0, 1, 2, 3, 4)]
