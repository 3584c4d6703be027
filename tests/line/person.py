"""What a person does at the door, in Russian, in a real browser; with script or without."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect

__all__ = ["field", "look_for_answer", "press", "write_in", "write_on"]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).locator("visible=true").click()


def field(page: Page, name: str) -> Locator:
    return page.locator(f"textarea[name={name}]").locator("visible=true")


def write_in(page: Page, text: str) -> list[str]:
    """From the first page to the last; return the eight words."""
    press(page, "Хочу написать")
    items = page.locator("ol[data-words] li").locator("visible=true")
    expect(items).to_have_count(8, timeout=60_000)
    words = items.all_inner_texts()
    field(page, "text").fill(text)
    press(page, "Отправить")
    expect(field(page, "text")).to_have_count(0, timeout=60_000)
    return words


def look_for_answer(page: Page, words: Sequence[str], answer: str) -> None:
    """From the first page to the answer."""
    page.get_by_role("link", name="Я здесь не в первый раз").click()
    field(page, "words").fill(" ".join(words).upper())
    press(page, "Посмотреть, есть ли ответ")
    expect(page.get_by_text(answer).locator("visible=true")).to_be_visible(timeout=60_000)


def write_on(page: Page, text: str) -> None:
    """Write again from the page with the answer."""
    field(page, "text").fill(text)
    press(page, "Отправить")
    expect(field(page, "text")).to_have_count(0)
