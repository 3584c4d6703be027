"""A small town: a real relay on loopback, people who write to it as browsers do, and desks."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import threading
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import Any

from causeway.desk.engine import Desk
from causeway.relay import RelayServer, open_keeper
from causeway.sealed.board import choose_bucket, open_cell, verify_indexes
from causeway.sealed.chunks import seal_chunk
from causeway.sealed.hybrid import HybridPublic
from causeway.sealed.intake import seal_intake
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.sealed.receipt import ConversationKeys, Receipt
from causeway.sealed.sheet import verify_sheet
from causeway.sync.client import RelayClient
from causeway.units import day_of
from causeway.wire.answer import AnswerSheet
from causeway.wire.attachments import CHUNK_ROOM, Attachment, AttachmentKind, chunk_count, clean_name
from causeway.wire.intake import Action, IntakeMessage, SendingPath
from tests.relay.running import Clock, quick_config

PASSPHRASE = "nineteen grey herons"


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does; fail after twenty seconds."""
    pause = threading.Event()
    for _ in range(1_000):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError("it never came")


class Town:
    """One relay behind one address."""

    def __init__(self, url: str, code: list[str], clock: Clock, folder: Path) -> None:
        self.url = url
        self.codes = code
        self.clock = clock
        self.folder = folder

    def new_desk(self, name: str = "desk", **settings: Any) -> Desk:
        arguments: dict[str, Any] = {
            "passphrase": PASSPHRASE,
            "centre": "Lantern House",
            "member": "Mira",
            "door_url": self.url,
            "setup_code": self.codes[0] if self.codes else "none",
            "socks": None,
            "profile": CHEAP_FOR_TESTS,
            "clock": self.clock,
        }
        return Desk.create(self.folder / name, **(arguments | settings))

    def open_desk(self, name: str = "desk") -> Desk:
        return Desk.open(self.folder / name, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS, clock=self.clock)

    def visitor(self) -> RelayClient:
        return RelayClient(self.url, socks=None, capability=None)


@contextlib.contextmanager
def town(folder: Path, *, clock: Clock | None = None) -> Iterator[Town]:
    clock = clock or Clock()
    codes: list[str] = []
    with contextlib.ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="relay-")))
        config = quick_config(data / "data")
        keeper = stack.enter_context(open_keeper(config, clock=clock, announce=codes.append))
        server = RelayServer(keeper)
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        thread = threading.Thread(target=server.run, args=(listener,))
        thread.start()
        try:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with RelayClient(url, socks=None, capability=None) as first:
                first.attendance()  # once this is answered the relay has announced its code
            yield Town(url, codes, clock, folder)
        finally:
            server.stop()
            thread.join()


class Person:
    """Somebody who writes in, with nothing but the eight words and a browser."""

    def __init__(self, where: Town) -> None:
        self.town = where
        self.receipt = Receipt.generate()
        self.keys: ConversationKeys = self.receipt.keys()
        self.sent: list[bytes] = []

    @property
    def id(self) -> str:
        return self.keys.conversation.hex()

    def message(self, text: str = "", **changes: Any) -> IntakeMessage:
        fields: dict[str, Any] = {
            "conversation": self.keys.conversation,
            "message": os.urandom(16),
            "tag_key": self.keys.tag_key,
            "answer_key": bytes(self.keys.answer.public),
            "verify_key": self.keys.signing.public,
            "path": SendingPath.SCRIPT,
            "language": "ru",
            "action": Action.WRITE,
            "last_answer": 0,
            "text": text,
        }
        return IntakeMessage(**(fields | changes))

    def sealed(self, message: IntakeMessage) -> bytes:
        with self.town.visitor() as visitor:
            sheet = verify_sheet(visitor.sheet(), fingerprint=None, today=day_of(self.town.clock()))
        key = HybridPublic(sheet.intake_key(day_of(self.town.clock())).key)
        return seal_intake(message, signing=self.keys.signing, recipient=key)

    def put(self, slot_id: bytes, slot: bytes) -> None:
        with self.town.visitor() as visitor:
            visitor.put_intake(slot_id, slot=slot)

    def send(self, text: str = "", **changes: Any) -> IntakeMessage:
        message = self.message(text, **changes)
        self.put(message.message, self.sealed(message))
        self.sent.append(message.message)
        return message

    def put_file(
        self,
        content: bytes,
        name: str = "",
        *,
        kind: AttachmentKind = AttachmentKind.FILE,
        media_type: str = "application/octet-stream",
        but: Container[int] = (),
    ) -> Attachment:
        """Put a file's chunks, but for some, as a browser does; what it returns goes into a message."""
        key = os.urandom(32)
        with self.town.visitor() as visitor:
            for number in range(chunk_count(len(content))):
                piece = content[number * CHUNK_ROOM : (number + 1) * CHUNK_ROOM]
                chunk_id, chunk = seal_chunk(piece, file_key=key, number=number)
                if number not in but:
                    visitor.put_chunk(chunk_id, chunk=chunk)
        size = len(content)
        return Attachment(key=key, kind=kind, name=clean_name(name), media_type=media_type, size=size)

    def look(self) -> AnswerSheet | None:
        """What a return visit shows."""
        today = day_of(self.town.clock())
        with self.town.visitor() as visitor:
            sheet = verify_sheet(visitor.sheet(), fingerprint=None, today=today)
            indexes = verify_indexes(visitor.board(), boards=sheet.boards, today=today)
            choice = choose_bucket(indexes.genuine, tag_key=self.keys.tag_key)
            assert choice is not None
            bucket = visitor.bucket(choice.bucket)
        if choice.cell is None:
            return None
        assert bucket is not None
        return open_cell(bucket, choice, answer=self.keys.answer, conversation=self.keys.conversation)

    def texts(self) -> list[str]:
        sheet = self.look()
        return [] if sheet is None else [answer.text for answer in sheet.answers]
