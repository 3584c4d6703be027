"""The count: a table comes in, an estimate is made beside, and its report is shown. No name is ever here."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from causeway.desk.counting import Done, Idle, Refused, Running
from causeway.desk.counting.messages import Made
from causeway.desk.web.guard import FILE_POLICY
from causeway.desk.web.page import Page
from causeway.errors import LocalError
from causeway.units import day_of

__all__ = ["clear", "draws", "paper", "show", "start", "stop", "style", "whole"]

_SEED_MAX: Final = 2**31
_EMPTY: Final = {"table": "", "seed": "1", "quick": ""}
_PLACES: Final = ("line", "column")


def show(page: Page) -> Response:
    """Where the estimate stands: the form, how far it is, why there is none, or the report."""
    counting = page.keeper.counting
    match counting.state:
        case Running(part=part, what=what):
            percent = int(100 * part)
            values = {"percent": percent, "what": what.get(page.language.tag, "")}
            if page.fragment:
                return page.show_part("count_part.html", **values)
            return page.show_desk("count_running.html", **values)
        case Done(made=made):
            if page.fragment:
                return page.go("/count")
            return page.show_desk("count_report.html", article=_in(page, made.articles))
        case Refused(what=what, details=details):
            if page.fragment:
                return page.go("/count")
            places = {name: details[name] for name in _PLACES if name in details}
            fields = _EMPTY | dict(counting.asked) | page.kept()
            return page.show_desk("count.html", problem=what, places=places, fields=fields)
        case Idle():
            if page.fragment:
                return page.go("/count")
            fields = _EMPTY | page.kept()
            return page.show_desk("count.html", problem="", places={}, fields=fields)


def start(page: Page) -> Response:
    """Begin to estimate from a file, or else from what was pasted."""
    table = page.form.text("file") or page.form.text("table")
    seed, quick = page.form.line("seed") or "1", page.form.line("quick")
    asked = {"table": table, "seed": seed, "quick": quick}
    page.keep("/count", asked)
    if not table.strip():
        page.warn(page.sentence("There is no table yet: choose a file, or paste one."))
        return page.go("/count")
    if not (seed.isascii() and seed.isdecimal() and len(seed) <= 10 and int(seed) <= _SEED_MAX):
        page.warn(page.sentence("A seed is a whole number up to 2147483648, such as 1."))
        return page.go("/count")
    day = day_of(page.keeper.clock())
    page.keep("/count", {})
    if not page.keeper.counting.start(asked, seed=int(seed), day=day):
        page.warn(page.sentence("An estimate is at work already. Wait for it, or stop it."))
    return page.go("/count")


def stop(page: Page) -> Response:
    """Stop it; the table stays in the form."""
    page.keep("/count", page.keeper.counting.asked)
    page.keeper.counting.clear()
    page.say(page.sentence("Stopped. A part of an estimate is none, so there is nothing to show."))
    return page.go("/count")


def clear(page: Page) -> Response:
    """Forget the report, for another table."""
    page.keeper.counting.clear()
    return page.go("/count")


def whole(page: Page) -> Response:
    """The report as a page, for the browser to write to the disk."""
    content = _in(page, _made(page).pages).encode()
    return _file(content, name="count-report.html", kind="text/html; charset=utf-8")


def paper(page: Page) -> Response:
    """The report as PDF."""
    made = _made(page)
    content = made.papers.get(page.language.tag) or made.papers["en"]
    return _file(content, name="count-report.pdf", kind="application/pdf")


def draws(page: Page) -> Response:
    """Draws of the total by family."""
    return _file(_made(page).draws, name="count-draws.csv", kind="text/csv; charset=utf-8")


def style(page: Page) -> Response:
    """How a report looks within the desk."""
    return Response(_made(page).style, media_type="text/css")


def _made(page: Page) -> Made:
    state = page.keeper.counting.state
    if not isinstance(state, Done):
        raise LocalError("There is no report here any more.")
    return state.made


def _in(page: Page, texts: dict[str, str]) -> str:
    return texts.get(page.language.tag) or texts["en"]


def _file(content: bytes, *, name: str, kind: str) -> Response:
    headers = {**FILE_POLICY, "Content-Disposition": f'attachment; filename="{name}"', "Content-Type": kind}
    return Response(content, headers=headers)
