from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.door.parts import Centre, Door


@pytest.fixture(scope="module")
def shared_folder() -> Iterator[Path]:
    """The same for a whole module."""
    with tempfile.TemporaryDirectory(prefix="door") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def shared_centre(shared_folder: Path) -> Iterator[Centre]:
    """A relay for tests that leave no trace in it that another would see."""
    one = Centre(shared_folder)
    try:
        one.open_door()
        yield one
    finally:
        one.process.stop()


@pytest.fixture(scope="module")
def shared_door(shared_folder: Path, shared_centre: Centre) -> Iterator[Door]:
    one = Door(shared_folder, shared_centre.socket)
    try:
        yield one
    finally:
        one.stop()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a path short enough for a Unix socket."""
    with tempfile.TemporaryDirectory(prefix="door") as name:
        yield Path(name)


@pytest.fixture
def new_centre(folder: Path) -> Iterator[Centre]:
    """A relay that belongs to nobody yet."""
    one = Centre(folder)
    try:
        yield one
    finally:
        one.process.stop()


@pytest.fixture
def centre(new_centre: Centre) -> Centre:
    """A relay whose centre has opened its door."""
    new_centre.open_door()
    return new_centre


@pytest.fixture
def new_door(folder: Path, new_centre: Centre) -> Iterator[Door]:
    """A door in front of it."""
    one = Door(folder, new_centre.socket)
    try:
        yield one
    finally:
        one.stop()


@pytest.fixture
def door(centre: Centre, new_door: Door) -> Door:
    """A door that is open."""
    return new_door
