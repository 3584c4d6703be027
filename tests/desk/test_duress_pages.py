"""The pages for duress, backup and a laptop that was taken out, over a real desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from causeway.desk.engine.backup import look_into_backup
from causeway.desk.engine.destroying import destroy_everything
from causeway.desk.web.keeper import State
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from tests.desk.pages import Pages, new_pages, words, wrote
from tests.desk_engine.town import PASSPHRASE, Town

DURESS = "eleven white storks"
OTHER = "five yellow wagtails"
SET_UP = {
    "passphrase": PASSPHRASE,
    "duress": DURESS,
    "again": DURESS,
    "centre": "Reading circle",
    "member": "Ada",
    "read": "1",
}


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def locked(place: Town, pages: Pages) -> Iterator[Pages]:
    """Another process, after the desk was locked."""
    pages.keeper.close()
    again = new_pages(place.folder / "desk", clock=place.clock)
    again.enter()
    yield again
    again.keeper.close()


# ---- Duress ----


def test_it_is_off_and_its_limits_are_said_before_it_is_set_up(pages: Pages) -> None:
    page = pages.get("/centre/duress")
    said = words(page)
    assert "It is not set up on this laptop." in said
    for limit in (
        "It can't be undone.",
        "This program is public",
        "Nobody can prove that none is set up",
        "An earlier copy still opens.",
        "A disk may keep what was overwritten.",
        "Destroying may be punished.",
    ):
        assert limit in said
    # Above the form, not below it.
    assert page.text.index("Destroying may be punished") < page.text.index('action="/centre/duress"')
    for promise in ("undetectable", "invisible", "plausible", "deniab", "secure"):
        assert promise not in said.lower()


def test_it_is_set_up_and_taken_away(pages: Pages) -> None:
    assert "It is set up." in words(pages.post("/centre/duress", **SET_UP))
    shown = pages.get("/centre/duress")
    assert "It is set up on this laptop." in words(shown)
    assert DURESS not in shown.text
    refused = pages.post("/centre/duress/away", passphrase=DURESS)
    assert "does not open" in words(refused)
    assert "It is set up on this laptop." in words(refused)
    gone = words(pages.post("/centre/duress/away", passphrase=PASSPHRASE))
    assert "opens nothing any more" in gone
    assert "It is not set up on this laptop." in gone


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"read": ""}, "Please read what it can't do first"),
        ({"again": "something else here"}, "not the same"),
        ({"passphrase": "not the right one"}, "does not open"),
        ({"duress": PASSPHRASE, "again": PASSPHRASE}, "in use on this desk already"),
        ({"duress": "short", "again": "short"}, "longer passphrase"),
        ({"centre": "Lantern House"}, "must not be those"),
        ({"member": ""}, "needs two names"),
    ],
)
def test_what_is_refused_is_said_and_the_names_stay(
    pages: Pages, change: dict[str, str], sentence: str
) -> None:
    shown = pages.post("/centre/duress", **(SET_UP | change))
    assert sentence in words(shown)
    assert "It is not set up on this laptop." in words(shown)
    assert f'value="{(SET_UP | change)["centre"]}"' in shown.text
    assert DURESS not in shown.text


def test_one_that_was_cut_off_is_said(pages: Pages) -> None:
    pages.post("/centre/duress", **SET_UP)
    settings = pages.keeper.desk._parts.vault.settings
    uses = settings.get("vault/key-slots")
    settings.put("vault/key-slots", value=uses.replace("d", "?"))
    shown = pages.get("/centre/duress")
    assert "was cut off while it was set up" in words(shown)
    assert 'action="/centre/duress/away"' in shown.text


def test_unlocked_with_it_the_desk_is_empty(place: Town, pages: Pages) -> None:
    person = wrote(place, pages, "A canary in the mill")
    pages.post("/centre/duress", **SET_UP)
    pages.keeper.close()
    again = new_pages(place.folder / "desk", clock=place.clock)
    again.enter()
    now = again.post("/unlock", passphrase=DURESS)
    assert again.keeper.state is State.OPEN
    assert "No door is set" in words(now)
    assert again.get(f"/c/{person.id}").status_code == 404
    assert again.keeper.desk.centre().name == "Reading circle"
    again.keeper.close()
    last = new_pages(place.folder / "desk", clock=place.clock)
    last.enter()
    assert "does not open the desk" in words(last.post("/unlock", passphrase=PASSPHRASE))


# ---- Taken out ----


def test_a_laptop_that_was_taken_out_says_so_and_nothing_else(place: Town, pages: Pages) -> None:
    person = wrote(place, pages, "A canary in the mill")
    destroy_everything(pages.keeper.desk._parts)
    assert pages.keeper.state is State.REVOKED
    for path in ("/", "/now", f"/c/{person.id}", "/inbox", "/centre/duress", "/first/names"):
        shown = pages.get(path)
        assert "This laptop was taken out of the centre" in words(shown)
        assert "canary" not in words(shown)
    assert "taken out" in words(pages.post("/unlock", passphrase=PASSPHRASE))
    # In a new process, too, until somebody makes room.
    again = new_pages(place.folder / "desk", clock=place.clock)
    again.enter()
    assert "taken out" in words(again.get("/"))
    assert "What a taken laptop gives away" in words(again.post("/first/anew"))
    assert again.keeper.state is State.NEW
    assert str(again.post("/first/anew").url).endswith("/first")


# ---- Backup ----


def test_a_backup_is_made_where_it_is_asked_for(place: Town, pages: Pages, stick: Path) -> None:
    wrote(place, pages, "A canary in the mill")
    said = words(pages.get("/centre/backup"))
    assert "Nobody can pass themselves off as you with a backup alone." in said
    assert "It does not forget." in said
    shown = words(pages.post("/centre/backup", folder=str(stick), passphrase=OTHER, again=OTHER, files="1"))
    (made,) = stick.iterdir()
    assert f"The backup is whole, in the folder {made}." in shown
    view = look_into_backup(made, passphrase=OTHER, profile=CHEAP_FOR_TESTS)
    assert (view.centre, view.with_files) == ("Lantern House", True)


@pytest.mark.parametrize(
    ("folder", "passphrase", "again", "sentence"),
    [
        ("{stick}", OTHER, "another one here", "not the same"),
        ("{stick}/nowhere", OTHER, OTHER, "no such folder"),
        ("", OTHER, OTHER, "no such folder"),
        ("{stick}", "short", "short", "longer passphrase"),
        ("{desk}", OTHER, OTHER, "own folder"),
    ],
)
def test_a_backup_that_is_refused(
    place: Town, pages: Pages, stick: Path, folder: str, passphrase: str, again: str, sentence: str
) -> None:
    asked = folder.format(stick=stick, desk=place.folder / "desk")
    shown = pages.post("/centre/backup", folder=asked, passphrase=passphrase, again=again)
    assert sentence in words(shown)
    assert f'value="{asked}"' in shown.text
    assert list(stick.iterdir()) == []


def test_a_new_laptop_looks_into_a_backup(pages: Pages, stick: Path, tmp_path: Path) -> None:
    pages.post("/centre/backup", folder=str(stick), passphrase=OTHER, again=OTHER)
    (made,) = stick.iterdir()
    new = new_pages(tmp_path / "new")
    new.enter()
    assert str(new.get("/first/backup/found").url).endswith("/first/backup")
    wrong = new.post("/first/backup", folder=str(made), passphrase="not the right one")
    assert "does not open" in words(wrong)
    assert f'value="{made}"' in wrong.text
    assert "no whole backup" in words(new.post("/first/backup", folder=str(stick), passphrase=OTHER))
    found = words(new.post("/first/backup", folder=str(made), passphrase=OTHER))
    assert "The backup opens" in found
    assert "Lantern House, as Mira could read it" in found
    assert "Without files" in found
    assert "further laptop" in found
    # Its passphrase is in memory: something to lock, where nobody sits.
    assert new.keeper.holds_anything
    assert not (tmp_path / "new").exists()
