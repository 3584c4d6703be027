"""The puzzle: set when the clear lane is crowded, bought once for each thing put."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.relay.config import LaneLimits
from causeway.relay.lanes import Rate
from causeway.relay.puzzle import BITS_MAX, BITS_MIN, Puzzles, bits_for, zero_bits
from tests.relay.running import RunningRelay, running_relay, slot_body, slot_id


def solve(puzzle: bytes, *, identity: bytes) -> bytes:
    """Solve by the words of docs/FORMAT.md alone."""
    bits, _, salt_text = puzzle.partition(b".")
    salt = base64.urlsafe_b64decode(salt_text + b"==")
    for number in itertools.count():
        nonce = number.to_bytes(8, "big")
        digest = hashlib.sha256(b"causeway/puzzle/1\x00" + salt + identity + nonce).digest()
        if int.from_bytes(digest, "big") >> (256 - int(bits)) == 0:
            return salt_text + b"." + base64.urlsafe_b64encode(nonce).rstrip(b"=")
    raise AssertionError


@given(st.floats(-5, 1))
def test_a_crowd_makes_it_harder_and_a_quiet_lane_asks_nothing(fullness: float) -> None:
    bits = bits_for(fullness)
    assert (bits == 0) == (fullness >= 0.5)
    assert bits == 0 or BITS_MIN <= bits <= BITS_MAX
    assert bits_for(fullness - 0.1) >= bits


def test_zero_bits() -> None:
    assert [zero_bits(bytes.fromhex(text)) for text in ("ff", "7f", "01", "00", "0080", "0001")] == [
        0,
        1,
        7,
        8,
        8,
        15,
    ]


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_salt_counts_for_ten_minutes_or_twenty_and_no_longer() -> None:
    time = Time()
    numbers: Iterator[int] = itertools.count()
    puzzles = Puzzles(random=lambda size: next(numbers).to_bytes(size, "big"), monotonic=time)
    identity = slot_id(1)
    work = solve(puzzles.ask(BITS_MIN), identity=identity)
    for seconds, counts in ((0, True), (599, True), (601, True), (1_199, True), (1_300, False)):
        time.now = float(seconds)
        assert puzzles.is_solved(work, slot_id=identity, bits=BITS_MIN) == counts, seconds
    work = solve(puzzles.ask(BITS_MIN), identity=identity)
    time.now += 5_000
    assert not puzzles.is_solved(work, slot_id=identity, bits=BITS_MIN)


@given(st.binary(max_size=60))
def test_whatever_is_sent_as_work_is_only_true_or_false(work: bytes) -> None:
    puzzles = Puzzles(random=bytes, monotonic=lambda: 0.0)
    assert puzzles.is_solved(work, slot_id=slot_id(1), bits=BITS_MIN) is False


def put(relay: RunningRelay, number: int, *, lane: str = "clear", work: bytes = b"") -> tuple[int, bytes]:
    headers = {"Causeway-Lane": lane} | ({"Causeway-Work": work.decode()} if work else {})
    answer = relay.visitor.put(
        f"/v1/intake/{slot_id(number).hex()}", content=slot_body(number), headers=headers
    )
    return answer.status_code, answer.headers.get("causeway-puzzle", "").encode()


CROWDED = LaneLimits(puts=Rate(0.001, 4), reads=Rate(10, 10), slots=100)


def test_a_crowded_lane_sets_a_puzzle_and_lets_in_who_solves_it() -> None:
    with running_relay(clear=CROWDED, wait_seconds=0.0) as relay:
        assert [put(relay, number)[0] for number in range(3)] == [201, 201, 201]
        status, puzzle = put(relay, 3)
        assert status == 429
        assert BITS_MIN < int(puzzle.split(b".")[0]) <= BITS_MAX
        work = solve(puzzle, identity=slot_id(3))
        assert put(relay, 4, work=work)[0] == 429  # bought for another id
        assert put(relay, 3, work=work) == (201, b"")
        # All is gone now: even work waits its turn, and is told so.
        status, puzzle = put(relay, 5)
        assert (status, put(relay, 5, work=solve(puzzle, identity=slot_id(5)))) == (429, (429, b""))


@pytest.mark.parametrize("lane", ["onion", "plain"])
def test_only_the_clear_lane_sets_puzzles(lane: str) -> None:
    settings: dict[str, Any] = {lane: CROWDED}
    with running_relay(**settings, wait_seconds=0.0) as relay:
        answers = [put(relay, number, lane=lane) for number in range(5)]
        assert answers == [(201, b"")] * 4 + [(429, b"")]


def test_junk_without_work_takes_nothing_from_the_lane() -> None:
    with running_relay(clear=CROWDED, wait_seconds=0.0) as relay:
        for number in range(3):
            put(relay, number)
        puzzles = [put(relay, 100 + number)[1] for number in range(300)]
        assert all(puzzles)
        work = solve(puzzles[0], identity=slot_id(3))
        assert put(relay, 3, work=work)[0] == 201
