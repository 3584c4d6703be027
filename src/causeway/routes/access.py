"""What one traveller's papers open: by which rule, from when until when.

Every way into a country is a lawful one: a rule that lets a document in, or a visa that somebody holds. A
thing that stands in the way can be thought away (`without`), so that one can ask what would open a border;
a document thought of is then held to the same rules as one that exists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from causeway.routes.cases import Traveller
from causeway.routes.documents import TRAVEL_DOCUMENTS, Document, document_words
from causeway.routes.obstacles import Obstacle
from causeway.routes.rules import EntryRule, RestsOn, RuleTable, Source, rests_on
from causeway.routes.timetable import MINUTES_A_DAY
from causeway.sentences import say

__all__ = ["ALWAYS", "FOR_EVER", "Papers", "Way"]

FOR_EVER: Final = 2**31 - 1
_FROM_EVER: Final = -(2**31)
_STAMPED: Final = ("visa", "residence_permit")
_NEEDS: Final = {
    "eta": ("eta", "visa", "residence_permit"),
    "e_visa": ("visa", "residence_permit"),
    "visa_required": ("visa", "residence_permit"),
}


@dataclass(frozen=True)
class Way:
    """One way in for one traveller.

    Args:
        start: Minute from which it is open.
        end: Minute before which one has to have arrived.
        days: Days that a stay may last, or None.
        hours: For changing planes only: hours that one may wait, or None.
        fee_cents: What is paid on entry.
        confidence: The chance that the rules behind it still hold.
        dates: Why it is not open always.
    """

    start: int = _FROM_EVER
    end: int = FOR_EVER
    days: int | None = None
    hours: float | None = None
    fee_cents: int = 0
    confidence: float = 1.0
    rests: tuple[RestsOn, ...] = ()
    dates: tuple[Obstacle, ...] = ()


ALWAYS: Final = Way()


@dataclass
class Papers:
    """One traveller's papers, asked about many borders.

    Args:
        minute: Turns a date into the minute on which it begins.
        without: Obstacles to think away.
    """

    traveller: Traveller
    table: RuleTable
    minute: Callable[[dt.date], int]
    now: dt.date
    without: frozenset[Obstacle]
    _documents: tuple[Document, ...] = field(init=False)
    _anything: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        """Add the documents that somebody asks to think of."""
        thought: list[Document] = []
        for obstacle in self.without:
            if obstacle.kind != "document" or obstacle.subject[0] != self.traveller.name:
                continue
            kind, issuer = obstacle.subject[1:]
            if kind == "passport" and not issuer:
                self._anything = True
            elif kind in ("passport", "visa", "eta"):
                thought.append(msgspec.convert({"kind": kind, "issuer": issuer}, Document))
        # In an order of their own: a set's would differ from run to run.
        thought.sort(key=lambda document: (document.kind, document.issuer))
        self._documents = (*self.traveller.documents, *thought)

    def entering(self, country: str, crossing: str) -> tuple[tuple[Way, ...], tuple[Obstacle, ...]]:
        """Return the ways into a country, the surest first; where there is none, what stands in the way."""
        if self._anything:
            return (ALWAYS,), ()
        ways: list[Way] = []
        needed: list[Obstacle] = []
        for document in self._documents:
            if document.kind in TRAVEL_DOCUMENTS:
                found, obstacle = self._with(document, country, crossing)
                ways += found
                if obstacle is not None:
                    needed.append(obstacle)
        if not ways and any(obstacle in self.without for obstacle in needed):
            return (ALWAYS,), ()
        ways.sort(key=lambda way: (-way.confidence, way.fee_cents, -(way.days or FOR_EVER)))
        if ways:
            return tuple(ways), ()
        return (), self._closed(country, needed)

    def changing_planes(self, country: str, crossing: str) -> tuple[tuple[Way, ...], tuple[Obstacle, ...]]:
        """Return the ways of staying behind a border control: whoever may enter may also stay outside."""
        ways, _ = self.entering(country, crossing)
        outside: list[Way] = []
        for document in self._documents:
            known = self.table.transit.get((document.kind, document.issuer, country))
            if known is None or known[0].hours <= 0:
                continue
            rest = rests_on(*known, now=self.now)
            start, end, dates = self._window(document, 0)
            outside.append(
                Way(start, end, hours=known[0].hours, confidence=rest.confidence, rests=(rest,), dates=dates)
            )
        if ways or outside:
            return (*ways, *outside), ()
        obstacle = Obstacle(
            "transit",
            (self.traveller.name, country),
            say("No rule lets {who} change planes in {country}.", who=self.traveller.name, country=country),
            say(
                "A rule that lets {who} change planes in {country}.", who=self.traveller.name, country=country
            ),
        )
        return ((ALWAYS,), ()) if obstacle in self.without else ((), (obstacle,))

    def showing(self, kinds: tuple[str, ...]) -> tuple[tuple[Way, ...], tuple[Obstacle, ...]]:
        """Return when one of these kinds of document can be shown."""
        ways = []
        for document in self._documents:
            if document.kind in kinds:
                start, end, dates = self._window(document, 0)
                ways.append(Way(start, end, dates=dates))
        if ways:
            return tuple(ways), ()
        words = ", ".join(document_words(kind) for kind in kinds)
        obstacle = Obstacle(
            "asked",
            (self.traveller.name, *kinds),
            say(
                "{who} has none of what is asked for: {documents}.", who=self.traveller.name, documents=words
            ),
            say("One of these for {who}: {documents}.", who=self.traveller.name, documents=words),
        )
        return ((ALWAYS,), ()) if obstacle in self.without else ((), (obstacle,))

    def bans(self, country: str) -> tuple[tuple[int, int, Obstacle], ...]:
        """Return from when until when a country does not let the traveller leave."""
        found = []
        for ban in self.traveller.exit_bans:
            if ban.country != country:
                continue
            obstacle = Obstacle(
                "exit_ban",
                (self.traveller.name, country),
                say("{country} does not let {who} leave.", who=self.traveller.name, country=country),
                say(
                    "{country} lifts the ban on leaving for {who}.", who=self.traveller.name, country=country
                ),
            )
            if obstacle not in self.without:
                start = _FROM_EVER if ban.since is None else self.minute(ban.since)
                end = FOR_EVER if ban.until is None else self.minute(ban.until) + MINUTES_A_DAY
                found.append((start, end, obstacle))
        return tuple(found)

    def _with(self, document: Document, country: str, crossing: str) -> tuple[list[Way], Obstacle | None]:
        """Return the ways in with one travel document, or what it lacks."""
        known = self.table.entering(document.kind, document.issuer, country, crossing)
        if known is None and document.issuer == country:
            # One's own country lets one in; the public table marks it with −1.
            start, end, dates = self._window(document, 0)
            return [Way(start, end, dates=dates)], None
        if known is None:
            # A visa says itself that its country accepts the passport that it stands in.
            ways = self._with_permit(document, country, _STAMPED, None)
            if ways or document.kind not in ("passport", "travel_document"):
                return ways, None
            return [], self._no_rule(document, country)
        rule, source = known
        if rule.requirement == "no_admission":
            return [], self._not_admitted(document, country)
        if rule.requirement in _NEEDS:
            ways = self._with_permit(document, country, _NEEDS[rule.requirement], (rule, source))
            return ways, None if ways else self._no_permit(country, rule.requirement)
        rest = rests_on(rule, source, now=self.now)
        start, end, dates = self._window(document, rule.validity_days)
        days = None if rule.requirement == "own" else rule.days
        way = Way(start, end, days, None, rule.fee_cents, rest.confidence, (rest,), dates)
        # Who needs no visa and has one may stay as long as it says.
        return [way, *self._with_permit(document, country, _STAMPED, known)], None

    def _with_permit(
        self, document: Document, country: str, kinds: tuple[str, ...], known: tuple[EntryRule, Source] | None
    ) -> list[Way]:
        rests = () if known is None else (rests_on(*known, now=self.now),)
        fee, validity, days = 0, 0, None
        if known is not None:
            fee, validity = known[0].fee_cents, known[0].validity_days
            # What a rule of visa-free entry says of days does not bind somebody with a visa.
            days = known[0].days if known[0].requirement in _NEEDS else None
        ways = []
        for permit in self._documents:
            if permit.kind not in kinds or country not in permit.countries:
                continue
            first, last, dates = self._window(document, validity)
            start, end, more = self._window(permit, 0)
            ways.append(
                Way(
                    max(first, start),
                    min(last, end),
                    days if permit.days is None else permit.days,
                    None,
                    fee,
                    rests[0].confidence if rests else 1.0,
                    rests,
                    dates + more,
                )
            )
        return ways

    def _window(self, document: Document, validity_days: int) -> tuple[int, int, tuple[Obstacle, ...]]:
        """Return from when until when a document can be used, and why not always."""
        firsts = [day for day in (document.available_from, document.valid_from) if day is not None]
        if not firsts and document.valid_until is None:
            return _FROM_EVER, FOR_EVER, ()
        obstacle = self._dated(document, max(firsts, default=None))
        if obstacle in self.without:
            return _FROM_EVER, FOR_EVER, ()
        start = self.minute(max(firsts)) if firsts else _FROM_EVER
        end = FOR_EVER
        if document.valid_until is not None:
            end = self.minute(document.valid_until) + (1 - validity_days) * MINUTES_A_DAY
        return start, end, (obstacle,)

    # ---- What is said of each obstacle ----

    def _dated(self, document: Document, first: dt.date | None) -> Obstacle:
        words = document_words(document.kind)
        who, last = self.traveller.name, document.valid_until
        gaps = {"who": who, "document": words, "issuer": document.issuer}
        subject = (who, document.kind, document.issuer, str(first or ""), str(last or ""))
        remedy = say("{who} has it in hand, and valid, on the day ({document} of {issuer}).", **gaps)
        if last is None:
            reason = say(
                "{who} can use a document only from {first} on ({document} of {issuer}).",
                first=str(first),
                **gaps,
            )
        elif first is None:
            reason = say(
                "{who} can use a document only until {last} ({document} of {issuer}).", last=str(last), **gaps
            )
        else:
            reason = say(
                "{who} can use a document only from {first} until {last} ({document} of {issuer}).",
                first=str(first),
                last=str(last),
                **gaps,
            )
        return Obstacle("document_date", subject, reason, remedy)

    def _no_rule(self, document: Document, country: str) -> Obstacle:
        gaps = {"document": document_words(document.kind), "issuer": document.issuer, "country": country}
        return Obstacle(
            "rule",
            (document.kind, document.issuer, country),
            say("No rule is known of how to enter {country} ({document} of {issuer}).", **gaps),
            say(
                "Find out what {country} asks for, and write the rule down ({document} of {issuer}).",
                **gaps,
            ),
        )

    def _not_admitted(self, document: Document, country: str) -> Obstacle:
        who = self.traveller.name
        gaps = {"document": document_words(document.kind), "issuer": document.issuer, "country": country}
        return Obstacle(
            "document",
            (who, f"other than {document.kind} of {document.issuer}", country),
            say("{country} lets nobody in ({document} of {issuer}).", **gaps),
            say("A document for {who} that {country} recognises.", who=who, country=country),
        )

    def _no_permit(self, country: str, requirement: str) -> Obstacle:
        who = self.traveller.name
        gaps = {"who": who, "country": country}
        if requirement == "eta":
            reason = say("{who} has no electronic travel authorisation for {country}.", **gaps)
            remedy = say("{who} gets an electronic travel authorisation for {country}.", **gaps)
            return Obstacle("document", (who, "eta", country), reason, remedy)
        reason = say("{who} has no visa for {country}.", **gaps)
        return Obstacle(
            "document", (who, "visa", country), reason, say("{who} gets a visa for {country}.", **gaps)
        )

    def _closed(self, country: str, needed: list[Obstacle]) -> tuple[Obstacle, ...]:
        """Return one obstacle: the nearest to being mended comes first."""
        order = ("document", "rule")
        permits = [one for one in needed if one.kind == "document" and one.subject[1] in ("visa", "eta")]
        if permits:
            return (permits[0],)
        if needed:
            return (min(needed, key=lambda one: order.index(one.kind)),)
        who = self.traveller.name
        gaps = {"who": who, "country": country}
        at_home = [
            document.issuer for document in self.traveller.documents if document.kind in TRAVEL_DOCUMENTS
        ]
        passport = Obstacle(
            "document",
            (who, "passport", next(iter((*self.traveller.citizenship, *at_home)), "")),
            say("{who} has no document that {country} lets in at its border.", **gaps),
            say("{who} gets a foreign passport.", who=who),
        )
        return (passport,)
