"""Who cannot be at one place together, as few and as tight rows.

Among those who could be at one meeting point, everybody in a clique of people none of whom may meet another
shares one row of the relaxation, "at most one of these is here": this cuts off far more than a row for each
pair (Padberg 1973, "On the facial structure of set packing polyhedra").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

__all__ = ["cover"]


def cover(
    points: Sequence[tuple[int, ...]],
    person_of: Sequence[int],
    enemies: Sequence[frozenset[int]],
    apart: Mapping[int, Mapping[int, frozenset[int]]],
) -> Iterator[tuple[int, ...]]:
    """Cover every pair at every meeting point by maximal cliques, greedily.

    Args:
        apart: For some points, whom people must not meet there, in the place of `enemies`.
    """
    there: dict[int, dict[int, list[int]]] = {}
    for column, passed in enumerate(points):
        for point in passed:
            there.setdefault(point, {}).setdefault(person_of[column], []).append(column)
    for point, present in there.items():
        own = apart.get(point, {})
        around = {person: own.get(person, enemies[person]) & present.keys() for person in present}
        uncovered = {(one, other) for one, some in around.items() for other in some if one < other}
        for pair in sorted(uncovered):
            if pair not in uncovered:
                continue
            clique = list(pair)
            open_to = around[pair[0]] & around[pair[1]]
            while open_to:
                best = max(open_to, key=lambda who: (len(around[who] & open_to), -who))
                clique.append(best)
                open_to = open_to & around[best]
            clique.sort()
            for at, one in enumerate(clique):
                uncovered.difference_update((one, other) for other in clique[at + 1 :])
            yield tuple(column for person in clique for column in present[person])
