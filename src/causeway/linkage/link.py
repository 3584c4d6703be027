"""Linking several encoded lists: one call from encodings to the table of counts, with its doubts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.errors import LocalError
from causeway.linkage.candidates import Candidates, find_candidates
from causeway.linkage.compare import popcounts, similar_pairs
from causeway.linkage.draws import LinkageDraws, draw_linkages
from causeway.linkage.encoded_list import EncodedList, check_comparable
from causeway.linkage.matching import histories
from causeway.linkage.overlap import names_on, small_cells, table_csv
from causeway.linkage.quality import LinkageQuality, Share, linkage_quality
from causeway.linkage.review import Answer, Answers, UncertainPair, gather_answers, uncertain_pairs
from causeway.linkage.script_notes import notes_between
from causeway.linkage.thresholds import FEWEST_SURE, ScoreModel, fit_scores, pair_probabilities
from causeway.sentences import Sentence, say

__all__ = ["Linkage", "LinkingError", "link_lists"]

_COMPARING = 0.7  # of the whole time, for the progress
Progress = Callable[[float], None]


class LinkingError(LocalError):
    """Lists that can't be linked with each other."""


@dataclass(frozen=True, eq=False)
class Linkage:
    """Linked lists. Only `table`, `tables` and what is counted here may leave the linker.

    Args:
        lists: Names of the lists; bit i of a history is list i.
        sizes: Number of records of each.
        counts: int64, shape (2 ** lists,): people by capture history, in the one best answer.
        tables: int64, shape (draws, 2 ** lists): the same in plausible linkages, missed pairs added.
        quality: Estimated precision and recall of the best answer.
        model: What scores were found to be worth.
        floor: Score below which pairs were not looked at.
        people: int64, shape (records,): for each record, the lowest record of the same person. Stays here.
        uncertain: Pairs for the organisations to look at.
        answers: What they have said already.
        notes: What a reader must know, in sentences.
        seed: From which the draws can be repeated.
    """

    lists: tuple[str, ...]
    sizes: tuple[int, ...]
    counts: NDArray[np.int64]
    tables: NDArray[np.int64]
    quality: LinkageQuality
    model: ScoreModel
    floor: float
    people: NDArray[np.int64]
    uncertain: tuple[UncertainPair, ...]
    answers: Answers
    notes: tuple[Sentence, ...]
    seed: int

    @property
    def table(self) -> str:
        """The table of counts as CSV."""
        return table_csv(self.counts, self.lists)

    @property
    def small(self) -> tuple[int, ...]:
        """Histories whose counts are small enough to disclose something."""
        return small_cells(self.counts)

    def as_json(self) -> dict[str, Any]:
        """Return all that may leave, for `--json` and for the estimate: counts, draws, quality, thresholds.

        `histories` says for which histories `tables` has columns, bit i standing for list i; all other counts
        are 0 in every draw.
        """
        seen = np.flatnonzero(self.tables.any(axis=0) | (self.counts > 0))
        return {
            "lists": list(self.lists),
            "sizes": list(self.sizes),
            "documented": int(self.counts.sum()),
            "counts": [
                {
                    "on": list(names_on(int(h), self.lists)),
                    "count": int(self.counts[h]),
                    "small": h in self.small,
                }
                for h in seen
                if self.counts[h]
            ],
            "histories": seen.tolist(),
            "tables": self.tables[:, seen].tolist(),
            "links": self.quality.links,
            "precision": _share_json(self.quality.precision),
            "recall": _share_json(self.quality.recall),
            "missed_below_floor": self.model.missed,
            "floor": self.floor,
            "thresholds": [
                {"between": [self.lists[a], self.lists[b]], "score": self.model.threshold(a, b)}
                for a, b in combinations(range(len(self.lists)), 2)
            ],
            "uncertain": len(self.uncertain),
            "confirmed": len(self.answers.confirmed),
            "denied": len(self.answers.denied),
            "notes": [str(note) for note in self.notes],
            "seed": self.seed,
        }


def link_lists(
    lists: Sequence[EncodedList],
    *,
    seed: int,
    draws: int = 200,
    answers: Sequence[Answer] = (),
    uncertain_at_most: int = 500,
    threads: int = 2,
    on_progress: Progress | None = None,
) -> Linkage:
    """Link lists, each record with at most one of every other list.

    Args:
        lists: Two to sixteen encoded lists, made under one key and in one way, each naming a person once.
        seed: Of all that is drawn.
        draws: Number of plausible tables.
        answers: What organisations said of uncertain pairs of an earlier run.
        uncertain_at_most: Uncertain pairs to return.
        threads: Threads that compare.
        on_progress: Called with the share of the work done; what it raises ends it.

    Raises:
        EncodedListError: Lists under different keys, or encoded in different ways.
        LinkingError: Two lists of one name, or a name that the table needs for itself.
        ComparisonError: One list or too many, or an empty one.
        ReviewError: Answers that don't belong to these lists, or contradict one-to-one.
    """
    _check(lists)
    said = gather_answers(answers, lists)
    bits = [one.bits for one in lists]
    whole = max(1, sum(len(a) * len(b) for a, b in combinations(bits, 2)))
    done = 0

    def compared(pairs: int) -> None:
        nonlocal done
        done += pairs
        if on_progress is not None:
            on_progress(_COMPARING * done / whole)

    candidates = find_candidates(bits, seed=seed, threads=threads, on_pairs=compared)
    candidates = _with_pairs(candidates, said.confirmed, bits)
    model = fit_scores(candidates)
    drawn = draw_linkages(
        candidates,
        model,
        draws=draws,
        seed=seed,
        confirmed=said.confirmed,
        denied=said.denied,
        on_progress=None
        if on_progress is None
        else lambda share: on_progress(_COMPARING + (1 - _COMPARING) * share),
    )
    names = tuple(one.name for one in lists)
    counts = histories(drawn.best, candidates.list_of, len(lists))[1]
    return Linkage(
        lists=names,
        sizes=candidates.sizes,
        counts=counts,
        tables=drawn.tables,
        quality=linkage_quality(drawn),
        model=model,
        floor=candidates.floor,
        people=drawn.best,
        uncertain=uncertain_pairs(lists, _without(candidates, said), drawn, at_most=uncertain_at_most),
        answers=said,
        notes=(
            *notes_between(lists),
            *_twice_notes(lists, model, threads),
            *_doubt_notes(candidates, model, drawn, said),
            *_small_notes(counts),
        ),
        seed=seed,
    )


def _check(lists: Sequence[EncodedList]) -> None:
    for one in lists[1:]:
        check_comparable(lists[0], one)
    names = [one.name for one in lists]
    if len(set(names)) < len(names):
        raise LinkingError("Two lists have the same name. Encode one of them again under another.")
    if "count" in names:
        raise LinkingError("A list can't be called “count”: the table has a column of that name.")


def _with_pairs(
    candidates: Candidates, pairs: frozenset[tuple[int, int]], bits: Sequence[NDArray[np.uint64]]
) -> Candidates:
    """Add pairs that organisations confirmed and that lie below the floor."""
    known = set(zip(candidates.one.tolist(), candidates.other.tolist(), strict=True)) if pairs else set()
    more = np.array(sorted(pairs - known), dtype=np.int64).reshape(-1, 2)
    if not len(more):
        return candidates
    rows = np.concatenate(bits)
    one, other = rows[more[:, 0]], rows[more[:, 1]]
    score = 2.0 * popcounts(one & other) / (popcounts(one) + popcounts(other))
    return replace(
        candidates,
        one=np.concatenate([candidates.one, more[:, 0]]),
        other=np.concatenate([candidates.other, more[:, 1]]),
        score=np.concatenate([candidates.score, score]),
    )


def _without(candidates: Candidates, said: Answers) -> Candidates:
    """Leave out the pairs on which there is an answer: nobody is asked twice."""
    if not said.confirmed | said.denied:
        return candidates
    told = said.confirmed | said.denied
    pairs = zip(candidates.one.tolist(), candidates.other.tolist(), strict=True)
    keep = np.array([pair not in told for pair in pairs], dtype=bool)
    return replace(
        candidates, one=candidates.one[keep], other=candidates.other[keep], score=candidates.score[keep]
    )


def _twice_notes(lists: Sequence[EncodedList], model: ScoreModel, threads: int) -> list[Sentence]:
    """Say which lists seem to name people twice: one-to-one then links only one of the two records."""
    notes = []
    count = len(lists)
    least = max(model.threshold(a, b) for a, b in combinations(range(count), 2))
    # Chance pairs of two people above that score, among all pairs within a list.
    by_chance = float(model.two_people[model.edges[:-1] >= least].sum())
    for one in lists:
        found = len(similar_pairs(one.bits, threshold=least, threads=threads)) if least < 1 else 0
        expected = by_chance * len(one) * (len(one) - 1) / 2
        twice = round(found - expected)
        if twice > max(0.005 * len(one), 1 + 3 * expected**0.5):
            notes.append(
                say(
                    "The list “{name}” seems to name {twice} people twice. Take the second records out and"
                    " encode it again: a list that names people twice makes the estimate too high.",
                    name=one.name,
                    twice=twice,
                )
            )
    return notes


def _doubt_notes(
    candidates: Candidates, model: ScoreModel, drawn: LinkageDraws, said: Answers
) -> list[Sentence]:
    notes = []
    sure = int((pair_probabilities(candidates, model) >= 0.95).sum())
    if sure < FEWEST_SURE:
        notes.append(
            say(
                "Only {sure} pairs of records are beyond doubt, too few to learn from them what a likeness is"
                " worth. Have the organisations look at all uncertain pairs before anything is estimated.",
                sure=sure,
            )
        )
    true = float(drawn.pairs.sum(axis=(1, 2)).mean())
    open_ = float(np.minimum(drawn.probability, 1 - drawn.probability).sum())
    if open_ > 0.1 * max(1.0, true):
        notes.append(
            say(
                "About {open} of {pairs} pairs remain doubtful, which widens the estimate. Answers of the"
                " organisations on the uncertain pairs narrow it.",
                open=round(open_),
                pairs=round(true),
            )
        )
    if said.disputed:
        notes.append(
            say(
                "On {pairs} pairs the organisations disagree; they were left open.",
                pairs=said.disputed,
            )
        )
    return notes


def _small_notes(counts: NDArray[np.int64]) -> list[Sentence]:
    small = small_cells(counts)
    if not small:
        return []
    return [
        say(
            "{cells} counts of the table are below five and may point to single people. Show them to nobody"
            " who doesn't need them for the estimate.",
            cells=len(small),
        )
    ]


def _share_json(share: Share) -> dict[str, float]:
    return {"median": share.median, "low": share.low, "high": share.high}
