"""Somebody at the door, as a program: once as the browser with script, once through forms without it.

What a browser's script does, Python does here over the same HTTP; the forms are the real ones.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Final, Protocol, final
from urllib.parse import urlencode, urlsplit

from causeway.drills.pages import read_page
from causeway.errors import LocalError, RemoteError
from causeway.sealed.board import choose_bucket, open_cell, verify_indexes
from causeway.sealed.hybrid import HybridPublic
from causeway.sealed.intake import seal_intake
from causeway.sealed.receipt import ConversationKeys, Receipt
from causeway.sealed.sheet import verify_sheet
from causeway.sealed.words import decode_receipt
from causeway.units import Day
from causeway.wire.intake import Action, IntakeMessage, SendingPath
from causeway.wire.sheet import DoorSheet
from causeway.wire.sizes import ID_BYTES

__all__ = ["DoorAway", "DoorClient", "PlainVisitor", "ScriptVisitor", "Visitor"]

_SECONDS: Final = 60.0
_CREATED: Final = 201
_OK: Final = 200
_SEE_OTHER: Final = 303
_ENTROPY_BYTES: Final = 11


class DoorAway(RemoteError):
    """The door did not answer, or not as it should."""


@final
class DoorClient:
    """One connection per request, as the door has it."""

    def __init__(self, url: str) -> None:
        """Take the door's address, `http://host:port`."""
        self._host = urlsplit(url).netloc

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, str]:
        """Return status, body and the `Location` of an answer.

        Raises:
            DoorAway: No answer.
        """
        connection = HTTPConnection(self._host, timeout=_SECONDS)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("location", "")
        except (OSError, HTTPException) as error:
            raise DoorAway("The door does not answer.", cause=type(error).__name__) from None
        finally:
            connection.close()

    def get(self, path: str) -> bytes:
        """Return what stands at a path.

        Raises:
            DoorAway: Nothing does.
        """
        status, body, _ = self.ask("GET", path)
        if status != _OK:
            raise DoorAway("The door refused a request.", status=status)
        return body


class Visitor(Protocol):
    """What somebody can do at the door."""

    @property
    def entropy(self) -> bytes | None:
        """The 11 bytes behind this person's words, once there are some."""
        ...

    def write(self, text: str) -> None:
        """Send a message, the first one or another."""
        ...

    def read(self) -> tuple[str, ...]:
        """Come back and look for answers."""
        ...

    def act(self, action: Action, text: str = "") -> None:
        """Press one of the buttons under the answers."""
        ...


@final
class ScriptVisitor:
    """The path on which the browser encrypts."""

    def __init__(self, url: str, *, fingerprint: bytes, today: Day, language: str) -> None:
        """Take the link: the door's address and what stands behind its `#`."""
        self.door = DoorClient(url)
        self._fingerprint = fingerprint
        self._today = today
        self._language = language
        self._last_answer = 0
        self._entropy = os.urandom(_ENTROPY_BYTES)
        self._keys: ConversationKeys | None = None

    @property
    def entropy(self) -> bytes:
        """The 11 bytes behind the words."""
        return self._entropy

    def words(self) -> tuple[str, ...]:
        """Return the eight words in the page's language."""
        return Receipt(self._entropy).words(self._language)

    def keys(self) -> ConversationKeys:
        """Return the keys behind the words, derived once."""
        if self._keys is None:
            self._keys = Receipt(self._entropy).keys()
        return self._keys

    def sheet(self) -> DoorSheet:
        """Fetch and verify the door sheet."""
        return verify_sheet(self.door.get("/v1/sheet"), fingerprint=self._fingerprint, today=self._today)

    def seal(self, sheet: DoorSheet, action: Action, text: str) -> tuple[bytes, bytes]:
        """Return a message's id and its slot."""
        keys = self.keys()
        message = IntakeMessage(
            conversation=keys.conversation,
            message=os.urandom(ID_BYTES),
            tag_key=keys.tag_key,
            answer_key=bytes(keys.answer.public),
            verify_key=keys.signing.public,
            path=SendingPath.SCRIPT,
            language=self._language,
            action=action,
            last_answer=self._last_answer,
            text=text,
        )
        recipient = HybridPublic(sheet.intake_key(self._today).key)
        return message.message, seal_intake(message, signing=keys.signing, recipient=recipient)

    def put(self, message_id: bytes, slot: bytes) -> None:
        """Put a slot.

        Raises:
            DoorAway: It was not taken.
        """
        status, _, _ = self.door.ask("PUT", f"/v1/intake/{message_id.hex()}", body=slot)
        if status != _CREATED:
            raise DoorAway("The door took no message.", status=status)

    def write(self, text: str) -> None:
        """Send a message."""
        self.act(Action.WRITE, text)

    def act(self, action: Action, text: str = "") -> None:
        """Send what a button says."""
        self.put(*self.seal(self.sheet(), action, text))

    def read(self) -> tuple[str, ...]:
        """Look for answers: all indexes, exactly one bucket."""
        keys = self.keys()
        indexes = verify_indexes(
            self.door.get("/v1/board"), boards=self.sheet().boards, today=self._today
        ).genuine
        choice = choose_bucket(indexes, tag_key=keys.tag_key)
        if choice is None:
            return ()
        bucket = self.door.get(f"/v1/bucket/{choice.bucket.hex()}")
        if choice.cell is None:
            return ()
        answers = open_cell(bucket, choice, answer=keys.answer, conversation=keys.conversation).answers
        self._last_answer = max((answer.n for answer in answers), default=self._last_answer)
        return tuple(answer.text for answer in answers)


@final
class PlainVisitor:
    """The path without script: forms, as a browser sends them."""

    def __init__(self, url: str, *, language: str) -> None:
        """Take the door's address."""
        self._door = DoorClient(url)
        self._language = language
        self._words: tuple[str, ...] = ()
        self._ticket = ""

    @property
    def entropy(self) -> bytes | None:
        """The 11 bytes behind the words that the door has shown."""
        return decode_receipt(" ".join(self._words)) if self._words else None

    def start(self) -> None:
        """Ask for words."""
        page = read_page(self.fetch(self.post("/start")))
        if not page.words or not page.tickets:
            raise DoorAway("The door shows no words.")
        self._words, self._ticket = page.words, page.tickets["send"]

    def write(self, text: str) -> None:
        """Send a message: the first one from the page with the words, others from under the answers."""
        if self._words:
            self.act(Action.WRITE, text)
        else:
            self.start()
            self.send_first(text)

    def send_first(self, text: str) -> None:
        """Send the message that the words were shown for.

        Raises:
            DoorAway: The door shows the form again, so it took none.
        """
        if read_page(self.fetch(self.post("/send", ticket=self._ticket, text=text))).tickets:
            raise DoorAway("The door took no message.")

    def read(self) -> tuple[str, ...]:
        """Look for answers with the words."""
        page = read_page(self.fetch(self.post("/read", words=" ".join(self._words))))
        self._ticket = page.tickets.get("act", "")
        return page.answers

    def leave_answers_waiting(self) -> None:
        """Ask for answers, and go before the page with them is fetched."""
        self.post("/read", words=" ".join(self._words))

    def act(self, action: Action, text: str = "") -> None:
        """Press a button under the answers.

        Raises:
            LocalError: They were not looked at before.
        """
        if not self._ticket:
            raise LocalError("The answers have to be looked at first.")
        page = self.fetch(self.post("/act", ticket=self._ticket, action=action.value, text=text))
        if read_page(page).tickets:
            raise DoorAway("The door took no message.")

    def post(self, path: str, **fields: str) -> str:
        """Send a form and return where its result waits, without fetching it.

        Raises:
            DoorAway: The door refused it.
        """
        body = urlencode({"language": self._language, **fields}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _, location = self._door.ask("POST", path, body=body, headers=headers)
        if status != _SEE_OTHER or not location.startswith("/r/"):
            raise DoorAway("The door refused a form.", status=status)
        return location

    def fetch(self, location: str) -> str:
        """Fetch a result."""
        return self._door.get(location).decode()
