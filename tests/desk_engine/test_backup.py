"""Backup and restore: all that the desk could read, and nothing that makes a laptop itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from causeway.desk.engine import Desk, backup
from causeway.desk.engine.backup import look_into_backup, open_backup, restore_backup
from causeway.desk.engine.errors import NotMade
from causeway.desk.engine.keyring import Keyring
from causeway.desk.engine.parts import assemble
from causeway.desk.views import Delivery
from causeway.errors import LocalError
from causeway.sealed.passphrase import CHEAP_FOR_TESTS, UnfitPassphrase
from causeway.vault import (
    Database,
    Vault,
    VaultDamaged,
    VaultExists,
    VaultFull,
    VaultMissing,
    WrongPassphrase,
)
from tests.desk_engine.other_desk import OtherDesk
from tests.desk_engine.town import PASSPHRASE, Person, Town
from tests.vault.dying import deaths
from tests.vault.material import files_with

OTHER = "five yellow wagtails"
NEW = "forty brown sparrows"
CHEAP = CHEAP_FOR_TESTS
SAID = "Мельница у переправы, во вторник"
FILE = os.urandom(300_000)


@pytest.fixture
def full(place: Town, desk: Desk) -> Desk:
    """A desk with two people, a file, a label, an answer on the board and one that is held back."""
    first, second = Person(place), Person(place)
    sent = first.put_file(FILE, "scan.png")
    first.send(SAID, files=(sent,))
    second.send("Is anybody there?", language="en")
    desk.sync_round()
    desk.fetch_files()
    desk.set_labels(first.id, ["urgent"])
    desk.answer(first.id, "We have read it.")
    desk.sync_round()
    desk.answer(second.id, "Not yet to be sent.")
    (held,) = [row for row in desk.outbox() if row.kind == "answer"]
    desk.hold(held.id, True)
    return desk


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def make(desk: Desk, stick: Path, **settings: Any) -> Path:
    return desk.backups.make(stick, passphrase=OTHER, **settings).folder


def restored(directory: Path, made: Path) -> Vault:
    return restore_backup(directory, passphrase=NEW, backup=made, backup_passphrase=OTHER, profile=CHEAP)


def as_new_device(vault: Vault, place: Town, desk: Desk) -> Iterator[Desk]:
    """Give a restored vault the keys of a new device, as joining does, and open it as a desk."""
    parts = desk._parts
    Keyring.begin(vault, today=parts.today, random=os.urandom)
    for name in ("member", "door", "boards", "fingerprint"):
        vault.settings.put(name, value=parts.vault.settings.get(name))
    for row in parts.db.rows("SELECT hash, version, signed, late FROM desk_roster"):
        vault.db.run("INSERT INTO desk_roster VALUES (?, ?, ?, ?)", row)
    keys = Keyring(vault, random=os.urandom)
    keys.turn_wrapping(today=parts.today)
    yield Desk(assemble(vault, clock=place.clock, random=os.urandom, undo_seconds=0.0))


def test_a_backup_says_what_it_is(full: Desk, stick: Path) -> None:
    size = full.backups.size()
    assert size.file_bytes >= len(FILE)
    made = full.backups.make(stick, passphrase=OTHER)
    assert made.folder.parent == stick
    assert made.entries == size.entries > 5
    assert (made.centre, made.member_name, made.with_files) == ("Lantern House", "Mira", True)
    assert look_into_backup(made.folder, passphrase=OTHER, profile=CHEAP) == made
    assert sorted(path.name for path in made.folder.iterdir()) == ["keyslots", "lock", "store"]
    assert [path.name for path in stick.iterdir()] == [made.folder.name]
    again = full.backups.make(stick, passphrase=OTHER)
    assert again.folder.name == f"{made.folder.name}-2"


def test_all_that_was_read_is_read_again_on_another_laptop(
    full: Desk, place: Town, stick: Path, tmp_path: Path
) -> None:
    made = make(full, stick)
    vault = restored(tmp_path / "new", made)
    (new,) = as_new_device(vault, place, full)
    assert {row.id: row.code_name for row in new.inbox()} == {row.id: row.code_name for row in full.inbox()}
    assert [row.id for row in new.search("переправы")] == [row.id for row in full.search("переправы")]
    for row in full.inbox():
        before, after = full.conversation(row.id), new.conversation(row.id)
        assert after.messages == before.messages
        assert after.row.labels == before.row.labels
        assert [one.text for one in after.answers] == [one.text for one in before.answers]
    # What was held back is still held back, and what was on the board is not sent as new.
    deliveries = {
        answer.text: answer.delivery for row in new.inbox() for answer in new.conversation(row.id).answers
    }
    assert deliveries == {"We have read it.": Delivery.ON_BOARD, "Not yet to be sent.": Delivery.HELD}
    (row,) = new.search("переправы")
    (file,) = new.conversation(row.id).messages[0].files
    assert new.files.summary().taken_bytes == full.files.summary().taken_bytes
    assert file.state == full.conversation(row.id).messages[0].files[0].state
    new.close()


def test_without_files_they_are_to_be_fetched_again(
    full: Desk, place: Town, stick: Path, tmp_path: Path
) -> None:
    made = make(full, stick, with_files=False)
    assert not look_into_backup(made, passphrase=OTHER, profile=CHEAP).with_files
    (new,) = as_new_device(restored(tmp_path / "new", made), place, full)
    assert new.files.summary().taken_bytes == 0
    assert new.files.summary().coming == 1
    new.close()


def test_no_key_of_the_device_the_root_or_the_relay_goes_along(full: Desk, stick: Path) -> None:
    full.duress.set_up(PASSPHRASE, duress="a harmless passphrase", centre="Circle", member="Ada")
    source = full._parts.vault
    made = make(full, stick)
    with open_backup(made, passphrase=OTHER, profile=CHEAP) as vault:
        left = [
            bytes(value)
            for kind in backup.LEFT_SECRETS
            for (value,) in source.db.rows("SELECT value FROM secret WHERE kind = ?", (kind,))
        ]
        assert len(left) >= 5
        for value in _values(vault):
            assert not any(key in value for key in left)
        assert {row[0] for row in vault.db.rows("SELECT DISTINCT kind FROM secret")} <= set(
            backup.CARRIED_SECRETS
        )
        carried = {secret.value for kind in backup.CARRIED_SECRETS for secret in vault.secrets.all(kind)}
        assert carried == {
            secret.value for kind in backup.CARRIED_SECRETS for secret in source.secrets.all(kind)
        }
        assert not vault.passphrases.has_duress()
        with pytest.raises(NotMade):
            Keyring(vault, random=os.urandom)
    # Nor does anything that opens this desk open the backup.
    for passphrase in (PASSPHRASE, "a harmless passphrase"):
        with pytest.raises(WrongPassphrase):
            open_backup(made, passphrase=passphrase, profile=CHEAP)


def _values(vault: Vault) -> Iterator[bytes]:
    names = vault.db.rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'")
    for (name,) in names:
        for row in vault.db.rows(f'SELECT * FROM "{name}"'):  # noqa: S608
            yield from (one if isinstance(one, bytes) else str(one).encode() for one in row)


def test_every_table_and_kind_of_key_is_decided_on(full: Desk) -> None:
    """Who adds a table or a kind of key says in `backup` whether it is carried."""
    db = full._parts.db
    projected = {
        name
        for (tables,) in db.rows("SELECT tables FROM projection")
        for name in msgspec.json.decode(tables, type=list[str])
    }
    tables = {
        name
        for (name,) in db.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
        if not name.startswith(("search_index_", "sqlite_"))
    }
    in_part = {"piece", "outbox", "secret", "setting"}
    assert tables - projected == {*backup.CARRIED_TABLES, *backup.LEFT_TABLES, *in_part}
    kinds = {kind for (kind,) in db.rows("SELECT DISTINCT kind FROM secret")}
    assert kinds <= {*backup.CARRIED_SECRETS, *backup.LEFT_SECRETS}


def test_what_nobody_else_has_yet_goes_along(full: Desk, place: Town, stick: Path) -> None:
    def unsent(vault: Vault) -> set[bytes]:
        return {one.body for one in vault.outbox.waiting(kind="item", with_held=True)}

    parts = full._parts
    waiting = unsent(parts.vault)
    assert waiting
    # Packed for the relay, which is not reached.
    full._store.slots_to_send()
    assert unsent(parts.vault) == set()
    with open_backup(make(full, stick), passphrase=OTHER, profile=CHEAP) as vault:
        assert unsent(vault) == waiting
        assert vault.outbox.waiting(kind="slot") == []


def test_what_the_desk_could_not_read_stays_closed(full: Desk, place: Town, stick: Path) -> None:
    """Entries of a compartment whose keys this desk never had."""
    other = OtherDesk(place, full)
    stranger = Person(place)
    secret = "Nobody here may read this line."
    other.put(other.roster(), *other.conversation(stranger, secret))
    full.sync_round()
    assert full.search("Nobody here") == ()
    with open_backup(make(full, stick), passphrase=OTHER, profile=CHEAP) as vault:
        assert not any(secret.encode() in value for value in _values(vault))
        assert len(vault.secrets.all("case")) == len(full._parts.vault.secrets.all("case"))


def test_a_stolen_backup_shows_nothing(full: Desk, stick: Path) -> None:
    made = make(full, stick)
    for text in (SAID, "Lantern House", "We have read it."):
        assert files_with(stick, text) == set()
    with pytest.raises(WrongPassphrase):
        open_backup(made, passphrase="not the right one", profile=CHEAP)


def test_what_is_wrong_is_said_and_nothing_is_left(
    full: Desk, place: Town, stick: Path, tmp_path: Path
) -> None:
    with pytest.raises(LocalError, match="no such folder"):
        full.backups.make(stick / "not plugged in", passphrase=OTHER)
    with pytest.raises(LocalError, match="own folder"):
        full.backups.make(place.folder / "desk", passphrase=OTHER)
    with pytest.raises(UnfitPassphrase):
        full.backups.make(stick, passphrase="short")
    assert list(stick.iterdir()) == []
    made = make(full, stick)
    new = tmp_path / "new"
    with pytest.raises(VaultMissing):
        restore_backup(new, passphrase=NEW, backup=stick, backup_passphrase=OTHER, profile=CHEAP)
    with pytest.raises(WrongPassphrase):
        restore_backup(new, passphrase=NEW, backup=made, backup_passphrase=NEW, profile=CHEAP)
    with pytest.raises(UnfitPassphrase):
        restore_backup(new, passphrase="short", backup=made, backup_passphrase=OTHER, profile=CHEAP)
    with pytest.raises(VaultExists):
        restored(place.folder / "desk", made)
    assert not new.exists()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.endswith("ing")) == []
    # A desk's own folder is no backup of it.
    full.close()
    with pytest.raises(VaultMissing, match="no whole backup"):
        open_backup(place.folder / "desk", passphrase=PASSPHRASE, profile=CHEAP)
    (made / "store").write_bytes((made / "store").read_bytes()[:-5_000])
    with pytest.raises(VaultDamaged):
        restored(new, made)
    assert not new.exists()


def test_a_full_disk_leaves_no_half_backup(
    full: Desk, stick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(full, stick)
    writes = iter(range(9))

    def run_many(self: Database, sql: str, rows: Any) -> None:
        if next(writes, None) is None:
            raise VaultFull("The disk has no room left.")
        many(self, sql, rows)

    many = Database.run_many
    monkeypatch.setattr(Database, "run_many", run_many)
    with pytest.raises(VaultFull):
        make(full, stick)
    assert list(stick.iterdir()) == [made]
    with pytest.raises(VaultFull):
        restored(tmp_path / "new", made)
    monkeypatch.undo()
    assert not (tmp_path / "new").exists()
    full.answer(full.inbox()[0].id, "The desk itself goes on.")
    make(full, stick)


@pytest.mark.slow
def test_cut_off_anywhere_there_is_a_whole_backup_or_none(full: Desk, place: Town, tmp_path: Path) -> None:
    full.close()
    stick, left = tmp_path / "stick", []
    stick.mkdir()
    for _ in deaths(lambda: _backup(place, stick), every=13):
        left.append([one.name.startswith(".") for one in stick.iterdir()])
        for folder in stick.glob("causeway-*"):
            look_into_backup(folder, passphrase=OTHER, profile=CHEAP)
        # Made again, what was left of the one before goes.
        _backup(place, stick)
        assert not any(one.name.startswith(".") for one in stick.iterdir())
        shutil.rmtree(stick)
        stick.mkdir()
    assert left.count([True]) > 3


def _backup(place: Town, stick: Path) -> None:
    desk = place.open_desk()
    make(desk, stick)
    desk.close()


@pytest.mark.slow
def test_restoring_that_is_cut_off_begins_again(full: Desk, stick: Path, tmp_path: Path) -> None:
    made = make(full, stick)
    new = tmp_path / "new"
    begun = 0
    for _ in deaths(lambda: restored(new, made).close(), every=13):
        if not new.exists():
            begun += 1
            restored(new, made).close()
        with Vault.open(new, passphrase=NEW, profile=CHEAP) as vault:
            assert vault.entries.count() == full._parts.vault.entries.count()
        shutil.rmtree(new)
    assert begun > 3
