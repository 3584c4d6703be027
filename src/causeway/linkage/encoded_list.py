r"""An encoded list: what leaves an organisation's machine for the linker, and its bytes.

It carries no name, but it is **not anonymous**. It is made from names and dates of birth, row by row, and
keeps how alike two rows are, since that is what linking needs. What it does not protect against:

- Whoever has the key *and* a register of the population (a state has one) encodes the register and looks up
  every row. The key must never reach the linker; when the table of counts is there, key and encodings are
  destroyed.
- Whoever has the encodings and a register, but no key, can still try: how often bit patterns occur, and which
  rows are alike, leave traces that frequency attacks (Christen, Ranbaduge, Vatsalan & Schnell 2019, IEEE TKDE
  31(11)) and graph matching attacks (Vidanage, Christen, Ranbaduge & Schnell 2020, CIKM) exploit; the latter
  also against hardened encodings (Schäfer, Armknecht & Heng 2024, ACSAC). Hardening raises the price only.
- An organisation that takes part has the key: it can encode any name it likes and, if the linker gives it
  another's encodings, look whether that name is there.
- The number of rows, and how many are written in which script, are plain.

Layout, integers big-endian: `causeway encoded list 1\n` ‖ u16 length of header ‖ header (JSON) ‖ n tickets of
16 bytes, ascending ‖ n encodings of 128 bytes ‖ SHA-256 of all before. Rows stand in the order of their
tickets, which are random: the order of the organisation's own list, often alphabetical, is not in it. Bit `b`
of an encoding is bit `b % 8` of its byte `b // 8`.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from causeway.linkage.errors import EncodedListError

__all__ = [
    "BITS",
    "KEY_CHECK_BYTES",
    "MAX_NAME",
    "MAX_ROWS",
    "TICKET_BYTES",
    "WORDS",
    "EncodedList",
    "ScriptMix",
    "check_comparable",
    "parse_encoded_list",
    "write_encoded_list",
]

BITS: Final = 1024
WORDS: Final = BITS // 64
TICKET_BYTES: Final = 16
KEY_CHECK_BYTES: Final = 16
MAX_ROWS: Final = 5_000_000
MAX_NAME: Final = 60
_MAX_SCHEME: Final = 60
_MAGIC: Final = b"causeway encoded list 1\n"
_MAX_HEADER: Final = 2048
_HASH_BYTES: Final = 32
_ROW_BYTES: Final = TICKET_BYTES + BITS // 8


@dataclass(frozen=True, kw_only=True)
class ScriptMix:
    """How many rows of a list have their names in which script.

    Args:
        cyrillic: Only Cyrillic letters.
        latin: Only Latin letters.
        mixed: Letters of both, beyond a palochka typed as a Latin letter.
        other: Any other script, or no letter at all.
    """

    cyrillic: int = 0
    latin: int = 0
    mixed: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        """Number of rows."""
        return self.cyrillic + self.latin + self.mixed + self.other

    @property
    def main(self) -> str:
        """The script of most rows; `cyrillic` for an empty list, and first of those with equally many."""
        return max((field.name for field in fields(self)), key=lambda name: int(getattr(self, name)))

    @property
    def main_share(self) -> float:
        """Share of rows in the main script, 1 for an empty list."""
        return int(getattr(self, self.main)) / self.total if self.total else 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class EncodedList:
    """An encoded list.

    Args:
        name: What the organisation calls its list; it goes into the table of counts.
        scheme: How rows were encoded; only lists of one scheme can be compared.
        key_check: Keyed hash of the scheme, 16 bytes: equal exactly when two lists were made under one key.
        scripts: In which scripts its names were.
        tickets: uint8, shape (n, 16): random, ascending, each once. Only the organisation knows which row of
            its own list a ticket stands for.
        bits: uint64, shape (n, 16): 1,024 bits a row; bit `b` is bit `b % 64` of word `b // 64`.

    Raises:
        EncodedListError: A field that does not have its form.
    """

    name: str
    scheme: str
    key_check: bytes
    scripts: ScriptMix
    tickets: NDArray[np.uint8]
    bits: NDArray[np.uint64]

    def __post_init__(self) -> None:
        rows = len(self.bits)
        if not _is_label(self.name, longest=MAX_NAME) or not _is_label(self.scheme, longest=_MAX_SCHEME):
            raise EncodedListError("A list's name is one line of printable text.", longest=MAX_NAME)
        if len(self.key_check) != KEY_CHECK_BYTES:
            raise EncodedListError("The key's check does not have its size.", expected_bytes=KEY_CHECK_BYTES)
        if self.bits.shape != (rows, WORDS) or self.bits.dtype != np.uint64:
            raise EncodedListError("The encodings are not rows of 1,024 bits.")
        if self.tickets.shape != (rows, TICKET_BYTES) or self.tickets.dtype != np.uint8:
            raise EncodedListError("There is not one ticket for each row.")
        if rows > MAX_ROWS:
            raise EncodedListError("The list has more rows than a list can have.", limit=MAX_ROWS)
        if any(int(getattr(self.scripts, field.name)) < 0 for field in fields(ScriptMix)):
            raise EncodedListError("A number of rows is negative.")
        if self.scripts.total != rows:
            raise EncodedListError("The rows by script don't add up to the rows of the list.")
        _check_ascending(self.tickets)
        self.bits.flags.writeable = False
        self.tickets.flags.writeable = False

    def __len__(self) -> int:
        return len(self.bits)

    @cached_property
    def popcount(self) -> NDArray[np.int64]:
        """Bits set in each row, shape (n,)."""
        counts: NDArray[np.int64] = np.bitwise_count(self.bits).sum(axis=1, dtype=np.int64)
        return counts


class _Scripts(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    cyrillic: int
    latin: int
    mixed: int
    other: int


class _Header(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    key: str
    name: str
    rows: int
    scheme: str
    scripts: _Scripts


def write_encoded_list(encoded: EncodedList) -> bytes:
    """Return the bytes of an encoded list, the same for the same list."""
    mix = encoded.scripts
    header = msgspec.json.encode(
        _Header(
            key=encoded.key_check.hex(),
            name=encoded.name,
            rows=len(encoded),
            scheme=encoded.scheme,
            scripts=_Scripts(cyrillic=mix.cyrillic, latin=mix.latin, mixed=mix.mixed, other=mix.other),
        )
    )
    body = b"".join(
        (
            _MAGIC,
            len(header).to_bytes(2, "big"),
            header,
            encoded.tickets.tobytes(),
            encoded.bits.astype("<u8").tobytes(),
        )
    )
    return body + hashlib.sha256(body).digest()


def parse_encoded_list(raw: bytes) -> EncodedList:
    """Return the encoded list that `raw` is.

    Raises:
        EncodedListError: Anything but what `write_encoded_list` gives.
    """
    if not raw.startswith(_MAGIC):
        raise EncodedListError(
            "This is not an encoded list, or one of a version that this program can't read."
        )
    body, digest = raw[:-_HASH_BYTES], raw[-_HASH_BYTES:]
    start = len(_MAGIC) + 2
    size = int.from_bytes(raw[len(_MAGIC) : start], "big")
    if size > _MAX_HEADER or len(body) < start + size:
        raise EncodedListError("The encoded list is cut off.")
    header = _parse_header(body[start : start + size])
    rows = header.rows
    if not 0 <= rows <= MAX_ROWS or len(body) != start + size + rows * _ROW_BYTES:
        raise EncodedListError("The encoded list does not have the size that its header states.")
    if hashlib.sha256(body).digest() != digest:
        raise EncodedListError("The encoded list was damaged on its way.")
    tickets_end = start + size + rows * TICKET_BYTES
    tickets = np.frombuffer(body[start + size : tickets_end], dtype=np.uint8).reshape(rows, TICKET_BYTES)
    bits = np.frombuffer(body[tickets_end:], dtype="<u8").astype(np.uint64).reshape(rows, WORDS)
    scripts = header.scripts
    return EncodedList(
        name=header.name,
        scheme=header.scheme,
        key_check=_key_check(header.key),
        scripts=ScriptMix(
            cyrillic=scripts.cyrillic, latin=scripts.latin, mixed=scripts.mixed, other=scripts.other
        ),
        tickets=tickets.copy(),
        bits=bits,
    )


def check_comparable(one: EncodedList, other: EncodedList) -> None:
    """Make sure that rows of two lists can be compared.

    Raises:
        EncodedListError: They were made under another key, or in another way.
    """
    if one.scheme != other.scheme:
        raise EncodedListError(
            "Two lists were encoded in different ways. Encode both with the same version and options.",
            one=one.scheme,
            other=other.scheme,
        )
    if one.key_check != other.key_check:
        raise EncodedListError(
            "Two lists were encoded under different keys. Encode both again under the key that all share."
        )


def _parse_header(raw: bytes) -> _Header:
    try:
        header = msgspec.json.decode(raw, type=_Header)
        if msgspec.json.encode(header) != raw:
            raise EncodedListError("The header is not written the one way that it can be.")
    except (msgspec.MsgspecError, UnicodeError):
        raise EncodedListError("The header of the encoded list can't be read.") from None
    return header


def _key_check(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raise EncodedListError("The key's check can't be read.") from None
    if raw.hex() != text:
        raise EncodedListError("The key's check is not written the one way that it can be.")
    return raw


def _is_label(text: str, *, longest: int) -> bool:
    """Whether `text` is one printable line: it is shown on terminals and in reports."""
    return (
        0 < len(text) <= longest
        and text == text.strip()
        and all(unicodedata.category(letter)[0] not in "CZ" or letter == " " for letter in text)
    )


def _check_ascending(tickets: NDArray[np.uint8]) -> None:
    if len(tickets) < 2:
        return
    before, after = tickets[:-1], tickets[1:]
    differ = before != after
    first = differ.argmax(axis=1)[:, None]
    larger = np.take_along_axis(after, first, axis=1) > np.take_along_axis(before, first, axis=1)
    if not (differ.any(axis=1) & larger[:, 0]).all():
        raise EncodedListError("The tickets are not in order, or one stands twice.")
