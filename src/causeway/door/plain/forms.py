"""What each form does: from fields to the page that answers it. Knows no socket of the visitor's."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from causeway.door.pages import LANGUAGES
from causeway.door.plain.files import FileSink
from causeway.door.plain.reading import BoardDoubtful, look_for_answers, take_any_bucket
from causeway.door.plain.relay import Relay, RelayAway, RelayRefused
from causeway.door.plain.ticket import TICKET_LENGTH_MAX, Ticket, TicketLost, open_ticket, seal_ticket
from causeway.errors import RemoteError
from causeway.sealed.hybrid import HybridPublic
from causeway.sealed.intake import seal_intake
from causeway.sealed.receipt import Receipt, conversation_id
from causeway.sealed.sheet import verify_sheet
from causeway.sealed.words import OneWordWrong, ReceiptError, UnknownWord
from causeway.units import KIB, Day
from causeway.wire.intake import Action, IntakeMessage, SendingPath
from causeway.wire.sheet import DoorSheet
from causeway.wire.sizes import HASH_BYTES, TEXT_UNITS_MAX
from causeway.wire.text import clean_text, utf16_units

__all__ = ["FIELDS", "TAKES_FILES", "Desk", "View", "answer_form"]

_LANGUAGE_BYTES = 64
_TEXT_BYTES = 96 * KIB
_WORDS_BYTES = 4 * KIB
_ACTION_BYTES = 16

FIELDS: Final[Mapping[str, Mapping[str, int]]] = {
    "/start": {"language": _LANGUAGE_BYTES},
    "/send": {"language": _LANGUAGE_BYTES, "ticket": TICKET_LENGTH_MAX, "text": _TEXT_BYTES},
    "/read": {"language": _LANGUAGE_BYTES, "words": _WORDS_BYTES},
    "/act": {
        "language": _LANGUAGE_BYTES,
        "ticket": TICKET_LENGTH_MAX,
        "action": _ACTION_BYTES,
        "text": _TEXT_BYTES,
    },
}
"""Every form with its fields, and how many bytes each may have. More text than can be sent is let in, so that
it can be shown again."""


TAKES_FILES: Final = frozenset({"/send", "/act"})
"""The forms that files may come with, in fields named `file`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A page to render: its name, and what it shows."""

    name: str
    shown: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Name the page alone: what it shows is somebody's own."""
        return f"View({self.name!r})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """What a form needs to be answered.

    Attributes:
        relay: Where messages go and answers come from.
        root: Fingerprint of the centre's root, or `None`.
        ticket_keys: The nursery's, newest first.
        today: The UTC day.
        random: Returns as many random bytes as it is asked for.
        languages: What the door offers.
    """

    relay: Relay
    root: bytes | None
    ticket_keys: Sequence[bytes]
    today: Day
    random: Callable[[int], bytes] = os.urandom
    languages: Sequence[str] = LANGUAGES


class _Unsendable(Exception):
    """Nothing can be sent now, for a reason that the pages have words for."""

    def __init__(self, problem: str) -> None:
        self.problem = problem


def _sheet(desk: Desk) -> DoorSheet:
    try:
        blob = desk.relay.sheet()
    except RelayAway:
        raise _Unsendable("unreachable") from None
    if blob is None:
        raise _Unsendable("not_open_yet")
    try:
        return verify_sheet(blob, fingerprint=desk.root, today=desk.today)
    except RemoteError:
        raise _Unsendable("unchecked") from None


def _deliver(
    desk: Desk, ticket: Ticket, *, language: str, action: Action, text: str, files: FileSink | None = None
) -> None:
    """Seal a message and put it.

    Raises:
        _Unsendable: No relay, no room, no sheet to believe.
    """
    sheet = _sheet(desk)
    signing = ticket.signing
    message = IntakeMessage(
        conversation=conversation_id(signing.public),
        message=ticket.message_id(action, text, files=files.digest if files else b""),
        tag_key=ticket.tag_key,
        answer_key=ticket.answer_key,
        verify_key=signing.public,
        path=SendingPath.PLAIN,
        language=language,
        action=action,
        first_answer=ticket.first_answer,
        last_answer=ticket.last_answer,
        text=text,
        files=files.attachments if files else (),
    )
    recipient = HybridPublic(sheet.intake_key(desk.today).key)
    try:
        desk.relay.put_intake(message.message, seal_intake(message, signing=signing, recipient=recipient))
    except RelayRefused as refused:
        raise _Unsendable("busy" if refused.busy else "full" if refused.full else "failed") from None
    except RelayAway:
        raise _Unsendable("unreachable") from None


def _start(desk: Desk, fields: Mapping[str, str], language: str, files: FileSink | None) -> View:
    """Show words, before anything is written: nothing can be sent that its words don't open."""
    try:
        _sheet(desk)
    except _Unsendable as unsendable:
        return View(name="problem", shown={"problem_key": unsendable.problem})
    return View(name="write", shown={**_new_words(desk, language), "text": ""})


def _new_words(desk: Desk, language: str) -> dict[str, Any]:
    receipt = Receipt.generate(random=desk.random)
    ticket = Ticket.of(receipt.keys(), retry_key=desk.random(HASH_BYTES))
    return {"words": receipt.words(language), "ticket": seal_ticket(ticket, key=desk.ticket_keys[0])}


def _send(desk: Desk, fields: Mapping[str, str], language: str, files: FileSink | None) -> View:
    """Send a first text; who took longer than a ticket lasts gets new words beside their text."""
    view = _deliver_text(desk, fields, language, files)
    if view.shown.get("problem_key") != "expired":
        return view
    return View(
        name="write", shown={**view.shown, **_new_words(desk, language), "problem_key": "expired_anew"}
    )


def _deliver_text(desk: Desk, fields: Mapping[str, str], language: str, files: FileSink | None) -> View:
    """Send a text. Whatever prevents it, the text comes back in the same form."""
    text = clean_text(fields["text"])
    again = {"words": (), "ticket": fields["ticket"], "text": text}
    try:
        if files is not None and files.problem is not None:
            raise _Unsendable(files.problem)
        if not text.strip() and not (files and files.attachments):
            raise _Unsendable("empty")
        if utf16_units(text) > TEXT_UNITS_MAX:
            raise _Unsendable("too_long")
        ticket = open_ticket(fields["ticket"], keys=desk.ticket_keys)
        _deliver(desk, ticket, language=language, action=Action.WRITE, text=text, files=files)
    except TicketLost:
        return View(name="write", shown={**again, "problem_key": "expired"})
    except _Unsendable as unsendable:
        return View(name="write", shown={**again, "problem_key": unsendable.problem})
    return View(name="sent")


def _read(desk: Desk, fields: Mapping[str, str], language: str, files: FileSink | None) -> View:
    """Look for an answer. The relay is asked the same, whatever the words are."""
    try:
        keys = Receipt.from_text(fields["words"]).keys()
    except ReceiptError as error:
        take_any_bucket(desk.relay, root=desk.root, today=desk.today)
        shown = {"problem_key": _receipt_problem(error)}
        if isinstance(error, UnknownWord):
            shown["word"] = error.word
        return View(name="return", shown=shown)
    try:
        found = look_for_answers(desk.relay, keys=keys, root=desk.root, today=desk.today)
    except RelayAway:
        return View(name="return", shown={"problem_key": "failed"})
    except BoardDoubtful:
        return View(name="return", shown={"problem_key": "unchecked"})
    if found.doubtful:
        return View(name="return", shown={"problem_key": "unchecked"})
    answers = [{"n": answer.n, "day": answer.day, "text": answer.text} for answer in found.answers]
    numbers = [answer.n for answer in found.answers]
    ticket = Ticket.of(keys, retry_key=desk.random(HASH_BYTES), shown=numbers)
    shown_answers = {
        "answers": answers,
        "closed": found.closed,
        "more": found.more,
        "ticket": seal_ticket(ticket, key=desk.ticket_keys[0]),
    }
    if found.unreadable:
        shown_answers["problem_key"] = "answer_unreadable"
    return View(name="answers", shown=shown_answers)


def _receipt_problem(error: ReceiptError) -> str:
    if isinstance(error, UnknownWord):
        return "unknown_word"
    return "one_word_wrong" if isinstance(error, OneWordWrong) else "word_count"


def _act(desk: Desk, fields: Mapping[str, str], language: str, files: FileSink | None) -> View:
    """Do what one of the buttons under an answer says."""
    if fields["action"] not in set(Action):
        return View(name="problem", shown={"problem_key": "broken_form"})
    action = Action(fields["action"])
    if action is Action.WRITE:
        view = _deliver_text(desk, fields, language, files)
        return View(name="done") if view.name == "sent" else view
    text = clean_text(fields["text"]) if action is Action.FORCED else ""
    if utf16_units(text) > TEXT_UNITS_MAX:
        return View(name="problem", shown={"problem_key": "too_long"})
    try:
        ticket = open_ticket(fields["ticket"], keys=desk.ticket_keys)
        _deliver(desk, ticket, language=language, action=action, text=text)
    except (TicketLost, _Unsendable):
        return View(name="problem", shown={"problem_key": "failed"})
    return View(name="done")


_FORMS: Final[Mapping[str, Callable[[Desk, Mapping[str, str], str, FileSink | None], View]]] = {
    "/start": _start,
    "/send": _send,
    "/read": _read,
    "/act": _act,
}


def answer_form(
    path: str, fields: Mapping[str, str], *, desk: Desk, files: FileSink | None = None
) -> tuple[View, str]:
    """Do what a form asks.

    Args:
        path: One of `FIELDS`.
        fields: All its fields.
        desk: What it takes.
        files: The files that came with it.

    Returns:
        The page, and its language: the one of the form, if the door offers it.
    """
    language = fields["language"] if fields["language"] in desk.languages else desk.languages[0]
    return _FORMS[path](desk, fields, language, files), language
