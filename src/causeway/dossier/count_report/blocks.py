"""What a report is made of: sections of blocks, told already in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from causeway.dossier.count_report.svg import Drawing

__all__ = ["Block", "Facts", "Picture", "Points", "Report", "Section", "Table", "Words"]


@dataclass(frozen=True)
class Words:
    """A paragraph; a warning is set apart."""

    text: str
    kind: Literal["plain", "small", "warning"] = "plain"


@dataclass(frozen=True)
class Points:
    """Sentences one under the other, with what introduces them."""

    heading: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table: the first cell of a row says what the row is about.

    Args:
        caption: What it shows.
        heading: Of each column.
        rows: As many cells each.
        numbers: Which columns are numbers, set under each other by their ends.
    """

    caption: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[bool, ...]


@dataclass(frozen=True)
class Picture:
    """A drawing, and the table that says the same."""

    title: str
    description: str
    drawing: Drawing
    table: Table


@dataclass(frozen=True)
class Facts:
    """Short facts, each with what it is."""

    pairs: tuple[tuple[str, str], ...]


Block = Words | Points | Table | Picture | Facts


@dataclass(frozen=True)
class Section:
    """A heading and what is under it; `key` is its anchor."""

    key: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """The whole.

    Args:
        tag: Its language.
        direction: `ltr` or `rtl`.
        title: What it is about.
        answer: The answer in one sentence, which can be quoted as it stands.
        answered: False where the answer is that there is none.
        sections: In their order.
    """

    tag: str
    direction: str
    title: str
    answer: str
    answered: bool
    sections: tuple[Section, ...]
