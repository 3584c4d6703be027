"""The form of an intake message: what one person's browser tells the desk (docs/FORMAT.md, section 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from causeway.wire.attachments import FILES_MAX, Attachment, AttachmentForm, attachment_form, parse_attachment
from causeway.wire.base64url import b64decode, b64encode
from causeway.wire.errors import FormatError
from causeway.wire.sizes import HASH_BYTES, ID_BYTES, TEXT_UNITS_MAX
from causeway.wire.text import clean_text, utf16_units

__all__ = [
    "HYBRID_PUBLIC_BYTES",
    "Action",
    "IntakeMessage",
    "SendingPath",
    "encode_intake",
    "parse_intake",
]

HYBRID_PUBLIC_BYTES = 1_216
_LANGUAGE = re.compile(r"[A-Za-z0-9-]{1,16}", re.ASCII)


class Action(StrEnum):
    """What the person did; `forced` says that somebody made them open the conversation."""

    WRITE = "write"
    READ = "read"
    CLOSE = "close"
    FORCED = "forced"


class SendingPath(StrEnum):
    """Where the message was encrypted: in the browser, or without script at the door."""

    SCRIPT = "script"
    PLAIN = "plain"


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeMessage:
    """One message of a person, in the clear. Never leaves memory but inside an envelope.

    Attributes:
        conversation: 16 bytes, derived from `verify_key`.
        message: 16 bytes, also the id of the slot that carries it.
        tag_key: 32 bytes, by which answers are found on the board.
        answer_key: 1,216 bytes, the hybrid public key that answers are sealed to.
        verify_key: 32 bytes, Ed25519; signs this and every later message.
        language: BCP 47 tag of the page it was written on.
        last_answer: Number of the last answer seen; 0 for none.
        first_answer: Number of the first answer that was seen with it: what did not fit onto the page is not
            acknowledged.
        files: At most `FILES_MAX`, in the order in which the person added them; their chunks were put before
            this message was.
        text: At most 8,000 UTF-16 units, clean (`clean_text`).
    """

    conversation: bytes
    message: bytes
    tag_key: bytes
    answer_key: bytes
    verify_key: bytes
    path: SendingPath
    language: str
    action: Action
    last_answer: int
    text: str
    first_answer: int = 0
    files: tuple[Attachment, ...] = ()

    def __repr__(self) -> str:
        """Name the kind alone: a message must not reach a log by way of a traceback."""
        return "IntakeMessage(…)"


class _Form(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    v: int
    conversation: str
    message: str
    tag_key: str
    answer_key: str
    verify_key: str
    path: SendingPath
    language: str
    action: Action
    first_answer: int
    last_answer: int
    text: str
    files: list[AttachmentForm]


_decoder = msgspec.json.Decoder(_Form)
_encoder = msgspec.json.Encoder()


def encode_intake(message: IntakeMessage) -> bytes:
    """Return the JSON of a message."""
    return _encoder.encode(
        _Form(
            v=1,
            conversation=b64encode(message.conversation),
            message=b64encode(message.message),
            tag_key=b64encode(message.tag_key),
            answer_key=b64encode(message.answer_key),
            verify_key=b64encode(message.verify_key),
            path=message.path,
            language=message.language,
            action=message.action,
            first_answer=message.first_answer,
            last_answer=message.last_answer,
            text=message.text,
            files=[attachment_form(attachment) for attachment in message.files],
        )
    )


def parse_intake(payload: bytes) -> IntakeMessage:
    """Return the message that the JSON holds. The caller has to have verified its signature.

    Raises:
        FormatError: Any deviation from the form.
    """
    try:
        form = _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # msgspec's words may quote the value that it refused.
        raise FormatError("The message is not the JSON that it should be.") from None
    if form.v != 1:
        raise FormatError("The message has a version that this software does not know.")
    if not 0 <= form.first_answer <= form.last_answer < 2**31 or not _LANGUAGE.fullmatch(form.language):
        raise FormatError("The message has a number or a language tag out of range.")
    if utf16_units(form.text) > TEXT_UNITS_MAX or clean_text(form.text) != form.text:
        raise FormatError("The message's text is too long or holds control characters.")
    if len(form.files) > FILES_MAX:
        raise FormatError("The message has more files than a message can have.")
    if (form.text or form.files) and form.action not in {Action.WRITE, Action.FORCED}:
        raise FormatError("A message that only acts carries a text or a file.")
    return IntakeMessage(
        conversation=b64decode(form.conversation, size=ID_BYTES),
        message=b64decode(form.message, size=ID_BYTES),
        tag_key=b64decode(form.tag_key, size=HASH_BYTES),
        answer_key=b64decode(form.answer_key, size=HYBRID_PUBLIC_BYTES),
        verify_key=b64decode(form.verify_key, size=HASH_BYTES),
        path=form.path,
        language=form.language,
        action=form.action,
        first_answer=form.first_answer,
        last_answer=form.last_answer,
        text=form.text,
        files=tuple(parse_attachment(attachment) for attachment in form.files),
    )
