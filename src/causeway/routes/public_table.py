"""The public table of entry rules, as a book of ours.

The Passport Index data set has one row for each passport and destination: days that one may stay without a
visa, or a word. It speaks of ordinary passports; what it calls visa on arrival, eta or e-visa can have
conditions that it leaves out, so its confidence is for whoever imports it to say.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from causeway.routes.documents import TravelDocumentKind
from causeway.routes.read_tables import Row, broken_table, rows_of
from causeway.routes.reading import MAX_PROBLEMS, BrokenFile, Problem
from causeway.routes.rules import RULES_FORMAT, EntryRule, Requirement, RuleBook, Source
from causeway.sentences import say

__all__ = ["import_entry_table"]

_COLUMNS: Final = ("Passport", "Destination", "Requirement")
_WORDS: Final[dict[str, Requirement]] = {
    "visa free": "visa_free",
    "visa on arrival": "visa_on_arrival",
    "eta": "eta",
    "e-visa": "e_visa",
    "visa required": "visa_required",
    "no admission": "no_admission",
    "-1": "own",
}
_MOST_DAYS: Final = 3_660


def import_entry_table(
    data: bytes,
    *,
    source: Source,
    document: TravelDocumentKind = "passport",
    countries: Container[str] | None = None,
) -> RuleBook:
    """Return the rules that a public table holds.

    Args:
        data: CSV with the columns Passport, Destination, Requirement.
        source: What each rule names as its source.
        document: The kind of document that the table speaks of.
        countries: Only rules between these; None takes all.

    Raises:
        BrokenFile: With the line of everything found wrong.
    """
    rules: list[EntryRule] = []
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for row in rows_of(data, file="", columns=_COLUMNS):
        found = _rule(row, source.id, document, problems)
        if len(problems) >= MAX_PROBLEMS:
            break
        if found is None:
            continue
        pair = found.issuer, found.country
        if pair in seen:
            problems.append(row.problem(say("Expected each pair of countries once."), "Destination"))
        seen.add(pair)
        if countries is None or (found.issuer in countries and found.country in countries):
            rules.append(found)
    if problems:
        raise BrokenFile("The table is not as expected.", problems)
    if not seen:
        raise broken_table(Problem(say("Expected at least one row of rules.")))
    return RuleBook(format=RULES_FORMAT, sources=(source,), entry=tuple(rules))


def _rule(row: Row, source: str, document: TravelDocumentKind, problems: list[Problem]) -> EntryRule | None:
    cells = [row.cells.get(column, "") for column in _COLUMNS]
    before = len(problems)
    for column, code in zip(_COLUMNS[:2], cells, strict=False):
        if not _is_code(code):
            problems.append(
                row.problem(say("Expected a country's code of two or three capital letters."), column)
            )
    requirement = _WORDS.get(cells[2])
    days: int | None = None
    # Digits of other scripts count as digits too, and int() would read them.
    if requirement is None and cells[2].isascii() and cells[2].isdigit() and len(cells[2]) <= 4:
        days = int(cells[2])
        requirement = "visa_free" if 1 <= days <= _MOST_DAYS else None
    if requirement is None:
        what = say(
            "Expected days from 1 to {most}, or one of: {words}.", most=_MOST_DAYS, words=", ".join(_WORDS)
        )
        problems.append(row.problem(what, "Requirement"))
    if len(problems) > before or requirement is None:
        return None
    return EntryRule(
        document=document,
        issuer=cells[0],
        country=cells[1],
        requirement=requirement,
        days=days,
        source=source,
    )


def _is_code(text: str) -> bool:
    return 2 <= len(text) <= 3 and text.isascii() and text.isalpha() and text.isupper()
