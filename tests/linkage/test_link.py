from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from causeway.linkage.errors import EncodedListError
from causeway.linkage.link import LinkingError, link_lists
from causeway.linkage.matching import histories
from causeway.linkage.overlap import names_on, small_cells, table_csv
from causeway.linkage.review import Answer, ReviewError
from tests.linkage.bits import encoded, families, lists_of

NAMES = ("north", "south", "east", "west")


def invented(count, *, shares, seed, noise=0.12):
    people = families(np.random.default_rng(seed), count)
    lists, who = lists_of(people, shares=shares, seed=seed + 1, noise=noise)
    return [encoded(bits, name) for bits, name in zip(lists, NAMES, strict=False)], who


def truth_of(who):
    person = np.concatenate(who)
    list_of = np.repeat(np.arange(len(who)), [len(rows) for rows in who])
    label = np.unique(person, return_inverse=True)[1]
    return histories(label, list_of, len(who))[1]


@pytest.fixture(scope="module")
def four():
    lists, who = invented(1200, shares=(0.3, 0.4, 0.2, 0.3), seed=3)
    return lists, who, link_lists(lists, seed=1, draws=60)


def test_the_table_is_close_to_the_truth_and_the_draws_hold_it(four):
    _, who, linkage = four
    truth = truth_of(who)
    assert linkage.counts[0] == 0
    assert linkage.counts.sum() == pytest.approx(truth.sum(), rel=0.05)
    documented = linkage.tables.sum(axis=1)
    assert abs(documented.mean() - truth.sum()) < 2 * documented.std()
    low, high = np.quantile(linkage.tables, [0.005, 0.995], axis=0)
    wide = np.maximum(2, 0.5 * (high - low))
    held = (truth >= low - wide) & (truth <= high + wide)
    assert held[1:].sum() >= 13
    assert linkage.tables.shape == (60, 16)


def test_every_record_counts_once_for_its_list_in_answer_and_draws(four):
    lists, _, linkage = four
    on = np.arange(16)[:, None] >> np.arange(4) & 1 == 1
    sizes = [len(one) for one in lists]
    assert [int(linkage.counts[on[:, i]].sum()) for i in range(4)] == sizes
    for table in linkage.tables:
        assert [int(table[on[:, i]].sum()) for i in range(4)] == sizes


def test_precision_and_recall_are_estimated_near_what_they_are(four):
    _, who, linkage = four
    person = np.concatenate(who)
    same = (linkage.people[:, None] == linkage.people[None]) & ~np.eye(len(person), dtype=bool)
    true = (person[:, None] == person[None]) & ~np.eye(len(person), dtype=bool)
    precision, recall = (same & true).sum() / same.sum(), (same & true).sum() / true.sum()
    assert precision > 0.95
    assert recall > 0.9
    assert linkage.quality.precision.median == pytest.approx(precision, abs=0.02)
    assert linkage.quality.recall.median == pytest.approx(recall, abs=0.05)
    assert linkage.quality.links == same.sum() / 2


def test_the_same_seed_gives_the_same_and_another_one_other_draws():
    lists, _ = invented(300, shares=(0.5, 0.5), seed=5)
    first, again, other = (link_lists(lists, seed=seed, draws=40) for seed in (1, 1, 2))
    assert np.array_equal(first.tables, again.tables)
    assert first.uncertain == again.uncertain
    assert not np.array_equal(first.tables, other.tables)


def test_answers_are_obeyed_and_not_asked_again():
    lists, who = invented(700, shares=(0.5, 0.5), seed=7, noise=0.2)
    before = link_lists(lists, seed=1, draws=40)
    assert len(before.uncertain) > 5
    people = {
        (one.name, ticket.tobytes().hex()): int(person)
        for one, rows in zip(lists, who, strict=True)
        for ticket, person in zip(one.tickets, rows, strict=True)
    }
    answers = [
        Answer(
            p.list_a,
            p.ticket_a,
            p.list_b,
            p.ticket_b,
            people[p.list_a, p.ticket_a] == people[p.list_b, p.ticket_b],
        )
        for p in before.uncertain
    ]
    after = link_lists(lists, seed=1, draws=40, answers=answers)
    assert len(after.answers.confirmed) == sum(answer.same is True for answer in answers)
    record = {
        (one.name, ticket.tobytes().hex()): start + row
        for one, start in zip(lists, (0, len(lists[0])), strict=True)
        for row, ticket in enumerate(one.tickets)
    }
    for answer in answers:
        a, b = record[answer.list_a, answer.ticket_a], record[answer.list_b, answer.ticket_b]
        assert bool(after.people[a] == after.people[b]) is answer.same
    asked = {(p.ticket_a, p.ticket_b) for p in before.uncertain}
    assert not asked & {(p.ticket_a, p.ticket_b) for p in after.uncertain}
    assert after.tables.std(axis=0).sum() < before.tables.std(axis=0).sum()


def test_a_confirmed_pair_may_be_unlike_in_every_score():
    lists, who = invented(200, shares=(0.5, 0.5), seed=9)
    a = next(i for i, person in enumerate(who[0]) if person not in who[1])
    b = next(i for i, person in enumerate(who[1]) if person not in who[0])
    answer = Answer(
        "north", lists[0].tickets[a].tobytes().hex(), "south", lists[1].tickets[b].tobytes().hex(), True
    )
    linkage = link_lists(lists, seed=1, draws=40, answers=[answer])
    assert linkage.people[len(lists[0]) + b] == linkage.people[a]


def test_lists_that_do_not_belong_together_are_refused():
    lists, _ = invented(60, shares=(0.5, 0.5), seed=11)
    with pytest.raises(EncodedListError, match="different keys"):
        link_lists([lists[0], encoded(lists[1].bits, "south", key=b"k" * 16)], seed=1)
    with pytest.raises(EncodedListError, match="different ways"):
        link_lists([lists[0], encoded(lists[1].bits, "south", scheme="raw")], seed=1)
    with pytest.raises(LinkingError, match="same name"):
        link_lists([lists[0], encoded(lists[1].bits, "north")], seed=1)
    with pytest.raises(LinkingError, match="count"):
        link_lists([lists[0], encoded(lists[1].bits, "count")], seed=1)


def test_answers_about_other_lists_are_refused():
    lists, _ = invented(60, shares=(0.5, 0.5), seed=11)
    for list_, ticket in (("nowhere", lists[1].tickets[0].tobytes().hex()), ("south", "0" * 32)):
        answer = Answer("north", lists[0].tickets[0].tobytes().hex(), list_, ticket, True)
        with pytest.raises(ReviewError, match="not among"):
            link_lists(lists, seed=1, answers=[answer])


def test_a_list_that_names_people_twice_is_pointed_out():
    lists, _ = invented(600, shares=(0.5, 0.5), seed=13)
    bits = np.concatenate([lists[0].bits, lists[0].bits[:40]])
    twice = link_lists([encoded(bits, "north"), lists[1]], seed=1, draws=20)
    (note,) = [note for note in twice.notes if "people twice. Take" in note.text]
    assert note.values["name"] == "north"
    assert abs(int(note.values["twice"]) - 40) <= 8
    once = link_lists(lists, seed=1, draws=20)
    assert not [note for note in once.notes if "people twice. Take" in note.text]


def test_a_list_in_another_script_is_pointed_out():
    lists, _ = invented(100, shares=(0.6, 0.6, 0.6), seed=15)
    latin = replace(lists[2], scripts=type(lists[2].scripts)(latin=len(lists[2])))
    linkage = link_lists([*lists[:2], latin], seed=1, draws=20)
    assert any(note.values.get("name") == "east" and "Latin" in str(note) for note in linkage.notes)


def test_too_little_to_learn_from_is_said():
    lists, _ = invented(24, shares=(0.5, 0.5), seed=17)
    linkage = link_lists(lists, seed=1, draws=20)
    assert any("beyond doubt" in note.text for note in linkage.notes)


def test_what_leaves_names_no_record(four):
    lists, _, linkage = four
    told = json.dumps(linkage.as_json())
    assert not [
        1 for one in lists for ticket in one.tickets if ticket.tobytes().hex() in told + linkage.table
    ]
    read = json.loads(told)
    assert read["documented"] == linkage.counts.sum()
    tables = np.zeros((60, 16), dtype=int)
    tables[:, read["histories"]] = read["tables"]
    assert np.array_equal(tables, linkage.tables)
    for cell in read["counts"]:
        assert cell["small"] == (cell["count"] < 5)


def test_the_table_as_csv():
    counts = np.array([0, 12, 3, 0, 5, 0, 0, 1])
    rows = list(csv.reader(io.StringIO(table_csv(counts, ("a", "b, c", "d")))))
    assert rows[0] == ["a", "b, c", "d", "count"]
    assert rows[1:] == [
        ["1", "0", "0", "12"],
        ["0", "1", "0", "3"],
        ["0", "0", "1", "5"],
        ["1", "1", "1", "1"],
    ]
    assert small_cells(counts) == (2, 7)
    assert names_on(5, ("a", "b", "d")) == ("a", "d")


def test_progress_rises_to_the_end_and_can_stop_it():
    lists, _ = invented(100, shares=(0.5, 0.5), seed=19)
    shares: list[float] = []
    link_lists(lists, seed=1, draws=20, on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)

    def stop(share):
        if share > 0.8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        link_lists(lists, seed=1, draws=20, on_progress=stop)
