from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from causeway.sealed.passphrase import CHEAP_FOR_TESTS, UnfitPassphrase
from causeway.vault import (
    Vault,
    VaultClosed,
    VaultDamaged,
    VaultError,
    VaultExists,
    VaultInUse,
    VaultMissing,
    VaultTooNew,
    WrongPassphrase,
    search,
)
from causeway.vault._files import FolderLock
from tests.vault.material import PASSPHRASE, append_next, new_vault, open_vault, python

OTHER = "a quiet garden in winter"

OPEN_ELSEWHERE = """
import sys
from pathlib import Path
from causeway.vault import VaultInUse
from material import open_vault
try:
    open_vault(Path(sys.argv[1]))
except VaultInUse:
    print("in use")
else:
    print("opened")
"""


@pytest.fixture
def closed(folder: Path) -> Path:
    with new_vault(folder) as vault:
        for number in range(200):
            append_next(vault, text=bytes([number]) * 500)
        vault.settings.put("centre", value="Три дома")
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_written_is_there_again(closed: Path) -> None:
    with open_vault(closed) as vault:
        assert vault.settings.get("centre") == "Три дома"
        assert vault.entries.count() == 200
        assert vault.check() == []


def test_only_the_owner_reads_it(vault: Vault, folder: Path) -> None:
    append_next(vault)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "keyslots": 0o600,
        "lock": 0o600,
        "store": 0o600,
        "store-wal": 0o600,
    }


def test_modes_are_taken_back_and_nothing_else_is_touched(closed: Path) -> None:
    stranger = closed / "stranger"
    stranger.write_bytes(b"")
    for path in (*closed.iterdir(), closed):
        path.chmod(0o755)
    (closed / "keyslots.new").write_bytes(b"half written")
    with open_vault(closed):
        assert (closed / "store").stat().st_mode & 0o777 == 0o600
        assert closed.stat().st_mode & 0o777 == 0o700
        assert stranger.stat().st_mode & 0o777 == 0o755
        assert not (closed / "keyslots.new").exists()


def test_closing_leaves_no_journal(closed: Path) -> None:
    assert names(closed) == ["keyslots", "lock", "store"]
    assert (closed / "lock").read_bytes() == b""


def test_the_settings_of_the_cipher(vault: Vault) -> None:
    def pragma(name: str) -> object:
        row = vault.db.row(f"PRAGMA {name}")
        return None if row is None else row[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("secure_delete") == 1
    assert pragma("foreign_keys") == 1
    assert pragma("temp_store") == 2
    assert pragma("locking_mode") == "exclusive"
    assert str(pragma("cipher_page_size")) == "4096"
    assert pragma("cipher_hmac_algorithm") == "HMAC_SHA512"


def test_a_wrong_passphrase_opens_nothing(closed: Path) -> None:
    with pytest.raises(WrongPassphrase):
        open_vault(closed, passphrase=OTHER)
    open_vault(closed).close()


def test_it_is_open_once_in_this_process(vault: Vault, folder: Path) -> None:
    with pytest.raises(VaultInUse):
        open_vault(folder)
    append_next(vault)


def test_the_lock_has_one_holder(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(VaultInUse):
        FolderLock(tmp_path)
    lock.release()
    FolderLock(tmp_path).release()


def test_it_is_open_once_on_this_machine(vault: Vault, folder: Path) -> None:
    def elsewhere() -> str:
        with python(OPEN_ELSEWHERE, folder) as other:
            return other.communicate()[0].strip()

    assert elsewhere() == "in use"
    vault.close()
    assert elsewhere() == "opened"


def test_a_vault_is_not_made_over_another(closed: Path) -> None:
    before = (closed / "store").read_bytes()
    with pytest.raises(VaultExists):
        new_vault(closed)
    assert (closed / "store").read_bytes() == before


def test_a_vault_is_not_made_where_something_lies(folder: Path) -> None:
    folder.mkdir()
    (folder / "letter.txt").write_text("a letter")
    with pytest.raises(VaultExists):
        new_vault(folder)
    assert names(folder) == ["letter.txt"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VaultError):
        new_vault(tmp_path / "file" / "vault")


def test_a_poor_passphrase_makes_no_vault(folder: Path) -> None:
    with pytest.raises(UnfitPassphrase):
        Vault.create(folder, passphrase="short", profile=CHEAP_FOR_TESTS)
    new_vault(folder).close()


def test_opening_what_is_no_vault_leaves_it_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pytest.raises(VaultMissing):
        open_vault(tmp_path)
    assert names(tmp_path) == []
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_missing_store_is_not_made_anew(closed: Path) -> None:
    (closed / "store").unlink()
    with pytest.raises(VaultMissing):
        open_vault(closed)
    assert names(closed) == ["keyslots", "lock"]


def test_an_empty_store_is_not_taken_for_a_new_one(closed: Path) -> None:
    (closed / "store").write_bytes(b"")
    with pytest.raises(VaultDamaged):
        open_vault(closed)
    assert (closed / "store").read_bytes() == b""


def test_a_store_cut_off_while_it_was_made_is_told(closed: Path) -> None:
    with open_vault(closed) as vault:
        vault.db.run("PRAGMA user_version = 0")
    with pytest.raises(VaultDamaged):
        open_vault(closed)


def test_a_newer_store_is_left_alone(closed: Path) -> None:
    with open_vault(closed) as vault:
        vault.db.run("PRAGMA user_version = 999")
    with pytest.raises(VaultTooNew):
        open_vault(closed)


def test_another_vaults_store_does_not_open(closed: Path, tmp_path: Path) -> None:
    new_vault(tmp_path / "other").close()
    shutil.copy(tmp_path / "other" / "store", closed / "store")
    with pytest.raises(VaultDamaged):
        open_vault(closed)


@pytest.mark.parametrize("position", [0, 20, 2000])
def test_a_damaged_first_page_is_told(closed: Path, position: int, capfd: pytest.CaptureFixture[str]) -> None:
    flip(closed / "store", position)
    before = (closed / "store").read_bytes()
    with pytest.raises(VaultDamaged):
        open_vault(closed)
    assert (closed / "store").read_bytes() == before
    assert capfd.readouterr() == ("", "")


def test_a_damaged_inner_page_is_told_when_it_is_read(closed: Path) -> None:
    size = (closed / "store").stat().st_size
    for page in range(2, size // 4096):
        flip(closed / "store", page * 4096 + 100)
    with pytest.raises(VaultDamaged), open_vault(closed) as vault:
        list(vault.entries.each())


def test_the_check_names_a_damaged_page(closed: Path) -> None:
    flip(closed / "store", (closed / "store").stat().st_size - 2000)
    with open_vault(closed) as vault:
        assert len(vault.check()) == 1


def flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def test_a_locked_vault_answers_nothing(vault: Vault) -> None:
    vault.close()
    vault.close()
    for use in (vault.entries.count, vault.outbox.waiting, vault.check, vault.scour):
        with pytest.raises(VaultClosed):
            use()
    with pytest.raises(VaultClosed), vault.transaction():
        pass
    with pytest.raises(VaultClosed):
        vault.passphrases.change(PASSPHRASE, new=OTHER)


def test_a_changed_passphrase_opens_the_same_store(vault: Vault, folder: Path) -> None:
    vault.settings.put("centre", value="Три дома")
    vault.passphrases.change(PASSPHRASE, new=OTHER)
    vault.close()
    with pytest.raises(WrongPassphrase):
        open_vault(folder)
    with open_vault(folder, passphrase=OTHER) as again:
        assert again.settings.get("centre") == "Три дома"


def test_eight_passphrases_and_no_more(vault: Vault, folder: Path) -> None:
    passphrases = [PASSPHRASE, *(f"passphrase number {number}" for number in range(7))]
    for passphrase in passphrases[1:]:
        vault.passphrases.add(PASSPHRASE, new=passphrase)
    assert vault.passphrases.slots() == list(range(8))
    with pytest.raises(VaultError):
        vault.passphrases.add(PASSPHRASE, new=OTHER)
    vault.close()
    for passphrase in passphrases:
        open_vault(folder, passphrase=passphrase).close()


def test_a_removed_passphrase_opens_nothing(vault: Vault, folder: Path) -> None:
    (first,) = vault.passphrases.slots()
    slot = vault.passphrases.add(PASSPHRASE, new=OTHER)
    with pytest.raises(VaultError):
        vault.passphrases.remove(OTHER, slot=slot)
    with pytest.raises(WrongPassphrase):
        vault.passphrases.remove("not one of them", slot=slot)
    vault.passphrases.remove(PASSPHRASE, slot=slot)
    assert vault.passphrases.slots() == [first]
    vault.close()
    with pytest.raises(WrongPassphrase):
        open_vault(folder, passphrase=OTHER)
    open_vault(folder).close()


def test_a_refused_passphrase_takes_no_slot(vault: Vault) -> None:
    before = vault.passphrases.slots()
    with pytest.raises(WrongPassphrase):
        vault.passphrases.add(OTHER, new="yet another garden")
    with pytest.raises(UnfitPassphrase):
        vault.passphrases.add(PASSPHRASE, new="short")
    with pytest.raises(UnfitPassphrase, match="in use"):
        vault.passphrases.add(PASSPHRASE, new=PASSPHRASE)
    assert vault.passphrases.slots() == before


def test_scouring_keeps_everything(vault: Vault) -> None:
    last = append_next(vault, text=b"kept")
    search.index(vault.db, b"1", "Морской берег")
    vault.scour()
    assert vault.entries.get(last.hash) == last
    assert search.find(vault.db, "берег") == [b"1"]
    assert vault.check() == []
