"""Intake slots: sealed by a person for the desks of one centre, opened and checked there."""

from __future__ import annotations

from collections.abc import Sequence

from causeway.sealed.envelope import open_envelope, seal_envelope
from causeway.sealed.hybrid import HybridPublic, HybridSecret
from causeway.sealed.receipt import conversation_id
from causeway.sealed.signing import SignatureRefused, SigningKey, verify
from causeway.wire.errors import FormatError
from causeway.wire.intake import IntakeMessage, encode_intake, parse_intake
from causeway.wire.sizes import SIGNATURE_BYTES, SLOT_BYTES

__all__ = ["open_intake", "seal_intake"]

_DOMAIN = b"causeway/intake/1"


def seal_intake(message: IntakeMessage, *, signing: SigningKey, recipient: HybridPublic) -> bytes:
    """Return the slot (32,768 bytes) that carries a message to whoever holds the intake key.

    Raises:
        TooLarge: The message does not fit.
    """
    content = signing.blob(encode_intake(message), domain=_DOMAIN)
    return seal_envelope(content, recipient=recipient, size=SLOT_BYTES)


def open_intake(slot: bytes, *, slot_id: bytes, secrets: Sequence[HybridSecret]) -> IntakeMessage:
    """Return the message of a slot, which then is its conversation's own and in its right place.

    Steps:
        1. The slot opens with one of the intake keys.
        2. The message has its form, and its answer key is one that can be sealed to.
        3. Its signature is its own key's. (The key stands in the payload, so the form is read first.)
        4. Its conversation is derived from that key.
        5. It lies in the slot that it was written for.

    Whether the conversation is known under the same keys is for the caller to compare.

    Raises:
        AgeError, FormatError, HybridError, SignatureRefused: The step that failed.
    """
    content = open_envelope(slot, secrets=secrets, size=SLOT_BYTES)  # 1
    payload = content[SIGNATURE_BYTES:]
    message = parse_intake(payload)
    HybridPublic(message.answer_key)  # 2
    verify(content[:SIGNATURE_BYTES], payload, key=message.verify_key, domain=_DOMAIN)  # 3
    if conversation_id(message.verify_key) != message.conversation:  # 4
        raise SignatureRefused("A message names a conversation that is not its own.")
    if message.message != slot_id:  # 5
        raise FormatError("A message lies in a slot that it was not written for.")
    return message
