"""The headers that every answer of the door carries, whoever writes it."""

from __future__ import annotations

from causeway.door.pages import csp

__all__ = ["ALWAYS", "always"]

ALWAYS: tuple[tuple[str, str], ...] = (
    # Nothing that was read here may be found in a browser's cache.
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    # The page records a voice when asked; nothing else of the device is any of its business.
    ("permissions-policy", "microphone=(self), camera=(), geolocation=(), payment=(), usb=()"),
    # One request per connection: whoever reads a form has been chosen by its first bytes alone.
    ("connection", "close"),
)


def always() -> list[tuple[str, str]]:
    """Return the headers of every answer, with the pages' content security policy."""
    return [*ALWAYS, ("content-security-policy", csp())]
