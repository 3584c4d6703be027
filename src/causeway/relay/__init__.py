"""The blind store-and-forward server: fixed-size ciphertext under random ids, and the UTC day.

It holds no key and no crypto library, keeps no address and no log, and hands out nothing but bytes that
others sealed.
"""

from __future__ import annotations

from causeway.relay.config import Config, LaneLimits, lane_limits
from causeway.relay.keeper import open_keeper
from causeway.relay.lanes import Lane, Rate
from causeway.relay.server import RelayServer, serve

__all__ = ["Config", "Lane", "LaneLimits", "Rate", "RelayServer", "lane_limits", "open_keeper", "serve"]
