"""All decomposable graphs on a few lists, each as the sum of subsets that its marginal likelihood is.

A graph is decomposable when it is chordal: vertices can be taken away one by one, each with its remaining
neighbours all joined to each other. The log marginal likelihood of such a graph is then a sum over the
vertices, h(v and its neighbours left) − h(its neighbours left), where h is a function of a subset of lists
alone (Dawid & Lauritzen 1993 have the same with cliques and separators). Terms that cancel are
cancelled here, so that averaging has between one and 2·lists − 1 additions for each graph.

Every graph on seven lists is two million bit masks: to look at all of them takes less than a second, so the
enumeration is plain, and its counts are checked against the known ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["CHORDAL_GRAPHS", "MAX_ENUMERABLE", "Graphs", "decomposable_graphs", "edge_pairs"]

# Labelled chordal graphs by number of vertices: OEIS A058862. Eight vertices have 30,888,596.
CHORDAL_GRAPHS: Final = {1: 1, 2: 2, 3: 8, 4: 61, 5: 822, 6: 18_154, 7: 617_675}
MAX_ENUMERABLE: Final = 7


@dataclass(frozen=True, eq=False)
class Graphs:
    """Every decomposable graph on `lists` vertices (g of them), in order of their edge masks.

    The last one is the complete graph, the saturated model.

    Args:
        lists: How many vertices.
        edges: uint32 (g,), bit `i` set when the graph has the `i`-th of `edge_pairs(lists)`.
        subsets: uint8 (g, 2·lists − 1), bit masks of lists: the terms of the sum.
        factors: int8 (g, 2·lists − 1), how often each is added; negative where it is taken away.
        terms: uint8 (g,), how many of them there are.
    """

    lists: int
    edges: NDArray[np.uint32]
    subsets: NDArray[np.uint8]
    factors: NDArray[np.int8]
    terms: NDArray[np.uint8]


def edge_pairs(lists: int) -> tuple[tuple[int, int], ...]:
    """Return the pairs of lists that the bits of an edge mask stand for, the lowest bit first."""
    return tuple((one, other) for one in range(lists) for other in range(one + 1, lists))


@cache
def decomposable_graphs(lists: int) -> Graphs:
    """Return all decomposable graphs on some lists.

    Args:
        lists: From 1 to `MAX_ENUMERABLE`.

    Raises:
        ValueError: Other numbers; eight lists would be thirty million graphs.
    """
    if lists not in CHORDAL_GRAPHS:
        raise ValueError("Decomposable graphs are enumerated for one to seven lists.")
    expected = CHORDAL_GRAPHS[lists]
    width = 2 * lists - 1
    edges = np.zeros(expected, np.uint32)
    subsets = np.zeros((expected, width), np.uint8)
    factors = np.zeros((expected, width), np.int8)
    terms = np.zeros(expected, np.uint8)
    found = _scan(lists, edges, subsets, factors, terms)
    if found != expected:
        raise RuntimeError("The enumeration of decomposable graphs does not give their known number.")
    for array in (edges, subsets, factors, terms):
        array.flags.writeable = False
    return Graphs(lists, edges, subsets, factors, terms)


@njit(cache=True, nogil=True)
def _scan(
    lists: int,
    edges: NDArray[np.uint32],
    subsets: NDArray[np.uint8],
    factors: NDArray[np.int8],
    terms: NDArray[np.uint8],
) -> int:
    """Fill the arrays with every chordal graph; returns how many there are."""
    everyone = (1 << lists) - 1
    neighbours = np.zeros(lists, np.int64)
    factor_of = np.zeros(1 << lists, np.int64)
    touched = np.zeros(2 * lists, np.int64)
    found = 0
    for mask in range(1 << (lists * (lists - 1) // 2)):
        neighbours[:] = 0
        bit = 0
        for one in range(lists):
            for other in range(one + 1, lists):
                if mask >> bit & 1:
                    neighbours[one] |= 1 << other
                    neighbours[other] |= 1 << one
                bit += 1
        # Any simplicial vertex may go first: what is left of a chordal graph is chordal.
        left = everyone
        count = 0
        while left:
            gone = False
            for vertex in range(lists):
                if not left >> vertex & 1:
                    continue
                around = neighbours[vertex] & left
                joined = True
                for other in range(lists):
                    if around >> other & 1 and around & ~(neighbours[other] | 1 << other):
                        joined = False
                        break
                if joined:
                    touched[count] = around | 1 << vertex
                    touched[count + 1] = around
                    count += 2
                    left &= ~(1 << vertex)
                    gone = True
                    break
            if not gone:
                break
        if left:
            continue
        if found == edges.size:
            return found + 1
        for place in range(count):
            factor_of[touched[place]] += 1 if place % 2 == 0 else -1
        factor_of[0] = 0  # h of no lists is nought
        used = 0
        for place in range(count):
            subset = touched[place]
            if factor_of[subset] != 0:
                subsets[found, used] = subset
                factors[found, used] = factor_of[subset]
                factor_of[subset] = 0
                used += 1
        terms[found] = used
        edges[found] = mask
        found += 1
    return found
