"""Entries of one invented conversation, for folding."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from causeway.casework.facts import ANSWER, LABELS, MESSAGE, OPENED, STANDING, WITHDRAWN
from causeway.record.entry import Body, Operation

CASE = b"c" * 16
MEMBER = b"m" * 16


def identity(number: int) -> bytes:
    return number.to_bytes(16, "big")


def body(
    number: int, name: str, value: Any, *, clock: int | None = None, heads: tuple[bytes, ...] | None = None
) -> Body:
    return Body(
        entry_id=identity(number),
        case=CASE,
        operation=Operation.ADD if heads is None else Operation.SET,
        name=name,
        value=value,
        heads=heads or (),
        clock=number << 16 if clock is None else clock,
        member=MEMBER,
    )


def opened(number: int, *, tag: bytes = b"t") -> Body:
    value = {
        "conversation": b"i" * 16,
        "tag_key": tag * 32,
        "answer_key": b"a" * 1_216,
        "verify_key": b"v" * 32,
    }
    return body(number, OPENED, value)


def message(
    number: int,
    text: str = "hello",
    *,
    action: str = "write",
    first: int = 0,
    last: int = 0,
    which: int | None = None,
) -> Body:
    value = {
        "message": identity(which or number),
        "day": 20_000,
        "action": action,
        "path": "script",
        "language": "en",
        "first_answer": first,
        "last_answer": last,
        "text": text,
    }
    return body(number, MESSAGE, value)


def answer(number: int, n: int, text: str = "here", *, day: int = 20_000) -> Body:
    return body(number, ANSWER, {"n": n, "day": day, "text": text})


def withdrawn(number: int, which: int) -> Body:
    return body(number, WITHDRAWN, {"answer": identity(which)})


def standing(number: int, value: str, *heads: int) -> Body:
    return body(number, STANDING, value, heads=tuple(map(identity, heads)))


def labels(number: int, value: list[str], *heads: int) -> Body:
    return body(number, LABELS, value, heads=tuple(map(identity, heads)))


@st.composite
def histories(draw: st.DrawFn) -> list[Body]:
    """Entries with distinct ids, among them two that two desks wrote at once."""
    kinds = draw(
        st.lists(
            st.sampled_from(["opened", "message", "answer", "withdrawn", "standing", "labels", "odd"]),
            max_size=14,
        )
    )
    made: list[Body] = []
    for number, kind in enumerate(kinds, start=1):
        earlier = draw(st.integers(1, max(1, number - 1)))
        clock = draw(st.integers(0, 6))
        match kind:
            case "opened":
                one = opened(number, tag=draw(st.sampled_from([b"t", b"u"])))
            case "message":
                action = draw(st.sampled_from(["write", "read", "close", "forced"]))
                text = draw(st.sampled_from(["hello", ""])) if action in {"write", "forced"} else ""
                last = draw(st.integers(0, 4))
                one = message(number, text, action=action, last=last, which=earlier)
            case "answer":
                one = answer(number, draw(st.integers(1, 4)))
            case "withdrawn":
                one = withdrawn(number, earlier)
            case "standing":
                one = standing(number, draw(st.sampled_from(["open", "closed"])), earlier)
            case "labels":
                one = labels(number, draw(st.lists(st.sampled_from("abc"), max_size=2)), earlier)
            case _:
                one = body(
                    number, draw(st.sampled_from([MESSAGE, ANSWER, "novel"])), draw(st.none() | st.text())
                )
        made.append(
            Body(
                entry_id=one.entry_id,
                case=one.case,
                operation=one.operation,
                name=one.name,
                value=one.value,
                heads=one.heads,
                clock=clock << 16,
                member=one.member,
            )
        )
    return made
