"""The public age vectors (C2SP/CCTV, npm cctv-age): every one of the 143, in exactly one table.

Where a vector is for another kind of recipient, its header is parsed, the file key that it states
stands in for the stanza, and `open_age` must refuse the file.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from base64 import b64decode
from dataclasses import dataclass

import pytest

from causeway.sealed.age import (
    AgeError,
    ForeignRecipients,
    HeaderFailure,
    MacFailure,
    NoKeyFits,
    PayloadFailure,
    open_age,
)
from causeway.sealed.age._header import encode_base64, parse, serialise
from causeway.sealed.age._keys import check_mac, payload_key
from causeway.sealed.age._recipient import KIND, unwrap
from causeway.sealed.age._stream import open_chunks, seal_chunks
from causeway.sealed.hybrid import HybridSecret
from tests.sealed.node_packages import package_directory

FAILURES: dict[str, type[AgeError]] = {
    "header failure": HeaderFailure,
    "no match": NoKeyFits,
    "HMAC failure": MacFailure,
    "payload failure": PayloadFailure,
}

# One stanza, of our kind: through `open_age` from end to end.
OURS = """
    hybrid hybrid_bad_tag hybrid_currupted_enc_mlkem hybrid_currupted_enc_x25519 hybrid_extra_argument
    hybrid_identity hybrid_long_file_key hybrid_long_share hybrid_low_order hybrid_no_match
    hybrid_not_canonical_body hybrid_not_canonical_enc hybrid_short_share
""".split()

# A stanza of our kind among others: age opens these, and we refuse them.
MIXED = "hybrid_and_x25519 hybrid_grease hybrid_multiple_recipients".split()

# Of any kind, but the fault is in the grammar of the file, so that the parser must refuse.
UNREADABLE = """
    empty header_crlf version_unsupported
    hmac_extra_space hmac_garbage hmac_missing hmac_no_space hmac_not_canonical hmac_trailing_space
    hmac_truncated
    scrypt_not_canonical_body x25519_not_canonical_body
    stanza_bad_start stanza_base64_padding stanza_empty_argument stanza_invalid_character stanza_long_line
    stanza_missing_body stanza_missing_final_line stanza_multiple_short_lines stanza_no_arguments
    stanza_not_canonical stanza_spurious_cr
    stream_no_nonce stream_short_nonce
""".split()

# A header failure inside a stanza of a kind that is not ours: readable, and refused as foreign.
FOREIGN_FAULTS = """
    hybrid_x25519_arg
    scrypt_and_x25519 scrypt_double scrypt_extra_argument scrypt_long_file_key scrypt_not_canonical_salt
    scrypt_salt_long scrypt_salt_missing scrypt_salt_short scrypt_work_factor_23 scrypt_work_factor_hex
    scrypt_work_factor_leading_garbage scrypt_work_factor_leading_plus
    scrypt_work_factor_leading_zero_decimal scrypt_work_factor_leading_zero_octal
    scrypt_work_factor_missing scrypt_work_factor_negative scrypt_work_factor_overflow
    scrypt_work_factor_trailing_garbage scrypt_work_factor_zero
    x25519_extra_argument x25519_identity x25519_long_file_key x25519_long_share x25519_low_order
    x25519_not_canonical_share x25519_short_share
""".split()

# "no match" in a kind that is not ours (or in no kind, for the letters' case): refused as foreign.
FOREIGN_NO_MATCH = """
    hybrid_uppercase scrypt_bad_tag scrypt_no_match scrypt_uppercase scrypt_work_factor_wrong
    x25519_bad_tag x25519_lowercase x25519_no_match
""".split()

# Sound stanzas of another kind: MAC and payload are checked with the file key that the vector states.
BY_FILE_KEY = """
    hmac_bad scrypt x25519 x25519_grease x25519_multiple_recipients
    stanza_empty_body stanza_empty_last_line stanza_valid_characters
    stream_257_chunks stream_257_chunks_full stream_258_chunks stream_empty_payload stream_last_chunk_full
    stream_last_chunk_full_second stream_three_chunks stream_two_chunks
    stream_bad_tag stream_bad_tag_second_chunk stream_bad_tag_second_chunk_full stream_last_chunk_empty
    stream_missing_tag stream_no_chunks stream_no_final stream_no_final_full stream_no_final_two_chunks
    stream_no_final_two_chunks_full stream_short_chunk stream_short_second_chunk
    stream_trailing_garbage_long stream_trailing_garbage_short stream_two_final_chunks
    stream_two_final_chunks_full stream_two_final_chunks_second stream_two_final_chunks_short
""".split()

# A reader of streams has given out a last chunk before it meets what follows, or a full one before
# it misses the last. We know the end beforehand, and give out one chunk less.
RELEASES_LESS = {
    "stream_no_final_full",
    "stream_no_final_two_chunks_full",
    "stream_trailing_garbage_long",
    "stream_trailing_garbage_short",
    "stream_two_final_chunks",
    "stream_two_final_chunks_full",
    "stream_two_final_chunks_second",
}

# Armor is not read: an armored file is no age file to us, whatever is wrong with its armor.
ARMORED = """
    armor_crlf armor_empty armor_empty_last_line armor_empty_line_begin armor_empty_line_end
    armor_eol_between_padding armor_full_last_line armor_garbage_encoded armor_garbage_leading
    armor_garbage_trailing armor_header_crlf armor_headers armor_hybrid armor_invalid_character_header
    armor_invalid_character_payload armor_long_line armor_lowercase armor_no_end_line armor_no_eol
    armor_no_match armor_no_padding armor_not_canonical armor_pgp_checksum armor_scrypt armor_short_line
    armor_whitespace_begin armor_whitespace_end armor_whitespace_eol armor_whitespace_last_line
    armor_whitespace_line_start armor_whitespace_outside armor_wrong_type armor_x25519
""".split()

READABLE = [*MIXED, *FOREIGN_FAULTS, *FOREIGN_NO_MATCH, *BY_FILE_KEY]


@dataclass(frozen=True)
class Vector:
    expect: str
    armored: bool
    payload_sha256: str | None
    file_key: bytes
    secrets: list[HybridSecret]
    file: bytes

    @classmethod
    def read(cls, data: bytes) -> Vector:
        head, _, file = data.partition(b"\n\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\n")]
        first = {key: value for key, value in reversed(fields)}
        identities = [value for key, value in fields if key == "identity"]
        return cls(
            expect=first["expect"],
            armored="armored" in first,
            payload_sha256=first.get("payload"),
            file_key=bytes.fromhex(first["file key"]),
            secrets=[HybridSecret.from_identity(text) for text in identities if "-PQ-" in text],
            file=zlib.decompress(file) if "compressed" in first else file,
        )


@pytest.fixture(scope="module")
def vectors() -> dict[str, Vector]:
    script = (package_directory("cctv-age") / "index.js").read_text()
    found = re.findall(r'^// \.\./testdata/(\w+)\nvar \w+ = __toBinary\("([^"]*)"\);$', script, re.MULTILINE)
    return {name: Vector.read(b64decode(data)) for name, data in found}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_every_vector_stands_in_one_table(vectors: dict[str, Vector]) -> None:
    tables = [OURS, MIXED, UNREADABLE, FOREIGN_FAULTS, FOREIGN_NO_MATCH, BY_FILE_KEY, ARMORED]
    assert [len(table) for table in tables] == [13, 3, 25, 27, 8, 34, 33]
    listed = [name for table in tables for name in table]
    assert sorted(listed) == sorted(vectors)
    assert len(listed) == 143
    assert {name for name in vectors if vectors[name].armored} == set(ARMORED)


@pytest.mark.parametrize("name", OURS)
def test_files_for_one_hybrid_key(vectors: dict[str, Vector], name: str) -> None:
    vector = vectors[name]
    if vector.expect == "success":
        assert sha256(open_age(vector.file, secrets=vector.secrets)) == vector.payload_sha256
        return
    with pytest.raises(AgeError) as caught:
        open_age(vector.file, secrets=vector.secrets)
    assert type(caught.value) is FAILURES[vector.expect]


@pytest.mark.parametrize("name", MIXED)
def test_our_stanza_opens_among_others_but_the_file_is_refused(vectors: dict[str, Vector], name: str) -> None:
    vector = vectors[name]
    ours = [stanza for stanza in parse(vector.file).stanzas if stanza.arguments[0] == KIND]
    opened = [unwrap(stanza, secret=secret) for stanza in ours for secret in vector.secrets]
    assert vector.file_key in opened
    with pytest.raises(ForeignRecipients):
        open_age(vector.file, secrets=vector.secrets)


@pytest.mark.parametrize("name", UNREADABLE)
def test_the_parser_refuses(vectors: dict[str, Vector], name: str) -> None:
    vector = vectors[name]
    assert vector.expect == "header failure"
    with pytest.raises(HeaderFailure):
        parse(vector.file)
    with pytest.raises(HeaderFailure):
        open_age(vector.file, secrets=vector.secrets)


@pytest.mark.parametrize("name", READABLE)
def test_a_readable_header_writes_back_the_same(vectors: dict[str, Vector], name: str) -> None:
    file = parse(vectors[name].file)
    assert serialise(file.stanzas) == file.authenticated
    ending = b" " + encode_base64(file.mac) + b"\n" + file.nonce + file.payload
    assert file.authenticated + ending == vectors[name].file


@pytest.mark.parametrize(
    ("name", "expect"),
    [
        *((name, "header failure") for name in FOREIGN_FAULTS),
        *((name, "no match") for name in FOREIGN_NO_MATCH),
    ],
)
def test_faults_in_foreign_stanzas(vectors: dict[str, Vector], name: str, expect: str) -> None:
    vector = vectors[name]
    assert vector.expect == expect
    file = parse(vector.file)
    assert all(stanza.arguments[0] != KIND for stanza in file.stanzas)
    check_mac(file, file_key=vector.file_key)
    with pytest.raises(ForeignRecipients):
        open_age(vector.file, secrets=[HybridSecret.from_seed(bytes(32)), *vector.secrets])


@pytest.mark.parametrize("name", [*BY_FILE_KEY, *MIXED])
def test_mac_and_payload_by_the_stated_file_key(vectors: dict[str, Vector], name: str) -> None:
    vector = vectors[name]
    file = parse(vector.file)
    if vector.expect == "HMAC failure":
        with pytest.raises(MacFailure):
            check_mac(file, file_key=vector.file_key)
        return
    check_mac(file, file_key=vector.file_key)
    key = payload_key(vector.file_key, nonce=file.nonce)
    chunks: list[bytes] = []
    if vector.expect == "success":
        chunks.extend(open_chunks(file.payload, key=key))
        assert b"".join(seal_chunks(b"".join(chunks), key=key)) == file.payload
    else:
        assert vector.expect == "payload failure"
        with pytest.raises(PayloadFailure):
            chunks.extend(open_chunks(file.payload, key=key))
    matches = sha256(b"".join(chunks)) == vector.payload_sha256
    assert matches == (name not in RELEASES_LESS)


@pytest.mark.parametrize("name", ARMORED)
def test_armor_is_not_read(vectors: dict[str, Vector], name: str) -> None:
    with pytest.raises(HeaderFailure):
        open_age(vectors[name].file, secrets=vectors[name].secrets)
