from __future__ import annotations

import os
from pathlib import Path

from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.vault import Vault, keyslots
from causeway.vault._schema import VERSION
from tests.vault.material import PASSPHRASE, append_next, decrypted, open_vault

FILE, OTHER = bytes(16), bytes([1]) * 16


def test_pieces_come_in_any_order_and_go_out_in_theirs(vault: Vault) -> None:
    assert vault.pieces.put(FILE, number=2, content=b"c")
    assert vault.pieces.put(FILE, number=0, content=b"a" * 300_000)
    assert vault.pieces.put(OTHER, number=0, content=b"x")
    assert not vault.pieces.put(FILE, number=2, content=b"another")
    assert vault.pieces.numbers(FILE) == [0, 2]
    assert vault.pieces.count(FILE) == 2
    assert vault.pieces.put(FILE, number=1, content=b"")
    assert list(vault.pieces.each(FILE)) == [b"a" * 300_000, b"", b"c"]
    assert vault.pieces.head(FILE, length=3) == b"aaa"
    assert vault.pieces.head(bytes([7]) * 16, length=3) == b""
    assert vault.pieces.total_bytes() == 300_002
    assert vault.pieces.files() == [FILE, OTHER]


def test_removed_pieces_are_gone_even_for_who_has_the_key(vault: Vault, folder: Path) -> None:
    data_key = keyslots.open_slot(folder, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS).data_key
    doomed, kept = os.urandom(100_000), os.urandom(100_000)
    vault.pieces.put(FILE, number=0, content=doomed)
    vault.pieces.put(OTHER, number=0, content=kept)
    assert doomed[5_000:5_064] in decrypted(folder, data_key=data_key)
    assert vault.pieces.remove(FILE) == 1
    assert vault.pieces.remove(FILE) == 0
    assert (folder / "store-wal").stat().st_size == 0
    left = decrypted(folder, data_key=data_key)
    assert not any(doomed[at : at + 64] in left for at in range(0, 100_000, 3_000))
    assert kept[5_000:5_064] in left
    assert list(vault.pieces.each(OTHER)) == [kept]


def test_who_stops_half_way_keeps_nobody_waiting(vault: Vault) -> None:
    for number in range(3):
        vault.pieces.put(FILE, number=number, content=b"x")
    reading = vault.pieces.each(FILE)
    next(reading)
    vault.pieces.remove(FILE)
    assert list(reading) == []


def test_a_vault_of_the_first_version_gets_the_tables(vault: Vault, folder: Path) -> None:
    append_next(vault)
    for name in ("aside_chain", "aside_hash", "aside_reason", "entry_unopened_epoch"):
        vault.db.run(f"DROP INDEX {name}")
    for name in ("device", "compartment", "sequence", "hash"):
        vault.db.run(f"ALTER TABLE aside DROP COLUMN {name}")
    vault.db.run("DROP TABLE chain")
    vault.db.run("DROP TABLE piece")
    vault.db.run("PRAGMA user_version = 1")
    vault.close()
    with open_vault(folder) as opened:
        assert opened.db.row("PRAGMA user_version") == (VERSION,)
        assert opened.entries.count() == len(opened.entries.heads()) == 1
        assert opened.pieces.put(FILE, number=0, content=b"x")
