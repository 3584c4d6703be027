"""Duress and revocation at a real desk: what opens, what is gone, and that it is gone for good."""

from __future__ import annotations

import os
import shutil

import pytest

from causeway.desk.engine import Desk
from causeway.desk.engine.destroying import destroy_everything
from causeway.errors import LocalError
from causeway.sealed.passphrase import CHEAP_FOR_TESTS, UnfitPassphrase
from causeway.vault import VaultClosed, VaultRevoked, WrongPassphrase
from tests.desk_engine.town import PASSPHRASE, Person, Town
from tests.vault.dying import deaths
from tests.vault.material import files_with

DURESS = "eleven white storks"
SAID = "Канарейка поёт в семь"


@pytest.fixture
def written(place: Town, desk: Desk) -> Person:
    """Somebody wrote, and the desk has a duress passphrase; it is closed."""
    person = Person(place)
    person.send(SAID)
    desk.sync_round()
    desk.duress.set_up(PASSPHRASE, duress=DURESS, centre="Reading circle", member="Ada")
    assert desk.search("Канарейка")
    desk.close()
    return person


def open_with(place: Town, passphrase: str) -> Desk:
    return Desk.open(place.folder / "desk", passphrase=passphrase, profile=CHEAP_FOR_TESTS, clock=place.clock)


def test_it_opens_an_empty_desk_that_works(place: Town, written: Person) -> None:
    desk = open_with(place, DURESS)
    view = desk.centre()
    assert (view.name, view.member, view.door_url) == ("Reading circle", "Ada", "")
    assert desk.inbox() == ()
    assert desk.search("Канарейка") == ()
    assert not desk.duress.is_set()
    desk.sync_round()  # no door is set, as after a first run that left it for later
    desk.duress.set_up(DURESS, duress="one more of that kind", centre="Chess", member="Leo")
    desk.close()
    with pytest.raises(WrongPassphrase):
        open_with(place, PASSPHRASE)
    again = open_with(place, DURESS)
    assert again.centre().name == "Reading circle"
    again.close()


def test_a_decoy_is_what_a_first_run_makes(place: Town, written: Person) -> None:
    """Names, numbers and kinds of all that is in the two stores: nothing tells one from the other."""
    decoy = open_with(place, DURESS)
    fresh = place.new_desk("fresh", door_url="", setup_code="", centre="Reading circle", member="Ada")
    fresh.close()
    fresh = place.open_desk("fresh")
    assert _shape(decoy) == _shape(fresh)
    decoy.close()
    fresh.close()
    sizes = [
        {path.name: path.stat().st_size for path in (place.folder / name).iterdir()}
        for name in ("desk", "fresh")
    ]
    assert sizes[0] == sizes[1]


def _shape(desk: Desk) -> dict[str, object]:
    db = desk._parts.db
    tables = [row[0] for row in db.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    shape: dict[str, object] = {
        name: db.row(f'SELECT count(*) FROM "{name}"')  # noqa: S608
        for name in tables
        if not name.startswith("search_index")
    }
    shape["settings"] = sorted(
        # One of sixteen board slots is drawn, so that its number has one digit or two.
        (key.split("/")[0], key != "board-slot" and len(value))
        for key, value in db.rows("SELECT key, value FROM setting")
    )
    shape["secrets"] = db.rows("SELECT kind, length(value), from_day, until_day FROM secret ORDER BY 1, 2, 3")
    return shape


@pytest.mark.slow
def test_kill_9_anywhere_in_the_real_desk(place: Town, written: Person) -> None:
    folder, original = place.folder / "desk", place.folder / "original"
    shutil.copytree(folder, original)
    ends = []
    # Not every step: the vault's own tests go through all of them, with less in between.
    for _ in deaths(lambda: open_with(place, DURESS).close(), every=11):
        ends.append(_opens(place, PASSPHRASE))
        desk = open_with(place, DURESS)
        assert (desk.centre().name, desk.inbox()) == ("Reading circle", ())
        desk.close()
        assert not _opens(place, PASSPHRASE)
        shutil.rmtree(folder)
        shutil.copytree(original, folder)
    assert ends[0]
    assert not ends[-1]
    assert ends == sorted(ends, reverse=True)


def _opens(place: Town, passphrase: str) -> bool:
    try:
        open_with(place, passphrase).close()
    except WrongPassphrase:
        return False
    return True


@pytest.mark.parametrize(
    ("centre", "member", "reason"),
    [
        ("", "Ada", "two names"),
        ("Circle", "  ", "two names"),
        ("x" * 61, "Ada", "two names"),
        ("Lantern House", "Ada", "must not be"),
        ("Circle", " Mira ", "must not be"),
    ],
)
def test_names_that_give_it_away_are_refused(desk: Desk, centre: str, member: str, reason: str) -> None:
    with pytest.raises(LocalError, match=reason):
        desk.duress.set_up(PASSPHRASE, duress=DURESS, centre=centre, member=member)
    assert not desk.duress.is_set()


def test_it_cant_be_the_real_one_and_stays_when_that_changes(place: Town, desk: Desk) -> None:
    with pytest.raises(UnfitPassphrase):
        desk.duress.set_up(PASSPHRASE, duress=PASSPHRASE, centre="Circle", member="Ada")
    desk.duress.set_up(PASSPHRASE, duress=DURESS, centre="Circle", member="Ada")
    desk.change_passphrase(PASSPHRASE, "another long passphrase")
    assert desk.duress.is_set()
    with pytest.raises(WrongPassphrase):
        desk.duress.take_away(PASSPHRASE)
    desk.duress.take_away("another long passphrase")
    assert not desk.duress.is_set()
    desk.close()
    assert not _opens(place, DURESS)
    assert _opens(place, "another long passphrase")


def test_a_laptop_that_was_taken_out_of_the_centre(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send(SAID)
    desk.sync_round()
    folder = place.folder / "desk"
    kept = [os.read(os.open(folder / "keyslots", os.O_RDONLY), 40_000)]
    destroy_everything(desk._parts)
    with pytest.raises(VaultClosed):
        desk.inbox()
    assert Desk.was_revoked(folder)
    assert not Desk.exists(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["keyslots", "lock", "revoked"]
    assert files_with(folder, SAID) == set()
    assert (folder / "keyslots").read_bytes() != kept[0]
    with pytest.raises(VaultRevoked):
        place.open_desk()
    desk.close()
