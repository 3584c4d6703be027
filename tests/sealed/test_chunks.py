from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from causeway.sealed.aead import SealBroken
from causeway.sealed.chunks import chunk_id, open_chunk, seal_chunk
from causeway.wire.attachments import CHUNK_ROOM, FILE_BYTES_MAX, chunk_count, clean_media_type, clean_name
from causeway.wire.errors import FormatError
from causeway.wire.sizes import CHUNK_BYTES

KEY = bytes(range(32))


def hkdf(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    """RFC 5869 with one block, written out."""
    extracted = hmac.digest(salt or bytes(32), secret, hashlib.sha256)
    return hmac.digest(extracted, info + b"\x01", hashlib.sha256)


def test_a_chunk_is_what_the_format_says() -> None:
    identity, chunk = seal_chunk(b"a piece", file_key=KEY, number=3, random=lambda size: b"n" * size)
    assert identity == hkdf(KEY, salt=b"", info=b"causeway/chunk-id/1\x00\x00\x00\x00\x03")[:16]
    key = hkdf(KEY, salt=identity, info=b"causeway/chunk/1")
    assert chunk == b"n" * 12 + ChaCha20Poly1305(key).encrypt(
        b"n" * 12, b"a piece".ljust(262_116, b"\0"), b""
    )
    assert len(chunk) == CHUNK_BYTES


@pytest.mark.parametrize("size", [1, CHUNK_ROOM - 1, CHUNK_ROOM, CHUNK_ROOM + 1, 9 * CHUNK_ROOM + 5])
def test_a_file_comes_back_whole(size: int) -> None:
    file = hashlib.shake_256(b"file").digest(size)
    chunks = [
        seal_chunk(file[n * CHUNK_ROOM : (n + 1) * CHUNK_ROOM], file_key=KEY, number=n)[1]
        for n in range(chunk_count(size))
    ]
    opened = [open_chunk(chunk, file_key=KEY, number=n, size=size) for n, chunk in enumerate(chunks)]
    assert b"".join(opened) == file
    assert len({chunk_id(KEY, n) for n in range(len(chunks))}) == len(chunks)


def test_a_chunk_altered_or_in_anothers_place_does_not_open() -> None:
    _, chunk = seal_chunk(b"x" * CHUNK_ROOM, file_key=KEY, number=0)
    altered = chunk[:500] + bytes([chunk[500] ^ 1]) + chunk[501:]
    with pytest.raises(SealBroken):
        open_chunk(altered, file_key=KEY, number=0, size=2 * CHUNK_ROOM)
    with pytest.raises(SealBroken):
        open_chunk(chunk, file_key=KEY, number=1, size=2 * CHUNK_ROOM)
    with pytest.raises(SealBroken):
        open_chunk(chunk, file_key=bytes(32), number=0, size=2 * CHUNK_ROOM)


def test_what_hides_behind_the_end_of_a_file_is_refused() -> None:
    _, chunk = seal_chunk(b"piece and more", file_key=KEY, number=0)
    with pytest.raises(FormatError):
        open_chunk(chunk, file_key=KEY, number=0, size=5)


@given(chunk=st.binary(max_size=64), number=st.integers(-2, 200), size=st.integers(-2, FILE_BYTES_MAX + 2))
def test_whatever_the_relay_serves_is_ours_or_refused(chunk: bytes, number: int, size: int) -> None:
    for served in (chunk, chunk.ljust(CHUNK_BYTES, b"x")):
        with pytest.raises((FormatError, SealBroken)):
            open_chunk(served, file_key=KEY, number=number, size=size)


def test_a_piece_too_large_is_refused() -> None:
    with pytest.raises(FormatError):
        seal_chunk(bytes(CHUNK_ROOM + 1), file_key=KEY, number=0)


VECTORS = json.loads((Path(__file__).parents[2] / "vectors/chunks.json").read_text())


@pytest.mark.parametrize("case", VECTORS["chunks"])
def test_both_languages_seal_the_same_chunk(case: dict[str, Any]) -> None:
    piece = bytes.fromhex(case.get("piece", case["piece_byte"] * case["piece_bytes"]))
    identity, chunk = seal_chunk(
        piece,
        file_key=bytes.fromhex(VECTORS["key"]),
        number=case["number"],
        random=lambda size: bytes([VECTORS["nonce_byte"]]) * size,
    )
    assert identity.hex() == case["id"]
    assert hashlib.sha256(chunk).hexdigest() == case["sha256"]


def test_both_languages_clean_names_and_types_alike() -> None:
    assert [clean_name(case["typed"]) for case in VECTORS["names"]] == [
        case["name"] for case in VECTORS["names"]
    ]
    assert [clean_media_type(case["typed"]) for case in VECTORS["types"]] == [
        case["type"] for case in VECTORS["types"]
    ]
    assert [chunk_count(size) for size, _ in VECTORS["counts"]] == [count for _, count in VECTORS["counts"]]
