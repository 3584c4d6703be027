"""The demonstration's desk: the real pages, open from the start, that look for messages every two seconds.

Run as a module; folder and passphrase come in on stdin, the address goes out on stdout. Unlike
`causeway desk` it locks within its process: nothing that it holds is anybody's.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import msgspec
import uvicorn

from causeway.cli.door_texts import DoorTexts, every_language
from causeway.desk.lock import listen
from causeway.desk.web.app import build
from causeway.desk.web.keeper import Keeper, WatchedDoor
from causeway.desk.web.session import Session

__all__ = ["SYNC_SECONDS", "DemoDesk", "main"]

SYNC_SECONDS: Final = 2.0
UNDO_SECONDS: Final = 5.0
_LOCK_AFTER_SECONDS: Final = 3_600.0
_GRACE_SECONDS: Final = 1


class DemoDesk(msgspec.Struct, frozen=True):
    """What the process reads on stdin."""

    directory: str
    passphrase: str


def main() -> None:
    """Serve until a signal comes."""
    told = msgspec.json.decode(sys.stdin.buffer.read(), type=DemoDesk)
    session, token = Session.start()
    keeper = Keeper(
        Path(told.directory),
        socks=None,
        lock_after_seconds=_LOCK_AFTER_SECONDS,
        sync_seconds=SYNC_SECONDS,
        undo_seconds=UNDO_SECONDS,
        door=WatchedDoor(make=DoorTexts, said=every_language().said),
    )
    keeper.unlock(told.passphrase)
    listener = listen(0)
    authority = f"127.0.0.1:{listener.getsockname()[1]}"
    print(f"http://{authority}/open?token={token}", flush=True)
    config = uvicorn.Config(
        build(keeper=keeper, session=session, authority=authority),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        keeper.close()


if __name__ == "__main__":
    main()
