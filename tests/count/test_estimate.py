from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from causeway.count import (
    QUICK,
    CaptureTable,
    Effort,
    Estimate,
    Stopped,
    estimate,
    estimate_as_json,
    read_table,
    write_table,
)
from causeway.errors import LocalError
from tests.count.tables import independent, published

# The gates are the same; what a sampler with so few rounds gives does not pass them, and is not used.
LITTLE = Effort(chains=2, most_sweeps=400, other_classes=(), replicates=40, draws=300, linkages=2)
FAMILIES = ["decomposable", "latent_class", "log_linear", "chao"]


def found(table: CaptureTable, **options) -> Estimate:
    options.setdefault("effort", LITTLE)
    answer = estimate(table, seed=options.pop("seed", 1), **options)
    assert isinstance(answer, Estimate)
    return answer


def test_kosovo_is_answered():
    answer = found(published("kosovo"))
    assert answer.verdict == "range"
    assert answer.documented == 4_400
    assert answer.low is not None
    assert answer.high is not None
    assert answer.low < 10_357 < 12_595 < answer.high
    assert [one.family for one in answer.families] == FAMILIES


def test_unequal_ease_widens_nothing_where_the_table_contradicts_it():
    # In Kosovo lists depend on each other in several ways, which one number for ease can't say.
    unequal = {name: found(published(name)).widenings[0] for name in ("kosovo", "hare")}
    assert [one.kind for one in unequal.values()] == ["unequal", "unequal"]
    assert unequal["kosovo"].contradicted
    assert not unequal["hare"].contradicted


def test_two_humps_are_reported_and_spanned():
    answer = found(published("uk2013_5"))
    graphs = answer.families[0]
    assert len(graphs.humps) == 2
    assert any("humps" in str(note) for note in answer.outcome.notes)
    assert answer.low is not None
    assert answer.high is not None
    assert answer.low < min(hump.median for hump in graphs.humps)
    assert answer.high > max(hump.median for hump in graphs.humps)


def test_taiwan_is_not_about_292():
    answer = found(published("hav_taiwan"))
    assert answer.verdict == "none"
    assert all(one.interval is None or one.interval.median > 350 for one in answer.families)


def test_a_table_that_cannot_carry_an_estimate_has_none_and_every_family_is_shown():
    answer = found(published("artificial_3"))
    assert answer.verdict == "none"
    assert "list C" in str(answer.reason)
    assert not any(one.usable for one in answer.families)
    assert all(one.interval is not None for one in answer.families)
    assert answer.highest is None


@pytest.mark.slow
def test_eleven_lists_are_answered_by_those_that_can_and_refused_by_name_by_those_that_cannot():
    answer = found(published("philippines_caloocan_unidentified"), effort=replace(QUICK, replicates=2))
    assert answer.verdict == "range"
    graphs, classes, terms, chao = answer.families
    assert graphs.interval is None
    assert "decomposable" in str(graphs.notes[0])
    assert "11" in str(graphs.notes[0])
    assert classes.usable
    assert terms.usable
    assert chao.usable


def test_no_cases_at_all():
    answer = found(CaptureTable(("A", "B", "C"), np.zeros(8, np.int64)))
    assert answer.verdict == "none"
    assert [one.family for one in answer.families] == FAMILIES
    assert estimate_as_json(answer)["families"][3]["median"] is None


def test_two_lists_are_no_estimate():
    answer = found(independent(900, [0.4, 0.5], seed=1))
    assert answer.verdict == "none"
    assert answer.pairs[0].interval.low < 900 < answer.pairs[0].interval.high


def test_the_same_seed_gives_the_same_answer_and_another_other_draws():
    table = independent(800, [0.4, 0.3, 0.35], seed=2)
    one, same, other = (estimate_as_json(found(table, seed=seed)) for seed in (1, 1, 2))
    assert one == same
    assert {**other, "seed": 1} != one


def test_json_has_what_is_promised_and_goes_through_json():
    table = published("madigan_york_3")
    answer = estimate_as_json(found(table))
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    promised = estimate_as_json.__doc__
    assert promised is not None
    assert all(name in promised for name in answer)
    assert {"documented", "lists", "verdict", "reason", "low", "high", "families"} <= set(answer)
    for one in answer["families"]:
        assert set(one) == {"family", "median", "low", "high", "usable", "notes", "humps"}
    assert answer["lists"] == list(table.lists)
    assert answer["table_sha256"] == found(table, seed=9).table_sha256


def test_sentences_go_through_the_catalogue_of_a_language():
    answer = estimate_as_json(found(published("artificial_3")), gettext=lambda text: f"[{text}]")
    assert answer["reason"].startswith("[No case on the list C ")
    assert all(note.startswith("[") for one in answer["families"] for note in one["notes"])


def test_the_hash_is_of_the_table_however_it_was_written():
    table = independent(500, [0.4, 0.4, 0.4], seed=1)
    heading, *rows = write_table(table).decode().splitlines()
    shuffled = read_table("\n".join([heading, *reversed(rows)]).replace(",", ";").encode())
    assert found(table).table_sha256 == found(shuffled).table_sha256
    changed = table.counts.copy()
    changed[3] += 1
    assert found(CaptureTable(table.lists, changed)).table_sha256 != found(table).table_sha256


def test_changed_lists_are_shown_where_they_are_asked_for():
    table = independent(900, [0.4, 0.4, 0.4, 0.3], seed=1)
    told: list[float] = []
    answer = found(
        table, effort=replace(LITTLE, sensitivity=LITTLE), progress=lambda part, _: told.append(part)
    )
    whole = estimate_as_json(answer)
    assert [one["lists"] for one in whole["without"]] == [["A"], ["B"], ["C"], ["D"]]
    assert len(whole["merged"]) == 6
    assert told == sorted(told)
    assert 0.9 < told[-1] <= 1.0
    three = found(published("madigan_york_3"), effort=replace(LITTLE, sensitivity=LITTLE))
    assert "fewer than three" in estimate_as_json(three)["without"]["refused"]


def test_the_highest_interaction_moves_the_range():
    answer = found(independent(900, [0.4, 0.4, 0.4], seed=1))
    assert answer.highest is not None
    middle = answer.highest.coefficients.size // 2
    assert answer.highest.low[middle] == answer.low
    assert answer.highest.high[middle] == answer.high
    # Three lists: a positive interaction of all of them means fewer unseen.
    assert answer.highest.high[0] > answer.high > answer.highest.high[-1]


def test_strata_and_plausible_linkages_go_into_the_answer():
    strata = {
        "n": independent(700, [0.5, 0.5, 0.4], seed=1),
        "s": independent(800, [0.2, 0.2, 0.3], seed=2),
    }
    whole = CaptureTable(("A", "B", "C"), strata["n"].counts + strata["s"].counts)
    answer = found(whole, strata=strata)
    assert [one.name for one in answer.strata] == ["n", "s"]
    assert answer.without_strata is not None
    assert answer.without_strata.low != answer.low
    linked = found(whole, linkage_tables=[whole, whole, whole])
    assert linked.linkage is not None
    assert (linked.linkage.tables, linked.linkage.used) == (3, 2)
    assert linked.verdict == "range"


def test_what_does_not_belong_together_is_refused():
    table, other = (independent(500, [0.4, 0.4, 0.4], seed=seed) for seed in (1, 2))
    with pytest.raises(LocalError, match="do not add up"):
        estimate(table, seed=1, strata={"n": table, "s": other})
    with pytest.raises(LocalError, match="together with strata"):
        estimate(table, seed=1, strata={"n": table, "s": other}, linkage_tables=[table])
    with pytest.raises(LocalError, match="other lists"):
        estimate(table, seed=1, linkage_tables=[published("kosovo")])


def test_it_stops_when_asked():
    asked = []

    def cancel() -> bool:
        asked.append(True)
        return len(asked) > 5

    answer = estimate(published("kosovo"), seed=1, effort=QUICK, cancel=cancel)
    assert isinstance(answer, Stopped)
    assert "stopped" in str(answer.reason)
