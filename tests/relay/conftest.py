from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.relay.running import RunningRelay, running_relay


@pytest.fixture
def relay() -> Iterator[RunningRelay]:
    with running_relay() as running:
        yield running
