"""An estimate in words and tables, for somebody who will write about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from causeway.count.sensitivity import Changed, Refused

if TYPE_CHECKING:
    from rich.console import Console

    from causeway.count import Estimate

__all__ = ["say_estimate"]

_NAMES: Final = {
    "decomposable": "decomposable models",
    "latent_class": "latent classes",
    "log_linear": "log-linear models",
    "chao": "Chao's lower bound",
}
_SURPRISES: Final = 8


def say_estimate(found: Estimate) -> None:
    """Print an estimate on stdout."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    console.print(str(found.reason), style="bold", markup=False)
    _sentences(console, "What this assumes:", found.outcome.assumptions)
    _sentences(console, "The range is widened, in case that:", found.outcome.widened_by)
    _sentences(console, "To know:", found.outcome.notes)
    console.print()
    _families(console, found)
    for one in found.families:
        _sentences(console, f"On {_NAMES[one.family]}:", one.notes)
    _strata(console, found)
    if found.linkage is not None:
        console.print(
            f"\nPlausible linkages: {found.linkage.used} of {found.linkage.tables} were estimated from; they "
            f"document {found.linkage.documented_low:,} to {found.linkage.documented_high:,} cases."
        )
    _changed(console, "Without one list", "without", found.without)
    _changed(console, "Two lists as one", "as one", found.merged)
    _highest(console, found)
    _checks(console, found)
    versions = ", ".join(f"{name} {number}" for name, number in found.versions.items())
    console.print(f"\nSeed {found.seed}; {versions}.", markup=False)
    console.print(f"SHA-256 of the table: {found.table_sha256}")


def _sentences(console: Console, heading: str, sentences: tuple[object, ...]) -> None:
    if not sentences:
        return
    console.print(f"\n{heading}", markup=False)
    for sentence in sentences:
        console.print(f"  - {sentence}", markup=False)


def _families(console: Console, found: Estimate) -> None:
    from rich.table import Table

    table = Table("family of models", "middle", "95 % limits", "used for the range")
    for one in found.families:
        used = "no" if not one.usable else "as a lower bound" if one.family == "chao" else "yes"
        if one.interval is None:
            table.add_row(_NAMES[one.family], "–", "–", used)
            continue
        limits = f"{one.interval.low:,.0f} to {one.interval.high:,.0f}"
        table.add_row(_NAMES[one.family], f"{one.interval.median:,.0f}", limits, used)
    console.print(table)


def _strata(console: Console, found: Estimate) -> None:
    from rich.markup import escape
    from rich.table import Table

    if not found.strata:
        return
    table = Table("stratum", "documented", "range")
    for one in found.strata:
        table.add_row(escape(one.name), f"{one.documented:,}", _range(one.verdict.low, one.verdict.high))
    console.print()
    console.print(table)
    if found.without_strata is not None:
        whole = _range(found.without_strata.low, found.without_strata.high)
        console.print(f"All strata as one table: {whole}.")


def _changed(
    console: Console, heading: str, column: str, tables: tuple[Changed, ...] | Refused | None
) -> None:
    from rich.markup import escape
    from rich.table import Table

    if tables is None:
        return
    console.print(f"\n{heading}:")
    if isinstance(tables, Refused):
        console.print(f"  {tables.reason}", markup=False)
        return
    table = Table(column, "documented", "range")
    for one in tables:
        said = _range(one.verdict.low, one.verdict.high)
        table.add_row(escape(" + ".join(one.lists)), f"{one.documented:,}", said)
    console.print(table)


def _highest(console: Console, found: Estimate) -> None:
    highest = found.highest
    if highest is None:
        return
    first, last = highest.low[[0, -1]], highest.high[[0, -1]]
    console.print(
        "\nIf all lists together depended on each other so that there were four times fewer or more "
        f"undocumented cases than models say, the range would be {min(first):,.0f} to {min(last):,.0f} or "
        f"{max(first):,.0f} to {max(last):,.0f}. No table can rule that out."
    )


def _checks(console: Console, found: Estimate) -> None:
    surprising = [one for one in found.checks if one.surprising]
    if not found.checks:
        return
    if not surprising:
        console.print("\nThe models foretell the overlaps that were found.")
        return
    console.print("\nOverlaps that a family of models does not foretell:")
    for one in surprising[:_SURPRISES]:
        where = " and ".join(one.lists) if one.lists else f"exactly {one.on} lists"
        console.print(
            f"  - {_NAMES[one.family]}: {one.found:,} cases on {where}; {one.expected:,.0f} are expected",
            markup=False,
        )
    if len(surprising) > _SURPRISES:
        console.print(f"  … and {len(surprising) - _SURPRISES} more; --json has them all.")


def _range(low: int | None, high: int | None) -> str:
    return "no estimate" if low is None or high is None else f"{low:,} to {high:,}"
