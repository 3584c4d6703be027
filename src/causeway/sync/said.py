"""What a door was told to say. A module of its own: the door's processes need no more of `sync`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["DoorSaid"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorSaid:
    """What a door was told to say: the options `--offer`, `--texts`, `--exit-url` and `--also-at`.

    Attributes:
        offer: Tags of the languages that the centre takes responsibility for.
        own: The centre's own catalogues, by file name.
        exit_url: Where the exit button leads.
        addresses: Other addresses of the centre.
    """

    offer: tuple[str, ...] = ()
    own: Mapping[str, bytes] = field(default_factory=dict)
    exit_url: str = ""
    addresses: tuple[str, ...] = ()
