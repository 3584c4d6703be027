"""Passes ciphertext between visitors and the relay's socket. Holds no key and opens nothing."""

from __future__ import annotations

from causeway.door.forward._app import Forwarder
from causeway.door.forward._slots import ShortWay
from causeway.door.forward._upstream import RelayAway, Upstream

__all__ = ["Forwarder", "RelayAway", "ShortWay", "Upstream"]
