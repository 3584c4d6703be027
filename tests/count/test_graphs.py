from __future__ import annotations

from collections import Counter

import networkx as nx
import pytest

from causeway.count.graphs import CHORDAL_GRAPHS, decomposable_graphs, edge_pairs


def graph_of(mask: int, lists: int) -> nx.Graph[int]:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(lists))
    graph.add_edges_from(pair for bit, pair in enumerate(edge_pairs(lists)) if mask >> bit & 1)
    return graph


def cliques_less_separators(graph: nx.Graph[int]) -> dict[int, int]:
    """Return the sum's factors by way of a junction tree, which the product does not build."""
    cliques = list(nx.find_cliques(graph))
    tree: nx.Graph[int] = nx.Graph()
    tree.add_nodes_from(range(len(cliques)))
    for one in range(len(cliques)):
        for other in range(one):
            tree.add_edge(one, other, weight=len(set(cliques[one]) & set(cliques[other])))
    factors: Counter[int] = Counter()
    for clique in cliques:
        factors[sum(1 << vertex for vertex in clique)] += 1
    for one, other in nx.maximum_spanning_edges(tree, data=False):
        factors[sum(1 << vertex for vertex in set(cliques[one]) & set(cliques[other]))] -= 1
    del factors[0]
    return {subset: factor for subset, factor in factors.items() if factor}


@pytest.mark.parametrize("lists", [1, 2, 3, 4, 5, 6, 7])
def test_the_number_of_chordal_graphs_is_the_known_one(lists):
    graphs = decomposable_graphs(lists)
    assert graphs.edges.size == CHORDAL_GRAPHS[lists]
    assert (graphs.edges[1:] > graphs.edges[:-1]).all()
    assert int(graphs.edges[-1]).bit_count() == lists * (lists - 1) // 2


@pytest.mark.parametrize("lists", [2, 3, 4])
def test_every_chordal_graph_is_there_and_no_other(lists):
    naive = [mask for mask in range(1 << len(edge_pairs(lists))) if nx.is_chordal(graph_of(mask, lists))]
    assert decomposable_graphs(lists).edges.tolist() == naive


@pytest.mark.parametrize("lists", [1, 2, 3, 4, 5])
def test_the_terms_are_cliques_less_separators(lists):
    graphs = decomposable_graphs(lists)
    for row, mask in enumerate(graphs.edges.tolist()):
        used = graphs.terms[row]
        terms = dict(
            zip(graphs.subsets[row, :used].tolist(), graphs.factors[row, :used].tolist(), strict=True)
        )
        assert terms == cliques_less_separators(graph_of(mask, lists))


def test_eight_lists_are_refused():
    with pytest.raises(ValueError, match="one to seven"):
        decomposable_graphs(8)
