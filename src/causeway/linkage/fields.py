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

Table = NDArray[np.uint64]
Where = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Fields:
    """Columns of a list as filters.

    Args:
        columns: Tables of shape (values, words), each with the row of every person, shape (n,).
        unread: Indices of persons whose date could not be read.
        empty: Indices of persons of whose name nothing is left.
    """

    columns: tuple[tuple[Table, Where], ...]
    unread: Where
    empty: Where


def normalised_fields(persons: PersonList, filters: Filters, *, weights: Weights) -> Fields:
    """Return family, given name, father's name, year, month, day and place, normalised."""
    names, empty = _name_columns(persons, filters, weights)
    dates, unread = _date_columns(persons, filters, weights)
    return Fields((*names, *dates, _place_column(persons, filters, weights)), unread=unread, empty=empty)


def raw_fields(persons: PersonList, filters: Filters) -> Fields:
    """Return all columns as they were typed, in small letters."""
    columns = []
    named = np.zeros(len(persons), dtype=bool)
    for column in COLUMNS:
        if column in persons.columns:
            texts = persons.texts(column)
            typed = [text.replace("\0", " ").strip().casefold() for text in texts.distinct]
            table = filters.table_of_pairs(typed, kind=f"raw {column}", weight=RAW_WEIGHT)
            columns.append((table, texts.which))
            if column in NAMES:
                named |= np.array([bool(text) for text in typed], dtype=bool)[texts.which]
    return Fields(tuple(columns), unread=np.zeros(0, dtype=np.intp), empty=np.flatnonzero(~named))


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
            if word:
                own, fathers = ((), (word,)) if is_father(word) else ((word,), ())
            else:
                own, fathers = read_cell(text, fold_word=folded.__getitem__)
            self.words.append(own)
            self.fathers.append(fathers)

    def cell(self, person: int) -> Cell:
        """Return what stands in a person's cell."""
        at = self.which[person]
        return Cell(self.words[at], self.fathers[at])

    def where(self, holds: Iterable[object]) -> NDArray[np.bool_]:
        """Return for each person whether something holds for their cell, from whether it does for each."""
        return np.array([bool(one) for one in holds], dtype=bool)[self.which]


def _name_columns(
    persons: PersonList, filters: Filters, weights: Weights
) -> tuple[list[tuple[Table, Where]], Where]:
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
    for person in np.flatnonzero(moved).tolist():
        parts = sort_words(*(names.cell(person) for names in (family, given, patronymic, full)))
        family_rows[person] = families.row(parts[0])
        given_rows[person] = givens.row(parts[1])
        father_rows[person] = fathers.row(parts[2])
    tables = []
    empty = np.ones(len(persons), dtype=bool)
    for kind, rows, where, weight, sound_weight in (
        ("family", families, family_rows, weights.family, weights.family_sound),
        ("given", givens, given_rows, weights.given, weights.given_sound),
        ("father", fathers, father_rows, weights.father, weights.father_sound),
    ):
        values = rows.values()
        table = filters.table_of_pairs(values, kind=kind, weight=weight)
        table |= filters.table_of_pairs(consonants(values), kind=f"{kind}_sound", weight=sound_weight)
        tables.append((table, where))
        empty &= np.array([not value for value in values], dtype=bool)[where]
    return tables, np.flatnonzero(empty)


def _place_column(persons: PersonList, filters: Filters, weights: Weights) -> tuple[Table, Where]:
    column = persons.texts("place")
    places, where = column.distinct, column.which
    known = _folded(places, words_of_place)
    split = [place_words(place, fold_word=known.__getitem__) for place in places]
    row_of = {word: row for row, word in enumerate(dict.fromkeys(chain(*split)))}
    of_word = filters.table_of_pairs(list(row_of), kind="place", weight=weights.place)
    which = np.array([row_of[word] for word in chain(*split)], dtype=np.intp)
    return united(of_word, which, sizes=[len(words) for words in split]), where


def _folded(cells: Iterable[str], words_of: Callable[[str], list[str]]) -> dict[str, str]:
    """Return the skeleton of each word that occurs."""
    words = dict.fromkeys(cells)
    for several in [cell for cell in words if not cell.isalpha()]:
        del words[several]
        words |= dict.fromkeys(words_of(several))
    return dict(zip(words, fold_all(list(words)), strict=True))


def _date_columns(
    persons: PersonList, filters: Filters, weights: Weights
) -> tuple[list[tuple[Table, Where]], Where]:
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
    return columns, np.flatnonzero(dates.unread[where])


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
