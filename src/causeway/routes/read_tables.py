"""Tables as text, row by row, with the line of each: what CSV sets and timetable feeds have in common."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from causeway.routes.reading import NOT_AS_ASKED, BrokenFile, Problem
from causeway.sentences import Sentence, say

__all__ = ["Row", "broken_table", "rows_of"]

_BOM: Final = b"\xef\xbb\xbf"
_DELIMITERS: Final = ",;\t"
# A field is a name, a number or a list; a file with longer ones is something else.
_LONGEST: Final = 100_000


@dataclass(frozen=True)
class Row:
    """One row.

    Args:
        line: Where it begins, from 1.
        cells: By the head of the column, empty ones left out, blanks around them cut off.
        columns: The number of each column, from 1.
    """

    file: str
    line: int
    cells: Mapping[str, str]
    columns: Mapping[str, int]

    def problem(self, what: Sentence, column: str = "") -> Problem:
        """Return what is said of a cell; of the row where no column of ours is meant."""
        return Problem(what, column, self.line, self.columns.get(column), self.file)


def rows_of(data: bytes, *, file: str, columns: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows of a table with heads; commas, semicolons or tabs part its cells.

    Args:
        columns: Heads that it has to have.

    Raises:
        BrokenFile: No text in UTF-8, a head missing, named twice, or a row with more cells than heads.
    """
    try:
        text = data.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise broken_table(Problem(say("Expected text in UTF-8."), line=line, file=file)) from None
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(_LONGEST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    heads: list[str] | None = None
    numbers: dict[str, int] = {}
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if heads is None:
                heads = [head.strip() for head in cells]
                numbers = {head: at + 1 for at, head in enumerate(heads)}
                _check_heads(heads, columns, file)
            elif any(cell.strip() for cell in cells):
                if len(cells) > len(heads):
                    what = say("Expected no more than {count} cells in this row.", count=len(heads))
                    raise broken_table(Problem(what, line=line, file=file))
                named = {head: cell.strip() for head, cell in zip(heads, cells, strict=False) if cell.strip()}
                yield Row(file, line, named, numbers)
    except csv.Error:
        what = say("Expected cells in double quotes or without any, and none beyond {limit} characters.",
                   limit=_LONGEST)  # fmt: skip
        raise broken_table(Problem(what, line=reader.line_num, file=file)) from None
    if heads is None:
        _check_heads([], columns, file)


def broken_table(*problems: Problem) -> BrokenFile:
    """Return the error for problems of a table."""
    return BrokenFile(NOT_AS_ASKED, problems)


def _check_heads(heads: list[str], columns: tuple[str, ...], file: str) -> None:
    problems = [
        Problem(say("Expected a column with the head “{head}”.", head=head), line=1, file=file)
        for head in columns
        if head not in heads
    ]
    if len(set(heads)) != len(heads):
        problems.append(Problem(say("Expected each head once."), line=1, file=file))
    if problems:
        raise broken_table(*problems)
