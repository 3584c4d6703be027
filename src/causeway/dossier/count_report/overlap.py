"""Which lists name whom: the picture, the table, and which counts point to single people."""

from __future__ import annotations

from causeway.count import CaptureTable, Estimate
from causeway.dossier.count_report.answer import sentences
from causeway.dossier.count_report.blocks import Block, Picture, Points, Section, Table, Words
from causeway.dossier.count_report.language import Language
from causeway.dossier.count_report.overlap_picture import MOST_ROWS, draw_overlaps, largest_first
from causeway.linkage.overlap import SMALL, small_cells
from causeway.sentences import say

__all__ = ["overlap_section", "small_counts"]

MOST_TOLD = 200
"""Combinations in the table; sixteen lists have 65,535."""


def small_counts(table: CaptureTable) -> tuple[int, ...]:
    """Return the combinations whose counts may point to single people."""
    return small_cells(table.counts)


def overlap_section(estimate: Estimate, table: CaptureTable, language: Language) -> Section:
    """Return the overlap picture with its table, the lists, and what the table lacks."""
    tell, number = language.tell, language.number
    cells, small = largest_first(table), set(small_counts(table))
    blocks: list[Block] = []
    if small:
        warning = say(
            "Counts below {limit}: {cells}. They may point to single people: whoever knows one list can tell "
            "from them who is on another. Show this page only to who needs it, or leave this part out.",
            cells=len(small),
            limit=SMALL,
        )
        blocks.append(Words(tell(warning), "warning"))
    if cells:
        blocks.append(_picture(table, cells, small, language))
        if len(cells) > MOST_ROWS:
            more = say(
                "Combinations in the picture: the {shown} most frequent of {all}.",
                shown=MOST_ROWS,
                all=len(cells),
            )
            blocks.append(Words(tell(more), "small"))
    empty = table.counts.size - 1 - len(cells)
    if empty:
        none = say(
            "Combinations of lists without any case: {empty} of {all}.",
            empty=empty,
            all=table.counts.size - 1,
        )
        blocks.append(Words(tell(none), "small"))
    sizes = table.counts @ table.histories
    shared = [int(table.counts[cells_of].sum()) for cells_of in _shared_cells(table)]
    rows = tuple(
        (name, number(int(size)), number(both), _share(both, int(size), language))
        for name, size, both in zip(table.lists, sizes, shared, strict=True)
    )
    heading = (say("list"), say("cases"), say("also on another list"), say("that is"))
    blocks.append(Table(tell(say("The lists")), tuple(map(tell, heading)), rows, (False, True, True, True)))
    lacks = tuple(one.sentence for one in estimate.findings if one.sentence != estimate.reason)
    if lacks:
        blocks.append(Points(tell(say("What the table lacks")), sentences(lacks, language)))
    return Section("overlaps", tell(say("Who is on which lists")), tuple(blocks))


def _picture(table: CaptureTable, cells: list[int], small: set[int], language: Language) -> Picture:
    tell, number = language.tell, language.number
    few = tell(say("few: may point to somebody"))
    rows = tuple(
        (
            " + ".join(name for place, name in enumerate(table.lists) if cell >> place & 1),
            number(int(table.counts[cell])),
            few if cell in small else "",
        )
        for cell in cells[:MOST_TOLD]
    )
    heading = (tell(say("on exactly these lists")), tell(say("cases")), tell(say("mark")))
    caption = tell(say("Cases by combination of lists"))
    described = say(
        "The lists stand side by side, with a bar for the size of each. Each row is one combination: full "
        "dots are the lists that name the cases, and the bar is how many they are. The table says the same."
    )
    return Picture(
        tell(say("The lists and how they overlap")),
        tell(described),
        draw_overlaps(table, language=language),
        Table(caption, heading if small else heading[:2], _cut(rows, small), (False, True, False)),
    )


def _cut(rows: tuple[tuple[str, str, str], ...], small: set[int]) -> tuple[tuple[str, ...], ...]:
    """Leave out the column of marks where there are none."""
    return rows if small else tuple(row[:2] for row in rows)


def _shared_cells(table: CaptureTable) -> list[list[int]]:
    several = table.histories.sum(axis=1) > 1
    return [
        [int(cell) for cell in (table.histories[:, place] & several).nonzero()[0]]
        for place in range(len(table.lists))
    ]


def _share(part: int, whole: int, language: Language) -> str:
    return f"{language.number(100 * part / whole)} %" if whole else language.number(None)
