"""One target for each parser of bytes that come from outside.

A target takes bytes. It returns, or raises what that parser declares (`Target.declared`); anything else is a
fault: another error, a broken round trip, a process that hangs or grows. Where there is a writer, what was
read is written and read again.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from causeway.desk.viewer.shapes import HEAD_BYTES, shape_of
from causeway.desk.web.file_names import disposition, saved_name
from causeway.door.forward._table import find
from causeway.door.pages import LANGUAGES, attendance_of, choose_language, edition_of
from causeway.door.plain.files import FileSink
from causeway.door.plain.form import read_form
from causeway.door.plain.forms import FIELDS, TAKES_FILES
from causeway.door.plain.http import Connection, RequestRefused
from causeway.door.plain.relay import Relay
from causeway.door.plain.ticket import Ticket, TicketLost, open_ticket, seal_ticket
from causeway.errors import Error, LocalError, RemoteError
from causeway.record.entry import decode_entry, encode_entry, open_with
from causeway.relay.puzzle import Puzzles
from causeway.sealed.age import open_age, seal
from causeway.sealed.board import choose_bucket, verify_indexes
from causeway.sealed.chunks import open_chunk
from causeway.sealed.envelope import open_envelope
from causeway.sealed.hybrid import HybridSecret
from causeway.sealed.intake import open_intake
from causeway.sealed.parcel import open_parcel
from causeway.sealed.receipt import Receipt
from causeway.sealed.sheet import verify_sheet
from causeway.sealed.signing import SigningKey
from causeway.sealed.slots import open_slot
from causeway.sealed.words import DIGITS, ReceiptError, decode_receipt, encode_receipt, find_words
from causeway.sync.browser import decoded, word_list
from causeway.sync.core import parse_days, parse_ids, parse_slots, parse_status_day
from causeway.sync.differing import first_difference
from causeway.units import Day
from causeway.wire.answer import encode_answers, parse_answers
from causeway.wire.attachments import CHUNK_ROOM, clean_media_type, clean_name
from causeway.wire.attendance import encode_attendance, parse_attendance, split_attendance
from causeway.wire.board import (
    cells_of,
    encode_index,
    join_indexes,
    parse_index,
    split_indexes,
    split_publication,
)
from causeway.wire.ids import id_from_hex
from causeway.wire.intake import encode_intake, parse_intake
from causeway.wire.items import pack_items, unpack_items
from causeway.wire.padding import pad, unpad
from causeway.wire.sheet import encode_sheet, parse_sheet
from causeway.wire.sizes import BOARD_SLOTS, BUCKET_BYTES, CHUNK_BYTES, ID_BYTES, PARCEL_BYTES, SLOT_BYTES
from causeway.wire.text import clean_text, utf16_units

__all__ = ["INTAKE", "TARGETS", "TICKET_KEY", "TRANSPORT", "Target"]

INTAKE: Final = HybridSecret.from_seed(b"i" * 32)
TRANSPORT: Final = b"t" * 32
TICKET_KEY: Final = b"k" * 32
_BOARDS: Final = tuple(SigningKey(bytes([slot]) * 32).public for slot in range(BOARD_SLOTS))
_DAY: Final = Day(20_800)


class _Relay:
    """Takes every chunk. The network is not what is tried here."""

    def put_chunk(self, chunk_id: bytes, chunk: bytes) -> None:
        check(len(chunk) == CHUNK_BYTES and len(chunk_id) == ID_BYTES, "a chunk without its size")


def check(holds: bool, what: str) -> None:
    """Fail, however Python was started."""
    if not holds:
        raise AssertionError(what)


def _pieces(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


# ---- The door: forms, uploads, requests ----

_KINDS: Final = (
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "multipart/form-data; boundary=----geckoformboundary",
)


def form(data: bytes) -> None:
    """A form, in any of the ways that a browser sends one, in pieces of any size."""
    path = list(FIELDS)[data[0] % len(FIELDS)] if data else "/send"
    kind = _KINDS[data[1] % len(_KINDS)] if len(data) > 1 else _KINDS[0]
    size = 1 + (data[2] if len(data) > 2 else 0)
    files = FileSink(cast("Relay", _Relay())) if path in TAKES_FILES else None
    fields = read_form(_pieces(data[3:], size), content_type=kind, allowed=FIELDS[path], files=files)
    check(fields.keys() == FIELDS[path].keys(), "a form without all its fields")
    whole = FileSink(cast("Relay", _Relay())) if path in TAKES_FILES else None
    again = read_form([data[3:]], content_type=kind, allowed=FIELDS[path], files=whole)
    check(again == fields, "how a form is cut changes what it says")
    if files is not None and whole is not None:
        check(files.digest == whole.digest, "how a form is cut changes its files")


def content_type(data: bytes) -> None:
    """A form whose own kind is what is invented."""
    head, _, body = data.partition(b"\n")
    read_form([body], content_type=head.decode("latin-1"), allowed=FIELDS["/send"])


def request(data: bytes) -> None:
    """A request on a socket, ended by the visitor."""
    ours, theirs = socket.socketpair()
    connection = Connection(ours)
    try:
        theirs.sendall(data[:60_000])
        theirs.shutdown(socket.SHUT_WR)
        head = connection.head()
        for _ in connection.body(head, upload=True):
            pass
    finally:
        theirs.close()
        connection.close()


def passage(data: bytes) -> None:
    """A path and a method at the forwarder, and a query."""
    text = data.decode("latin-1")
    method, _, rest = text.partition(" ")
    path, _, query = rest.partition("?")
    found = find(path, method=method)
    if found is not None and not isinstance(found, tuple):
        check(path.startswith("/v1/"), "a path from outside passes")
        found.query.fullmatch(query.encode("latin-1"))


def ticket(data: bytes) -> None:
    """The hidden field of a form; and a ticket with anything inside."""
    with contextlib.suppress(TicketLost):
        open_ticket(data.decode("latin-1"), keys=[TICKET_KEY])
    if len(data) >= 96:
        made = Ticket(data[:32], data[32:64], data[96:160], data[64:96], len(data), len(data) + 1)
        check(open_ticket(seal_ticket(made, key=TICKET_KEY), keys=[TICKET_KEY]) == made, "a lost ticket")


def language(data: bytes) -> None:
    """What a browser asks for."""
    check(choose_language(data.decode("latin-1"), languages=LANGUAGES) in LANGUAGES, "no language")


def work(data: bytes) -> None:
    """The solution of a puzzle."""
    puzzles = Puzzles(random=bytes, monotonic=lambda: 0.0)
    check(not puzzles.is_solved(data, slot_id=bytes(16), bits=255), "a solution of what has none")


def own_texts(data: bytes) -> None:
    """A centre's own catalogue."""
    edition_of(["ru"], {"ru.po": data})


# ---- Words and names ----


def words(data: bytes) -> None:
    """Words as somebody types them."""
    typed = _text(data)
    find_words(typed)
    entropy = decode_receipt(typed)
    for lang in ("en", "ru", DIGITS):
        check(decode_receipt(" ".join(encode_receipt(entropy, lang=lang))) == entropy, "words of another")
    Receipt.from_text(typed)


_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]')


def names(data: bytes) -> None:
    """What a phone calls a file, and what its browser takes it for."""
    claimed = _text(data)
    name = clean_name(claimed)
    check(clean_name(name) == name, "a clean name is not clean")
    check(not _FORBIDDEN.search(name) and utf16_units(name) <= 80, "a name that misleads")
    kind = clean_media_type(claimed)
    check(clean_media_type(kind) == kind and kind.isascii(), "a media type that is none")
    shape = shape_of(data[:HEAD_BYTES])
    for one in (None, shape):
        saved = saved_name(claimed, shape=one)
        check(saved not in ("", ".", "..") and not _FORBIDDEN.search(saved), "a name that leads elsewhere")
        header = disposition(saved)
        check(header.isascii() and "\r" not in header and "\n" not in header, "a header that goes on")
    text = clean_text(claimed)
    check(clean_text(text) == text, "a clean text is not clean")


# ---- What messages hold ----


def intake(data: bytes) -> None:
    """The inside of a message."""
    message = parse_intake(data)
    check(parse_intake(encode_intake(message)) == message, "a message is another when it is written")


def intake_slot(data: bytes) -> None:
    """A slot that claims to be a message, and the same bytes well sealed."""
    with contextlib.suppress(RemoteError):
        open_intake(data.ljust(SLOT_BYTES, b"\0")[:SLOT_BYTES], slot_id=bytes(16), secrets=[INTAKE])
    open_intake(seal(data, recipient=INTAKE.public), slot_id=bytes(16), secrets=[INTAKE])


def age(data: bytes) -> None:
    """An age file."""
    open_age(data, secrets=[INTAKE])


def envelope(data: bytes) -> None:
    """A slot of the record, and the items in one; an envelope for a device."""
    with contextlib.suppress(RemoteError):
        open_slot(data.ljust(SLOT_BYTES, b"\0")[:SLOT_BYTES], slot_id=bytes(16), transport_key=TRANSPORT)
    with contextlib.suppress(RemoteError):
        open_envelope(data, secrets=[INTAKE], size=max(len(data), 2_048))
    with contextlib.suppress(RemoteError):
        open_parcel(
            data.ljust(PARCEL_BYTES, b"\0")[:PARCEL_BYTES],
            device_key=_BOARDS[0],
            secrets=[INTAKE],
            newer_than=0,
        )
    with contextlib.suppress(RemoteError):
        open_chunk(data.ljust(CHUNK_BYTES, b"\0"), file_key=TRANSPORT, number=0, size=CHUNK_ROOM)
    items = list(unpack_items(data))
    if items:
        blocks = pack_items(items, size=max(len(data), 64))
        check([one for block in blocks for one in unpack_items(block)] == items, "items are others")


def entry(data: bytes) -> None:
    """An entry of the record; its inside under a key that is known."""
    read = decode_entry(data)
    check(decode_entry(encode_entry(read)) == read, "an entry is another when it is written")
    open_with(read, key=TRANSPORT)


def padding(data: bytes) -> None:
    """Padding, off and on."""
    check(unpad(pad(data, size=len(data) + 8)) == data, "padding takes something away")
    unpad(data)


def answers(data: bytes) -> None:
    """The inside of a page of answers."""
    sheet = parse_answers(data)
    check(parse_answers(encode_answers(sheet)) == sheet, "answers are others when they are written")


# ---- What the relay serves ----


def board(data: bytes) -> None:
    """The board, one index, a publication, a bucket."""
    with contextlib.suppress(RemoteError):
        index = parse_index(data)
        check(encode_index(index) == data, "an index is another when it is written")
    with contextlib.suppress(RemoteError):
        split_publication(data)
    with contextlib.suppress(RemoteError):
        cells_of(data.ljust(BUCKET_BYTES, b"\0")[:BUCKET_BYTES])
    genuine = verify_indexes(data, boards=_BOARDS, today=_DAY).genuine
    choose_bucket(genuine, tag_key=TRANSPORT)
    split = split_indexes(data)
    there = {slot: signed for slot, signed in enumerate(split) if signed is not None}
    check(split_indexes(join_indexes(there)) == split, "the board is another when it is written")


def sheet(data: bytes) -> None:
    """A door sheet, signed or not."""
    with contextlib.suppress(RemoteError):
        verify_sheet(data, fingerprint=None, today=_DAY)
    read = parse_sheet(data)
    check(parse_sheet(encode_sheet(read)) == read, "a sheet is another when it is written")


def attendance(data: bytes) -> None:
    """Attendance lines, as a desk reads them and as a page shows them."""
    attendance_of(data, today=_DAY, language="fa")
    attendance_of(data.ljust(1_120, b"\0")[:1_120], today=_DAY, language="ar")
    with contextlib.suppress(RemoteError):
        split_attendance(data)
    line = parse_attendance(data)
    check(encode_attendance(line) == data, "a line is another when it is written")


def listings(data: bytes) -> None:
    """Lists of days and ids, slots, a status."""
    readers: Sequence[Callable[[bytes], object]] = (
        parse_days,
        parse_ids,
        parse_status_day,
        lambda body: parse_slots(body, asked=[body[:ID_BYTES]], slot_bytes=32),
        lambda body: id_from_hex(_text(body)),
    )
    for reader in readers:
        with contextlib.suppress(RemoteError):
            reader(data)


def page(data: bytes) -> None:
    """A page that the watch looks at: packed, without a list of words, unlike the one that was signed."""
    for coding in ("gzip", "deflate", "br"):
        with contextlib.suppress(RemoteError):
            decoded(data, encoding=coding, limit=4_096)
    word_list(data)
    middle = len(data) // 2
    first_difference(data[:middle], expected=data[middle:])


@dataclass(frozen=True, slots=True)
class Target:
    """A parser, and the errors that it declares."""

    run: Callable[[bytes], Any]
    declared: tuple[type[Error], ...] = ()

    def __call__(self, data: bytes) -> None:
        """Try these bytes; raises what is a fault."""
        with contextlib.suppress(*self.declared):
            self.run(data)


TARGETS: Final[dict[str, Target]] = {
    one.run.__name__: one
    for one in (
        Target(form, (RequestRefused,)),
        Target(content_type, (RequestRefused,)),
        Target(request, (RequestRefused,)),
        Target(passage),
        Target(ticket),
        Target(language),
        Target(work),
        Target(own_texts, (LocalError,)),
        Target(words, (ReceiptError,)),
        Target(names),
        Target(intake, (RemoteError,)),
        Target(intake_slot, (RemoteError,)),
        Target(age, (RemoteError,)),
        Target(envelope, (RemoteError,)),
        Target(entry, (RemoteError,)),
        Target(padding, (RemoteError,)),
        Target(answers, (RemoteError,)),
        Target(board, (RemoteError,)),
        Target(sheet, (RemoteError,)),
        Target(attendance, (RemoteError,)),
        Target(listings),
        Target(page),
    )
}
