from __future__ import annotations

import numpy as np
import pytest

from causeway.count.families import Families, Widening, WideningKind
from causeway.count.results import Family, FamilyEstimate, Hump, Interval
from causeway.count.verdict import Verdict, combine, decide
from causeway.sentences import say
from tests.count.tables import independent, published


def family(
    name: Family, median: float, low: float, high: float, *, usable: bool = True, humps: tuple[Hump, ...] = ()
) -> FamilyEstimate:
    return FamilyEstimate(name, Interval(median, low, high), usable=usable, humps=humps)


def widening(
    kind: WideningKind, median: float, low: float, high: float, *, contradicted: bool = False
) -> Widening:
    return Widening(kind, say(f"As if {kind}."), Interval(median, low, high), np.zeros(1), contradicted)


GRAPHS = family("decomposable", 1_000, 900, 1_100)
CLASSES = family("latent_class", 1_200, 1_000, 1_400)
TERMS = family("log_linear", 1_050, 800, 1_150)
CHAO = family("chao", 700, 650, 760)


def verdict(
    *estimates: FamilyEstimate, widenings: tuple[Widening, ...] = (), documented: int = 500
) -> Verdict:
    return combine(estimates, widenings, documented=documented)


def test_the_range_is_what_the_families_span():
    found = verdict(GRAPHS, CLASSES, TERMS, CHAO)
    assert (found.verdict, found.low, found.high) == ("range", 800, 1_400)
    assert "800" in str(found.reason)
    assert "1400" in str(found.reason)
    assert len(found.assumptions) == 4


def test_a_family_that_its_gates_refuse_moves_nothing():
    refused = family("latent_class", 9_000, 10, 90_000, usable=False)
    assert (verdict(GRAPHS, refused, TERMS, CHAO).low, verdict(GRAPHS, refused, TERMS, CHAO).high) == (
        800,
        1_150,
    )


def test_chao_gives_neither_end():
    far = family("chao", 5_000, 4_000, 9_000)
    assert verdict(GRAPHS, TERMS, far).high == 1_150
    assert any("above the range" in str(note) for note in verdict(GRAPHS, TERMS, far).notes)
    near = family("chao", 900, 850, 990)
    assert verdict(GRAPHS, TERMS, near).low == 800
    assert any("at least about 850" in str(note) for note in verdict(GRAPHS, TERMS, near).notes)


@pytest.mark.parametrize("lonely", [GRAPHS, CLASSES, TERMS])
def test_one_family_alone_is_no_estimate(lonely):
    found = verdict(lonely, CHAO)
    assert (found.verdict, found.low, found.high) == ("none", None, None)
    assert "only one family" in str(found.reason)
    assert "at least about 650" in str(found.notes[0])


def test_no_family_is_no_estimate():
    found = verdict(family("decomposable", 5, 4, 6, usable=False), family("chao", 5, 4, 6, usable=False))
    assert found.verdict == "none"
    assert found.notes == ()


def test_a_limit_that_runs_away_is_left_out_where_two_others_bound_the_total():
    away = family("log_linear", 1_000, 800, 2_100)
    assert verdict(GRAPHS, CLASSES, away, CHAO).high == 1_400
    assert verdict(GRAPHS, away, CHAO).high == 2_100


def test_humps_are_spanned_and_named():
    two = (Hump(1_000, 900, 1_100, 0.6), Hump(3_000, 2_900, 3_100, 0.4))
    found = verdict(family("decomposable", 1_000, 900, 2_000, humps=two), TERMS, CHAO)
    assert found.high == 3_000
    assert any("humps" in str(note) for note in found.notes)


def test_unequal_ease_raises_the_upper_end_and_no_other():
    found = verdict(GRAPHS, TERMS, CHAO, widenings=(widening("unequal", 1_500, 300, 2_500),))
    assert (found.low, found.high) == (800, 2_500)
    assert [str(one) for one in found.widened_by] == ["As if unequal."]
    richer = verdict(GRAPHS, TERMS, CHAO, widenings=(widening("richer", 1_000, 600, 1_100),))
    assert (richer.low, richer.high) == (600, 1_150)


def test_an_assumption_that_bounds_nothing_or_that_the_table_contradicts_widens_nothing():
    endless = widening("unequal", 1_000, 900, 3_100)
    against = widening("unequal", 1_500, 900, 2_500, contradicted=True)
    found = verdict(GRAPHS, TERMS, CHAO, widenings=(endless, against))
    assert found.high == 1_150
    assert found.widened_by == ()
    assert "may be more than this" in str(found.notes[-1])
    absurd = verdict(GRAPHS, TERMS, CHAO, widenings=(widening("unequal", 4_000, 900, 8_100),))
    assert (absurd.verdict, absurd.high) == ("range", 1_150)


def test_a_range_from_one_to_more_than_ten_is_no_estimate():
    found = verdict(family("decomposable", 3_000, 600, 6_500), family("log_linear", 3_000, 700, 6_400), CHAO)
    assert found.verdict == "none"
    assert "600 to 6500" in str(found.reason)


def test_less_than_documented_is_never_said():
    assert verdict(GRAPHS, TERMS, CHAO, documented=850).low == 850


def test_families_that_exclude_each_other_are_named():
    far = family("log_linear", 2_000, 1_900, 2_100)
    assert any("disagree" in str(note) for note in verdict(GRAPHS, far, CHAO).notes)
    assert not any("disagree" in str(note) for note in verdict(GRAPHS, TERMS, CHAO).notes)


def test_what_the_table_lacks_comes_before_any_family():
    found = decide(published("artificial_3"), Families((GRAPHS, CLASSES, TERMS, CHAO)))
    assert found.verdict == "none"
    assert "list C" in str(found.reason)
    fine = independent(500, [0.4, 0.4, 0.4], seed=1)
    assert decide(fine, Families((GRAPHS, CLASSES, TERMS, CHAO))).verdict == "range"
