"""What the drill of a phone has found, one line for each way in which a visit may end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from causeway.drills.report import DrillReport, TextTable

__all__ = ["PhoneReport", "StoreRow", "VisitRow", "trace_of"]

_MANY: Final = 9


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit: what was found of its person, and what of the door.

    Attributes:
        found: Kinds of things that tell of the person.
        host_in: Stores in which the door's address stands.
    """

    path: str
    moment: str
    ending: str
    private: bool
    searched_bytes: int
    found: tuple[str, ...]
    host_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One store: how many canaries lay in it, in which encodings, and how many were found."""

    profile: str
    store: str
    encodings: tuple[str, ...]
    planted: int
    found: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneReport(DrillReport):
    """The end of the drill.

    Attributes:
        browser: Its name and version.
        visits: What was found after each visit.
        stores: What the search has shown that it finds.
        trace: What is left of the door itself, in sentences.
    """

    browser: str
    visits: tuple[VisitRow, ...]
    stores: tuple[StoreRow, ...]
    trace: tuple[str, ...]

    def tables(self) -> tuple[TextTable, ...]:
        """Return what each ending has left, what the search has shown that it finds, and what stays."""
        return (
            TextTable(
                f"After each visit with {self.browser}",
                ("path", "doing", "ending", "of the person", "the door's host"),
                tuple(
                    (
                        row.path,
                        row.moment,
                        f"{row.ending}, private window" if row.private else row.ending,
                        ", ".join(row.found) or "nothing",
                        "stays" if row.host_in else "nowhere",
                    )
                    for row in self.visits
                ),
            ),
            TextTable("Canaries that had to be found", ("store", "encodings", "found"), self._canary_rows()),
            TextTable("What stays of the door itself", ("",), tuple((line,) for line in self.trace)),
        )

    def _canary_rows(self) -> tuple[tuple[str, ...], ...]:
        """One row for each store, whatever profiles it lay in."""
        stores = list(dict.fromkeys(row.store for row in self.stores))
        rows = []
        for store in stores:
            of_it = [row for row in self.stores if row.store == store]
            encodings = sorted({encoding for row in of_it for encoding in row.encodings})
            named = ", ".join(encodings) if len(encodings) < _MANY else f"all {len(encodings)}"
            rows.append(
                (store, named, f"{sum(row.found for row in of_it)} of {sum(row.planted for row in of_it)}")
            )
        return tuple(rows)

    def as_json(self) -> dict[str, Any]:
        """Return it for `--json`."""
        return {
            **DrillReport.as_json(self),
            "browser": self.browser,
            "visits": [
                {
                    "path": row.path,
                    "moment": row.moment,
                    "ending": row.ending,
                    "private_window": row.private,
                    "searched_bytes": row.searched_bytes,
                    "found": list(row.found),
                    "host_in": list(row.host_in),
                }
                for row in self.visits
            ],
            "canaries": [
                {
                    "profile": row.profile,
                    "store": row.store,
                    "encodings": list(row.encodings),
                    "planted": row.planted,
                    "found": row.found,
                }
                for row in self.stores
            ],
            "trace": list(self.trace),
        }


def trace_of(visits: Sequence[VisitRow], *, fragments: int) -> tuple[str, ...]:
    """Say what stays of the door itself.

    Args:
        visits: All of them.
        fragments: After how many of them the part of the link behind the `#` was there as well.
    """
    open_, private = ([row for row in visits if row.private is kind] for kind in (False, True))
    places = Counter(place for row in open_ for place in row.host_in)
    where = ", ".join(f"{place} ({count})" for place, count in places.most_common())
    lines = [
        f"The door's host name stays after {_of(open_)} visits in an ordinary window, in: {where}. "
        "No page can remove it; the door says so before anything is written.",
        f"The part of the link behind the # stays after {fragments} of them: it names the centre, as "
        "the host does, and nobody else.",
    ]
    if private:
        lines.append(f"In a private window, opened before the address, it stays after {_of(private)} visits.")
    return tuple(lines)


def _of(rows: Iterable[VisitRow]) -> str:
    rows = list(rows)
    return f"{sum(bool(row.host_in) for row in rows)} of {len(rows)}"
