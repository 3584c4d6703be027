"""Whole age files in memory: seal, open, and the sizes, which are known beforehand.

Nothing of a file is returned before its last chunk was opened, so nobody can act on half a message.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Final

from causeway.errors import LocalError
from causeway.sealed.age._header import MAC_SIZE, NONCE_SIZE, Stanza, encode_base64, parse, serialise
from causeway.sealed.age._keys import check_mac, header_mac, payload_key
from causeway.sealed.age._recipient import FILE_KEY_SIZE, KIND, unwrap, wrap
from causeway.sealed.age._stream import CHUNK_SIZE, TAG_SIZE, open_chunks, seal_chunks, stream_size
from causeway.sealed.age.errors import ForeignRecipients, NoKeyFits
from causeway.sealed.hybrid import ENCAPSULATION_SIZE, HybridPublic, HybridSecret

__all__ = ["FILE_OVERHEAD", "open_age", "plaintext_capacity", "seal", "seal_to_size", "sealed_size"]


def _fixed_size() -> int:
    share = encode_base64(bytes(ENCAPSULATION_SIZE)).decode("ascii")
    header = serialise([Stanza((KIND, share), bytes(FILE_KEY_SIZE + TAG_SIZE))])
    return len(header) + len(b" \n") + len(encode_base64(bytes(MAC_SIZE))) + NONCE_SIZE


FILE_OVERHEAD: Final = _fixed_size()
"""Bytes of header and nonce, the same in every file of ours; the chunks' tags come on top."""


def seal(plaintext: bytes, *, recipient: HybridPublic, random: Callable[[int], bytes] = os.urandom) -> bytes:
    """Write an age file for one recipient.

    Args:
        plaintext: Any number of bytes, none too.
        recipient: Whoever holds the secret half can open the file.
        random: Returns as many random bytes as asked, for file key and nonce. HPKE takes its own
            randomness from OpenSSL, so the file differs each time all the same.

    Returns:
        `sealed_size(len(plaintext))` bytes.
    """
    file_key = random(FILE_KEY_SIZE)
    nonce = random(NONCE_SIZE)
    header = serialise([wrap(file_key, recipient=recipient)])
    mac = encode_base64(header_mac(file_key, authenticated=header))
    chunks = seal_chunks(plaintext, key=payload_key(file_key, nonce=nonce))
    return b"".join([header, b" ", mac, b"\n", nonce, *chunks])


def seal_to_size(
    plaintext: bytes, *, recipient: HybridPublic, size: int, random: Callable[[int], bytes] = os.urandom
) -> bytes:
    """Write an age file of exactly `size` bytes, from a plaintext that was padded for it.

    Raises:
        LocalError: The plaintext has not the one length that gives this size.
    """
    if sealed_size(len(plaintext)) != size:
        raise LocalError("the text was not padded to the size of its file", text=len(plaintext), file=size)
    return seal(plaintext, recipient=recipient, random=random)


def open_age(ciphertext: bytes, *, secrets: Sequence[HybridSecret]) -> bytes:
    """Open a file that was written for one of these secrets. Who wrote it is not known.

    Steps:
        1. The header is well-formed.
        2. It has one stanza, of our kind: recipients are never mixed.
        3. The stanza is well-formed, and one of the secrets opens it.
        4. The header's MAC fits the file key.
        5. Every chunk opens, and the last is the last.

    Raises:
        HeaderFailure: Step 1, or a malformed stanza in step 3.
        ForeignRecipients: Step 2.
        NoKeyFits: Step 3.
        MacFailure: Step 4.
        PayloadFailure: Step 5.
    """
    file = parse(ciphertext)  # 1
    if len(file.stanzas) != 1 or file.stanzas[0].arguments[0] != KIND:  # 2
        raise ForeignRecipients("the file is not for exactly one hybrid key", stanzas=len(file.stanzas))
    for secret in secrets:  # 3
        file_key = unwrap(file.stanzas[0], secret=secret)
        if file_key is not None:
            break
    else:
        raise NoKeyFits("none of the keys here opens this file", keys=len(secrets))
    check_mac(file, file_key=file_key)  # 4
    return b"".join(open_chunks(file.payload, key=payload_key(file_key, nonce=file.nonce)))  # 5


def sealed_size(plaintext_size: int) -> int:
    """Return the exact size of the file that `seal` makes from this many bytes."""
    return FILE_OVERHEAD + stream_size(plaintext_size)


def plaintext_capacity(file_size: int) -> int:
    """Return the largest plaintext whose file takes no more than `file_size` bytes.

    That file is exactly `file_size` long, except where the size would leave a last chunk of 1 to 16
    bytes, which no file has.

    Raises:
        LocalError: Too small for a file without any text.
    """
    room = file_size - FILE_OVERHEAD
    if room < TAG_SIZE:
        raise LocalError("no age file is this small", size=file_size)
    full, rest = divmod(room, CHUNK_SIZE + TAG_SIZE)
    return full * CHUNK_SIZE + max(0, rest - TAG_SIZE)
