"""The one kind of stanza that is written and opened here: `mlkem768x25519`.

Source: C2SP age.md, "mlkem768x25519 recipient stanza".
"""

from __future__ import annotations

from typing import Final

from causeway.sealed.age._header import Stanza, decode_base64, encode_base64
from causeway.sealed.age.errors import HeaderFailure
from causeway.sealed.hybrid import (
    ENCAPSULATION_SIZE,
    HybridError,
    HybridPublic,
    HybridSecret,
    hpke_open,
    hpke_seal,
)

__all__ = ["FILE_KEY_SIZE", "KIND", "unwrap", "wrap"]

KIND: Final = "mlkem768x25519"
FILE_KEY_SIZE: Final = 16
_BODY_SIZE: Final = FILE_KEY_SIZE + 16
_INFO: Final = b"age-encryption.org/mlkem768x25519"


def wrap(file_key: bytes, *, recipient: HybridPublic) -> Stanza:
    """Seal a file key to a recipient."""
    sealed = hpke_seal(file_key, recipient=recipient, info=_INFO)
    share = encode_base64(sealed[:ENCAPSULATION_SIZE]).decode("ascii")
    return Stanza((KIND, share), sealed[ENCAPSULATION_SIZE:])


def unwrap(stanza: Stanza, *, secret: HybridSecret) -> bytes | None:
    """Open a stanza.

    Returns:
        The 16-byte file key, or `None` where the stanza is of another kind or sealed to another key.

    Raises:
        HeaderFailure: Of our kind and malformed. The size of the body is checked before any key is
            tried, as age.md demands against partitioning oracles.
    """
    if stanza.arguments[0] != KIND:
        return None
    if len(stanza.arguments) != 2:
        raise HeaderFailure("a hybrid stanza has two arguments", arguments=len(stanza.arguments))
    share = decode_base64(stanza.arguments[1].encode("ascii"))
    if len(share) != ENCAPSULATION_SIZE or len(stanza.body) != _BODY_SIZE:
        raise HeaderFailure("a hybrid stanza has another size", share=len(share), body=len(stanza.body))
    try:
        return hpke_open(share + stanza.body, secret=secret, info=_INFO)
    except HybridError:
        raise HeaderFailure("the share of a hybrid stanza is of low order") from None
