"""What can be wrong with an age file, in the classes of the public test vectors.

Source: C2SP/CCTV age/README.md, key `expect`. "armor failure" has no class: armor is not read.
"""

from __future__ import annotations

from causeway.errors import RemoteError

__all__ = ["AgeError", "ForeignRecipients", "HeaderFailure", "MacFailure", "NoKeyFits", "PayloadFailure"]


class AgeError(RemoteError):
    """An age file that could not be opened."""


class HeaderFailure(AgeError):
    """Not an age v1 file, or a stanza of our kind that is malformed."""


class ForeignRecipients(AgeError):
    """A well-formed header with several stanzas, or with one of another kind than ours."""


class NoKeyFits(AgeError):
    """One stanza of our kind, which none of the secrets given opens."""


class MacFailure(AgeError):
    """Our stanza opened, but the header was altered."""


class PayloadFailure(AgeError):
    """The header is sound, but the payload was altered, cut short or added to."""
