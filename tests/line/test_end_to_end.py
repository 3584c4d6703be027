"""Somebody writes in and is answered: each path, in a real browser, through real processes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from causeway.desk.engine import Desk
from causeway.desk.views import ConversationState, Delivery
from tests.line.person import look_for_answer, write_in, write_on
from tests.line.place import Place, until, waiting

pytestmark = [pytest.mark.slow, pytest.mark.browser]

TEXT = "Мы ждём у старой мельницы. The kettle whistles twice."
FOLLOW_UP = "Мы уже у реки, всё спокойно."
ANSWER = "Мы вас прочитали. Завтра утром напишем снова."


@pytest.fixture
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="line") as name, Place(Path(name)) as one:
        yield one


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    one = place.make_desk()
    one.start_sync(1)
    until(lambda: one.sync_view().reached)
    yield one
    one.close()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_person_writes_and_reads_the_answer(
    script: bool, place: Place, desk: Desk, browser: Browser
) -> None:
    context = browser.new_context(locale="ru-RU", java_script_enabled=script)
    page = context.new_page()
    page.goto(desk.centre().door_link)
    expect(page.locator("html")).to_have_attribute("lang", "ru")

    words = write_in(page, TEXT)

    row = waiting(desk, "мельниц")
    desk.mark_opened(row.id)
    view = desk.conversation(row.id)
    assert [message.text for message in view.messages] == [TEXT]
    assert view.messages[0].path == ("script" if script else "plain")
    assert view.row.language == "ru"
    desk.answer(row.id, ANSWER)
    until(lambda: desk.conversation(row.id).answers[0].delivery is Delivery.ON_BOARD)
    context.close()

    # Another day, another window: nothing but the words.
    context = browser.new_context(locale="ru-RU", java_script_enabled=script)
    page = context.new_page()
    page.goto(f"{place.url}/ru")
    look_for_answer(page, words, ANSWER)
    write_on(page, FOLLOW_UP)

    until(lambda: len(desk.conversation(row.id).messages) == 2)
    view = desk.conversation(row.id)
    assert {message.text for message in view.messages} == {TEXT, FOLLOW_UP}
    assert view.answers[0].delivery is Delivery.READ  # writing on says that the answer was seen
    assert view.row.state is ConversationState.WAITING
    assert context.cookies() == []
    context.close()
