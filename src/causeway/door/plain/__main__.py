"""`python -m causeway.door.plain CONNECTIONS RESULTS LIFE`: three inherited descriptors."""

from __future__ import annotations

import socket
import sys

import msgspec

from causeway.door.plain.nursery import Nursery, Orders

__all__ = ["main"]

_ORDERS_BYTES_MAX = 16_384


def main() -> None:
    """Take the orders from the life line and keep children."""
    connections, results, life = (socket.socket(fileno=int(number)) for number in sys.argv[1:4])
    for end in (connections, results, life):
        end.setblocking(True)
    line = b""
    while not line.endswith(b"\n"):
        part = life.recv(_ORDERS_BYTES_MAX)
        if not part:
            return
        line += part
    orders = msgspec.json.decode(line, type=Orders)
    Nursery(connections=connections, results=results, life=life, orders=orders).run()


if __name__ == "__main__":
    main()
