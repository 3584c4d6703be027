"""Taken out of the centre: nothing opens any more, wherever it was cut off."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from causeway.vault import Vault, VaultClosed, VaultMissing, VaultRevoked, destroying
from tests.vault.dying import deaths
from tests.vault.material import decrypted, files_with, fill, new_vault, open_vault

SAID = "Мельница у переправы"


@pytest.fixture
def full(vault: Vault, folder: Path) -> Path:
    fill(vault)
    vault.settings.put("said", value=SAID)
    vault.close()
    return folder


def test_nothing_is_left_and_it_says_so(full: Path) -> None:
    before = (full / "keyslots").read_bytes()
    vault = open_vault(full)
    vault.destroy()
    with pytest.raises(VaultClosed):
        vault.settings.get("said")
    assert sorted(path.name for path in full.iterdir()) == ["keyslots", "lock", "revoked"]
    after = (full / "keyslots").read_bytes()
    assert all(after[at : at + 16] != before[at : at + 16] for at in range(0, len(before), 16))
    assert (full / "revoked").stat().st_size == 0
    assert files_with(full, SAID) == set()
    with pytest.raises(VaultRevoked):
        open_vault(full)


def test_a_new_one_can_be_made_there(full: Path) -> None:
    open_vault(full).destroy()
    destroying.clear_revoked(full)
    new_vault(full).close()
    open_vault(full).close()
    with pytest.raises(VaultMissing):
        destroying.clear_revoked(full)


def test_kill_9_at_any_step_is_gone_on_from_at_the_next_opening(full: Path, tmp_path: Path) -> None:
    original = tmp_path / "original"
    shutil.copytree(full, original)

    def destroy() -> None:
        open_vault(full).destroy()

    ends = []
    for _ in deaths(destroy):
        try:
            with open_vault(full) as vault:
                assert vault.settings.get("said") == SAID
            ends.append("whole")
        except VaultRevoked:
            assert sorted(path.name for path in full.iterdir()) == ["keyslots", "lock", "revoked"]
            ends.append("gone")
        shutil.rmtree(full)
        shutil.copytree(original, full)
    assert ends == sorted(ends, reverse=True)
    assert ends.count("gone") > 8


def test_a_disk_without_room_for_the_mark_destroys_all_the_same(
    full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = os.open
    vault = open_vault(full)

    def refuse(path: Path, flags: int, *mode: int) -> int:
        if flags & os.O_CREAT and (full / "store").exists():
            raise OSError(28, "No space left on device")
        return opening(path, flags, *mode)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        vault.destroy()
    with pytest.raises(VaultRevoked):
        open_vault(full)


def test_what_is_left_of_a_store_is_closed_without_its_key(full: Path, tmp_path: Path) -> None:
    """The store's own bytes, as a disk may keep them, under every key that the folder has left."""
    shutil.copyfile(full / "store", tmp_path / "kept")
    open_vault(full).destroy()
    left = tmp_path / "left"
    left.mkdir()
    shutil.copyfile(tmp_path / "kept", left / "store")
    slots = (full / "keyslots").read_bytes()
    for at in range(0, 36_864, 4096):
        assert SAID.encode() not in decrypted(left, data_key=slots[at : at + 32])
