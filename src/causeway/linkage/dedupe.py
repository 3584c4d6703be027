"""Finding people whom one list names twice, where the list may lawfully be read in plain.

Splink (Linacre et al. 2022, IJPDS 7(3)) does the work, on whichever of its databases is passed in: the model
of Fellegi and Sunter (1969), blocking, estimation by expectation maximisation, clusters. What is ours is the
normalising before it, so that spellings in two scripts meet, and which comparisons are made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from causeway.errors import LocalError
from causeway.linkage.normalise.dates import PartialDate, parse_date
from causeway.linkage.normalise.names import arrange, read_cell
from causeway.linkage.normalise.places import place_words
from causeway.linkage.persons import PersonList

if TYPE_CHECKING:
    from splink import SettingsCreator
    from splink.internals.database_api import DatabaseAPI

__all__ = ["DedupeError", "Deduplication", "TwicePair", "deduplicate", "plain_columns"]

_U_PAIRS: Final = 1e6  # random pairs from which Splink learns how often two people agree
_FEWEST: Final = 20
# Share of the pairs of one person that agree exactly on family, given name and year, roughly; Splink starts
# from it, and its estimate of the other parameters hardly depends on it.
_RECALL_OF_EXACT: Final = 0.6
_LEAST_SHOWN: Final = 0.05

Columns = dict[str, list[Any]]
Step = Callable[[str], None]


class DedupeError(LocalError):
    """A list that can't be searched for people named twice."""


@dataclass(frozen=True)
class TwicePair:
    """Two lines that may name one person.

    Args:
        line: The earlier line of the file.
        other: The later one.
        probability: That they name one person, by Splink's model.
    """

    line: int
    other: int
    probability: float


@dataclass(frozen=True)
class Deduplication:
    """People of one list.

    Args:
        persons: For each row of the list, the number of its person, from 0 in the order of their first rows.
        first: For each person, the first row that names them.
        pairs: Pairs of lines that are likely enough to look at, the likeliest first.
        least: Probability from which lines were taken for one person.
    """

    persons: tuple[int, ...]
    first: tuple[int, ...]
    pairs: tuple[TwicePair, ...]
    least: float


def plain_columns(persons: PersonList) -> Columns:
    """Return the normalised columns that are compared, None for what is missing."""
    names = [
        arrange(
            family=read_cell(family),
            given=read_cell(given),
            patronymic=read_cell(father),
            full=read_cell(full),
        )
        for family, given, father, full in zip(
            *(persons.column(name) for name in ("family", "given", "patronymic", "full")), strict=True
        )
    ]
    dates = [
        _date(*texts)
        for texts in zip(*(persons.column(name) for name in ("born", "year", "month", "day")), strict=True)
    ]
    return {
        "row": list(range(len(persons))),
        "family": [name.family or None for name in names],
        "given": [name.given or None for name in names],
        "father": [name.patronymic or None for name in names],
        "born_year": [date.year for date in dates],
        "born_month": [date.month for date in dates],
        "born_day": [date.day for date in dates],
        "place": [" ".join(place_words(text)) or None for text in persons.column("place")],
    }


def deduplicate(
    persons: PersonList,
    *,
    database: DatabaseAPI[Any],
    seed: int,
    least: float = 0.9,
    on_step: Step | None = None,
) -> Deduplication:
    """Find the rows of a list that name one person.

    Args:
        persons: The list.
        database: Splink's interface to DuckDB or Spark. Normalised names are put into it: it must keep them
            in memory, or in a place that the caller deletes.
        seed: Of the sample of random pairs.
        least: Probability from which rows are taken for one person.
        on_step: Told what begins.

    Raises:
        DedupeError: Fewer than twenty rows, or a list that gives Splink nothing to learn from.
    """
    if len(persons) < _FEWEST:
        raise DedupeError(
            "A list so short is quicker looked through by eye.", rows=len(persons), least=_FEWEST
        )
    say = on_step or (lambda _: None)
    say("Normalising names, dates and places")
    columns = plain_columns(persons)
    predicted = _with_splink(columns, database, seed=seed, say=say)
    people = _connected(predicted, len(persons), least)
    first: dict[int, int] = {}
    for row, person in enumerate(people):
        first.setdefault(person, row)
    lines = persons.lines
    pairs = []
    for pair in predicted:
        line, other = sorted((lines[pair["row_l"]], lines[pair["row_r"]]))
        pairs.append(TwicePair(line, other, float(pair["match_probability"])))
    pairs.sort(key=lambda pair: (-pair.probability, pair.line, pair.other))
    return Deduplication(people, tuple(first.values()), tuple(pairs), least)


def _with_splink(
    columns: Columns, database: DatabaseAPI[Any], *, seed: int, say: Step
) -> Sequence[dict[str, Any]]:
    """Return Splink's pairs with their probabilities."""
    # Here: Splink is needed by nobody who links encodings.
    from splink import Linker, block_on
    from splink.internals.exceptions import SplinkException

    linker = Linker(database.register(columns), _settings(), log_level=logging.ERROR)
    train = linker.training
    try:
        say("Learning how often two people agree")
        train.estimate_probability_two_random_records_match(
            [block_on("family", "given", "born_year")], recall=_RECALL_OF_EXACT
        )
        train.estimate_u_using_random_sampling(max_pairs=_U_PAIRS, seed=seed, num_chunks=1)
        say("Learning how often one person's rows agree")
        # Each rule leaves its own columns untrained; together they leave none.
        for columns_agreed in (("family", "given"), ("born_year", "born_month", "born_day")):
            train.estimate_parameters_using_expectation_maximisation(
                block_on(*columns_agreed),
                record_sample_proportion=1.0,
                estimate_without_term_frequencies=True,  # works on counts, not on all pairs again and again
                fix_probability_two_random_records_match=True,
            )
        say("Comparing")
        predicted = linker.inference.predict(threshold_match_probability=_LEAST_SHOWN)
    except (SplinkException, ValueError, ZeroDivisionError):
        raise DedupeError(
            "The list gives nothing to learn from: no two rows agree on names and year of birth.",
            rows=len(columns["row"]),
        ) from None
    return predicted.as_record_list()


def _connected(predicted: Sequence[dict[str, Any]], rows: int, least: float) -> tuple[int, ...]:
    """Return each row's person, numbered by first rows: rows are one person that likely pairs connect.

    Not by Splink, which does it by many rounds of queries: the pairs are few, and are here already.
    """
    edges = [(pair["row_l"], pair["row_r"]) for pair in predicted if pair["match_probability"] >= least]
    one, other = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(rows, rows))
    numbers: dict[int, int] = {}
    return tuple(numbers.setdefault(label, len(numbers)) for label in connected_components(graph)[1].tolist())


def _settings() -> SettingsCreator:
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        comparisons=[
            cl.JaroWinklerAtThresholds("family", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("given", [0.9]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("father", [0.9]),
            cl.CustomComparison(
                output_column_name="born", comparison_levels=[{**level} for level in _BORN_LEVELS]
            ),
            cl.JaroWinklerAtThresholds("place", [0.9]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("given", "born_year"),
            block_on("family", "given"),
            block_on("family", "born_year"),
            block_on("born_year", "born_month", "born_day"),
            block_on("given", "father"),
        ],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
        max_iterations=10,
        em_convergence=0.003,
    )


# In SQL that DuckDB and Spark both read. What is missing on one side agrees with everything.
_SAME_MONTH: Final = "coalesce(born_month_l = born_month_r, true)"
_SAME_DAY: Final = "coalesce(born_day_l = born_day_r, true)"
_BORN_LEVELS: Final[tuple[dict[str, Any], ...]] = (
    {
        "sql_condition": "born_year_l is null or born_year_r is null",
        "label_for_charts": "unknown",
        "is_null_level": True,
    },
    {
        "sql_condition": "born_year_l = born_year_r and born_month_l = born_month_r"
        " and born_day_l = born_day_r",
        "label_for_charts": "same day",
    },
    {
        "sql_condition": f"born_year_l = born_year_r and {_SAME_MONTH} and {_SAME_DAY}",
        "label_for_charts": "same as far as it is known",
    },
    {
        "sql_condition": "born_year_l = born_year_r and ("
        "born_month_l = born_month_r or born_day_l = born_day_r"
        " or (born_month_l = born_day_r and born_day_l = born_month_r))",
        "label_for_charts": "same year, and month or day, or these swapped",
    },
    {
        "sql_condition": f"abs(born_year_l - born_year_r) = 1 and {_SAME_MONTH} and {_SAME_DAY}",
        "label_for_charts": "a year off",
    },
    {"sql_condition": "ELSE", "label_for_charts": "different"},
)


def _date(born: str, year: str, month: str, day: str) -> PartialDate:
    if born or not (year or month or day):
        return parse_date(born) or PartialDate()
    return parse_date(f"{day or '?'}.{month or '?'}.{year or '?'}") or PartialDate()
