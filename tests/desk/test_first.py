"""The first run, and unlocking."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from causeway.desk.web.keeper import State
from tests.desk.pages import Pages, new_pages, words
from tests.desk_engine.town import PASSPHRASE, Town
from tests.relay.running import Clock


@pytest.fixture
def first(tmp_path: Path) -> Pages:
    made = new_pages(tmp_path / "desk", socks="127.0.0.1:9050")
    made.enter()
    return made


def made(pages: Pages) -> None:
    until = time.monotonic() + 60
    while pages.keeper.state is State.MAKING:
        assert time.monotonic() < until
        assert pages.get("/first/making").status_code == 200


def to_the_door(pages: Pages) -> None:
    pages.post("/first/names", centre="Lime Street", member="Mira")
    assert "Where is the door?" in words(
        pages.post("/first/passphrase", passphrase=PASSPHRASE, again=PASSPHRASE)
    )


def test_it_begins_by_saying_what_a_taken_laptop_gives_away(first: Pages) -> None:
    assert "What a taken laptop gives away" in words(first.get("/"))


def test_steps_come_in_order(first: Pages) -> None:
    assert str(first.get("/first/door").url).endswith("/first/names")
    assert str(first.post("/first/door", later="1").url).endswith("/first/names")
    assert first.keeper.state is State.NEW


@pytest.mark.parametrize(("centre", "member"), [("", "Mira"), ("Lime", "  "), ("x" * 61, "Mira")])
def test_both_names_are_needed_and_what_was_typed_stays(first: Pages, centre: str, member: str) -> None:
    shown = first.post("/first/names", centre=centre, member=member)
    assert "Please write both" in words(shown)
    assert f'value="{centre}"' in shown.text


def test_a_short_passphrase_and_a_mistyped_one_are_refused_and_not_shown_again(first: Pages) -> None:
    first.post("/first/names", centre="Lime", member="Mira")
    assert "longer passphrase" in words(first.post("/first/passphrase", passphrase="short", again="short"))
    again = first.post("/first/passphrase", passphrase="long enough, surely", again="long enough, surly")
    assert "not the same" in words(again)
    assert "surely" not in again.text
    assert first.keeper.first.passphrase == ""


def test_a_desk_is_made(place: Town) -> None:
    pages = new_pages(place.folder / "desk", clock=place.clock)
    pages.enter()
    to_the_door(pages)
    refused = pages.post("/first/door", door_url="not a door", socks="", setup_code="kept")
    assert 'value="kept"' in refused.text
    pages.post("/first/door", door_url=place.url, setup_code=place.codes[0], socks="")
    made(pages)
    shown = pages.get("/first/making")
    assert str(shown.url).endswith("/centre")
    assert "The desk is made." in words(shown)
    assert pages.keeper.first.passphrase == ""
    centre = pages.keeper.desk.centre()
    assert (centre.name, centre.member, centre.door_url) == ("Lime Street", "Mira", place.url)
    pages.keeper.close()


def test_the_door_can_be_left_for_later(first: Pages) -> None:
    to_the_door(first)
    first.post("/first/door", later="1")
    made(first)
    assert first.keeper.state is State.OPEN
    assert "No door is set yet" in words(first.get("/first/making"))
    assert "No door is set: nothing comes in and nothing goes out." in words(first.get("/now"))
    assert first.get("/centre/qr.svg").status_code == 404
    first.keeper.close()


def test_what_goes_wrong_while_making_is_said(first: Pages, tmp_path: Path) -> None:
    to_the_door(first)
    (tmp_path / "desk").write_text("in the way")
    first.post("/first/door", door_url="https://door.example", socks="")
    made(first)
    shown = first.get("/first/making")
    assert "Where is the door?" in words(shown)
    assert 'role="alert"' in shown.text


def test_a_wrong_passphrase_is_one_sentence_and_takes_longer_each_time(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.new_desk().close()
    waits: list[float] = []
    monkeypatch.setattr("causeway.desk.web.pages_lock.time.sleep", waits.append)
    pages = new_pages(place.folder / "desk", clock=place.clock)
    pages.enter()
    for _ in range(3):
        assert "does not open the desk" in words(pages.post("/unlock", passphrase="not this one"))
    assert waits == sorted(set(waits))
    assert waits[-1] < 10
    assert "Now" in words(pages.post("/unlock", passphrase=PASSPHRASE))
    pages.keeper.close()


def test_a_second_window_of_the_same_desk_says_so(place: Town) -> None:
    place.new_desk()
    pages = new_pages(place.folder / "desk", clock=place.clock)
    pages.enter()
    assert "already open" in words(pages.post("/unlock", passphrase=PASSPHRASE))


def test_socks_named_at_the_start_replace_what_was_kept(place: Town) -> None:
    place.new_desk().close()
    pages = new_pages(place.folder / "desk", clock=place.clock, socks="127.0.0.1:9150", socks_given=True)
    pages.enter()
    pages.post("/unlock", passphrase=PASSPHRASE)
    assert pages.keeper.desk.centre().socks == "127.0.0.1:9150"
    pages.keeper.close()


def test_russian_from_the_start(tmp_path: Path) -> None:
    pages = new_pages(tmp_path / "desk", clock=Clock(), language="ru")
    pages.enter()
    assert "Что выдаст отнятый ноутбук" in words(pages.get("/"))
