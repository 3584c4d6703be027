"""The report on a count: one estimate as a page and as a paper, in English and Russian.

`make_report` says everything once, in the language's own words and numbers; `as_html` and `as_pdf` set the
same blocks. Nothing here opens a file of the caller's, and a report holds counts and names of lists alone.
"""

from __future__ import annotations

from causeway.dossier.count_report.blocks import Report
from causeway.dossier.count_report.draws import draws_as_csv
from causeway.dossier.count_report.language import LANGUAGES, Language, language
from causeway.dossier.count_report.page import as_article, as_html, style_sheet
from causeway.dossier.count_report.pdf import as_pdf
from causeway.dossier.count_report.report import make_report

__all__ = [
    "LANGUAGES",
    "Language",
    "Report",
    "as_article",
    "as_html",
    "as_pdf",
    "draws_as_csv",
    "language",
    "make_report",
    "style_sheet",
]
