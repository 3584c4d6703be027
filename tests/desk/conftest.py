from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.pages import Pages, opened_pages
from tests.desk_engine.town import Town, town


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


@pytest.fixture
def pages(place: Town) -> Iterator[Pages]:
    """An open desk whose relay is claimed, and a browser that was let in."""
    with opened_pages(place) as made:
        yield made
