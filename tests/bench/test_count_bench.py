from __future__ import annotations

from bench.count.coverage import Outcome, as_markdown, summary
from bench.count.simulate import KINDS, LISTS, case, cases


def test_tables_are_made_from_their_seed_and_of_their_kind():
    every = list(cases(range(2)))
    assert len(every) == 2 * len(KINDS) * len(LISTS)
    for one in every:
        again = case(one.kind, len(one.table.lists), one.seed)
        assert again.total == one.total
        assert (again.table.counts == one.table.counts).all()
        assert 0 < one.table.documented <= one.total
    assert not case("heterogeneous", 3, 1).identifiable
    assert case("heterogeneous", 4, 1).identifiable


def test_the_summary_counts_what_is_covered_wide_and_refused():
    def outcome(low: int | None, high: int | None, *, identifiable: bool = True) -> Outcome:
        families = {"decomposable": (100.0, 90.0, 110.0, True), "log_linear": (50.0, 40.0, 60.0, True)}
        return Outcome("sparse", 3, 1, 100, 50, identifiable, low, high, families)

    outcomes = [
        outcome(80, 120),
        outcome(50, 90),
        outcome(None, None),
        outcome(None, None, identifiable=False),
    ]
    whole = summary(outcomes)[-1]
    assert (whole["tables"], whole["answered"]) == (4, 2)
    assert whole["covered"] == 0.5
    assert whole["median_width"] == 0.4
    assert whole["refused"] == round(1 / 3, 3)
    assert whole["families"] == {"decomposable": 1.0, "latent_class": None, "log_linear": 0.0}
    assert "| sparse | 4 | 2 | 50 % | 0.4 | 33 % | 100 % | – | 0 % |" in as_markdown(summary(outcomes))
