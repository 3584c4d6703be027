"""The report as PDF, with fonts in it that have Latin and Cyrillic letters, tagged for reading aloud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal

from causeway.dossier.count_report.blocks import Block, Facts, Picture, Points, Report, Table, Words

__all__ = ["as_pdf", "compiled"]

_TEMPLATE: Final = Path(__file__).parent / "report.typ"
# PDF/UA-1: headings, tables and what pictures show are told to whoever can't see them.
_STANDARD: Final = "ua-1"


def as_pdf(report: Report) -> bytes:
    """Return the report as PDF; the same report gives the same bytes."""
    return compiled(report, form="pdf")[0]


def compiled(report: Report, *, form: Literal["pdf", "png"]) -> list[bytes]:
    """Return a PDF, or a picture of each page with `png`."""
    import typst

    told = json.dumps(_report(report), ensure_ascii=False)
    compiler = typst.Compiler(_TEMPLATE.read_bytes(), ignore_system_fonts=True, sys_inputs={"report": told})
    made = compiler.compile(format=form, pdf_standards=_STANDARD if form == "pdf" else None, timestamp=0)
    return [made] if isinstance(made, bytes) else list(made or ())


def _report(report: Report) -> dict[str, Any]:
    return {
        "tag": report.tag,
        "title": report.title,
        "answer": report.answer,
        "sections": [
            {"heading": section.heading, "blocks": [_block(block) for block in section.blocks]}
            for section in report.sections
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Words(text=text, kind=kind):
            return {"kind": "words", "text": text, "style": kind}
        case Points(heading=heading, items=items):
            return {"kind": "points", "heading": heading, "items": items}
        case Facts(pairs=pairs):
            return {"kind": "facts", "pairs": pairs}
        case Table():
            return _table(block)
        case Picture():
            return {
                "kind": "picture",
                "title": block.title,
                "description": block.description,
                "svg": block.drawing.on_paper(),
                "width": block.drawing.width,
                "table": _table(block.table),
            }


def _table(table: Table) -> dict[str, Any]:
    return {
        "kind": "table",
        "caption": table.caption,
        "heading": table.heading,
        "rows": table.rows,
        "numbers": table.numbers,
    }
