"""Papers: their kinds, and when one can be used."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

__all__ = [
    "TRAVEL_DOCUMENTS",
    "CountryId",
    "Document",
    "DocumentKind",
    "Identifier",
    "Name",
    "TravelDocumentKind",
    "document_words",
]

Identifier = Annotated[
    str, Meta(max_length=120, pattern=r"^[^\s|]+$", description="an id of 1 to 120 characters without spaces")
]
CountryId = Annotated[
    str,
    Meta(
        max_length=20,
        pattern=r"^[A-Za-z][A-Za-z0-9_-]+$",
        description="a country's code of 2 to 20 letters, such as ISO 3166-1 has",
    ),
]
Name = Annotated[str, Meta(min_length=1, max_length=200, description="a name of 1 to 200 characters")]

# An internal passport and an identity card are shown at home; a foreign passport is shown at a border. Some
# borders open for the first kind too, and a rule says which.
TravelDocumentKind = Literal["passport", "internal_passport", "id_card", "travel_document"]
DocumentKind = Literal[
    "passport", "internal_passport", "id_card", "travel_document", "visa", "residence_permit", "eta"
]

TRAVEL_DOCUMENTS: Final = ("passport", "internal_passport", "id_card", "travel_document")

_WORDS: Final = {
    "passport": "passport",
    "internal_passport": "internal passport",
    "id_card": "identity card",
    "travel_document": "travel document for refugees or stateless people",
    "visa": "visa",
    "residence_permit": "residence permit",
    "eta": "electronic travel authorisation",
}


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One paper of one traveller.

    Args:
        issuer: The country that issued it.
        opens: For a visa or permit: countries that it opens; the issuer's alone where nothing is said.
        days: For a visa or permit: days that one stay may last.
        valid_from: First day on which it counts.
        valid_until: Last day on which it counts.
        available_from: The day on which it arrives; nothing said, it is there.
    """

    kind: DocumentKind
    issuer: CountryId
    opens: tuple[CountryId, ...] = ()
    days: Annotated[int, Meta(ge=1, le=3660)] | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    available_from: date | None = None

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries that it opens, for a visa or permit."""
        return self.opens or (self.issuer,)


def document_words(kind: str) -> str:
    """Return a kind of document in words."""
    return _WORDS[kind]
