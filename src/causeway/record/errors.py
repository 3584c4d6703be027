"""Why an entry is kept aside instead of being folded."""

from __future__ import annotations

from causeway.errors import RemoteError

__all__ = [
    "BeyondCut",
    "Fork",
    "Incomplete",
    "NotReadable",
    "OutOfSequence",
    "ReSigned",
    "RecordError",
    "RemovedDevice",
    "UnknownDevice",
]


class RecordError(RemoteError):
    """An item that can't be taken as it is; `reason` is the word under which it is kept aside."""

    reason = "broken"


class UnknownDevice(RecordError):
    """No roster that this desk knows names the device."""

    reason = "unknown-device"


class RemovedDevice(UnknownDevice):
    """The device was taken off the roster: what it says about itself, or asks for, counts no longer."""

    reason = "removed-device"


class NotReadable(RecordError):
    """The desk holds no key for this compartment and epoch: not an error of anybody's."""

    reason = "not-readable"


class OutOfSequence(RecordError):
    """The entries before this one have not been seen; it can be taken once they have."""

    reason = "out-of-sequence"


class Fork(RecordError):
    """Two signed entries at one place of one chain: proof that a device's key was used twice."""

    reason = "forked"


class BeyondCut(RecordError):
    """Of a removed device, from after what counts of it."""

    reason = "beyond-cut"


class ReSigned(RecordError):
    """Claims to issue another entry again, and does not."""

    reason = "re-signed"


class Incomplete(RecordError):
    """A part of something larger; the other parts have not all come."""

    reason = "incomplete"
