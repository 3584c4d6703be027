"""A whole centre on this machine: relay, door and a desk's engine, claimed and open for visitors."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from causeway.desk.engine import Desk
from causeway.drills.children import DoorProcess, RelayProcess, wait_until
from causeway.drills.visitors import DoorAway, DoorClient
from causeway.sealed.passphrase import STANDARD, Profile
from causeway.wire.base64url import b64decode
from causeway.wire.sizes import ID_BYTES

__all__ = ["Centre", "fingerprint_of", "running_centre", "sync"]

_NOT_YET: Final = "http://127.0.0.1:9"
"""A door's address until there is a door: it wants the root first, and the root is made with the desk."""


@dataclass(frozen=True, slots=True)
class Centre:
    """What runs.

    Attributes:
        folder: Where all of it lies.
        vault: Folder of the desk's store.
        fingerprint: The root's, 16 bytes.
    """

    folder: Path
    relay: RelayProcess
    door: DoorProcess
    desk: Desk
    vault: Path
    fingerprint: bytes


def fingerprint_of(desk: Desk) -> bytes:
    """Return the root's fingerprint out of the link that a centre gives out."""
    return b64decode(desk.centre().door_link.partition("#")[2], size=ID_BYTES)


@contextlib.contextmanager
def running_centre(
    folder: Path,
    *,
    passphrase: str,
    name: str = "Harbour Desk",
    member: str = "Mira",
    profile: Profile = STANDARD,
    sync_seconds: float = 3_600.0,
    environment: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
) -> Iterator[Centre]:
    """Run a centre until the block ends; then everything is stopped, and the folder is left to the caller.

    Args:
        folder: An empty folder.
        passphrase: Of the desk.
        name: Of the centre.
        member: The one at the desk.
        profile: What stretching the passphrase costs.
        sync_seconds: How often the desk looks by itself; `sync` has it look now.
        environment: What relay and door get on top of ours.
        clock: The desk's, in Unix seconds.

    Raises:
        LocalError: Something did not start.
    """
    vault = folder / "desk"
    with contextlib.ExitStack() as stack:
        relay = stack.enter_context(RelayProcess.running(folder, environment=environment))
        desk = Desk.create(
            vault,
            passphrase=passphrase,
            centre=name,
            member=member,
            door_url=_NOT_YET,
            setup_code=relay.setup_code,
            socks=None,
            profile=profile,
            clock=clock,
        )
        stack.callback(desk.close)
        fingerprint = fingerprint_of(desk)
        door = stack.enter_context(
            DoorProcess.running(folder, relay=relay.socket, root=fingerprint, environment=environment)
        )
        desk.set_door(door.url, socks=None)
        desk.start_sync(sync_seconds)
        desk.sync_now()
        client = DoorClient(door.url)
        wait_until(lambda: _open(desk, client), what="the door sheet was published")
        yield Centre(folder, relay, door, desk, vault, fingerprint)


def _open(desk: Desk, client: DoorClient) -> bool:
    if not desk.centre().claimed:
        return False
    try:
        return bool(client.get("/v1/sheet")) and bool(client.get("/v1/board"))
    except DoorAway:
        return False


def sync(desk: Desk, *, holding: int = 0) -> None:
    """Have a desk sync until it holds that many conversations and nothing of its own waits to leave.

    Raises:
        LocalError: It took too long.
    """
    _round(desk)  # one that is under way may have looked before this was called
    while True:
        _round(desk)
        held = sum(count for state, count in desk.counts().items() if state not in ("unread", "forced"))
        if held >= holding and not desk.outbox():
            return


def _round(desk: Desk) -> None:
    before = desk.sync_view().last_reached or 0.0
    desk.sync_now()

    def done() -> bool:
        view = desk.sync_view()
        return not view.syncing and (view.last_reached or 0.0) > before

    wait_until(done, what="the desk had synced")
