"""Linking: how fast all pairs are compared, and how well lists in two scripts are linked, beside peers.

Functions for `bench/count.py`. Peers are run on the same lists and in the same run, at their best: the
threshold of each is the one with which it does best, chosen with the truth, which nobody has at work. Ours is
what `link_lists` gives by itself.
"""

from __future__ import annotations

import logging
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.count.anonlink import clock, scored_pairs
from bench.count.peers import Peers
from bench.count.people import Record, csv_of, invented_people, list_of
from causeway.linkage.compare import similar_pairs
from causeway.linkage.encode import Scheme, encode_list, encode_rows
from causeway.linkage.key import LinkKey
from causeway.linkage.link import link_lists
from causeway.linkage.matching import shared_pairs
from causeway.linkage.persons import read_persons

__all__ = ["comparison_speed", "estimated_quality", "linking_quality"]

_KEY = LinkKey(bytes(range(32)))
_STYLES = ("russian", "latin", "chechen", "chechen_latin")
_THRESHOLD = 0.8
# What a programmer would write in an afternoon: one letter for one, no standard, no variants.
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
_PLAIN = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya e".split(" ")
_SIMPLE = dict(zip(_CYRILLIC, _PLAIN, strict=True))

Rows = NDArray[np.uint64]
Pairs = set[tuple[int, int]]


# ---- Speed ----


def comparison_speed(
    anonlink: Path | None, *, records: int = 20_000, rounds: int = 3, seed: int = 1
) -> dict[str, float | None]:
    """Measure pairs a second over two lists of random filters: our two threads, anonlink's two processes.

    Both get the same filters, a third of whose bits are set, and a threshold of 0.8, which none reaches; the
    best of some rounds of each, in turns. No pair can be left out by its number of bits. Without a Python
    that has anonlink, all that needs it is None.
    """
    rng = np.random.default_rng(seed)
    left, right = (_random_filters(rng, records) for _ in range(2))
    similar_pairs(left[:10], right[:10], threshold=_THRESHOLD)  # compiles
    ours, theirs = [], []
    with _clock(anonlink, left, right) as peer:
        for _ in range(rounds):
            ours.append(_seconds(lambda: similar_pairs(left, right, threshold=_THRESHOLD, threads=2)))
            if peer is not None:
                theirs.append(peer())
    rate = records * records / min(ours)
    peer_rate = records * records / min(theirs) if theirs else None
    return {
        "ours_pairs_per_second": rate,
        "anonlink_pairs_per_second": peer_rate,
        "times_faster": rate / peer_rate if peer_rate else None,
    }


@contextmanager
def _clock(anonlink: Path | None, left: Rows, right: Rows) -> Iterator[Callable[[], float] | None]:
    if anonlink is None:
        yield None
        return
    with clock(anonlink, left, right, threshold=_THRESHOLD) as peer:
        yield peer


def _random_filters(rng: np.random.Generator, count: int) -> Rows:
    filters: Rows = np.packbits(rng.random((count, 1024)) < 1 / 3, axis=1).view(np.uint64)
    return filters


def _seconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# ---- Quality ----


def linking_quality(
    peers: Peers, *, people: int = 2400, seeds: Sequence[int] = (21, 22)
) -> dict[str, dict[str, float] | None]:
    """Link a Russian and a Latin list, raw and after a simple normaliser, by anonlink, Splink and ours.

    Returns:
        For each of `anonlink_raw`, `anonlink_simple`, `splink_raw`, `splink_simple`, `ours_raw`,
        `ours_normalised`, `ours_normalised_unhardened`: `f1`, `precision` and `recall`, means over seeds, or
        None for a peer that is not there.
        Every pair is of one list in Cyrillic and one in Latin letters, so recall is Latin–Russian recall.
    """
    found: dict[str, list[dict[str, float]] | None] = dict.fromkeys(
        ("anonlink_raw", "anonlink_simple", "splink_raw", "splink_simple")
    )
    for seed in seeds:
        lists = _two_lists(people, seed)
        simple = [[_simplified(record) for record in records] for records in lists]
        true = _true_pairs(lists)
        results = {
            "ours_raw": _scores(_our_pairs(lists, Scheme(normalised=False)), true),
            "ours_normalised": _scores(_our_pairs(lists, Scheme()), true),
            "ours_normalised_unhardened": _scores(_our_pairs(lists, Scheme(hardened=False)), true),
        }
        for kind, both in (("raw", lists), ("simple", simple)):
            if peers.anonlink is not None:
                results[f"anonlink_{kind}"] = _best(_anonlink_pairs(peers.anonlink, both), true)
            if peers.splink:
                results[f"splink_{kind}"] = _best(_splink_pairs(both), true)
        for name, scores in results.items():
            found[name] = [*(found.get(name) or ()), scores]
    return {name: None if each is None else _means(each) for name, each in found.items()}


def _means(each: Sequence[dict[str, float]]) -> dict[str, float]:
    return {what: float(np.mean([one[what] for one in each])) for what in ("f1", "precision", "recall")}


def estimated_quality(*, people: int = 3000, seed: int = 31, draws: int = 100) -> dict[str, Any]:
    """Link four lists in two scripts and languages; compare what is estimated of it with the truth.

    `documented_*` are numbers of people on any list: true, in the one best answer, and the middle 95 % of the
    plausible tables.
    """
    rng = np.random.default_rng(seed)
    everybody = invented_people(people, seed=seed)
    records = [
        list_of([one for one in everybody if rng.random() < share], style=style, seed=seed + at)
        for at, (style, share) in enumerate(zip(_STYLES, (0.3, 0.35, 0.25, 0.2), strict=True))
    ]
    encoded, who = [], []
    for style, rows in zip(_STYLES, records, strict=True):
        made = encode_list(
            read_persons(csv_of(rows, style=style)), key=_KEY, name=style, tickets=rng.bytes(16 * len(rows))
        )
        encoded.append(made.encoded)
        who.append(np.array([row.person for row in rows])[made.lines - 2])
    start = time.perf_counter()
    linkage = link_lists(encoded, seed=seed, draws=draws)
    seconds = time.perf_counter() - start
    person = np.concatenate(who)
    one, other = shared_pairs(linkage.people)
    right = int((person[one] == person[other]).sum())
    counts = np.bincount(person)
    true = int((counts * (counts - 1) // 2).sum())
    documented = linkage.tables.sum(axis=1)
    low, high = np.quantile(documented, [0.025, 0.975])
    return {
        "records": len(person),
        "seconds": seconds,
        "precision": right / len(one),
        "precision_estimated": linkage.quality.precision.median,
        "recall": right / true,
        "recall_estimated": linkage.quality.recall.median,
        "documented_true": int((counts > 0).sum()),
        "documented_best": int(linkage.counts.sum()),
        "documented_low": float(low),
        "documented_high": float(high),
    }


def _two_lists(people: int, seed: int) -> list[list[Record]]:
    everybody = invented_people(people, seed=seed)
    third = people // 3
    return [
        list_of(everybody[: 2 * third], style="russian", seed=seed + 1),
        list_of(everybody[third:], style="latin", seed=seed + 2),
    ]


def _true_pairs(lists: Sequence[Sequence[Record]]) -> Pairs:
    row_of = {record.person: row for row, record in enumerate(lists[1])}
    return {(row, row_of[record.person]) for row, record in enumerate(lists[0]) if record.person in row_of}


def _simplified(record: Record) -> Record:
    texts = {name: _plain(getattr(record, name)) for name in ("family", "given", "patronymic", "place")}
    return replace(record, **texts, born="".join(letter for letter in record.born if letter.isdigit()))


def _plain(text: str) -> str:
    letters = "".join(_SIMPLE.get(letter, letter) for letter in text.casefold())
    bare = unicodedata.normalize("NFKD", letters)
    return "".join(letter for letter in bare if letter.isascii() and letter.isalpha())


def _filters(records: Sequence[Record], scheme: Scheme) -> Rows:
    return encode_rows(read_persons(csv_of(records, style="latin")), key=_KEY, scheme=scheme)


def _one_to_one(scored: Sequence[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    """Take pairs by falling score where both records are still free."""
    left: set[int] = set()
    right: set[int] = set()
    taken = []
    for score, a, b in sorted(scored, key=lambda pair: (-pair[0], *pair[1:])):
        if a not in left and b not in right:
            left.add(a)
            right.add(b)
            taken.append((score, a, b))
    return taken


def _anonlink_pairs(python: Path, lists: Sequence[Sequence[Record]]) -> list[tuple[float, int, int]]:
    plain = Scheme(normalised=False, hardened=False)
    left, right = (_filters(records, plain) for records in lists)
    return _one_to_one(scored_pairs(python, left, right, threshold=0.3, k=10))


def _splink_pairs(lists: Sequence[Sequence[Record]]) -> list[tuple[float, int, int]]:
    """Return the pairs of Splink's own comparisons of names and dates, on DuckDB."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    names = ("family", "given", "patronymic", "born", "place")
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="row",
        comparisons=[
            cl.NameComparison("family"),
            cl.NameComparison("given"),
            cl.NameComparison("patronymic"),
            cl.LevenshteinAtThresholds("born", [1, 2]),
            cl.NameComparison("place"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("family"),
            block_on("given"),
            block_on("patronymic"),
            block_on("born"),
            block_on("place"),
        ],
    )
    database = DuckDBAPI()
    tables = [
        database.register(
            {"row": list(range(len(records)))}
            | {name: [getattr(record, name) or None for record in records] for name in names},
            table_name=f"list_{at}",
        )
        for at, records in enumerate(lists)
    ]
    linker = Linker(tables, settings, log_level=logging.ERROR)
    # The share of true pairs is told; everything else it learns.
    size = len(lists[0]) * len(lists[1])
    linker._settings_obj._probability_two_random_records_match = len(_true_pairs(lists)) / size
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in (block_on("born"), block_on("family", "given"), block_on("given", "place")):
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(
                rule, record_sample_proportion=1.0
            )
        except Exception:  # noqa: S112 (raw, no pair agrees, and it fails in many ways)
            continue
    try:
        predicted = linker.inference.predict(threshold_match_probability=0.01).as_record_list()
    except Exception:
        return []
    scored = []
    for pair in predicted:
        ends = {pair["source_dataset_l"]: pair["row_l"], pair["source_dataset_r"]: pair["row_r"]}
        scored.append((pair["match_weight"], ends["list_0"], ends["list_1"]))
    return _one_to_one(scored)


def _our_pairs(lists: Sequence[Sequence[Record]], scheme: Scheme) -> Pairs:
    rng = np.random.default_rng(1)
    made = [
        encode_list(
            read_persons(csv_of(records, style="latin")),
            key=_KEY,
            name=f"list {at}",
            tickets=rng.bytes(16 * len(records)),
            scheme=scheme,
        )
        for at, records in enumerate(lists)
    ]
    linkage = link_lists([one.encoded for one in made], seed=1, draws=60)
    start = len(lists[0])
    one, other = shared_pairs(linkage.people)
    left, right = np.minimum(one, other), np.maximum(one, other) - start
    return set(zip((made[0].lines[left] - 2).tolist(), (made[1].lines[right] - 2).tolist(), strict=True))


def _best(scored: Sequence[tuple[float, int, int]], true: Pairs) -> dict[str, float]:
    """Return the scores at the threshold with the highest F1."""
    best = _scores(set(), true)
    right = 0
    for count, (_, a, b) in enumerate(scored, start=1):
        right += (a, b) in true
        f1 = 2 * right / (count + len(true))
        if f1 > best["f1"]:
            best = {"f1": f1, "precision": right / count, "recall": right / len(true)}
    return best


def _scores(found: Pairs, true: Pairs) -> dict[str, float]:
    right = len(found & true)
    return {
        "f1": 2 * right / (len(found) + len(true)),
        "precision": right / len(found) if found else 0.0,
        "recall": right / len(true),
    }
