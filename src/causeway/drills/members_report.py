"""What the drills of several members have found: before and after, row by row."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Self

from causeway.drills.report import DrillReport, TextTable

__all__ = ["SeizedRow", "SeveralReport"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SeizedRow:
    """One laptop, or several together.

    Attributes:
        whose: Whose, or of which role.
        reads: In words.
        people_before: Of how many people it had to open something.
        people_found: Of how many of these the search did find all that it had to.
        people_exposed: Of how many it opens anything that it must not.
    """

    whose: str
    reads: str
    people_before: int
    people_found: int
    people_exposed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SeveralReport(DrillReport):
    """The end of a drill.

    Attributes:
        people_before: Of how many people something opens with what was seized, and may.
        rows: One for each thing that was seized.
        title, columns: Of the table of rows.
        also: Further things that were measured: by their names in JSON, with words for people.
    """

    people_before: int
    rows: tuple[SeizedRow, ...]
    title: str
    columns: tuple[str, ...]
    also: tuple[tuple[str, str, Any], ...] = ()

    @classmethod
    def on(cls, report: DrillReport, **more: Any) -> Self:
        """Return a report with more to say."""
        return cls(**{one.name: getattr(report, one.name) for one in dataclasses.fields(DrillReport)}, **more)

    def tables(self) -> tuple[TextTable, ...]:
        """Return the rows, and what else was measured."""
        rows = tuple(
            (one.whose, one.reads, str(one.people_before), str(one.people_found), str(one.people_exposed))
            for one in self.rows
        )
        tables = [TextTable(self.title, self.columns, rows)]
        if self.also:
            measured = tuple((words, str(value)) for _, words, value in self.also)
            tables.append(TextTable("Measured on the way", ("", ""), measured))
        return tuple(tables)

    def as_json(self) -> dict[str, Any]:
        """Return it for `--json`."""
        return {
            **DrillReport.as_json(self),
            "people_before": self.people_before,
            "seized": [dataclasses.asdict(one) for one in self.rows],
            **{name: value for name, _, value in self.also},
        }
