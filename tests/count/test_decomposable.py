from __future__ import annotations

import math
from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from causeway.count.decomposable import decomposable_posterior, estimate_decomposable
from causeway.count.decomposable_results import DecomposablePosterior
from causeway.count.graphs import edge_pairs
from causeway.count.results import NoPosterior
from causeway.count.table import CaptureTable
from causeway.errors import LocalError
from tests.count.tables import independent, published, table_of


def posterior_of(table: CaptureTable, **options) -> DecomposablePosterior:
    posterior = decomposable_posterior(table, **options)
    assert isinstance(posterior, DecomposablePosterior)
    return posterior


def slow_log_posteriors(
    table: CaptureTable, delta: float, unseen: int
) -> dict[frozenset[tuple[int, int]], float]:
    """Return each decomposable graph's log posterior by cliques of a junction tree, one number at a time."""
    lists = len(table.lists)
    cells = {cell: int(count) for cell, count in enumerate(table.counts)}
    cells[0] = unseen
    total = sum(cells.values())

    def margin(group: frozenset[int]) -> float:
        sums: dict[tuple[int, ...], int] = {}
        for cell, count in cells.items():
            key = tuple(cell >> place & 1 for place in sorted(group))
            sums[key] = sums.get(key, 0) + count
        weight = delta * 2 ** (lists - len(group))
        log = math.lgamma(2**lists * delta) - math.lgamma(total + 2**lists * delta)
        return log + sum(math.lgamma(count + weight) - math.lgamma(weight) for count in sums.values())

    choice = math.lgamma(total + 1) - sum(math.lgamma(count + 1) for count in cells.values())
    pairs = list(combinations(range(lists), 2))
    out = {}
    for size in range(len(pairs) + 1):
        for edges in combinations(pairs, size):
            graph = nx.Graph(edges)
            graph.add_nodes_from(range(lists))
            if not nx.is_chordal(graph):
                continue
            cliques = [frozenset(clique) for clique in nx.find_cliques(graph)]
            tree: nx.Graph[frozenset[int]] = nx.Graph()
            tree.add_nodes_from(cliques)
            tree.add_weighted_edges_from((a, b, len(a & b)) for a, b in combinations(cliques, 2))
            log = sum(map(margin, cliques))
            log -= sum(margin(a & b) for a, b in nx.maximum_spanning_edges(tree, data=False) if a & b)
            out[frozenset(edges)] = log + choice - math.log(total)
    return out


@pytest.mark.parametrize("delta", [None, 1.0])
@pytest.mark.parametrize("name", ["hav_taiwan", "diabetes_casale"])
def test_the_average_is_that_of_a_slow_enumeration(name, delta):
    table = published(name)
    lists = len(table.lists)
    grid = np.array([0, 1, 2, 5, 40, 150, 300, 700, 1_500, 4_000])
    posterior = posterior_of(table, delta=delta, grid=grid, include_saturated=True)
    slow = [slow_log_posteriors(table, delta or 2.0**-lists, int(unseen)) for unseen in grid]
    logs = np.array([[row[graph] for row in slow] for graph in slow[0]])
    joint = np.exp(logs - logs.max())
    joint /= joint.sum()
    assert posterior.support.weights == pytest.approx(joint.sum(axis=0), rel=1e-8, abs=1e-14)
    pairs = edge_pairs(lists)
    graphs = {
        frozenset(pair for bit, pair in enumerate(pairs) if mask >> bit & 1): mass
        for mask, mass in zip(posterior.graph_edges.tolist(), posterior.graph_mass, strict=True)
    }
    for graph, mass in zip(slow[0], joint.sum(axis=1), strict=True):
        assert graphs[graph] == pytest.approx(mass, rel=1e-8, abs=1e-12)
    assert posterior.saturated_mass == pytest.approx(graphs[frozenset(pairs)], rel=1e-8)


def test_kosovo_is_what_dga_gives():
    # R package dga 2.0.1: delta = 2^-4, prior 1/N, whole numbers of unseen cases, the saturated graph in.
    posterior = posterior_of(published("kosovo"), grid=np.arange(1, 22_000), include_saturated=True)
    assert posterior.interval.median == 12_595
    assert (posterior.interval.low, posterior.interval.high) == (9_827, 16_544)


def test_kosovo_on_a_grid_that_grows_by_need():
    posterior = posterior_of(published("kosovo"))
    interval = posterior.interval
    assert (interval.median, interval.low, interval.high) == pytest.approx((12_595, 9_827, 16_544), rel=5e-4)
    assert posterior.estimate(seed=1).usable
    assert len(posterior.humps) == 1


def test_a_short_grid_cuts_the_united_kingdom_in_half_and_the_grown_one_shows_both_humps():
    table = published("uk2013_5")
    short = posterior_of(table, grid=np.arange(5 * table.documented))
    assert short.interval.median == 11_767
    assert short.tail.mass > 1e-3
    refused = short.estimate(seed=1)
    assert not refused.usable
    assert "beyond the largest total" in str(refused.notes[0])

    grown = estimate_decomposable(table, seed=1)
    assert grown.interval is not None
    interval = (grown.interval.median, grown.interval.low, grown.interval.high)
    assert interval == pytest.approx((22_990, 10_387, 33_510), rel=5e-4)
    heavy, light = grown.humps
    assert (heavy.median, light.median) == pytest.approx((25_100, 11_763), rel=5e-3)
    assert (heavy.mass, light.mass) == pytest.approx((0.69, 0.31), abs=0.01)
    assert grown.usable
    assert any("2 humps" in str(note) for note in grown.notes)


def test_six_lists_run():
    posterior = posterior_of(published("uk2013_6"))
    assert posterior.graph_edges.size == 18_153
    assert posterior.graph_mass.sum() == pytest.approx(1.0)
    assert len(posterior.humps) == 2
    assert posterior.interval.low > posterior.documented


def test_the_saturated_graph_would_answer_that_nobody_is_missing():
    table = published("hav_taiwan")
    counted = posterior_of(table, include_saturated=True)
    assert counted.interval.median == pytest.approx(292, abs=3)
    left_out = posterior_of(table)
    assert left_out.interval.low > 330
    assert left_out.saturated_mass == pytest.approx(0.71, abs=0.01)
    assert counted.saturated_mass == pytest.approx(left_out.saturated_mass, abs=1e-3)
    assert "71 %" in str(left_out.estimate(seed=1).notes[-1])


def test_a_table_that_only_the_saturated_graph_fits_is_refused():
    # Every pair depends on each other, with counts large enough to show it.
    table = table_of([0, 9_000, 8_000, 6_000, 7_000, 5_000, 4_000, 20_000])
    answer = estimate_decomposable(table, seed=1)
    assert answer.interval is not None
    assert not answer.usable
    assert "fits the table badly" in str(answer.notes[0])


def test_a_list_that_meets_no_other_gives_no_estimate():
    answer = estimate_decomposable(published("artificial_3"), seed=1)
    assert not answer.usable
    assert "No case on the list C is on any other" in str(answer.notes[0])
    assert any("hardly bound the total" in str(note) for note in answer.notes)


def test_a_list_that_meets_no_other_refuses_however_well_the_rest_overlaps():
    answer = estimate_decomposable(table_of([0, 300, 200, 150, 1, 0, 0, 0]), seed=1)
    assert answer.interval is not None
    assert answer.interval.high < 10 * answer.interval.median
    assert not answer.usable
    assert "list C" in str(answer.notes[0])


def test_eleven_lists_are_refused_by_name():
    answer = estimate_decomposable(published("philippines_caloocan_unidentified"), seed=1)
    assert answer.interval is None
    assert not answer.usable
    assert "decomposable" in str(answer.notes[0])
    assert "11" in str(answer.notes[0])


def test_a_list_without_cases_changes_nothing():
    table = published("hav_taiwan")
    counts = np.zeros(16, np.int64)
    # The empty list stands between the others.
    for cell, count in enumerate(table.counts):
        counts[cell & 1 | (cell & 6) << 1] = count
    padded = posterior_of(CaptureTable(("a", "empty", "b", "c"), counts))
    assert padded.lists == ("a", "b", "c")
    assert padded.interval == posterior_of(table).interval
    assert "The list empty has no cases" in str(padded.notes[0])


@pytest.mark.parametrize("counts", [[0, 0, 0, 0], [0, 12, 0, 0]])
def test_a_table_in_which_nothing_can_overlap_has_no_posterior(counts):
    answer = estimate_decomposable(table_of(counts), seed=1)
    assert answer.interval is None
    assert answer.notes


def test_two_lists_give_the_independent_answer_and_say_what_it_rests_on():
    answer = estimate_decomposable(independent(2_000, [0.3, 0.4], seed=5), seed=1)
    assert answer.interval is not None
    assert answer.interval.low < 2_000 < answer.interval.high
    assert any("two lists" in str(note) for note in answer.notes)


def test_a_known_total_is_recovered_from_independent_lists():
    covered = 0
    for seed in range(40):
        answer = estimate_decomposable(independent(1_500, [0.2, 0.3, 0.25, 0.15], seed=seed), seed=1)
        assert answer.interval is not None
        assert answer.usable
        covered += answer.interval.low <= 1_500 <= answer.interval.high
    # 95 % limits: with forty tables fewer than 34 would be one chance in some hundred.
    assert covered >= 34


@pytest.mark.slow
def test_seven_lists_are_averaged_over_all_their_graphs():
    table = independent(600, [0.2, 0.3, 0.25, 0.15, 0.2, 0.1, 0.3], seed=1)
    posterior = posterior_of(table)
    assert posterior.graph_edges.size == 617_674
    assert posterior.graph_mass.sum() == pytest.approx(1.0)
    assert posterior.interval.low <= 600 <= posterior.interval.high


def test_work_in_pieces_gives_the_same_digits_again():
    table = published("uk2013_6")
    assert posterior_of(table).interval == posterior_of(table).interval
    first, second = (posterior_of(table).support.weights for _ in range(2))
    assert (first == second).all()


def test_draws_repeat_and_follow_the_posterior():
    first = estimate_decomposable(published("kosovo"), seed=7, draws=20_000)
    again = estimate_decomposable(published("kosovo"), seed=7, draws=20_000)
    other = estimate_decomposable(published("kosovo"), seed=8, draws=20_000)
    assert first.draws is not None
    assert again.draws is not None
    assert other.draws is not None
    assert first.draws.dtype == np.int64
    assert (first.draws == again.draws).all()
    assert (first.draws != other.draws).any()
    assert np.quantile(first.draws, [0.025, 0.5, 0.975]) == pytest.approx([9_827, 12_595, 16_544], rel=0.02)


def test_progress_is_told_to_the_end_and_never_goes_back():
    told: list[float] = []
    posterior_of(published("uk2013_6"), progress=told.append)
    assert told == sorted(set(told))
    assert len(told) > 4
    assert told[-1] == 1.0


def test_a_caller_may_stop_it():
    asked = []

    def enough() -> bool:
        asked.append(True)
        return len(asked) > 2

    answer = decomposable_posterior(published("uk2013_6"), cancel=enough)
    assert isinstance(answer, NoPosterior)
    assert "stopped" in str(answer.reasons[0])
    assert len(asked) == 3


def test_a_prior_of_the_caller_is_used():
    # Madigan and York's kind of prior: a gamma mixture of Poissons, here round 725.
    shape, scale = 13.14, 55.17

    def log_prior(totals: np.ndarray) -> np.ndarray:
        from scipy.special import gammaln

        return np.asarray(
            totals * np.log(scale)
            - (totals + shape) * np.log1p(scale)
            + gammaln(totals + shape)
            - gammaln(totals + 1)
        )

    table = published("madigan_york_3")
    grown = posterior_of(table, delta=1.0, prior=log_prior, include_saturated=True)
    whole = posterior_of(table, delta=1.0, prior=log_prior, include_saturated=True, grid=np.arange(5_000))
    assert grown.interval == whole.interval
    assert grown.interval != posterior_of(table, delta=1.0, include_saturated=True).interval


@pytest.mark.parametrize("delta", [0.0, -1.0, math.nan, math.inf])
def test_a_weight_that_is_none_is_refused(delta):
    with pytest.raises(LocalError, match="above nought"):
        decomposable_posterior(published("kosovo"), delta=delta)


@pytest.mark.parametrize("grid", [[5], [1, 1, 2], [3, 2], [-1, 4], [0.5, 1.5], [[1, 2], [3, 4]]])
def test_a_grid_that_is_none_is_refused(grid):
    with pytest.raises(LocalError, match="grid"):
        decomposable_posterior(published("kosovo"), grid=np.array(grid))
