"""What a member reads when the door is not what was signed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from causeway.cli.door_texts import DoorTexts
from causeway.desk.views import AlarmKind
from causeway.desk.web.keeper import WatchedDoor
from causeway.sync.said import DoorSaid
from tests.desk.pages import Pages, new_pages, words
from tests.desk_engine.town import PASSPHRASE, Town, eventually

SAID = DoorSaid(offer=("ru",), exit_url="https://weather.example/", addresses=("http://elsewhere.example",))


@pytest.fixture
def watched(place: Town) -> Iterator[Pages]:
    """A desk before a relay without a door: whatever a visitor asks for is refused."""
    made = place.new_desk()
    made.watch_door(DoorTexts, said=SAID)
    made.sync_round()
    made._parts.settings.next_look = place.clock() + 86_400  # not before a test wants it
    made.close()
    pages = new_pages(place.folder / "desk", clock=place.clock, door=WatchedDoor(make=DoorTexts))
    pages.enter()
    pages.post("/unlock", passphrase=PASSPHRASE)
    try:
        yield pages
    finally:
        pages.keeper.close()


def test_before_the_first_look_the_page_says_so(watched: Pages) -> None:
    assert "has not been compared yet" in words(watched.get("/now"))
    centre = words(watched.get("/centre/door"))
    assert "Languages: English , Russian" in centre
    assert "The exit leads to: https://weather.example/" in centre
    assert "Other addresses of yours: http://elsewhere.example" in centre
    assert "Your own texts: none" in centre


def test_what_differs_is_said_with_what_to_do_and_goes_when_looked_at(watched: Pages) -> None:
    watched.keeper.desk.look_at_door()
    said = words(watched.get("/now"))
    assert "The door serves something else than this centre signed." in said
    assert "/static/seal.js" in said
    assert "Visitors don't get it. The door answers 404." in said
    assert "What to do: ask whoever runs the server, by another channel" in said
    assert "it differs" in said
    watched.post("/language", language="ru", back="/now")
    assert "Дверь показывает не то, что подписал этот центр." in words(watched.get("/now"))
    watched.post("/language", language="en", back="/now")
    watched.send(f"/alarms/{AlarmKind.DOOR_ALTERED}/dismiss")
    assert "Look at this first" not in words(watched.get("/now"))
    watched.keeper.desk.look_at_door()
    assert "Look at this first" in words(watched.get("/now"))


def test_what_a_hostile_door_served_is_text_on_this_page(watched: Pages) -> None:
    watched.keeper.desk.look_at_door()
    settings = watched.keeper.desk._parts.settings
    (first, *_) = settings.differences
    place = {"line": 3, "expected": "<b>here</b>", "served": "<script>steal()</script>"}
    settings.differences = [{**first, "wrong": "script", "place": place}]
    answer = watched.get("/now")
    assert "&lt;script&gt;steal()&lt;/script&gt;" in answer.text
    assert "<script>steal" not in answer.text
    assert "A script or something else that runs or loads is not the one that was signed." in words(answer)


def test_a_desk_looks_by_itself_once_its_sheet_is_at_the_door(watched: Pages) -> None:
    desk = watched.keeper.desk
    assert desk.door_watch().last_look is None
    desk._parts.settings.next_look = 0.0
    desk.sync_now()
    eventually(lambda: desk.door_watch().last_look is not None)
    assert {alarm.kind for alarm in desk.sync_view().alarms} == {AlarmKind.DOOR_ALTERED}


def test_the_next_start_without_options_signs_the_same(watched: Pages) -> None:
    """The fixture has opened it without any."""
    desk = watched.keeper.desk
    door = DoorTexts(SAID)
    assert desk._parts.settings.door_hashes == (door.bundle, door.texts)
    assert desk.door_watch().languages == ("en", "ru")
    assert watched.keeper.door_remembered
