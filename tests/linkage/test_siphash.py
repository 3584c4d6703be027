from __future__ import annotations

import numpy as np

from causeway.linkage.siphash import siphash_of_rows

# vectors.h of the authors' reference code, key 00..0f, messages 00..07 and 00..0f, SipHash-2-4 with 64 bits.
KEY = bytes(range(16))


def test_the_authors_vectors() -> None:
    # A row of one word and the number 0 is a message of 16 bytes; so is what the authors hash, if the number
    # is their second word.
    row = np.frombuffer(bytes(range(8)), dtype="<u8").reshape(1, 1)
    assert _plain(bytes(range(8))) == 0x93F5F5799A932462
    assert _plain(bytes(range(15))) == 0xA129CA6149BE45E5
    for at in range(3):
        message = bytes(range(8)) + at.to_bytes(8, "little")
        assert int(siphash_of_rows(row, key=KEY, count=3)[0, at]) == _plain(message)


def test_rows_do_not_disturb_one_another() -> None:
    rows = np.random.default_rng(1).integers(0, 2**63, size=(50, 16), dtype=np.uint64)
    hashes = siphash_of_rows(rows, key=KEY, count=4)
    for row, four in zip(rows, hashes, strict=True):
        assert [_plain(row.tobytes() + at.to_bytes(8, "little")) for at in range(4)] == four.tolist()


def _plain(message: bytes) -> int:
    """SipHash-2-4 as the paper states it, one message at a time."""
    mask = 2**64 - 1
    k = [int.from_bytes(KEY[at : at + 8], "little") for at in (0, 8)]
    v = [
        k[0] ^ 0x736F6D6570736575,
        k[1] ^ 0x646F72616E646F6D,
        k[0] ^ 0x6C7967656E657261,
        k[1] ^ 0x7465646279746573,
    ]

    def turn(x: int, by: int) -> int:
        return ((x << by) | (x >> (64 - by))) & mask

    def rounds(count: int) -> None:
        for _ in range(count):
            v[0] = (v[0] + v[1]) & mask
            v[2] = (v[2] + v[3]) & mask
            v[1], v[3] = turn(v[1], 13) ^ v[0], turn(v[3], 16) ^ v[2]
            v[0] = turn(v[0], 32)
            v[2] = (v[2] + v[1]) & mask
            v[0] = (v[0] + v[3]) & mask
            v[1], v[3] = turn(v[1], 17) ^ v[2], turn(v[3], 21) ^ v[0]
            v[2] = turn(v[2], 32)

    padded = message + bytes(7 - len(message) % 8) + bytes([len(message) & 0xFF])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]
