"""Somebody writes in and is answered: each path, in a real browser, through real processes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from causeway.desk.engine import Desk
from causeway.desk.views import ConversationState, Delivery
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


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).locator("visible=true").click()


def words_on(page: Page) -> list[str]:
    items = page.locator("ol[data-words] li").locator("visible=true")
    expect(items).to_have_count(8)
    return items.all_inner_texts()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_person_writes_and_reads_the_answer(
    script: bool, place: Place, desk: Desk, browser: Browser
) -> None:
    context = browser.new_context(locale="ru-RU", java_script_enabled=script)
    page = context.new_page()
    page.goto(desk.centre().door_link)
    expect(page.locator("html")).to_have_attribute("lang", "ru")

    button(page, "Хочу написать")
    words = words_on(page)
    page.locator("textarea[name=text]").locator("visible=true").fill(TEXT)
    button(page, "Отправить")
    expect(page.locator("h1").locator("visible=true")).not_to_have_text("Ваши слова и ваше сообщение")

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
    page.get_by_role("link", name="Я здесь не в первый раз").click()
    page.locator("textarea[name=words]").locator("visible=true").fill(" ".join(words).upper())
    button(page, "Посмотреть, есть ли ответ")
    expect(page.get_by_text(ANSWER).locator("visible=true")).to_be_visible()
    page.locator("textarea[name=text]").locator("visible=true").fill(FOLLOW_UP)
    button(page, "Отправить")
    expect(page.get_by_text(ANSWER).locator("visible=true")).to_have_count(0)

    until(lambda: len(desk.conversation(row.id).messages) == 2)
    view = desk.conversation(row.id)
    assert {message.text for message in view.messages} == {TEXT, FOLLOW_UP}
    assert view.answers[0].delivery is Delivery.READ  # writing on says that the answer was seen
    assert view.row.state is ConversationState.WAITING
    assert context.cookies() == []
    context.close()
