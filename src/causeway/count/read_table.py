"""Capture histories from a CSV file's bytes, refused with the line and what was expected there."""

from __future__ import annotations

import csv
import io
import re

import numpy as np

from causeway.count.table import MAX_COUNT, MAX_LISTS, MIN_LISTS, CaptureTable, TableError
from causeway.units import MIB

__all__ = ["COUNT_COLUMN", "MAX_TABLE_BYTES", "read_table", "write_table"]

COUNT_COLUMN = "count"

MAX_TABLE_BYTES = 16 * MIB
"""Every combination of sixteen lists, with room to spare."""

_MAX_NAME = 60
_DIGITS = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"-?[0-9]*[.,]?[0-9]+(?:[eE][+-]?[0-9]+)?")


def read_table(data: bytes) -> CaptureTable:
    """Read a table of capture histories: a 0/1 column for each list, and `count`.

    Commas, semicolons and tabs part columns, whichever the heading has; a byte order mark is passed over;
    the counts may stand in any column. Combinations that are not named have no cases.

    Raises:
        TableError: One sentence on what is wrong, with the line (the heading is line 1) and the column.
    """
    if len(data) > MAX_TABLE_BYTES:
        raise TableError("The table is too large to be one of capture histories.", limit=MAX_TABLE_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TableError("The table is not text in UTF-8.") from None
    heading = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=heading.count)
    # Strict: a quote that is never closed would swallow the rest of the file.
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _table([(rows.line_num, row) for row in rows if any(field.strip() for field in row)])
    except csv.Error:
        raise TableError("A line of the table is not well-formed CSV.", line=rows.line_num) from None


def write_table(table: CaptureTable) -> bytes:
    """Write a table as `read_table` takes it: the combinations that have cases, in their order."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*table.lists, COUNT_COLUMN])
    for cell in np.flatnonzero(table.counts):
        writer.writerow([*table.histories[cell].astype(int), table.counts[cell]])
    return out.getvalue().encode()


def _table(rows: list[tuple[int, list[str]]]) -> CaptureTable:
    if not rows:
        raise TableError("The table is empty; its first line names the lists and `count`.")
    names, count_at = _heading(*rows[0])
    counts = np.zeros(2 ** len(names), np.int64)
    first_seen: dict[int, int] = {}
    for line, row in rows[1:]:
        if len(row) != len(names) + 1:
            raise TableError(
                "A line has more or fewer columns than the heading.",
                line=line,
                expected=len(names) + 1,
                found=len(row),
            )
        cell = _history(line, row, count_at)
        if cell in first_seen:
            raise TableError(
                "Two lines have the same combination of lists; add their counts up into one line.",
                line=line,
                first_line=first_seen[cell],
            )
        first_seen[cell] = line
        number = _count(line, count_at + 1, row[count_at].strip())
        if cell == 0:
            raise TableError(
                "A line is for cases on no list; their number is what is unknown, so leave the line out.",
                line=line,
            )
        counts[cell] = number
    if not first_seen:
        raise TableError("The table has a heading and no counts.")
    return CaptureTable(names, counts)


def _heading(line: int, row: list[str]) -> tuple[tuple[str, ...], int]:
    """Return the lists' names and the place of the counts."""
    fields = [field.strip() for field in row]
    counting = [place for place, field in enumerate(fields) if field.lower() == COUNT_COLUMN]
    if not counting:
        raise TableError("The heading has no column `count`, in which the number of cases stands.", line=line)
    if len(counting) > 1:
        raise TableError("The heading has more than one column `count`.", line=line, column=counting[1] + 1)
    names = tuple(field for place, field in enumerate(fields) if place != counting[0])
    for place, field in enumerate(fields):
        if not field or len(field) > _MAX_NAME or not field.isprintable():
            raise TableError(
                "A list's name in the heading is missing, too long or not text.", line=line, column=place + 1
            )
        if _DIGITS.fullmatch(field):
            raise TableError(
                "The first line is counts; it must name the lists and `count`.", line=line, column=place + 1
            )
    if len(names) < MIN_LISTS:
        raise TableError(
            "A table needs at least two lists; with one nothing overlaps.", line=line, lists=len(names)
        )
    if len(names) > MAX_LISTS:
        raise TableError("A table can have sixteen lists at most.", line=line, lists=len(names))
    if len(set(names)) != len(names):
        raise TableError("Two lists in the heading have the same name.", line=line)
    return names, counting[0]


def _history(line: int, row: list[str], count_at: int) -> int:
    """Return the cell that a line's marks stand for."""
    cell, bit = 0, 0
    for place, field in enumerate(row):
        if place == count_at:
            continue
        mark = field.strip()
        if mark not in ("0", "1"):
            raise TableError(
                "A list's column has something else than 1 (on the list) or 0 (not on it).",
                line=line,
                column=place + 1,
            )
        cell |= int(mark) << bit
        bit += 1
    return cell


def _count(line: int, column: int, field: str) -> int:
    """Return a count."""
    if not field:
        raise TableError("A count is missing.", line=line, column=column)
    if not _DIGITS.fullmatch(field):
        if not _NUMBER.fullmatch(field):
            raise TableError("A count is not a number; whole cases are counted.", line=line, column=column)
        if field.startswith("-"):
            raise TableError(
                "A count is negative; whole cases are counted, from 0 on.", line=line, column=column
            )
        raise TableError("A count is a fraction; whole cases are counted.", line=line, column=column)
    # Long digits are not made into a number: the length says enough.
    if len(field.lstrip("0")) > len(str(MAX_COUNT)) or int(field) > MAX_COUNT:
        raise TableError("A count is larger than any population.", line=line, column=column, limit=MAX_COUNT)
    return int(field)
