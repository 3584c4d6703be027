"""The middle pane: which part of the inbox, or of what was found, is on screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from causeway.desk.views import ConversationRow, ConversationState
from causeway.desk.web.page import Page

__all__ = ["PAGE_ROWS", "Listing", "Where", "listing_of"]

PAGE_ROWS: Final = 50
_SEARCH_ROWS: Final = 50
_FORCED_ROWS: Final = 8
_FORCED: Final = "forced"


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """A place in the list, as it stands in addresses: nothing of what anybody wrote.

    Attributes:
        state: A `ConversationState` value, `all`, or `forced`.
        label: A label's key (`Keeper.label_key`), or nothing.
        found: A remembered search, or nothing.
        page: Counted from 0.
    """

    state: str = ConversationState.WAITING.value
    label: str = ""
    found: str = ""
    page: int = 0

    def suffix(self, **changes: str | int) -> str:
        """Return this place, or one that differs in `changes`, as the query of an address."""
        there = replace(self, **changes)  # type: ignore[arg-type]
        first = Where()
        named = {name: getattr(there, name) for name in ("state", "label", "found", "page")}
        query = urlencode({name: value for name, value in named.items() if value != getattr(first, name)})
        return f"?{query}" if query else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What the middle pane shows."""

    where: Where
    forced: tuple[ConversationRow, ...]
    """Open ones that somebody was made to open: on top, where who waits is listed, and not in `rows`."""
    rows: tuple[ConversationRow, ...]
    more: bool
    counts: dict[str, int]
    labels: tuple[tuple[str, str], ...]
    """Label and its key."""
    query: str
    lost: bool
    """A search that this process does not remember: the desk was locked meanwhile."""


def _has_forced_apart(where: Where) -> bool:
    return where.state == ConversationState.WAITING and not where.label and not where.found


def _is_first(where: Where) -> bool:
    return _has_forced_apart(where) and where.page == 0


def listing_of(page: Page) -> Listing:
    """Return the part of the list that the address names."""
    where = _where(page)
    labels = tuple((label, page.keeper.label_key(label)) for label in page.desk.labels())
    query = page.keeper.search_of(where.found) if where.found else None
    if where.found:
        rows = page.desk.search(query, limit=_SEARCH_ROWS) if query else ()
        more = False
    else:
        found = _inbox(page, where, label=next((label for label, key in labels if key == where.label), None))
        rows, more = found[:PAGE_ROWS], len(found) > PAGE_ROWS
    on_top = page.desk.forced(limit=_FORCED_ROWS) if _is_first(where) else ()
    return Listing(
        where=where,
        forced=on_top,
        rows=rows,
        more=more,
        counts=page.desk.counts(),
        labels=labels,
        query=query or "",
        lost=bool(where.found) and query is None,
    )


def _inbox(page: Page, where: Where, *, label: str | None) -> tuple[ConversationRow, ...]:
    """Return the rows of one page of the list, and one more where there are more."""
    start, limit = where.page * PAGE_ROWS, PAGE_ROWS + 1
    if where.state == _FORCED:
        return page.desk.inbox(label=label, forced=True, offset=start, limit=limit)
    if where.state != ConversationState.CLOSED:
        state = None if where.state == "all" else ConversationState(where.state)
        forced = False if _has_forced_apart(where) else None
        return page.desk.inbox(state=state, label=label, forced=forced, offset=start, limit=limit)
    # Two states, one list: whoever closed it, it is closed.
    both = [
        row
        for state in (ConversationState.CLOSED, ConversationState.CLOSED_BY_PERSON)
        for row in page.desk.inbox(state=state, label=label, limit=start + limit)
    ]
    both.sort(key=lambda row: row.last_activity, reverse=True)
    return tuple(both[start : start + limit])


def _where(page: Page) -> Where:
    state = page.asked("state")
    number = page.asked("page")
    return Where(
        state=state if state in {"all", _FORCED, *ConversationState} else Where().state,
        label=page.asked("label")[:32],
        found=page.asked("found")[:32],
        page=min(int(number), 10_000) if number.isascii() and number.isdecimal() else 0,
    )
