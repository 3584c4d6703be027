"""What a locked laptop shows: every file of the vault is searched for what was written into it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from causeway.units import Day
from causeway.vault import Vault, search
from tests.vault.material import append_next, files_with

PLANTED = [
    "Мельница у переправы",
    "мельница у переправы",
    "Mill by the ferry, second bell",
    "канарейка-в-настройках",
]
DAY = Day(20_000)


def plant(vault: Vault) -> None:
    for number, text in enumerate(PLANTED):
        append_next(vault, text=text.encode())
        search.index(vault.db, bytes([number]), text)
        vault.outbox.queue(bytes([number]), kind=text, body=text.encode(), day=DAY)
        vault.aside.put(bytes([number]), reason=text, day=DAY, content=text.encode("utf-16-le"))
        vault.secrets.put(text, secret_id=bytes([number]), value=text.encode().hex().encode(), from_day=DAY)
        vault.settings.put(text, value=text)


def export_plain(vault: Vault, path: Path) -> None:
    """Write the vault's tables into an ordinary SQLite file, so that the search below is seen to find."""
    with closing(sqlite3.connect(path)) as plain:
        for name in ("entry", "outbox", "aside", "secret", "setting", "search_text"):
            rows = vault.db.rows(f"SELECT * FROM {name}")  # noqa: S608
            columns = [row[1] for row in vault.db.rows(f"PRAGMA table_info({name})")]
            plain.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
            plain.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608
        plain.commit()


@pytest.mark.parametrize("closed", [False, True])
def test_no_file_of_a_vault_shows_what_is_in_it(
    vault: Vault, folder: Path, tmp_path: Path, closed: bool
) -> None:
    plant(vault)
    canary = tmp_path / "canary"
    canary.mkdir()
    export_plain(vault, canary / "plain")
    if closed:
        vault.close()
    assert {path.name for path in folder.iterdir()} == {"keyslots", "lock", "store"} | (
        set() if closed else {"store-wal"}
    )
    for text in PLANTED:
        assert files_with(folder, text) == set()
        assert files_with(canary, text) == {"plain"}
    assert files_with(folder, "SQLite format 3") == set()


def test_the_search_knows_each_encoding(tmp_path: Path) -> None:
    import base64

    text = PLANTED[0]
    forms = {
        "utf8": text.encode(),
        "utf16": text.encode("utf-16"),
        "hex": text.encode().hex().encode(),
        "HEX16": text.encode("utf-16-be").hex().upper().encode(),
        "url": base64.urlsafe_b64encode(b"??" + text.encode("utf-16-le") + b"!"),
        **{f"base64+{n}": base64.b64encode(b"x" * n + text.encode() + b"yz") for n in range(5)},
    }
    for name, form in forms.items():
        (tmp_path / name).write_bytes(b"\x00before" + form + b"after")
    assert files_with(tmp_path, text) == set(forms)
    assert files_with(tmp_path, "Мельница за переправой") == set()
