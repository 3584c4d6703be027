"""The overlap picture: which combinations of lists name how many cases.

Source: Lex, Gehlenborg, Strobelt, Vuillemot & Pfister (2014), UpSet: visualization of intersecting sets, IEEE
    Transactions on Visualization and Computer Graphics 20(12), 1983-1992; its first form, a combination in
    each row, which fits a narrow page.
"""

from __future__ import annotations

import numpy as np

from causeway.count import CaptureTable
from causeway.dossier.count_report.language import Language
from causeway.dossier.count_report.svg import Drawing, Pen

__all__ = ["MOST_ROWS", "draw_overlaps", "largest_first"]

MOST_ROWS = 30
"""Combinations that are drawn; the others are in the table."""

_WIDTH = 320.0
_LEAST_BAR = 120.0
_COLUMN = 24.0
_ROW = 22.0
_EDGE = 8.0
_SIZES = 44.0
_LETTER = 6.6
_FIGURES = 48.0
_LETTERS = 15


def largest_first(table: CaptureTable) -> list[int]:
    """Return the combinations that have cases, the most frequent first."""
    found = np.flatnonzero(table.counts)
    return [int(cell) for cell in found[np.argsort(-table.counts[found], kind="stable")]]


def draw_overlaps(table: CaptureTable, *, language: Language) -> Drawing:
    """Draw the lists' sizes on top, and a row for each combination, the largest first."""
    pen = Pen()
    cells = largest_first(table)[:MOST_ROWS]
    lists = len(table.lists)
    left = _EDGE + lists * _COLUMN + 8
    bars = max(_LEAST_BAR, _WIDTH - left - _FIGURES)
    longest = max(len(_short(name)) for name in table.lists)
    width, top = left + bars + _FIGURES, _SIZES + 14 + _LETTER * longest
    sizes = table.counts @ table.histories
    for place, name in enumerate(table.lists):
        x = _EDGE + (place + 0.5) * _COLUMN
        tall = _SIZES * float(sizes[place]) / max(1.0, float(sizes.max()))
        pen.rect("bar", x - 7, _SIZES - tall, 14, tall)
        pen.text(_short(name), x + 4, top - 6, turned=True)
    most = max(1.0, float(table.counts.max()))
    for row, cell in enumerate(cells):
        y = top + (row + 0.5) * _ROW
        if row % 2 == 0:
            pen.rect("stripe", 0, y - _ROW / 2, width, _ROW)
        on = [place for place in range(lists) if cell >> place & 1]
        if len(on) > 1:
            pen.line("link", _x(on[0]), y, _x(on[-1]), y)
        for place in range(lists):
            pen.dot("dot" if place in on else "empty", _x(place), y, 6)
        long = bars * float(table.counts[cell]) / most
        pen.rect("bar", left, y - 7, max(long, 1.0), 14)
        pen.text(language.number(int(table.counts[cell])), left + long + 5, y + 4)
    return pen.finish(width, top + len(cells) * _ROW + 2)


def _x(place: int) -> float:
    return _EDGE + (place + 0.5) * _COLUMN


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else name[: _LETTERS - 1] + "…"
