"""A bounded run: every seed, some hundred changes of each, and a second of search by coverage a target."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.fuzz.run import fuzz, mutated
from tests.fuzz.seeds import seeds_of
from tests.fuzz.targets import TARGETS, Target

_CHANGED = 60
_ONE_SECONDS = 5.0


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_read_and_what_is_made_of_it_is_refused_as_declared(name: str) -> None:
    rng, seeds, target = random.Random(name), seeds_of(name), TARGETS[name]  # noqa: S311
    for data in [b"", *seeds, *(mutated(seeds, rng=rng) for _ in range(_CHANGED))]:
        begun = time.monotonic()
        target(data)
        assert time.monotonic() - begun < _ONE_SECONDS, data


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["form", "request", "words", "names", "intake", "board", "sheet", "envelope"]
)
def test_a_second_of_search_by_coverage_finds_no_fault(name: str, tmp_path: Path) -> None:
    done = fuzz(name, seconds=1, corpus=tmp_path)
    assert done.returncode == 0, done.stderr[-4_000:]
    assert "number_of_executed_units" in done.stderr


def test_a_fault_is_found() -> None:
    """The same loop, with a parser that lets an error through for one byte."""

    def careless(data: bytes) -> None:
        if data[:1] == b"\xff":
            raise KeyError(data)

    target, rng = Target(careless), random.Random(1)  # noqa: S311

    def search() -> None:
        for _ in range(20_000):
            target(mutated([b"\x7f", b"seed"], rng=rng))

    with pytest.raises(KeyError):
        search()
