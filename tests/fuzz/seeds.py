"""Small invented examples of what each parser reads, made by the writers: a fuzzer begins with them."""

from __future__ import annotations

import gzip
import hashlib
from typing import Final

from causeway.record.entry import SealedEntry, encode_entry
from causeway.sealed.age import seal
from causeway.sealed.attendance import sign_attendance
from causeway.sealed.board import build_publication
from causeway.sealed.sheet import appoint, sign_sheet
from causeway.sealed.signing import HybridSigningKey, SigningKey
from causeway.sealed.words import DIGITS, encode_receipt
from causeway.units import Day, Week, week_of
from causeway.wire.answer import Answer, AnswerSheet, encode_answers
from causeway.wire.attendance import Attendance
from causeway.wire.board import join_indexes, split_publication
from causeway.wire.intake import Action, IntakeMessage, SendingPath, encode_intake
from causeway.wire.items import Item, pack_items
from causeway.wire.padding import pad
from causeway.wire.sheet import DoorSheet, IntakeKey
from tests.fuzz.targets import INTAKE, TARGETS

__all__ = ["seeds_of"]

_DAY: Final = Day(20_800)
_ENTROPY: Final = bytes(range(11))
_MULTIPART: Final = (
    b'--b\r\nContent-Disposition: form-data; name="language"\r\n\r\nru\r\n'
    b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nHelp.\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
    b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0 invented\r\n--b--\r\n"
)


def _message() -> bytes:
    return encode_intake(
        IntakeMessage(
            conversation=b"c" * 16,
            message=b"m" * 16,
            tag_key=b"t" * 32,
            answer_key=bytes(INTAKE.public),
            verify_key=b"v" * 32,
            path=SendingPath.PLAIN,
            language="ru",
            action=Action.WRITE,
            last_answer=0,
            text="Invented words.",
        )
    )


def _sheet() -> list[bytes]:
    root, device = HybridSigningKey(b"r" * 32), SigningKey(b"d" * 32)
    boards = tuple(SigningKey(bytes([slot]) * 32).public for slot in range(16))
    week = week_of(_DAY)
    blob = sign_sheet(
        DoorSheet(
            serial=1,
            day=_DAY,
            root=root.public,
            root_pq=hashlib.sha256(root.pq_public).digest(),
            device=device.public,
            appointment=appoint(device.public, root=root, last_day=Day(_DAY + 400)),
            intake=tuple(IntakeKey(week=Week(week + i), key=bytes(INTAKE.public)) for i in range(3)),
            boards=boards,
            bundle=b"b" * 32,
            texts=b"t" * 32,
        ),
        device=device,
    )
    return [blob, blob[64:]]


def _entry() -> bytes:
    return encode_entry(
        SealedEntry(
            version=1,
            compartment=b"c" * 16,
            epoch=b"e" * 16,
            device=b"d" * 16,
            sequence=1,
            previous=bytes(32),
            nonce=b"n" * 12,
            sealed=b"sealed",
            signature=b"s" * 64,
        )
    )


def _board() -> list[bytes]:
    publication = build_publication([], slot=0, day=_DAY, board=SigningKey(bytes(32)))
    index, buckets = split_publication(publication)
    return [join_indexes({0: index}), index[64:], buckets[0][:256]]


def _answers() -> bytes:
    answer = Answer(n=1, day=_DAY, text="Come on Tuesday.")
    return encode_answers(AnswerSheet(conversation=b"c" * 16, closed=False, more=False, answers=(answer,)))


def _made() -> dict[str, list[bytes]]:
    line = sign_attendance(Attendance(slot=0, day=_DAY), board=SigningKey(bytes(32)))
    return {
        "form": [
            b"\x01\x00\xffticket=&text=Help.&language=ru",
            b"\x02\x00\x07words=one+two&language=en",
            b"\x01\x01\xff" + _MULTIPART,
            b"\x03\x01\x05" + _MULTIPART,
        ],
        "content_type": [
            b"multipart/form-data; boundary=b\n" + _MULTIPART,
            b"application/x-www-form-urlencoded; charset=utf-8\ntext=a",
            b'multipart/form-data; boundary="a\\"b"\n--a',
        ],
        "request": [
            b"POST /send HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\ntext=a",
            b"POST /send HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ],
        "passage": [
            b"PUT /v1/intake/" + b"0" * 32,
            b"GET /v1/slots/chunk?ids=" + b"0" * 32,
            b"GET /v1/bucket/" + b"a" * 64,
        ],
        "ticket": [b"A" * 120, bytes(200)],
        "language": [b"ru-RU,ru;q=0.8,en-US;q=0.5", b"*;q=0,fa"],
        "work": [b"A" * 22 + b"." + b"A" * 11],
        "own_texts": [
            'msgid "Send"\nmsgstr "Отправить сейчас"\n'.encode(),
            b'msgid ""\nmsgstr ""\n"A: b\\n"\n',
        ],
        "words": [" ".join(encode_receipt(_ENTROPY, lang=lang)).encode() for lang in ("en", "ru", DIGITS)],
        "names": [
            b"IMG_0001.jpg",
            "снимок экрана.png".encode(),
            b"../../etc/passwd",
            b"CON.txt",
            b"\xff\xd8\xff",
        ],
        "intake": [_message()],
        "intake_slot": [_message(), bytes(64) + _message(), seal(_message(), recipient=INTAKE.public)],
        "age": [
            seal(b"invented", recipient=INTAKE.public),
            b"age-encryption.org/v1\n-> X25519 a\nb\n--- c\n",
        ],
        "envelope": [*pack_items([Item(type=1, content=b"invented")], size=128)],
        "entry": [_entry()],
        "padding": [pad(b"invented", size=32)],
        "answers": [_answers()],
        "board": _board(),
        "sheet": _sheet(),
        "attendance": [line, line[64:]],
        "listings": [b"\0\0\x51\x40" * 2, b"i" * 48, b'{"day":20800}', b"0" * 32],
        "page": [
            gzip.compress(b"<p>one</p>", mtime=0),
            b'<script type="module" data-language="ru" data-languages="en ru">x</script><p>one</p>' * 2,
        ],
    }


_SEEDS: Final = _made()


def seeds_of(name: str) -> list[bytes]:
    """Return the examples of a target; every one has some."""
    if _SEEDS.keys() != TARGETS.keys():
        raise AssertionError("a target without seeds, or seeds without a target")
    return _SEEDS[name]
