"""kill -9 while a desk writes: all that it had reported as committed is there, and nothing by half."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from causeway.vault import NO_HASH, Vault
from tests.vault.material import DEVICE, new_vault, open_vault, python

ROUNDS = 20

WRITE_FOR_EVER = """
import os, sys
from pathlib import Path
from causeway.units import Day
from material import append_next, open_vault
vault = open_vault(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    with vault.transaction():
        for part in range(1 + number % 3):
            following = append_next(vault, text=os.urandom(3000))
            vault.outbox.queue(following.hash, kind="entry", body=following.sealed, day=Day(20_000))
    if number % 7 == 0:
        vault.secrets.destroy("none", secret_id=b"")  # the journal is emptied as well
    print(following.sequence, flush=True)
"""


def check(vault: Vault, *, committed: int) -> int:
    """Follow the chain from the entries' own bytes; return the last sequence number."""
    previous, last, hashes = NO_HASH, -1, []
    for sequence, entry in enumerate(vault.entries.each()):
        assert entry.device == DEVICE
        assert entry.sequence == sequence
        assert entry.sealed[40:72] == previous
        assert entry.hash == hashlib.sha256(entry.sealed).digest()
        previous, last = entry.hash, sequence
        hashes.append(entry.hash)
    assert last >= committed
    assert [item.id for item in vault.outbox.waiting()] == hashes
    assert vault.check() == []
    return last


@pytest.mark.slow
def test_what_was_committed_survives_kill_9(folder: Path) -> None:
    new_vault(folder).close()
    points = random.Random(20_260)  # noqa: S311
    last = -1
    for _ in range(ROUNDS):
        with python(WRITE_FOR_EVER, folder) as writer:
            assert writer.stdout is not None
            committed = last
            for _ in range(points.randint(1, 40)):
                committed = int(writer.stdout.readline())
            writer.kill()
            # What it had still reported before the end counts as well; a last line may be cut.
            for line in writer.stdout:
                if line.endswith("\n"):
                    committed = int(line)
        assert committed > last
        with open_vault(folder) as vault:
            last = check(vault, committed=committed)
