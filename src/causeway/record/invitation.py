"""The three texts by which a new desk comes in (docs/FORMAT.md, section 15): invitation, answer, opening.

They are pasted through any messenger, so whoever runs it, or sits in between, may read and alter them. What
holds is the six words that both sides read to each other afterwards. The inviter is bound to all that it will
open before it sees anything of the joiner's, and the joiner speaks before it sees what was opened: nobody in
between can choose one side's bytes after having seen the other's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from causeway.errors import LocalError, RemoteError
from causeway.record.entry import device_id
from causeway.record.errors import RecordError
from causeway.record.wrapping import WrappingKey, verify_wrapping_key
from causeway.sealed.age import AgeError, open_age, seal
from causeway.sealed.compare import compare_words
from causeway.sealed.hybrid import HybridPublic, HybridSecret
from causeway.sealed.signing import SigningKey, open_blob
from causeway.units import Day
from causeway.wire.sizes import HASH_BYTES, ID_BYTES, SIGNATURE_BYTES

__all__ = [
    "INVITATION_DAYS",
    "NONCE_BYTES",
    "Answer",
    "Invitation",
    "Opening",
    "Pasted",
    "TextRefused",
    "commitment_to",
    "encode_invitation",
    "encode_opening",
    "joining_words",
    "open_opening",
    "read_answer",
    "read_invitation",
    "read_text",
    "seal_opening",
    "sign_answer",
    "write_text",
]

INVITATION_DAYS: Final = 7
NONCE_BYTES: Final = 32

_CHECK_BYTES: Final = 4
_ANSWER: Final = b"causeway/answer/1"
_DAY_END: Final = 2**32


class TextRefused(LocalError):
    """A pasted text that can't be used; the sentence says which one is wanted."""


class Pasted(StrEnum):
    """Which of the three texts one is; the word stands at its beginning."""

    INVITATION = "invitation"
    ANSWER = "answer"
    OPENING = "opening"


# ---- As text ----

_WANTED: Final = {
    Pasted.INVITATION: "This is no invitation. It begins with causeway-invitation and ends with a full stop.",
    Pasted.ANSWER: "This is no answer. It begins with causeway-answer and ends with a full stop.",
    Pasted.OPENING: "This is not the text. It begins with causeway-opening and ends with a full stop.",
}

_TEXT: Final = re.compile(r"causeway-(invitation|answer|opening)\.([A-Za-z0-9+/]+)\.")


def write_text(kind: Pasted, content: bytes) -> str:
    """Return bytes as a text that survives a messenger: no signs that one turns into italics or links."""
    checked = content + hashlib.sha256(content).digest()[:_CHECK_BYTES]
    return f"causeway-{kind}.{base64.b64encode(checked).decode().rstrip('=')}."


def read_text(text: str, *, kind: Pasted) -> bytes:
    """Return the bytes of a pasted text; what stands before and behind it makes no difference.

    Raises:
        TextRefused: It is none, another of the three, or not whole.
    """
    # Line breaks, and the signs without width that some messengers put into long words.
    tidy = re.sub(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]", "", text)
    found = [match for match in _TEXT.finditer(tidy) if match[1] == kind]
    if not found:
        raise TextRefused(_WANTED[kind])
    body = found[-1][2]
    try:
        checked = base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except binascii.Error:
        checked = b""
    content, check = checked[:-_CHECK_BYTES], checked[-_CHECK_BYTES:]
    if hashlib.sha256(content).digest()[:_CHECK_BYTES] != check:
        raise TextRefused("The text was altered on its way, or not copied whole. Copy it again, all of it.")
    return content


# ---- The invitation ----


class Invitation(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the inviter sends first: where the door is, whose centre it is, and what will be opened.

    Attributes:
        fingerprint: The root's, 16 bytes.
        commitment: To the opening, 32 bytes.
        last_day: After it the inviter takes no answer.
    """

    format: int = 1
    door_url: str
    fingerprint: bytes
    commitment: bytes
    last_day: int


class Opening(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the inviter shows last.

    Attributes:
        nonce: 32 random bytes, so that nobody can guess what the commitment is to.
        device: Ed25519 key of the inviter's device, the coordinator's: it signs parcel and roster.
        centre, inviter: Names.
        member: Id (16 bytes), and `name` and `role`, of whoever is invited.
        second_laptop: For a member who is there already.
    """

    format: int = 1
    nonce: bytes
    device: bytes
    centre: str
    inviter: str
    member: bytes
    name: str
    role: str
    second_laptop: bool


_encoder = msgspec.msgpack.Encoder()
_invitations = msgspec.msgpack.Decoder(Invitation)
_openings = msgspec.msgpack.Decoder(Opening)


def encode_opening(opening: Opening) -> bytes:
    """Return the bytes that the invitation commits to."""
    return _encoder.encode(opening)


def commitment_to(opening: bytes) -> bytes:
    """Return the commitment, 32 bytes, to an encoded opening: it tells nothing and binds to every byte."""
    return hashlib.sha256(b"causeway/opening/1\0" + opening).digest()


def encode_invitation(invitation: Invitation) -> bytes:
    """Return the bytes of an invitation."""
    return _encoder.encode(invitation)


def read_invitation(content: bytes, *, today: Day) -> Invitation:
    """Return an invitation that may still be answered. Nothing in it is certain before the six words.

    Raises:
        TextRefused: It does not have its form, or has run out.
    """
    try:
        found = _invitations.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise TextRefused("The invitation is of another version of Causeway.") from None
    sizes_fit = len(found.fingerprint) == ID_BYTES and len(found.commitment) == HASH_BYTES
    if found.format != 1 or not sizes_fit or not 0 <= found.last_day < _DAY_END:
        raise TextRefused("The invitation is of another version of Causeway.")
    if today > found.last_day:
        raise TextRefused("The invitation has run out. Ask for a new one.")
    return found


# ---- The answer ----


class _AnswerForm(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    format: int
    commitment: bytes
    nonce: bytes
    device: bytes
    pq_hash: bytes
    board_key: bytes
    wrapping: bytes


_answers = msgspec.msgpack.Decoder(_AnswerForm)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the joiner says: its new desk's keys.

    Attributes:
        commitment: Of the invitation that it answers.
        device: Ed25519 key (32 bytes); its holder signed this.
        pq_hash: SHA-256 of the ML-DSA key.
        board_key: For its place on the board, if it gets one.
        wrapping: Its wrapping key, which the device signed.
        named: The item by which it names that key to all (type 4).
    """

    commitment: bytes
    device: bytes
    pq_hash: bytes
    board_key: bytes
    wrapping: WrappingKey
    named: bytes

    @property
    def device_id(self) -> bytes:
        """The id (16 bytes) that the key gives the device."""
        return device_id(self.device)


def sign_answer(
    *, commitment: bytes, nonce: bytes, device: SigningKey, pq_hash: bytes, board_key: bytes, named: bytes
) -> bytes:
    """Return a joiner's answer, signed by its new device.

    Args:
        nonce: 32 random bytes: without them who sits in between could know the words beforehand.
        named: From `record.wrapping.sign_wrapping_key`.
    """
    form = _AnswerForm(1, commitment, nonce, device.public, pq_hash, board_key, named)
    return device.blob(_encoder.encode(form), domain=_ANSWER)


def read_answer(content: bytes, *, today: Day) -> Answer:
    """Return an answer that holds in itself. Whose it is only the six words tell.

    Raises:
        TextRefused: It does not have its form, or its device did not sign it.
    """
    try:
        form = _answers.decode(content[SIGNATURE_BYTES:])
        _check_sizes(form)
        open_blob(content, key=form.device, domain=_ANSWER)
        wrapping = verify_wrapping_key(form.wrapping, device_key=form.device, today=today)
    except (msgspec.MsgspecError, UnicodeDecodeError, RemoteError) as error:
        raise TextRefused(_said_of(error)) from None
    return Answer(
        commitment=form.commitment,
        device=form.device,
        pq_hash=form.pq_hash,
        board_key=form.board_key,
        wrapping=wrapping,
        named=form.wrapping,
    )


def _said_of(error: Exception) -> str:
    if isinstance(error, RecordError) and "day" in error.what:
        return "The clock of the new laptop, or of this one, is wrong by more than a day."
    return "The answer is of another version of Causeway, or was altered."


def _check_sizes(form: _AnswerForm) -> None:
    hashes = (form.commitment, form.nonce, form.device, form.pq_hash, form.board_key)
    if form.format != 1 or any(len(one) != HASH_BYTES for one in hashes):
        raise RecordError("An answer does not have its form.")


# ---- The opening ----


def seal_opening(opening: bytes, *, wrapping: HybridPublic) -> bytes:
    """Return the opening for the joiner's eyes: names and a role are not the messenger's business."""
    return seal(opening, recipient=wrapping)


def open_opening(content: bytes, *, commitment: bytes, wrapping: HybridSecret) -> tuple[Opening, bytes]:
    """Return the opening, and its bytes for the words, if it is what the invitation committed to.

    Raises:
        TextRefused: It is for another desk, or not what was committed to.
    """
    try:
        encoded = open_age(content, secrets=[wrapping])
    except AgeError:
        raise TextRefused("This text was not made for this laptop's answer.") from None
    if commitment_to(encoded) != commitment:
        raise TextRefused(
            "This text does not belong to the invitation. Somebody may have altered one of the two."
        )
    try:
        opening = _openings.decode(encoded)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise TextRefused("The text is of another version of Causeway.") from None
    sizes_fit = len(opening.nonce) == len(opening.device) == HASH_BYTES and len(opening.member) == ID_BYTES
    if opening.format != 1 or not sizes_fit:
        raise TextRefused("The text is of another version of Causeway.")
    return opening, encoded


def joining_words(*, invitation: bytes, answer: bytes, opening: bytes) -> dict[str, tuple[str, ...]]:
    """Return the six words over all three texts as each side has them, in every list."""
    return compare_words(b"causeway/joining-words/1", compared=(invitation, answer, opening))
