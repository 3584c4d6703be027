"""Rules of entry: what each says, who said so, when, and how sure that is.

Books are laid over each other: what a later one says of the same document, country and crossing point
counts, so a centre's own knowledge goes over a public table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from causeway.routes.documents import CountryId, Identifier, Name, TravelDocumentKind, document_words
from causeway.sentences import Sentence, say

__all__ = [
    "RULES_FORMAT",
    "STALE_DAYS",
    "EntryRule",
    "Ground",
    "Requirement",
    "RestsOn",
    "RuleBook",
    "RuleTable",
    "Source",
    "TransitRule",
    "rests_on",
    "too_old",
]

RULES_FORMAT: Final = "causeway-rules/1"
# Rules of entry change by the week where people flee; a month is what the design allows to go unsaid.
STALE_DAYS: Final = 30

Requirement = Literal["own", "visa_free", "visa_on_arrival", "eta", "e_visa", "visa_required", "no_admission"]
Confidence = Annotated[float, Meta(gt=0, le=1)]
RuleKey = tuple[str, str, str, str]


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where rules come from.

    Args:
        name: Who says so: a table and its edition, an authority's page, somebody who crossed.
        date: The day on which it was true, as far as the source says.
        confidence: The chance that an official goes by it today.
    """

    id: Identifier
    name: Name
    date: dt.date
    confidence: Confidence


class EntryRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a country asks of those who come with one kind of document.

    Args:
        days: Days that one stay may last.
        crossing: The one crossing point that it speaks of; nothing said, all of them.
        validity_days: Days that the document has to be valid beyond the day of entry.
        fee_cents: What each person pays on entry.
        date: Later than the source's, where somebody looked again.
        confidence: Other than the source's.
    """

    document: TravelDocumentKind
    issuer: CountryId
    country: CountryId
    requirement: Requirement
    source: Identifier
    days: Annotated[int, Meta(ge=1, le=3660)] | None = None
    crossing: Name | None = None
    validity_days: Annotated[int, Meta(ge=0, le=3660)] = 0
    fee_cents: Annotated[int, Meta(ge=0, le=100_000_000)] = 0
    date: dt.date | None = None
    confidence: Confidence | None = None


class TransitRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whether one may change planes behind the border control, and for how long."""

    document: TravelDocumentKind
    issuer: CountryId
    country: CountryId
    hours: Annotated[float, Meta(ge=0, le=1_000)]
    source: Identifier
    date: dt.date | None = None
    confidence: Confidence | None = None


class Ground(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Ground where somebody who stands on it can ask for asylum: a country, or one place in it.

    Args:
        since: The day since when it counts.
        until: The last day on which it counts.
    """

    source: Identifier
    country: CountryId | None = None
    place: Identifier | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    date: dt.date | None = None
    confidence: Confidence | None = None


class RuleBook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A file of rules, or the part of a network's file that holds them."""

    format: Literal["causeway-rules/1"]
    sources: tuple[Source, ...] = ()
    entry: tuple[EntryRule, ...] = ()
    transit: tuple[TransitRule, ...] = ()
    ground: tuple[Ground, ...] = ()


@dataclass(frozen=True)
class RestsOn:
    """A rule that an answer rests on, as a reader gets it.

    Args:
        said: The rule in words.
        source: Who says so.
        date: The day on which it was true.
        confidence: The chance that an official goes by it today.
        stale: What to tell about it each time, if it is too old.
    """

    said: Sentence
    source: str
    date: dt.date
    confidence: float
    stale: Sentence | None


@dataclass(frozen=True)
class RuleTable:
    """Several books as one, ready to be asked.

    Args:
        entry: Rules by document, issuer, country and crossing point ("" for all of them).
        transit: Rules by document, issuer and country.
        ground: Asylum ground.
        sources: By book and id, as `(number of the book, id)`.
    """

    entry: Mapping[RuleKey, tuple[EntryRule, Source]]
    transit: Mapping[tuple[str, str, str], tuple[TransitRule, Source]]
    ground: tuple[tuple[Ground, Source], ...]

    @classmethod
    def of(cls, *books: RuleBook | None) -> RuleTable:
        """Lay books over each other, the last on top."""
        entry: dict[RuleKey, tuple[EntryRule, Source]] = {}
        transit: dict[tuple[str, str, str], tuple[TransitRule, Source]] = {}
        ground: dict[tuple[str | None, str | None], tuple[Ground, Source]] = {}
        for book in books:
            if book is None:
                continue
            sources = {source.id: source for source in book.sources}
            for rule in book.entry:
                entry[rule.document, rule.issuer, rule.country, rule.crossing or ""] = (
                    rule,
                    sources[rule.source],
                )
            for over in book.transit:
                transit[over.document, over.issuer, over.country] = over, sources[over.source]
            for one in book.ground:
                ground[one.country, one.place] = one, sources[one.source]
        return cls(entry, transit, tuple(ground.values()))

    def entering(
        self, document: str, issuer: str, country: str, crossing: str
    ) -> tuple[EntryRule, Source] | None:
        """Return the rule for a document at a crossing point, the point's own before the country's."""
        own = self.entry.get((document, issuer, country, crossing))
        return own or self.entry.get((document, issuer, country, ""))


def rests_on(rule: EntryRule | TransitRule | Ground, source: Source, *, now: dt.date) -> RestsOn:
    """Return what an answer says of a rule that it rests on, and whether that is too old."""
    when = rule.date or source.date
    said = _in_words(rule)
    stale = too_old(when, source=source.name, now=now)
    return RestsOn(said, source.name, when, rule.confidence or source.confidence, stale)


def too_old(when: dt.date, *, source: str, now: dt.date) -> Sentence | None:
    """Return what has to be said each time of a rule that was true on a day, if that is too long ago."""
    age = (now - when).days
    if age <= STALE_DAYS:
        return None
    return say(
        "What this rests on was last known to be true on {date}, {days} days ago, from {source}. Ask "
        "again before anybody leaves.",
        date=when.isoformat(),
        days=age,
        source=source,
    )


def _in_words(rule: EntryRule | TransitRule | Ground) -> Sentence:
    if isinstance(rule, Ground):
        return say("One can ask for asylum in {where}.", where=rule.place or rule.country or "")
    gaps: dict[str, int | float | str] = {
        "document": document_words(rule.document),
        "issuer": rule.issuer,
        "country": rule.country,
    }
    if isinstance(rule, TransitRule):
        return say(
            "{country} lets people change planes for up to {hours} hours ({document} of {issuer}).",
            hours=f"{rule.hours:g}",
            **gaps,
        )
    if rule.days is not None:
        gaps["days"] = rule.days
    return Sentence(_REQUIREMENTS[rule.requirement, rule.days is not None], gaps)


def _texts() -> dict[tuple[str, bool], str]:
    """Return the sentence for each requirement, without and with a limit of days."""
    plain = {
        "own": say("{country} lets its own people in ({document})."),
        "visa_free": say("{country} asks for no visa ({document} of {issuer})."),
        "visa_on_arrival": say("{country} gives a visa on arrival ({document} of {issuer})."),
        "eta": say("{country} asks for an electronic travel authorisation ({document} of {issuer})."),
        "e_visa": say("{country} asks for an electronic visa ({document} of {issuer})."),
        "visa_required": say("{country} asks for a visa ({document} of {issuer})."),
        "no_admission": say("{country} lets nobody in ({document} of {issuer})."),
    }
    limited = {
        "visa_free": say("{country} asks for no visa for {days} days ({document} of {issuer})."),
        "visa_on_arrival": say("{country} gives a visa on arrival for {days} days ({document} of {issuer})."),
    }
    return {
        **{(name, False): sentence.text for name, sentence in plain.items()},
        **{(name, True): limited.get(name, sentence).text for name, sentence in plain.items()},
    }


_REQUIREMENTS: Final = _texts()
