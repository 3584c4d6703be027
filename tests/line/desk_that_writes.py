"""A desk that writes until it has written enough, or is killed. Says how much is on its disk."""

from __future__ import annotations

import contextlib
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from causeway.desk.engine import Desk
from causeway.errors import LocalError
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.sync.errors import RelayRefused, RelayUnreachable
from tests.line.place import PASSPHRASE

BATCH = 40
LABELS = ("north", "south", "boat", "doctor", "papers")
DONE = "done"


def written(desk: Desk) -> int:
    """How many entries this laptop has written."""
    parts = desk._parts
    (count,) = parts.db.row(
        "SELECT coalesce(sum(next_sequence), 0) FROM chain WHERE device = ?", (parts.keys.device_id,)
    ) or (0,)
    return int(count)


def act(desk: Desk, chance: random.Random, about: bytes, *, text: str) -> None:
    working = desk._working
    match chance.randrange(20):
        case 0 | 1 | 2:
            working.answer(about, text)
        case 3:
            working.close_conversation(about)
        case 4:
            working.reopen(about)
        case 5:
            working.mark_opened(about)
        case _:
            working.set_labels(about, [*chance.sample(LABELS, 2), text])


def write(desk: Desk, abouts: Sequence[bytes], *, name: str, before: int) -> None:
    """Write a batch: all of it is on the disk, or nothing."""
    chance = random.Random(f"{name} {before}")  # noqa: S311 (the same in every run)
    with desk._parts.vault.transaction():
        for number in range(BATCH):
            act(desk, chance, chance.choice(abouts), text=f"{name} {before} {number}")


def work(folder: Path, *, quota: int) -> None:
    desk = Desk.open(folder, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS)
    while (count := written(desk)) < quota:
        print(count, flush=True)
        abouts = [bytes(row[0]) for row in desk._parts.db.rows("SELECT id FROM conversation ORDER BY id")]
        with contextlib.suppress(LocalError):  # a conversation's keys may still be on their way
            if abouts:
                write(desk, abouts, name=folder.name, before=count)
        sync(desk)
    while True:
        print(DONE, flush=True)
        sync(desk)
        time.sleep(0.5)


def sync(desk: Desk) -> None:
    """Do a round; the relay may be dead just now."""
    with contextlib.suppress(RelayUnreachable, RelayRefused):
        desk.sync_round()


if __name__ == "__main__":
    work(Path(sys.argv[1]), quota=int(sys.argv[2]))
