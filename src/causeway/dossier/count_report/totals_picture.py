"""What each family says of the total: densities and limits above one axis, and the range across them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.count import Interval
from causeway.dossier.count_report.language import Language
from causeway.dossier.count_report.svg import Drawing, Pen

__all__ = ["Row", "draw_totals"]

Floats = NDArray[np.float64]

_WIDTH = 380.0
_LEFT = 12.0
_RIGHT = 14.0
_TOP = 34.0
_LINE = 30.0
_HILL = 34.0
_FEWEST_DRAWS = 20
_GRID = 256
_TICKS = 4


@dataclass(frozen=True, eq=False)
class Row:
    """One line of the picture.

    Args:
        label: Whose it is.
        interval: What is drawn as a line with its middle.
        draws: What the hill is made of; None for none.
        used: Whether it counts for the range; drawn hollow if not.
        bound: It is a lower bound, and goes on to the right.
    """

    label: str
    interval: Interval
    draws: Floats | None
    used: bool
    bound: bool = False


def draw_totals(
    rows: Sequence[Row], *, documented: int, low: int, high: int, documented_label: str, language: Language
) -> Drawing:
    """Draw all rows from the documented count on.

    Args:
        rows: From top to bottom.
        documented: Where the axis begins.
        low: The range's lower end.
        high: Its upper end.
        documented_label: What is written where the axis begins.
        language: For the figures.
    """
    used = [row.interval.high for row in rows if row.used and not row.bound]
    start = float(min(documented, low))
    # What is not used may reach anywhere: it must not squeeze the rest.
    end = start + 1.05 * (max([high, *[one for one in used if one < 2 * high]]) - start or 1.0)
    hills = [_hill(row.draws, start, end) for row in rows]
    height = _TOP + sum(_LINE + (0.0 if hill is None else _HILL) for hill in hills)
    pen = Pen()

    def at(total: float) -> float:
        share = (min(max(total, start), end) - start) / (end - start)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    pen.rect("range", at(low), _TOP - 8, max(at(high) - at(low), 1.0), height - _TOP + 8)
    _range_figures(pen, at(low), at(high), language.number(low), language.number(high))
    top = _TOP
    for row, hill in zip(rows, hills, strict=True):
        _draw_row(pen, row, hill, top, end, at)
        top += _LINE + (0.0 if hill is None else _HILL)
    pen.line("edge", at(documented), _TOP - 8, at(documented), height)
    pen.line("axis", _LEFT, height, _WIDTH - _RIGHT, height)
    for tick in _ticks(start, end):
        pen.line("axis", at(tick), height, at(tick), height + 4)
        pen.text(language.number(tick), at(tick), height + 16, kind="soft", anchor="middle")
    pen.text(f"{documented_label}: {language.number(documented)}", at(documented), height + 32, kind="soft")
    return pen.finish(_WIDTH, height + 38)


def _range_figures(pen: Pen, left: float, right: float, low: str, high: str) -> None:
    room = 6.5 * (len(low) + len(high))
    if right - left > room + 12:
        pen.text(low, left, _TOP - 13, kind="strong")
        pen.text(high, right, _TOP - 13, kind="strong", anchor="end")
        return
    middle = min(max((left + right) / 2, _LEFT + room / 2), _WIDTH - _RIGHT - room / 2)
    pen.text(f"{low} – {high}", middle, _TOP - 13, kind="strong", anchor="middle")


def _draw_row(
    pen: Pen,
    row: Row,
    hill: tuple[Floats, Floats] | None,
    top: float,
    end: float,
    at: Callable[[float], float],
) -> None:
    pen.text(row.label, _LEFT + 4, top + 10, kind="" if row.used else "soft")
    base = top + 16
    if hill is not None:
        base += _HILL
        grid, tall = hill
        points = [(at(total), base - _HILL * share) for total, share in zip(grid, tall, strict=True)]
        outline = [(points[0][0], base), *points, (points[-1][0], base)]
        pen.path("hill" if row.used else "unused", outline, closed=True)
    y = base + 5
    low, middle, high = row.interval.low, row.interval.median, row.interval.high
    kind = "limits" if row.used else "unused-limits"
    beyond = high > end or row.bound
    if low <= end:
        tip = at(end) if row.bound else at(high)
        pen.line(kind, at(low), y, tip, y)
        pen.line(kind, at(low), y - 4, at(low), y + 4)
        if beyond:
            pen.path(kind, [(tip - 5, y - 4), (tip, y), (tip - 5, y + 4)])
        else:
            pen.line(kind, tip, y - 4, tip, y + 4)
    if not row.bound and middle <= end:
        pen.dot("middle" if row.used else "unused-middle", at(middle), y, 4)


def _hill(draws: Floats | None, start: float, end: float) -> tuple[Floats, Floats] | None:
    """Return a grid and the density on it, its top at one; None where there is nothing to smooth."""
    if draws is None or draws.size < _FEWEST_DRAWS or not np.ptp(draws) > 0:
        return None
    from arviz_stats import base

    # Far draws would widen the grid until the hill is a few of its points.
    inside = draws[draws <= end + (end - start)]
    if inside.size < _FEWEST_DRAWS or not np.ptp(inside) > 0:
        return None
    untyped: Any = base
    grid, density, _ = untyped.array_stats.kde(inside.astype(float), grid_len=_GRID, bound_correction=False)
    shown = (grid >= start) & (grid <= end)
    if not shown.any() or not density[shown].max() > 0:
        return None
    return grid[shown], density[shown] / density[shown].max()


def _ticks(start: float, end: float) -> list[float]:
    raw = (end - start) / _TICKS
    power = 10.0 ** np.floor(np.log10(raw))
    step = max(1.0, next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= raw))
    first = np.ceil(start / step) * step
    return [float(tick) for tick in np.arange(first, end, step)]
