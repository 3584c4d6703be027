"""A desk's watch on the door: everything that a visitor is served, byte by byte against what was signed.

A page has one part that moves: on which day somebody last read here. It is not cut out before comparing,
since what is cut out can hide something. Instead the whole page is made here as an honest door makes it from
the attendance lines that are genuine, and all of its bytes have to be the same.

Each language is looked at by a visitor of its own (a circuit of its own, a browser in that language), in an
order that nobody can foretell, so that a door can't keep its lies for one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeVar, final

from causeway.errors import RemoteError
from causeway.sealed.attendance import last_attendance
from causeway.sealed.sheet import verify_sheet
from causeway.sync.browser import Kind
from causeway.sync.core import Finding
from causeway.sync.differing import Place, Sort, first_difference
from causeway.sync.errors import RelayRefused
from causeway.units import Day, day_of
from causeway.wire.sheet import DoorSheet

__all__ = ["Difference", "ExpectedDoor", "Look", "Served", "Signed", "Wrong", "look_at_door"]

_T = TypeVar("_T")
_NO_SHEET: Final = frozenset({404, 503})
_OK: Final = 200
_SEE_OTHER: Final = 303
_CLOCK_SECONDS: Final = 2 * 3_600.0
"""How far the door's clock may be from this one: pages name "today"."""
_DAYS_BACK: Final = 100
"""Other days that a page might honestly name, where somebody read between two of our requests."""
_HARMLESS: Final = frozenset(
    (
        *("connection", "content-encoding", "content-length", "date", "keep-alive", "server"),
        *("strict-transport-security", "transfer-encoding", "vary", "via"),
    )
)
"""Headers that a proxy before the door may add or change. Any other one could move a visitor somewhere,
mark the browser, or load something, so none is allowed."""

_ATTENDANCE: Final = re.compile(rb"<div data-attendance>.*?(?=<div data-unlinked)", re.DOTALL)

_FIRST_FILES: Final = ("seal.js",)
"""What the page's script loads by itself (`web/src/door/door.ts`), before the list of words."""


class ExpectedDoor(Protocol):
    """What a door serves that says a certain `DoorSaid` and runs the version that is installed here."""

    @property
    def bundle(self) -> bytes:
        """Hash of the static files, as a sheet names it."""

    @property
    def texts(self) -> bytes:
        """Hash of texts, languages, exit and addresses, as a sheet names it."""

    @property
    def languages(self) -> Sequence[str]:
        """Tags of what is offered, English first."""

    @property
    def exit_url(self) -> str:
        """Where the exit leads."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What every answer carries, by name in small letters."""

    @property
    def files(self) -> Mapping[str, tuple[str, bytes]]:
        """Content type and bytes of the static files, by name."""

    def page(self, view: str, *, language: str, newest: Day | None, known: bool, today: Day) -> bytes:
        """Return a page as it is served.

        Args:
            view: `welcome` or `return`.
            newest: The last day on which somebody read.
            known: Whether the relay gave an answer about it.
            today: The door's.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """An answer, whole: `body` without its content coding, `headers` with names in small letters."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class Browser(Protocol):
    """A visitor with a browser; `sync.client.RelayClient` is one."""

    def open(self, path: str, *, kind: Kind, language: str) -> Served: ...
    def sheet(self) -> bytes: ...
    def attendance(self) -> bytes: ...
    def close(self) -> None: ...


class Wrong(StrEnum):
    """In what an answer differs; the pages have a sentence for each."""

    REFUSED = "refused"
    HEADER = "header"
    EXIT = "exit"
    FILE = "file"
    SCRIPT = "script"
    LANGUAGES = "languages"
    TEXT = "text"
    MARKUP = "markup"
    SHEET_NAMES_OTHERS = "sheet-names-others"


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One thing that differs.

    Attributes:
        path: What was asked for.
        language: Tag of the visitor's browser.
        place: Where, for a page or a file; what was served there is somebody's, so show it as plain text.
        name: Of the header, for one.
    """

    wrong: Wrong
    path: str
    language: str
    place: Place | None = None
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """What this desk knows to be signed, at one moment.

    Attributes:
        sheet: The door sheet that the relay confirmed; `None` where this desk has signed none.
        boards: The sixteen board keys.
    """

    sheet: bytes | None
    boards: Sequence[bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What a look at the door has brought.

    Attributes:
        differences: In the order in which they were met, each once.
        findings: Of the sheet and of the attendance day.
        answers: How many answers were compared.
    """

    differences: tuple[Difference, ...]
    findings: frozenset[Finding]
    answers: int


def look_at_door(
    door: ExpectedDoor,
    *,
    visitor: Callable[[], Browser],
    signed: Callable[[], Signed],
    clock: Callable[[], float],
    pick: Callable[[int], int],
) -> Look:
    """Visit the door once in every language, and compare all that comes.

    Args:
        door: What should come.
        visitor: Makes a visitor who is a stranger to all before.
        signed: Returns what is signed now; a round of syncing may publish meanwhile.
        clock: Unix seconds.
        pick: Returns a random number below its argument.

    Raises:
        RelayUnreachable: The door gave no answer: nothing is known then, and nothing is said.
        RelayRefused: The door did, and the relay behind it did not.
    """
    found: dict[Difference, None] = {}
    findings: set[Finding] = set()
    answers = 0
    for language in _shuffled(door.languages, pick=pick):
        visit = _Visit(door, visitor=visitor, language=language, signed=signed, clock=clock)
        visit.pay(pick)
        found |= visit.differences
        findings |= visit.findings
        answers += visit.answers
    return Look(differences=tuple(found), findings=frozenset(findings), answers=answers)


def _shuffled(items: Sequence[_T], *, pick: Callable[[int], int]) -> Iterator[_T]:
    left = list(items)
    while left:
        yield left.pop(pick(len(left)))


@final
class _Visit:
    """One visitor, from the first page to the last file."""

    def __init__(
        self,
        door: ExpectedDoor,
        *,
        visitor: Callable[[], Browser],
        language: str,
        signed: Callable[[], Signed],
        clock: Callable[[], float],
    ) -> None:
        self._door = door
        self._make = visitor
        self._browser = visitor()
        self._language = language
        self._signed = signed
        self._clock = clock
        self.differences: dict[Difference, None] = {}
        self.findings: set[Finding] = set()
        self.answers = 0

    def pay(self, pick: Callable[[int], int]) -> None:
        """Ask for all there is, in the order of a browser as far as it goes."""
        try:
            asked_from = self._clock()
            pages = [("/", "welcome", self._open("/", kind=Kind.PAGE))]
            first = [*_FIRST_FILES, f"words-{self._language}.txt"]
            files = [name for name in first if name in self._door.files]
            for name in files:
                self._check_file(name)
            before = self._signed()
            self._check_sheet(before)
            newest, known = self._newest(before)
            self._check_exit()
            for path, view in ((f"/{self._language}", "welcome"), (f"/{self._language}/return", "return")):
                pages.append((path, view, self._open(path, kind=Kind.PAGE)))
            for name in _shuffled([one for one in self._door.files if one not in files], pick=pick):
                self._check_file(name)
            days = self._days(asked_from)
        finally:
            self._browser.close()
        for path, view, served in pages:
            self._check_page(path, view, served, newest=newest, known=known, days=days)

    def _days(self, asked_from: float) -> list[Day]:
        """Return the days that the door may count as today."""
        first, last = day_of(asked_from - _CLOCK_SECONDS), day_of(self._clock() + _CLOCK_SECONDS)
        return [Day(day) for day in range(first, last + 1)]

    def _open(self, path: str, *, kind: Kind) -> Served:
        self.answers += 1
        return self._browser.open(path, kind=kind, language=self._language)

    def _differs(self, wrong: Wrong, path: str, *, place: Place | None = None, name: str = "") -> None:
        told = Difference(wrong=wrong, path=path, language=self._language, place=place, name=name)
        self.differences[told] = None

    # ---- What stands still ----

    def _check_head(self, path: str, served: Served, *, status: int, also: Mapping[str, str]) -> bool:
        if served.status != status:
            self._differs(Wrong.REFUSED, path, name=str(served.status))
            return False
        wanted = {**self._door.headers, **also}
        got: dict[str, str] = {}
        for name, value in served.headers:
            got[name] = f"{got[name]}, {value}" if name in got else value
        for name in sorted(wanted.keys() | got.keys()):
            if name not in _HARMLESS and got.get(name) != wanted.get(name):
                self._differs(Wrong.HEADER, path, name=name)
        return True

    def _check_file(self, name: str) -> None:
        path = f"/static/{name}"
        content_type, content = self._door.files[name]
        kind = Kind.SCRIPT if name.endswith(".js") else Kind.DATA
        served = self._open(path, kind=kind)
        if not self._check_head(path, served, status=_OK, also={"content-type": content_type}):
            return
        if served.body != content:
            self._differs(Wrong.FILE, path, place=first_difference(served.body, expected=content).place)

    def _check_exit(self) -> None:
        served = self._open("/exit", kind=Kind.PAGE)
        also = {"location": self._door.exit_url, "clear-site-data": '"cache", "cookies", "storage"'}
        said = dict(served.headers)
        if served.status != _SEE_OTHER or said.get("location") != self._door.exit_url:
            self._differs(Wrong.EXIT, "/exit")
        elif self._check_head("/exit", served, status=_SEE_OTHER, also=also) and served.body:
            self._differs(Wrong.MARKUP, "/exit")

    # ---- What is signed by itself ----

    def _check_sheet(self, before: Signed) -> None:
        self.answers += 1
        try:
            served = self._browser.sheet()
        except RelayRefused as refused:
            if refused.status not in _NO_SHEET:
                raise  # the relay is away: nothing is known
            served = b""
        after = self._signed()
        known = {one.sheet for one in (before, after) if one.sheet is not None}
        if known and served not in known:
            self.findings.add(Finding.SHEET_ALTERED)
            return
        sheet = self._verified(served)
        if sheet is not None and (sheet.bundle, sheet.texts) != (self._door.bundle, self._door.texts):
            self._differs(Wrong.SHEET_NAMES_OTHERS, "/v1/sheet")

    def _verified(self, served: bytes) -> DoorSheet | None:
        try:
            return verify_sheet(served, fingerprint=None, today=day_of(self._clock()))
        except RemoteError:
            return None  # none yet, or none that any visitor takes; what is not this desk's it can't judge

    def _newest(self, signed: Signed) -> tuple[Day | None, bool]:
        self.answers += 1
        return _newest_of(self._browser, boards=signed.boards, today=day_of(self._clock()))

    # ---- Pages ----

    def _check_page(
        self, path: str, view: str, served: Served, *, newest: Day | None, known: bool, days: Sequence[Day]
    ) -> None:
        if not self._check_head(path, served, status=_OK, also={"content-type": "text/html; charset=utf-8"}):
            return
        if self._is_page(served.body, view, newest=newest, known=known, days=days):
            return
        wanted = self._door.page(
            view, language=self._language, newest=newest, known=known, today=day_of(self._clock())
        )
        if _may_be_the_day(served.body, wanted) and self._names_another_day(served.body, view, days=days):
            # Somebody may have read between two requests, or the relay was away for one of them.
            if self._again(path, view, days=days):
                self.findings.add(Finding.ATTENDANCE_ALTERED)
            return
        difference = first_difference(served.body, expected=wanted)
        self._differs(_WRONG[difference.sort], path, place=difference.place)

    def _is_page(
        self, body: bytes, view: str, *, newest: Day | None, known: bool, days: Sequence[Day]
    ) -> bool:
        return any(
            body == self._door.page(view, language=self._language, newest=newest, known=known, today=today)
            for today in days
        )

    def _names_another_day(self, body: bytes, view: str, *, days: Sequence[Day]) -> bool:
        others: list[Day | None] = [None]
        others += [Day(day) for day in range(days[0] - _DAYS_BACK, days[-1] + 2)]
        return self._is_page(body, view, newest=None, known=False, days=days[:1]) or any(
            self._is_page(body, view, newest=other, known=True, days=days) for other in others
        )

    def _again(self, path: str, view: str, *, days: Sequence[Day]) -> bool:
        """Ask once more, as a stranger; return whether the page still names another day than is signed."""
        browser = self._make()
        try:
            served = browser.open(path, kind=Kind.PAGE, language=self._language)
            newest, known = _newest_of(browser, boards=self._signed().boards, today=day_of(self._clock()))
        finally:
            browser.close()
        self.answers += 2
        if self._is_page(served.body, view, newest=newest, known=known, days=days):
            return False
        if not self._names_another_day(served.body, view, days=days):
            self._differs(Wrong.MARKUP, path)
        return True


def _may_be_the_day(served: bytes, wanted: bytes) -> bool:
    """Only saves time: pages that differ elsewhere, too, need not be compared with each day's."""
    return _ATTENDANCE.sub(b"", served) == _ATTENDANCE.sub(b"", wanted)


_WRONG: Final = {
    Sort.SCRIPT: Wrong.SCRIPT,
    Sort.LANGUAGES: Wrong.LANGUAGES,
    Sort.TEXT: Wrong.TEXT,
    Sort.MARKUP: Wrong.MARKUP,
}


def _newest_of(browser: Browser, *, boards: Sequence[bytes], today: Day) -> tuple[Day | None, bool]:
    """Return the last day by the lines that are genuine, and whether the relay gave any answer."""
    try:
        return last_attendance(browser.attendance(), boards=boards, today=today), True
    except RelayRefused:
        return None, False
    except RemoteError:
        return None, True  # what visitors can't read names no day
