"""What the drill of a duress passphrase has found: before, after, and whether anybody could have known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from causeway.drills.duress_installations import Comparison
from causeway.drills.report import DrillReport, TextTable

__all__ = ["DuressReport", "UnlockTimes"]


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockTimes:
    """Median seconds that each passphrase took, on this machine, with the profile that every desk has.

    Attributes:
        slots: Until it is known what a passphrase opens: wrong, ordinary, duress.
        desk: Until the desk shows its first page: ordinary, duress.
    """

    slots: tuple[float, float, float]
    desk: tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class DuressReport(DrillReport):
    """The end of the drill.

    Attributes:
        people_before: Of how many people the same search finds something after an ordinary unlock.
        comparison: Of installations with and without.
        times: How long each passphrase took.
    """

    people_before: int
    comparison: Comparison
    times: UnlockTimes

    def tables(self) -> tuple[TextTable, ...]:
        """Return what was found before and after, what lies on disks, and how long it took."""
        compared, times = self.comparison, self.times
        with_duress, without = compared.unlock_median_seconds
        return (
            TextTable(
                "The same search",
                ("after", "people found"),
                (
                    ("an ordinary unlock", f"{self.people_before} of {self.people}"),
                    ("the duress passphrase", f"{self.people_exposed} of {self.people}"),
                ),
            ),
            TextTable(
                f"{compared.installations} installations with, {compared.installations} without",
                ("file", "bytes", "with", "without"),
                tuple((name, f"{size:,}", str(a), str(b)) for name, size, a, b in compared.files),
            ),
            TextTable(
                "Chance of a difference as large as this if there is none",
                ("of", "p"),
                (
                    ("sizes of files", f"{compared.size_p:.3g}"),
                    ("bytes of the key slots", f"{compared.slot_p:.3g}"),
                    (f"times to unlock ({with_duress:.3f} s, {without:.3f} s)", f"{compared.unlock_p:.3g}"),
                ),
            ),
            TextTable(
                "Seconds that each passphrase takes here (median)",
                ("", "wrong", "ordinary", "duress"),
                (
                    ("to know what it opens", *(f"{one:.2f}" for one in times.slots)),
                    ("to the first page", "", *(f"{one:.2f}" for one in times.desk)),
                ),
            ),
        )

    def as_json(self) -> dict[str, Any]:
        """Return it for `--json`."""
        compared, times = self.comparison, self.times
        return {
            **DrillReport.as_json(self),
            "people_before": self.people_before,
            "installations": {
                "of_each_kind": compared.installations,
                "profile": "cheap (64 KiB, one pass); the sizes do not hang on it",
                "files": [
                    {"name": name, "bytes": size, "with_duress": a, "without": b}
                    for name, size, a, b in compared.files
                ],
                "p_sizes_ks": compared.size_p,
                "p_slot_bytes_chi2": compared.slot_p,
                "p_unlock_times_ks": compared.unlock_p,
                "unlock_median_seconds": dict(
                    zip(("with_duress", "without"), compared.unlock_median_seconds, strict=True)
                ),
                "tells": list(compared.tells),
            },
            "unlock_seconds": {
                "profile": "standard (256 MiB, three passes)",
                "slots": dict(zip(("wrong", "ordinary", "duress"), times.slots, strict=True)),
                "desk": dict(zip(("ordinary", "duress"), times.desk, strict=True)),
            },
        }
