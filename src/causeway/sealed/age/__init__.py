"""age v1 files with exactly one recipient, of the kind `mlkem768x25519`, and of no other kind.

What is not here on purpose: X25519, scrypt and tagged recipients, several recipients, ASCII armor
(an armored file is a `HeaderFailure`), and reading a part of a file. age does not say who wrote a
file: whoever opens one must check a signature inside it.

Source: C2SP age.md.
"""

from causeway.sealed.age._file import (
    FILE_OVERHEAD,
    open_age,
    plaintext_capacity,
    seal,
    seal_to_size,
    sealed_size,
)
from causeway.sealed.age.errors import (
    AgeError,
    ForeignRecipients,
    HeaderFailure,
    MacFailure,
    NoKeyFits,
    PayloadFailure,
)

__all__ = [
    "FILE_OVERHEAD",
    "AgeError",
    "ForeignRecipients",
    "HeaderFailure",
    "MacFailure",
    "NoKeyFits",
    "PayloadFailure",
    "open_age",
    "plaintext_capacity",
    "seal",
    "seal_to_size",
    "sealed_size",
]
