"""Why a round of syncing ended early."""

from __future__ import annotations

from causeway.errors import RemoteError

__all__ = ["LaptopTakenOff", "RelayRefused", "RelayUnreachable"]


class RelayUnreachable(RemoteError):
    """No answer, or half of one: the network, Tor, the door or the relay. Trying again is the remedy."""


class RelayRefused(RemoteError):
    """The relay answered, and said no.

    Args:
        status: HTTP status.
    """

    def __init__(self, what: str, *, status: int) -> None:
        super().__init__(what, status=status)
        self.status = status


class LaptopTakenOff(RelayRefused):
    """The centre has taken this laptop off: its parcel says so, signed by the coordinator's device."""
