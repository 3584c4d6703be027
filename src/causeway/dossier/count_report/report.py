"""The whole report, in the order in which somebody asks."""

from __future__ import annotations

from datetime import date

from causeway.count import CaptureTable, Estimate
from causeway.dossier.count_report.answer import answer_section, answer_sentence, title
from causeway.dossier.count_report.blocks import Report
from causeway.dossier.count_report.changes import change_sections
from causeway.dossier.count_report.families import families_section
from causeway.dossier.count_report.language import Language
from causeway.dossier.count_report.method import (
    checks_section,
    limits_section,
    method_section,
    repeat_section,
)
from causeway.dossier.count_report.overlap import overlap_section
from causeway.errors import LocalError

__all__ = ["make_report"]


def make_report(
    estimate: Estimate,
    *,
    table: CaptureTable,
    language: Language,
    version: str,
    made: date | None = None,
) -> Report:
    """Say an estimate in a reader's language.

    Args:
        estimate: The whole.
        table: What it was made from.
        language: Of the reader.
        version: Of Causeway.
        made: The day on the report; without one it says none.

    Raises:
        LocalError: The table is another than the estimate's.
    """
    if table.lists != estimate.lists or table.documented != estimate.documented:
        raise LocalError("The estimate was made from another table.")
    sections = (
        answer_section(estimate, language),
        overlap_section(estimate, table, language),
        families_section(estimate, language),
        *change_sections(estimate, language),
        checks_section(estimate, language),
        method_section(estimate, language),
        limits_section(estimate, language),
        repeat_section(estimate, table, language, version=version, made=made),
    )
    return Report(
        tag=language.tag,
        direction=language.locale.text_direction,
        title=language.tell(title(estimate)),
        answer=language.tell(answer_sentence(estimate)),
        answered=estimate.verdict == "range",
        sections=sections,
    )
