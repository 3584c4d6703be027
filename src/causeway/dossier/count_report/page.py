"""The report as HTML: a page complete in itself, or its article for a page of the desk."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from causeway.dossier.count_report.blocks import Report

__all__ = ["as_article", "as_html", "style_sheet"]

_FOLDER: Final = Path(__file__).parent


def as_html(report: Report) -> str:
    """Return a page that loads nothing: its style is in it, and its policy allows no other."""
    style = style_sheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _templates().get_template("page.html")
    return page.render(report=report, article=as_article(report), style=style, style_hash=f"sha256-{digest}")


def as_article(report: Report) -> str:
    """Return the report as an element for a page that has `style_sheet`; no style is written into it."""
    return _templates().get_template("article.html").render(report=report)


@cache
def style_sheet() -> str:
    """Return the style sheet; all its rules are for what is under `.report`, or for the page alone."""
    return (_FOLDER / "report.css").read_text("utf-8")


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals["kind_of"] = lambda block: type(block).__name__
    return templates
