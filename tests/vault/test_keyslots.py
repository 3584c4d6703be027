from __future__ import annotations

import os
import stat
import zlib
from functools import partial
from pathlib import Path

import pytest

from causeway.sealed.passphrase import CHEAP_FOR_TESTS, SLOT_SIZE, UnfitPassphrase
from causeway.vault import (
    Vault,
    VaultDamaged,
    VaultError,
    VaultFull,
    VaultMissing,
    VaultUncertain,
    WrongPassphrase,
    keyslots,
)

FIRST = "двенадцать слонов"
SECOND = "a quiet garden in winter"
CHEAP = CHEAP_FOR_TESTS


@pytest.fixture
def made(tmp_path: Path) -> keyslots.Opened:
    return keyslots.create(tmp_path, passphrase=FIRST, profile=CHEAP)


def content(folder: Path) -> bytes:
    return (folder / "keyslots").read_bytes()


def test_it_opens_with_its_passphrase(tmp_path: Path, made: keyslots.Opened) -> None:
    assert keyslots.open_slot(tmp_path, passphrase=FIRST, profile=CHEAP) == made
    assert len(made.data_key) == 32


def test_it_is_36_kib_and_the_owners(tmp_path: Path, made: keyslots.Opened) -> None:
    assert len(content(tmp_path)) == 36_864
    assert (tmp_path / "keyslots").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keyslots"]


def test_a_wrong_passphrase_is_told(tmp_path: Path, made: keyslots.Opened) -> None:
    with pytest.raises(WrongPassphrase) as refused:
        keyslots.open_slot(tmp_path, passphrase=SECOND, profile=CHEAP)
    assert SECOND not in refused.value.diagnostics()


def test_used_and_unused_places_look_alike(tmp_path: Path, made: keyslots.Opened) -> None:
    whole = content(tmp_path)
    for start in range(0, len(whole), SLOT_SIZE):
        block = whole[start : start + SLOT_SIZE]
        assert len(zlib.compress(block, 9)) > SLOT_SIZE  # nothing to compress: no structure
        assert len(set(block)) == 256


def test_changing_a_passphrase_changes_one_slot(tmp_path: Path, made: keyslots.Opened) -> None:
    before = content(tmp_path)
    changed = keyslots.change(tmp_path, old=FIRST, new=SECOND, profile=CHEAP)
    assert changed == made
    after = content(tmp_path)
    different = [i // SLOT_SIZE for i in range(0, len(after), 64) if before[i : i + 64] != after[i : i + 64]]
    assert set(different) == {1 + made.slot}
    assert keyslots.open_slot(tmp_path, passphrase=SECOND, profile=CHEAP) == made
    with pytest.raises(WrongPassphrase):
        keyslots.open_slot(tmp_path, passphrase=FIRST, profile=CHEAP)


def test_changing_needs_the_old_one_and_a_good_new_one(tmp_path: Path, made: keyslots.Opened) -> None:
    before = content(tmp_path)
    with pytest.raises(WrongPassphrase):
        keyslots.change(tmp_path, old=SECOND, new="another good one", profile=CHEAP)
    with pytest.raises(UnfitPassphrase):
        keyslots.change(tmp_path, old=FIRST, new="short", profile=CHEAP)
    assert content(tmp_path) == before


def test_a_second_passphrase_opens_the_same_key(tmp_path: Path, made: keyslots.Opened) -> None:
    free = keyslots.free_slot([made.slot])
    keyslots.add(tmp_path, passphrase=FIRST, new=SECOND, slot=free, profile=CHEAP)
    second = keyslots.open_slot(tmp_path, passphrase=SECOND, profile=CHEAP)
    assert (second.data_key, second.slot) == (made.data_key, free)
    assert keyslots.open_slot(tmp_path, passphrase=FIRST, profile=CHEAP) == made
    keyslots.erase(tmp_path, slot=free)
    with pytest.raises(WrongPassphrase):
        keyslots.open_slot(tmp_path, passphrase=SECOND, profile=CHEAP)


def test_the_first_passphrase_may_lie_in_any_place(tmp_path: Path) -> None:
    drawn = [partial(int.to_bytes, draw, byteorder="big") for draw in range(20)]
    assert {keyslots.free_slot([3], random=draw) for draw in drawn} == set(range(8)) - {3}
    with pytest.raises(VaultError, match="eight"):
        keyslots.free_slot(range(8))


def test_what_is_replaced_is_overwritten_where_it_lay(tmp_path: Path, made: keyslots.Opened) -> None:
    old = (tmp_path / "keyslots").open("rb")  # as the disk still holds it
    before = content(tmp_path)
    keyslots.change(tmp_path, old=FIRST, new=SECOND, profile=CHEAP)
    with old:
        blocks = old.read()
    assert len(blocks) == len(before)
    assert all(blocks[at : at + 16] != before[at : at + 16] for at in range(0, len(before), 16))


def test_adding_never_overwrites_the_one_given(tmp_path: Path, made: keyslots.Opened) -> None:
    with pytest.raises(VaultError):
        keyslots.add(tmp_path, passphrase=FIRST, new=SECOND, slot=made.slot, profile=CHEAP)
    assert keyslots.open_slot(tmp_path, passphrase=FIRST, profile=CHEAP) == made


def test_a_write_that_the_disk_did_not_confirm_is_told_from_one_that_failed(
    tmp_path: Path, made: keyslots.Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        _refuse_folders(patched)
        with pytest.raises(VaultUncertain):
            keyslots.change(tmp_path, old=FIRST, new=SECOND, profile=CHEAP)
    assert keyslots.open_slot(tmp_path, passphrase=SECOND, profile=CHEAP) == made
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keyslots"]


def _refuse_folders(patched: pytest.MonkeyPatch, *, files: bool = False) -> None:
    sync = os.fsync

    def refuse(descriptor: int) -> None:
        if files or stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(5, "Input/output error")
        sync(descriptor)

    patched.setattr(os, "fsync", refuse)


def test_a_new_folder_is_on_the_disk_with_the_folders_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[tuple[int, int]] = set()
    sync = os.fsync

    def note(descriptor: int) -> None:
        status = os.fstat(descriptor)
        synced.add((status.st_dev, status.st_ino))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    folder = tmp_path / "one" / "two" / "vault"
    Vault.create(folder, passphrase=FIRST, profile=CHEAP).close()
    for above in (tmp_path, tmp_path / "one", tmp_path / "one" / "two", folder):
        assert (above.stat().st_dev, above.stat().st_ino) in synced


def test_a_slot_that_opens_is_not_taken_for_free_after_an_unconfirmed_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Vault.create(tmp_path / "vault", passphrase=FIRST, profile=CHEAP) as vault:
        before = vault.passphrases.slots()
        with monkeypatch.context() as patched:
            _refuse_folders(patched, files=True)
            with pytest.raises(VaultUncertain):
                vault.passphrases.add(FIRST, new=SECOND)
        opened = keyslots.open_slot(vault.folder, passphrase=SECOND, profile=CHEAP)
        assert vault.passphrases.slots() == sorted([*before, opened.slot])


@pytest.mark.parametrize("failing", ["fsync", "fdopen", "replace"])
def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, made: keyslots.Opened, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    before = content(tmp_path)

    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    owner = Path if failing == "replace" else os
    monkeypatch.setattr(owner, failing, refuse)
    with pytest.raises(VaultFull):
        keyslots.change(tmp_path, old=FIRST, new=SECOND, profile=CHEAP)
    monkeypatch.undo()
    assert content(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keyslots"]


@pytest.mark.parametrize("size", [0, 36_863, 36_865])
def test_another_size_is_damage(tmp_path: Path, made: keyslots.Opened, size: int) -> None:
    (tmp_path / "keyslots").write_bytes((content(tmp_path) + b"\x00")[:size])
    with pytest.raises(VaultDamaged):
        keyslots.open_slot(tmp_path, passphrase=FIRST, profile=CHEAP)


def test_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(VaultMissing):
        keyslots.open_slot(tmp_path, passphrase=FIRST, profile=CHEAP)
