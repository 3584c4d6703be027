"""The ticket in a form that continues: what is needed to send, sealed under a key of the nursery's alone.

A conversation without script goes over several pages, and no process outlives one of them. So what the next
child needs rides in a hidden field, and is of no use to anybody who finds it: the key changes hourly and is
destroyed an hour later.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Final

import msgspec

from causeway.sealed.aead import SealBroken, open_sealed, seal
from causeway.sealed.receipt import ConversationKeys
from causeway.sealed.signing import SigningKey
from causeway.wire.base64url import b64decode, b64encode
from causeway.wire.errors import FormatError
from causeway.wire.intake import Action
from causeway.wire.sizes import HASH_BYTES, ID_BYTES

__all__ = ["TICKET_LENGTH_MAX", "Ticket", "TicketLost", "open_ticket", "seal_ticket"]

_AAD = b"causeway/ticket/1"
TICKET_LENGTH_MAX: Final = 4_096


class TicketLost(FormatError):
    """A ticket whose key is gone, or that never was one."""


class Ticket(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a next message needs. The words are not in it, nor is the secret key of answers.

    Attributes:
        seed: Of the conversation's signature key.
        tag_key: By which answers are found.
        answer_key: The public key that answers are sealed to.
        retry_key: Makes the ids of messages, see `message_id`.
        first_answer: Number of the first answer shown.
        last_answer: Number of the last one.
    """

    seed: bytes
    tag_key: bytes
    answer_key: bytes
    retry_key: bytes
    first_answer: int = 0
    last_answer: int = 0

    def __repr__(self) -> str:
        """Show no key."""
        return "Ticket(…)"

    @classmethod
    def of(cls, keys: ConversationKeys, *, retry_key: bytes, shown: Sequence[int] = ()) -> Ticket:
        """Make a conversation's ticket: `retry_key` is 32 fresh random bytes, `shown` are numbers."""
        first, last = min(shown, default=0), max(shown, default=0)
        return cls(keys.signing.seed, keys.tag_key, bytes(keys.answer.public), retry_key, first, last)

    @property
    def signing(self) -> SigningKey:
        """The conversation's signature key."""
        return SigningKey(self.seed)

    def message_id(self, action: Action, text: str, *, files: bytes = b"") -> bytes:
        """Return the id of a message: the same for the same message, another for a changed one.

        So a retry after a dropped connection is known as one, and a text that was changed before
        the retry is not taken for delivered. `files` is the digest of the files that come with it.
        """
        content = f"{action}\0{text}".encode() + (b"\0" + files if files else b"")
        return hmac.digest(self.retry_key, content, "sha256")[:ID_BYTES]


_decoder = msgspec.msgpack.Decoder(Ticket)
_encoder = msgspec.msgpack.Encoder()


def seal_ticket(ticket: Ticket, *, key: bytes) -> str:
    """Return what stands in the hidden field."""
    return b64encode(seal(key, _encoder.encode(ticket), aad=_AAD))


def open_ticket(field: str, *, keys: Sequence[bytes]) -> Ticket:
    """Return the ticket of a hidden field.

    Args:
        field: As it came.
        keys: The nursery's: this hour's and the last one's.

    Raises:
        TicketLost: None of the keys opens it.
    """
    if not 0 < len(field) <= TICKET_LENGTH_MAX:
        raise TicketLost("There is no ticket.")
    try:
        sealed = b64decode(field, size=len(field) * 3 // 4)
    except FormatError:
        raise TicketLost("This is no ticket.") from None
    for key in keys:
        try:
            ticket = _decoder.decode(open_sealed(key, sealed, aad=_AAD))
        except (SealBroken, msgspec.MsgspecError):
            continue
        if len(ticket.seed) == HASH_BYTES:
            return ticket
    raise TicketLost("This ticket has run out.")
