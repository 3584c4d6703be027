"""Uncertain pairs, shown to the organisations that hold the names, and their answers.

The linker sees two tickets and a score. Each organisation looks up its own ticket in its own table; the two
talk about that one person, and one or both write `yes` or `no`. A file of uncertain pairs tells an
organisation that another *may* know the same person: it goes only to the two that a pair concerns.

CSV, a header and one line per pair: `list_a,ticket_a,list_b,ticket_b,score,chance,answer`. Columns may come
in any order, `score` and `chance` may be missing from an answer.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.errors import RemoteError
from causeway.linkage.candidates import Candidates
from causeway.linkage.draws import LinkageDraws
from causeway.linkage.encoded_list import TICKET_BYTES, EncodedList

__all__ = [
    "Answer",
    "Answers",
    "ReviewError",
    "UncertainPair",
    "gather_answers",
    "parse_answers",
    "uncertain_pairs",
    "write_uncertain",
]

_HEADER: Final = ("list_a", "ticket_a", "list_b", "ticket_b", "score", "chance", "answer")
_NEEDED: Final = ("list_a", "ticket_a", "list_b", "ticket_b", "answer")
_WORDS: Final = {
    True: {"yes", "y", "да", "1"},
    False: {"no", "n", "нет", "0"},
    None: {"", "?", "unknown", "не знаю"},
}
_TICKET: Final = re.compile(rf"[0-9a-f]{{{2 * TICKET_BYTES}}}")
_LARGEST: Final = 50_000_000


class ReviewError(RemoteError):
    """A file of answers that can't be read, or answers that can't all be true."""


@dataclass(frozen=True)
class UncertainPair:
    """A pair that scores leave open.

    Args:
        list_a: Name of the earlier list.
        ticket_a: Its ticket, 32 hexadecimal digits.
        list_b: Name of the later list.
        ticket_b: Its ticket.
        score: Dice coefficient of the two encodings.
        chance: How likely they are one person, by the draws.
    """

    list_a: str
    ticket_a: str
    list_b: str
    ticket_b: str
    score: float
    chance: float


@dataclass(frozen=True)
class Answer:
    """What an organisation says of a pair; `same` is None where it can't say."""

    list_a: str
    ticket_a: str
    list_b: str
    ticket_b: str
    same: bool | None


@dataclass(frozen=True)
class Answers:
    """Answers by records, numbered through all lists, the lower first.

    Args:
        confirmed: Pairs that are one person.
        denied: Pairs that are two.
        disputed: Number of pairs of which one organisation said yes and another no: they stay open.
    """

    confirmed: frozenset[tuple[int, int]]
    denied: frozenset[tuple[int, int]]
    disputed: int


def uncertain_pairs(
    lists: Sequence[EncodedList],
    candidates: Candidates,
    draws: LinkageDraws,
    *,
    between: tuple[float, float] = (0.05, 0.95),
    at_most: int = 500,
) -> tuple[UncertainPair, ...]:
    """Return the candidate pairs whose chance lies between two limits, the least certain first."""
    low, high = between
    chance = _chance_of(candidates, draws)
    open_ = np.flatnonzero((chance >= low) & (chance <= high))
    open_ = open_[np.argsort(np.abs(chance[open_] - 0.5), kind="stable")][:at_most]

    def side(record: int) -> tuple[str, str]:
        number = int(candidates.list_of[record])
        ticket = lists[number].tickets[record - int(candidates.offsets[number])]
        return lists[number].name, ticket.tobytes().hex()

    return tuple(
        UncertainPair(
            *side(int(candidates.one[at])),
            *side(int(candidates.other[at])),
            float(candidates.score[at]),
            float(chance[at]),
        )
        for at in open_
    )


def write_uncertain(pairs: Sequence[UncertainPair]) -> str:
    """Return the CSV file of uncertain pairs, with an empty column for the answers."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    for pair in pairs:
        ends = (pair.list_a, pair.ticket_a, pair.list_b, pair.ticket_b)
        writer.writerow((*ends, f"{pair.score:.3f}", f"{pair.chance:.2f}", ""))
    return out.getvalue()


def parse_answers(raw: bytes) -> tuple[Answer, ...]:
    """Return the answers of one file.

    Raises:
        ReviewError: Not UTF-8, no such columns, a line with a ticket or an answer of another form. It names
            the line, never what stands there.
    """
    if len(raw) > _LARGEST:
        raise ReviewError("A file of answers is too large to be one.", limit_bytes=_LARGEST)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReviewError("A file of answers is not text in UTF-8.") from None
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    answers = []
    try:
        header = [name.strip().casefold() for name in next(rows, [])]
        if any(header.count(name) != 1 for name in _NEEDED):
            raise ReviewError("A file of answers lacks a column, or has it twice.", needs=", ".join(_NEEDED))
        places = [header.index(name) for name in _NEEDED]
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise ReviewError(
                    "A line of answers does not have as many cells as its header.", line=rows.line_num
                )
            answers.append(_answer([row[place].strip() for place in places], rows.line_num))
    except csv.Error:
        raise ReviewError("A line of answers can't be read as CSV.", line=rows.line_num) from None
    return tuple(answers)


def gather_answers(answers: Sequence[Answer], lists: Sequence[EncodedList]) -> Answers:
    """Return all answers by record.

    Raises:
        ReviewError: A list or ticket that is none of these, a pair within one list, or confirmed pairs by
            which one person would stand twice on a list.
    """
    records = _records(lists)
    said: dict[tuple[int, int], set[bool]] = {}
    for number, answer in enumerate(answers, start=1):
        ends = [(answer.list_a, answer.ticket_a), (answer.list_b, answer.ticket_b)]
        if any(end not in records for end in ends):
            raise ReviewError(
                "An answer is about a list or a ticket that is not among those to be linked.", answer=number
            )
        if answer.list_a == answer.list_b:
            raise ReviewError("An answer is about two records of one list.", answer=number)
        if answer.same is not None:
            one, other = sorted(records[end] for end in ends)
            said.setdefault((one, other), set()).add(answer.same)
    confirmed = frozenset(pair for pair, both in said.items() if both == {True})
    list_of = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    _check_one_to_one(confirmed, list_of)
    denied = frozenset(pair for pair, both in said.items() if both == {False})
    return Answers(confirmed, denied, sum(len(both) == 2 for both in said.values()))


def _answer(cells: Sequence[str], line: int) -> Answer:
    list_a, ticket_a, list_b, ticket_b, word = cells
    if not all(_TICKET.fullmatch(ticket) for ticket in (ticket_a, ticket_b)):
        raise ReviewError(
            "A ticket in a file of answers does not have its form.", line=line, expected="32 hex digits"
        )
    for same, words in _WORDS.items():
        if word.casefold() in words:
            return Answer(list_a, ticket_a, list_b, ticket_b, same)
    raise ReviewError("An answer is not one of those that are known.", line=line, expected="yes, no or ?")


def _records(lists: Sequence[EncodedList]) -> dict[tuple[str, str], int]:
    records: dict[tuple[str, str], int] = {}
    for one in lists:
        for ticket in one.tickets:
            records[one.name, ticket.tobytes().hex()] = len(records)
    return records


def _check_one_to_one(confirmed: frozenset[tuple[int, int]], list_of: NDArray[np.int64]) -> None:
    """Make sure that no person whom the answers put together is twice on a list."""
    person: dict[int, set[int]] = {}
    for pair in confirmed:
        together = set().union(*(person.get(record, {record}) for record in pair))
        if len({int(list_of[record]) for record in together}) < len(together):
            raise ReviewError(
                "By the answers, one person stands twice on a list. Take the second record out of that list, "
                "encode it again, and link again."
            )
        for record in together:
            person[record] = together


def _chance_of(candidates: Candidates, draws: LinkageDraws) -> NDArray[np.float64]:
    keys = draws.one * candidates.records + draws.other
    wanted = candidates.one * candidates.records + candidates.other
    if not len(keys):
        return np.zeros(len(wanted))
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, draws.probability[at], 0.0)
