"""A list's columns as tables of filters: one row per distinct value, and for each person the row of theirs.

A cell is normalised once, however many persons share it. Only where a name's parts stand in wrong columns
must a person's cells be looked at together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from causeway.linkage.filters import Filters, united
from causeway.linkage.normalise.date_columns import date_column
from causeway.linkage.normalise.fold import consonants, fold_all
from causeway.linkage.normalise.names import (
    Cell,
    Words,
    family_stem,
    fathers_name,
    given_name,
    is_father,
    look_family,
    read_cell,
    sort_words,
    words_of,
)
from causeway.linkage.normalise.places import place_words, words_of_place
from causeway.linkage.normalise.unknown import UNKNOWN
from causeway.linkage.persons import COLUMNS, Column, PersonList
from causeway.linkage.texts import Texts
from causeway.linkage.weights import (
    RAW_WEIGHT,
    Piece,
    Weights,
    day_pieces,
    month_pieces,
    year_pieces,
)

__all__ = ["NAMES", "Fields", "normalised_fields", "raw_fields"]

NAMES: Final[tuple[Column, ...]] = ("family", "given", "patronymic", "full")
_DATES: Final[tuple[Column, ...]] = ("born", "year", "month", "day")
_YEARS: Final = 100
_MONTHS: Final = 12
_DAYS: Final = 31
_LEAST_PARTS: Final = 2

Table = NDArray[np.uint64]
Where = NDArray[np.intp]
Parts = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Fields:
    """Columns of a list as filters.

    Args:
        columns: Tables of shape (values, words), each with the row of every person, shape (n,).
        unread: Indices of persons whose date could not be read.
        thin: Indices of persons who can't be told from others: nothing is left of their name, or one word of
            it and nothing else. What they are encoded as is the same for all whose word that is.
    """

    columns: tuple[tuple[Table, Where], ...]
    unread: Where
    thin: Where


def normalised_fields(persons: PersonList, filters: Filters, *, weights: Weights) -> Fields:
    """Return family, given name, father's name, year, month, day and place, normalised."""
    names, name_parts = _name_columns(persons, filters, weights)
    dates, unread, date_parts = _date_columns(persons, filters, weights)
    place, place_parts = _place_column(persons, filters, weights)
    thin = _thin(name_parts, date_parts + place_parts)
    return Fields((*names, *dates, place), unread=unread, thin=thin)


def raw_fields(persons: PersonList, filters: Filters) -> Fields:
    """Return all columns as they were typed, in small letters."""
    columns = []
    parts = {True: np.zeros(len(persons), dtype=np.int8), False: np.zeros(len(persons), dtype=np.int8)}
    for column in COLUMNS:
        if column in persons.columns:
            texts = persons.texts(column)
            typed = [text.replace("\0", " ").strip().casefold() for text in texts.distinct]
            table = filters.table_of_pairs(typed, kind=f"raw {column}", weight=RAW_WEIGHT)
            columns.append((table, texts.which))
            parts[column in NAMES] += np.array([bool(text) for text in typed], dtype=np.int8)[texts.which]
    thin = _thin(parts[True], parts[False])
    return Fields(tuple(columns), unread=np.zeros(0, dtype=np.intp), thin=thin)


def _thin(of_name: Parts, of_rest: Parts) -> Where:
    """Return the indices of persons whose parts are too few, from the numbers that they have."""
    return np.flatnonzero((of_name == 0) | (of_name + of_rest < _LEAST_PARTS))


class _Rows:
    """Rows of a table for values as they come, worked out once for the same words."""

    def __init__(self, value_of: Callable[[Words], str]) -> None:
        self._value_of = value_of
        self._row_of_words: dict[Words, int] = {}
        self._row_of: dict[str, int] = {}

    def row(self, words: Words) -> int:
        known = self._row_of_words.get(words)
        if known is None:
            known = self._row_of.setdefault(self._value_of(words), len(self._row_of))
            self._row_of_words[words] = known
        return known

    def rows(self, cells: Iterable[Words]) -> Where:
        return np.array([self.row(words) for words in cells], dtype=np.intp)

    def values(self) -> list[str]:
        return list(self._row_of)


class _Names:
    """A column of names: for each distinct cell, skeletons of its words, patronymics apart.

    Args:
        texts: The column.
        folded: The skeleton of each word that occurs.
    """

    def __init__(self, texts: Texts, folded: Mapping[str, str]) -> None:
        self.which = texts.which
        self.words: list[Words] = []
        self.fathers: list[Words] = []
        for text in texts.distinct:
            # Most cells are one word.
            word = folded.get(text) if text.isalpha() else None
            own: Words
            fathers: Words
            if text in UNKNOWN:
                own, fathers = (), ()
            elif word:
                own, fathers = ((), (word,)) if is_father(word) else ((word,), ())
            else:
                own, fathers = read_cell(text, fold_word=folded.__getitem__)
            self.words.append(own)
            self.fathers.append(fathers)

    def cells(self, persons: Where) -> list[Cell]:
        """Return what stands in some persons' cells."""
        return [Cell(self.words[at], self.fathers[at]) for at in self.which[persons].tolist()]

    def where(self, holds: Iterable[object]) -> NDArray[np.bool_]:
        """Return for each person whether something holds for their cell, from whether it does for each."""
        return np.array([bool(one) for one in holds], dtype=bool)[self.which]


def _name_columns(
    persons: PersonList, filters: Filters, weights: Weights
) -> tuple[list[tuple[Table, Where]], Parts]:
    """Return the names' columns, and how many parts of a name each person has."""
    columns = [persons.texts(name) for name in NAMES]
    folded = _folded(chain.from_iterable(column.distinct for column in columns), words_of)
    family, given, patronymic, full = (_Names(column, folded) for column in columns)
    families, givens, fathers = _Rows(family_stem), _Rows(given_name), _Rows(fathers_name)
    kept = zip(patronymic.fathers, patronymic.words, strict=True)
    family_rows = families.rows(family.words)[family.which]
    given_rows = givens.rows(given.words)[given.which]
    father_rows = fathers.rows(marked or words for marked, words in kept)[patronymic.which]
    # Where each part is in its own column, the cells tell; for the rest, see what a name's cells say
    # together.
    moved = (
        family.where(family.fathers)
        | given.where(given.fathers)
        | given.where(map(look_family, given.words))
        | full.where(full.words)
        | full.where(full.fathers)
    )
    persons_moved = np.flatnonzero(moved)
    together = zip(*(names.cells(persons_moved) for names in (family, given, patronymic, full)), strict=True)
    for person, cells in zip(persons_moved.tolist(), together, strict=True):
        parts = sort_words(*cells)
        family_rows[person] = families.row(parts[0])
        given_rows[person] = givens.row(parts[1])
        father_rows[person] = fathers.row(parts[2])
    tables = []
    has = np.zeros(len(persons), dtype=np.int8)
    for kind, rows, where, weight, sound_weight in (
        ("family", families, family_rows, weights.family, weights.family_sound),
        ("given", givens, given_rows, weights.given, weights.given_sound),
        ("father", fathers, father_rows, weights.father, weights.father_sound),
    ):
        values = rows.values()
        table = filters.table_of_pairs(values, kind=kind, weight=weight)
        table |= filters.table_of_pairs(consonants(values), kind=f"{kind}_sound", weight=sound_weight)
        tables.append((table, where))
        has += np.array([bool(value) for value in values], dtype=np.int8)[where]
    return tables, has


def _place_column(
    persons: PersonList, filters: Filters, weights: Weights
) -> tuple[tuple[Table, Where], Parts]:
    column = persons.texts("place")
    places, where = column.distinct, column.which
    known = _folded(places, words_of_place)
    split = [() if place in UNKNOWN else place_words(place, fold_word=known.__getitem__) for place in places]
    row_of = {word: row for row, word in enumerate(dict.fromkeys(chain(*split)))}
    of_word = filters.table_of_pairs(list(row_of), kind="place", weight=weights.place)
    which = np.array([row_of[word] for word in chain(*split)], dtype=np.intp)
    sizes = np.array([len(words) for words in split], dtype=np.intp)
    return (united(of_word, which, sizes=sizes), where), (sizes > 0).astype(np.int8)[where]


def _folded(cells: Iterable[str], words_of: Callable[[str], list[str]]) -> dict[str, str]:
    """Return the skeleton of each word that occurs."""
    words = dict.fromkeys(cells)
    for several in [cell for cell in words if not cell.isalpha()]:
        del words[several]
        words |= dict.fromkeys(words_of(several))
    return dict(zip(words, fold_all(list(words)), strict=True))


def _date_columns(
    persons: PersonList, filters: Filters, weights: Weights
) -> tuple[list[tuple[Table, Where]], Where, Parts]:
    texts = _dates(persons)
    dates = date_column(texts)
    # The last row of each table stands for what is unknown, and is empty.
    year_rows = np.where(dates.year < 0, _YEARS, dates.year % _YEARS)
    month_rows, day_rows = (dates.month - 1) % (_MONTHS + 1), (dates.day - 1) % (_DAYS + 1)
    nothing: list[Sequence[Piece]] = [()]
    years = filters.table([year_pieces(year, weights=weights) for year in range(_YEARS)] + nothing)
    months = filters.table(
        [month_pieces(month, weights=weights) for month in range(1, _MONTHS + 1)] + nothing
    )
    days = filters.table([day_pieces(day, weights=weights) for day in range(1, _DAYS + 1)] + nothing)
    where = texts.which
    columns = [(years, year_rows[where]), (months, month_rows[where]), (days, day_rows[where])]
    known = (year_rows < _YEARS).astype(np.int8) + (month_rows < _MONTHS) + (day_rows < _DAYS)
    return columns, np.flatnonzero(dates.unread[where]), known[where]


def _dates(persons: PersonList) -> Texts:
    """Return the dates in one column, also where year, month and day have their own."""
    if not {"year", "month", "day"} & persons.columns.keys():
        return persons.texts("born")
    rows = list(zip(*(persons.column(name) for name in _DATES), strict=True))
    joined = {row: _joined(*row) for row in dict.fromkeys(rows)}
    return Texts.of([joined[row] for row in rows])


def _joined(born: str, year: str, month: str, day: str) -> str:
    if born or not (year or month or day):
        return born
    return f"{day or '?'}.{month or '?'}.{year or '?'}"
