"""Debian's Chromium starts as the fixtures of pytest-playwright expect it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page


@pytest.mark.slow
def test_chromium_shows_a_page(page: Page, request: pytest.FixtureRequest) -> None:
    page.goto("data:text/html,<title>Weather</title><p>rain")
    assert page.title() == "Weather"
    assert page.inner_text("p") == "rain"
    assert request.node.get_closest_marker("browser")
