"""What a route is given and gives back, and the small parsers for path, query and head."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import parse_qsl

from causeway.relay.lanes import Lane
from causeway.relay.refusals import Refused
from causeway.relay.store import Kind
from causeway.wire.sizes import BOARD_SLOTS, CAPABILITY_BYTES, HASH_BYTES, ID_BYTES

__all__ = ["Answer", "Call", "hash_bearer", "setup_code", "slot_id_of"]

_HEX = re.compile(r"[0-9a-f]*")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")
_DAY_MAX = 2**32 - 1
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx with its body."""

    status: int
    body: bytes = b""
    media_type: bytes = b"application/octet-stream"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was let in, its body read.

    Attributes:
        path: The variable parts of the path, unchecked.
        query: The query string, unchecked.
        body: Within the sizes that the rule gives.
        lane: The lane that it came by.
        credential_hash: SHA-256 of the capability or setup code that let it in, empty for visitors.
    """

    path: Mapping[str, str]
    query: bytes
    body: bytes
    lane: Lane
    credential_hash: bytes

    def slot_id(self) -> bytes:
        """Return the path's id; `Refused` 400 unless it is 32 lower-case hex digits."""
        return slot_id_of(self.path)

    def digest(self) -> bytes:
        """Return the path's SHA-256; `Refused` 400 unless it is 64 lower-case hex digits."""
        return _from_hex(self.path["digest"], HASH_BYTES)

    def kind(self) -> Kind:
        """Return `intake`, `record` or `chunk`; `Refused` 400 for anything else."""
        kind = _KINDS.get(self.path["kind"])
        if kind is None:
            raise Refused(400, "slots are intake, record or chunk")
        return kind

    def day(self) -> int:
        """Return the path's day; `Refused` 400 unless it is a plain number of 32 bits."""
        return _number(self.path["day"], _DAY_MAX)

    def board_slot(self) -> int:
        """Return the path's board slot; `Refused` 400 unless it is 0 to 15."""
        return _number(self.path["slot"], BOARD_SLOTS - 1)

    def query_ids(self, *, at_most: int) -> list[bytes]:
        """Return the ids of `?ids=hex,hex…`, each once; `Refused` 400 for none, too many, malformed."""
        try:
            fields = parse_qsl(self.query.decode("ascii"), max_num_fields=1, strict_parsing=True)
        except ValueError:
            raise Refused(400, "malformed query") from None
        if len(fields) != 1 or fields[0][0] != "ids":
            raise Refused(400, "malformed query")
        texts = fields[0][1].split(",")
        if len(texts) > at_most:
            raise Refused(400, "too many ids")
        return list(dict.fromkeys(_from_hex(text, ID_BYTES) for text in texts))


def slot_id_of(path: Mapping[str, str]) -> bytes:
    """Return the id in a path; `Refused` 400 unless it is 32 lower-case hex digits."""
    return _from_hex(path["id"], ID_BYTES)


def _from_hex(text: str, size: int) -> bytes:
    if len(text) != size * 2 or _HEX.fullmatch(text) is None:
        raise Refused(400, "malformed id")
    return bytes.fromhex(text)


def _number(text: str, most: int) -> int:
    if _NUMBER.fullmatch(text) is None or int(text) > most:
        raise Refused(400, "malformed number")
    return int(text)


def hash_bearer(header: bytes | None) -> bytes | None:
    """Return the SHA-256 of the capability in an Authorization header, `None` unless it has the form of one.

    The capability itself is not handed on.
    """
    scheme, _, text = (header or b"").partition(b" ")
    if scheme.lower() != b"bearer" or b"=" in text:
        return None
    try:
        capability = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return hashlib.sha256(capability).digest() if len(capability) == CAPABILITY_BYTES else None


def setup_code(header: bytes | None) -> bytes | None:
    """Return the setup code in an Authorization header, `None` where there is none."""
    scheme, _, code = (header or b"").partition(b" ")
    return code if scheme.lower() == b"setup" and code else None
