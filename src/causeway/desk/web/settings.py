"""Addresses as somebody types them: the door's, and Tor's."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from causeway.errors import LocalError

__all__ = ["TOR_SOCKS", "SettingRefused", "checked_door", "checked_socks"]

TOR_SOCKS: Final = "127.0.0.1:9050"
"""Where Debian's tor listens."""

_PORTS: Final = range(1, 65_536)


class SettingRefused(LocalError):
    """What was typed is no such address; the sentence says what one looks like."""


def checked_door(typed: str) -> str:
    """Return the door's address as `scheme://host[:port]`.

    Raises:
        SettingRefused: It is none.
    """
    url = typed if "://" in typed else f"http://{typed}" if typed.endswith(".onion") else f"https://{typed}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _no_door() from None
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in typed:
        raise _no_door()
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise _no_door()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")


def _no_door() -> SettingRefused:
    return SettingRefused(
        "Write the door's address as it stands in a browser, without a path: https://door.example."
    )


def checked_socks(typed: str) -> str | None:
    """Return Tor's `host:port`, or `None` where nothing (or `none`) was typed.

    Raises:
        SettingRefused: It is neither.
    """
    if typed.lower() in ("", "none"):
        return None
    host, colon, port = typed.rpartition(":")
    if (
        not colon
        or not host
        or " " in host
        or not (port.isascii() and port.isdecimal())
        or int(port) not in _PORTS
    ):
        raise SettingRefused(
            "Write where Tor listens as host:port, such as 127.0.0.1:9050, or leave it empty."
        )
    return typed
