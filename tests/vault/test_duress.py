"""A duress passphrase at the vault: destroys first, wherever it is cut off, and shows in no file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from causeway.sealed import passphrase as stretching
from causeway.sealed.passphrase import CHEAP_FOR_TESTS, Decoy, UnfitPassphrase
from causeway.units import Day
from causeway.vault import Vault, VaultClosed, VaultError, VaultUncertain, WrongPassphrase, keyslots
from tests.vault.dying import deaths
from tests.vault.material import PASSPHRASE, fill, new_vault, open_vault

DURESS = "the harmless passphrase"
OTHER = "one more long passphrase"
DECOY = Decoy(centre="Reading circle", member="Ada")
KEY = b"a key of the real vault, 32 byte"


def begin(vault: Vault, decoy: Decoy) -> None:
    with vault.transaction():
        vault.settings.put("decoy", value=[decoy.centre, decoy.member])


def under_duress(folder: Path, *, passphrase: str = DURESS) -> Vault:
    return Vault.open(folder, passphrase=passphrase, profile=CHEAP_FOR_TESTS, begin=begin)


@pytest.fixture
def set_up(vault: Vault, folder: Path) -> Path:
    """A closed vault with something in it and a duress passphrase."""
    vault.secrets.put("case", secret_id=b"1", value=KEY, from_day=Day(20_000))
    vault.passphrases.set_duress(PASSPHRASE, duress=DURESS, decoy=DECOY)
    vault.close()
    return folder


def blocks(folder: Path) -> list[bytes]:
    content = (folder / "keyslots").read_bytes()
    return [content[at : at + 4096] for at in range(4096, len(content), 4096)]


def test_the_real_passphrase_opens_as_before(set_up: Path) -> None:
    with open_vault(set_up) as vault:
        assert vault.secrets.all("case")[0].value == KEY
        assert vault.passphrases.has_duress()
        assert len(vault.passphrases.slots()) == 1


def test_the_duress_passphrase_opens_an_empty_vault_and_nothing_opens_the_old_one(set_up: Path) -> None:
    data_key = keyslots.open_slot(set_up, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS).data_key
    before = blocks(set_up)
    with under_duress(set_up) as vault:
        assert vault.settings.get("decoy") == ["Reading circle", "Ada"]
        assert vault.secrets.all("case") == []
        assert not vault.passphrases.has_duress()
        assert len(vault.passphrases.slots()) == 1
        assert keyslots.open_slot(set_up, passphrase=DURESS, profile=CHEAP_FOR_TESTS).data_key != data_key
    assert all(new != old for new, old in zip(blocks(set_up), before, strict=True))
    with pytest.raises(WrongPassphrase):
        open_vault(set_up)
    # From now on it is an ordinary passphrase, and an ordinary vault.
    with open_vault(set_up, passphrase=DURESS) as vault:
        assert vault.settings.get("decoy") == ["Reading circle", "Ada"]
        vault.passphrases.change(DURESS, new=OTHER)
    assert sorted(path.name for path in set_up.iterdir()) == ["keyslots", "lock", "store"]


def test_what_was_destroyed_is_destroyed_before_anything_new_is_made(set_up: Path) -> None:
    seen: list[tuple[int, bool]] = []
    before = blocks(set_up)

    def look(vault: Vault, decoy: Decoy) -> None:
        seen.append((sum(a == b for a, b in zip(blocks(set_up), before, strict=True)), True))
        raise VaultError("Cut off here.")

    with pytest.raises(VaultError, match="Cut off"):
        Vault.open(set_up, passphrase=DURESS, profile=CHEAP_FOR_TESTS, begin=look)
    assert seen == [(1, True)]  # the decoy's own slot alone
    with pytest.raises(WrongPassphrase):
        open_vault(set_up)
    under_duress(set_up).close()


@pytest.mark.slow
def test_kill_9_at_any_step_is_gone_on_from_at_the_next_opening(set_up: Path, tmp_path: Path) -> None:
    original = tmp_path / "original"
    shutil.copytree(set_up, original)
    opened: list[bool] = []

    def act() -> None:
        under_duress(set_up).close()

    for _ in deaths(act):
        gone = _gone(set_up)
        opened.append(not gone)
        with under_duress(set_up) as vault:
            assert vault.settings.get("decoy") == ["Reading circle", "Ada"]
            assert vault.secrets.all("case") == []
        assert _gone(set_up)
        with open_vault(set_up, passphrase=DURESS) as vault:
            assert vault.check() == []
        shutil.rmtree(set_up)
        shutil.copytree(original, set_up)
    assert len(opened) > 30
    # At first everything is there; from one step on it never is.
    assert opened[0]
    assert not opened[-1]
    assert opened == sorted(opened, reverse=True)


def _gone(folder: Path) -> bool:
    try:
        keyslots.open_slot(folder, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS)
    except WrongPassphrase:
        return True
    return False


def test_whoever_can_not_make_an_empty_vault_destroys_and_is_told_wrong(set_up: Path) -> None:
    with pytest.raises(WrongPassphrase):
        open_vault(set_up, passphrase=DURESS)
    with pytest.raises(WrongPassphrase):
        open_vault(set_up)
    assert not (set_up / "store").exists()


def test_each_passphrase_costs_one_stretching(set_up: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    costs: list[str] = []
    derive = stretching.derive

    def counted(passphrase: str, **settings: object) -> bytes:
        costs.append(passphrase)
        return derive(passphrase, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(keyslots, "derive", counted)
    with pytest.raises(WrongPassphrase):
        under_duress(set_up, passphrase="neither of the two")
    under_duress(set_up, passphrase=PASSPHRASE).close()
    under_duress(set_up).close()
    assert costs == ["neither of the two", PASSPHRASE, DURESS]


def test_changing_the_passphrase_keeps_it(set_up: Path) -> None:
    with open_vault(set_up) as vault:
        vault.passphrases.change(PASSPHRASE, new=OTHER)
        assert vault.passphrases.has_duress()
    open_vault(set_up, passphrase=OTHER).close()
    with under_duress(set_up) as vault:
        assert vault.settings.get("decoy") is not None


def test_it_can_be_set_up_anew_and_taken_away(set_up: Path) -> None:
    with open_vault(set_up) as vault:
        vault.passphrases.set_duress(PASSPHRASE, duress=OTHER, decoy=DECOY)
        with pytest.raises(WrongPassphrase):
            vault.passphrases.remove_duress(OTHER)
        assert vault.passphrases.has_duress()
        vault.passphrases.remove_duress(PASSPHRASE)
        assert not vault.passphrases.has_duress()
        vault.passphrases.remove_duress(PASSPHRASE)
    for passphrase in (DURESS, OTHER):
        with pytest.raises(WrongPassphrase):
            under_duress(set_up, passphrase=passphrase)
    open_vault(set_up).close()


def test_it_is_no_passphrase_of_the_real_one(set_up: Path) -> None:
    with open_vault(set_up) as vault:
        with pytest.raises(UnfitPassphrase, match="in use"):
            vault.passphrases.set_duress(PASSPHRASE, duress=PASSPHRASE, decoy=DECOY)
        with pytest.raises(UnfitPassphrase, match="in use"):
            vault.passphrases.change(PASSPHRASE, new=DURESS)
        with pytest.raises(UnfitPassphrase):
            vault.passphrases.set_duress(PASSPHRASE, duress="short", decoy=DECOY)
        for wrong in ("not the one of today", DURESS):
            with pytest.raises(WrongPassphrase):
                vault.passphrases.set_duress(wrong, duress=OTHER, decoy=DECOY)
            with pytest.raises(WrongPassphrase):
                vault.passphrases.change(wrong, new=OTHER)
        assert vault.passphrases.has_duress()
        assert vault.secrets.all("case")[0].value == KEY


def test_one_that_was_cut_off_while_it_was_set_up_is_not_relied_upon(vault: Vault, folder: Path) -> None:
    for steps in deaths(lambda: _set_up(folder)):
        if steps == 0:
            vault.close()  # the first needs it open no longer
        with open_vault(folder) as again:
            try:
                has = again.passphrases.has_duress()
            except VaultError:
                again.passphrases.remove_duress(PASSPHRASE)
                has = False
            if has:
                again.passphrases.remove_duress(PASSPHRASE)
        with pytest.raises(WrongPassphrase):
            under_duress(folder)
        open_vault(folder).close()


def _set_up(folder: Path) -> None:
    with open_vault(folder) as vault:
        vault.passphrases.set_duress(PASSPHRASE, duress=DURESS, decoy=DECOY)


def test_an_unconfirmed_one_is_not_relied_upon_either(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", refuse)
        with pytest.raises(VaultUncertain):
            vault.passphrases.set_duress(PASSPHRASE, duress=DURESS, decoy=DECOY)
    with pytest.raises(VaultError, match="cut off"):
        vault.passphrases.has_duress()
    vault.passphrases.set_duress(PASSPHRASE, duress=DURESS, decoy=DECOY)
    assert vault.passphrases.has_duress()


def test_files_have_the_same_names_and_sizes_with_and_without(tmp_path: Path) -> None:
    shapes = set()
    for number, with_duress in enumerate((False, True)):
        folder = tmp_path / str(number)
        with new_vault(folder) as vault:
            fill(vault)
            if with_duress:
                vault.passphrases.set_duress(PASSPHRASE, duress=DURESS, decoy=DECOY)
        shapes.add(tuple(sorted((path.name, path.stat().st_size) for path in folder.iterdir())))
    assert len(shapes) == 1


def test_dates_of_the_slots_are_those_of_the_last_opening(set_up: Path) -> None:
    os.utime(set_up / "keyslots", (1_000_000_000, 1_000_000_000))
    inode = (set_up / "keyslots").stat().st_ino
    with open_vault(set_up) as vault:
        assert (set_up / "keyslots").stat().st_mtime > 1_500_000_000
        vault.passphrases.remove_duress(PASSPHRASE)
    # Filled and emptied where it lies: a new file would have a date of birth.
    assert (set_up / "keyslots").stat().st_ino == inode


def test_a_locked_vault_has_no_passphrases_to_change(vault: Vault) -> None:
    vault.close()
    with pytest.raises(VaultClosed):
        vault.passphrases.set_duress(PASSPHRASE, duress=DURESS, decoy=DECOY)
    with pytest.raises(VaultClosed):
        vault.passphrases.has_duress()
