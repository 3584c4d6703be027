"""A case as a caseworker writes it: who travels together, with which papers, from where and when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from causeway.routes.documents import CountryId, Document, Identifier, Name

__all__ = ["CASE_FORMAT", "Case", "ExitBan", "Traveller", "Wanted"]

CASE_FORMAT: Final = "causeway-case/1"

# By the network's clock, so without a zone.
Moment = Annotated[datetime, Meta(tz=False)]
Factor = Annotated[float, Meta(ge=1, le=1_000)]


class ExitBan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A country that does not let somebody leave, as far as is known."""

    country: CountryId
    since: date | None = None
    until: date | None = None


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody is looked for, so some legs are riskier.

    Each number multiplies the leg's −ln(chance); where several apply, the largest counts.

    Args:
        document_check: Where papers are looked at, a border included.
        named_ticket: Where a ticket bears the name.
        cameras: Where cameras look.
        countries: Countries that look; none means all.
    """

    document_check: Factor = 1.0
    named_ticket: Factor = 1.0
    cameras: Factor = 1.0
    countries: tuple[CountryId, ...] = ()


class Traveller(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One person; a code name is enough.

    Args:
        citizenship: Countries that have to let this person in.
    """

    name: Name
    documents: tuple[Document, ...] = ()
    citizenship: tuple[CountryId, ...] = ()
    exit_bans: tuple[ExitBan, ...] = ()
    wanted: Wanted | None = None


class Case(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A group that stays together, and what is asked for it.

    Args:
        origin: The place where the group is.
        earliest: The moment from which it can set out, by the network's clock; the network's first where
            nothing is said.
        latest: The moment by which it has to have arrived.
        leave_by: The last day on which it may still be in the country where it is.
        goals: Places that end the journey, instead of asylum ground.
        blocked_places: Places not to be used.
        blocked_legs: Legs not to be used.
        cautious: Reckon with this quantile of each chance instead of the chance itself: 0.1 asks what is
            undercut in one of ten cases.
        seed: Chooses among routes that are almost equally good.
    """

    format: Literal["causeway-case/1"]
    name: Name
    travellers: Annotated[tuple[Traveller, ...], Meta(min_length=1, max_length=50)]
    origin: Identifier
    earliest: Moment | None = None
    latest: Moment | None = None
    leave_by: date | None = None
    goals: tuple[Identifier, ...] = ()
    blocked_places: tuple[Identifier, ...] = ()
    blocked_legs: tuple[Identifier, ...] = ()
    cautious: Annotated[float, Meta(gt=0, le=0.5)] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**53)] = 0
