from __future__ import annotations

import subprocess

import pytest

from bench.count import peers
from bench.count.coverage import Outcome, as_markdown, summary
from bench.count.simulate import KINDS, LISTS, case, cases
from tests.bench.test_bench import promised, run


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


@pytest.mark.slow
def test_the_count_is_measured():
    numbers = run("count.py", "--without-peers")
    assert set(numbers) == promised("count.py")
    assert numbers["quick"]
    assert 0 < numbers["decomposable"]["five_ms"] < numbers["decomposable"]["six_ms"]
    assert numbers["latent_class"]["rhat"] <= 1.01
    assert numbers["published"]["kosovo_dga"]["ours"] == numbers["published"]["kosovo_dga"]["theirs"]
    assert (
        numbers["published"]["kosovo_best_bic"]["ours"] == numbers["published"]["kosovo_best_bic"]["theirs"]
    )
    answers = {name: found["verdict"] for name, found in numbers["verdicts"].items()}
    assert answers == {"kosovo": "range", "hav_taiwan": "none", "artificial_3": "none"}
    assert numbers["coverage"][-1]["tables"] == len(KINDS)
    assert numbers["comparing"]["ours_pairs_per_second"] > 0
    assert numbers["encoding"]["clean"]["causeway"]["by_clock"] > 0
    assert numbers["linking"]["ours_normalised"]["recall"] > 0.9 > numbers["linking"]["ours_raw"]["recall"]
    # What needs a peer says so.
    assert numbers["comparing"]["times_faster"] is numbers["encoding"]["noisy"]["times_faster"] is None
    assert numbers["linking"]["anonlink_raw"] is numbers["linking"]["splink_simple"] is None
    assert len(numbers["not_measured"]) == 1


def test_a_peer_that_cannot_be_installed_is_missed_with_a_sentence(monkeypatch):
    def fails(words, **options):
        return subprocess.CompletedProcess(words, 1, "", "Traceback\nERROR: there is no network")

    monkeypatch.setattr(subprocess, "run", fails)
    with peers.peers() as beside:
        assert beside.clkhash is beside.anonlink is None
        assert "clkhash was not measured" in beside.why[0]
        assert beside.why[1].endswith("ERROR: there is no network")


def test_a_peers_environment_that_takes_for_ever_is_missed_too(monkeypatch):
    def hangs(words, **options):
        raise subprocess.TimeoutExpired(words, 1)

    monkeypatch.setattr(subprocess, "run", hangs)
    with peers.peers() as beside:
        assert beside.why[0].endswith("TimeoutExpired")
