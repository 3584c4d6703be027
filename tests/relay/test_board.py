from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.relay.board import check_publication
from causeway.relay.refusals import Refused
from causeway.wire.sizes import BUCKETS_MAX, PUBLICATION_BYTES_MAX, PUBLICATION_BYTES_MIN
from tests.relay.publishing import bucket, index, publication
from tests.relay.running import RunningRelay, running_relay, sha256

ONE = bucket("one")


def test_a_publication_comes_apart_into_index_and_buckets() -> None:
    body = publication(5, "one", "two")
    published = check_publication(body, slot=5)
    assert published.index == index(5, [ONE, bucket("two")])
    assert published.buckets == ((sha256(ONE), ONE), (sha256(bucket("two")), bucket("two")))


def test_smallest_and_largest_have_the_sizes_that_the_table_lets_in() -> None:
    assert len(publication(0, "one")) == PUBLICATION_BYTES_MIN
    assert len(publication(0, *["one"] * BUCKETS_MAX)) == PUBLICATION_BYTES_MAX


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "cut short"),
        (bytes(89), "cut short"),
        (index(5, [ONE], version=2) + ONE, "version"),
        (index(6, [ONE]) + ONE, "another board slot"),
        (index(5, []), "counts"),
        (index(5, [ONE], count=BUCKETS_MAX + 1) + ONE, "counts"),
        (index(5, [ONE], tags=0) + ONE, "counts"),
        (index(5, [ONE], tags=16) + ONE, "counts"),
        (index(5, [ONE], tags=2_048 + 256) + ONE, "counts"),
        (index(5, [ONE] * 17, tags=256) + ONE * 17, "counts"),
        (index(5, [ONE]) + ONE + b"x", "buckets that its index lists"),
        (index(5, [ONE]) + ONE[:-1], "buckets that its index lists"),
        (index(5, [ONE]) + b"\x00" + ONE[1:], "hash"),
        (index(5, [ONE, bucket("two")]) + bucket("two") + ONE, "hash"),
    ],
)
def test_each_fault_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        check_publication(body, slot=5)
    assert refused.value.status == 400


@given(body=st.binary(max_size=400))
def test_any_bytes_raise_our_error_alone(body: bytes) -> None:
    with pytest.raises(Refused):
        check_publication(body, slot=0)


def _on_board(relay: RunningRelay) -> list[bytes]:
    answer = relay.visitor.get("/v1/board").content
    found = []
    while answer:
        size = int.from_bytes(answer[:4], "big")
        found.append(answer[4 : 4 + size])
        answer = answer[4 + size :]
    return found


def _fetch(relay: RunningRelay, name: str) -> int:
    answer = relay.visitor.get(f"/v1/bucket/{sha256(bucket(name)).hex()}")
    if answer.status_code == 200:
        assert answer.content == bucket(name)
    return answer.status_code


def test_publishing_replaces_the_index_and_keeps_the_last_buckets_once(relay: RunningRelay) -> None:
    for names, reachable in (
        (("a", "b"), "ab"),
        (("b", "c"), "abc"),
        (("d",), "bcd"),  # b and c were there just now; a was not
        (("d",), "d"),
    ):
        answer = relay.desk.put("/v1/board/3", content=publication(3, *names))
        assert answer.status_code == 204
        assert _on_board(relay)[3] == index(3, [bucket(name) for name in names])
        assert "".join(name for name in "abcd" if _fetch(relay, name) == 200) == reachable


def test_desks_do_not_touch_each_others_slots(relay: RunningRelay) -> None:
    relay.desk.put("/v1/board/0", content=publication(0, "same", "zero"))
    relay.desk.put("/v1/board/15", content=publication(15, "same", "fifteen"))
    for _ in range(2):
        relay.desk.put("/v1/board/0", content=publication(0, "other"))
    assert [number for number, one in enumerate(_on_board(relay)) if one] == [0, 15]
    assert [_fetch(relay, name) for name in ("same", "fifteen", "zero", "other")] == [200, 200, 404, 200]


def test_a_refused_publication_changes_nothing(relay: RunningRelay) -> None:
    relay.desk.put("/v1/board/3", content=publication(3, "a"))
    broken = bytearray(publication(3, "b", "c"))
    broken[-1] ^= 1
    assert relay.desk.put("/v1/board/3", content=bytes(broken)).status_code == 400
    assert _on_board(relay)[3] == index(3, [bucket("a")])
    assert [_fetch(relay, name) for name in "abc"] == [200, 404, 404]


def test_the_board_goes_thirty_days_after_it_was_put() -> None:
    with running_relay() as relay:
        relay.desk.put("/v1/board/3", content=publication(3, "a"))
        relay.clock.pass_days(30)
        relay.desk.put("/v1/board/4", content=publication(4, "b"))
        assert _fetch(relay, "a") == 200
        relay.clock.pass_days(1)
        relay.desk.put(
            "/v1/board/5", content=publication(5, "c")
        )  # the writer looks at the day with every write
        assert [_fetch(relay, name) for name in "abc"] == [404, 200, 200]
        assert [number for number, one in enumerate(_on_board(relay)) if one] == [4, 5]
