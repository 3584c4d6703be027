from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from causeway.desk.engine import Desk
from tests.desk_engine.other_desk import OtherDesk
from tests.desk_engine.town import Town, town


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


@pytest.fixture
def desk(place: Town) -> Iterator[Desk]:
    """A desk whose relay is claimed and whose door is open."""
    made = place.new_desk()
    made.sync_round()
    yield made
    made.close()


@pytest.fixture
def other(place: Town, desk: Desk) -> OtherDesk:
    return OtherDesk(place, desk)
