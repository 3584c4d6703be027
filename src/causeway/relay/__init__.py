"""The blind store-and-forward server: fixed-size ciphertext under random ids, and the UTC day.

It holds no key and no crypto library, keeps no address and no log, and hands out nothing but bytes that
others sealed.
"""

from __future__ import annotations

from causeway.relay.app import create_app
from causeway.relay.config import Config, LaneLimits, lane_limits
from causeway.relay.lanes import Lane, Rate
from causeway.relay.server import serve, server_settings

__all__ = ["Config", "Lane", "LaneLimits", "Rate", "create_app", "lane_limits", "serve", "server_settings"]
