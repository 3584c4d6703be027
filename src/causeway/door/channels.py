"""How the processes of the door speak with each other: three channels that the web process makes.

*Connections* (SOCK_SEQPACKET, web to children): one byte for the lane, and the connection's descriptor.

*Life* (stream): the web process sends the nursery's orders, one line of JSON, and its end is the nursery's
end; the nursery says `r` once when children are warm, and `t` for every connection that a child took.

*Results* (SOCK_SEQPACKET, children to web): a request is one message, and carries a descriptor to answer on:

    put  = 'P' ‖ id (16) ‖ ciphertext   → 'k'
    take = 'T' ‖ id (16)                → ciphertext, or nothing
"""

from __future__ import annotations

from typing import Final

from causeway.units import KIB
from causeway.wire.sizes import ID_BYTES

__all__ = ["ANSWER_SECONDS", "HEAD_BYTES", "KEPT", "PUT", "READY", "RESULT_BYTES_MAX", "TAKE", "TAKEN"]

READY: Final = b"r"
TAKEN: Final = b"t"

PUT: Final = b"P"
TAKE: Final = b"T"
KEPT: Final = b"k"
HEAD_BYTES: Final = 1 + ID_BYTES
ANSWER_SECONDS: Final = 5.0

RESULT_BYTES_MAX: Final = 192 * KIB
"""The longest page is a form with 8,000 units of text in it, every one of them escaped."""
