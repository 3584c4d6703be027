"""Fetching files from a relay that is slow, lies, or breaks off, into the simplest store that can be."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest

from causeway.sealed.chunks import seal_chunk
from causeway.sealed.parcel import RelayAccess
from causeway.sync.errors import RelayUnreachable
from causeway.sync.files import fetch_files
from causeway.sync.store import WantedFile
from causeway.wire.attachments import CHUNK_ROOM, chunk_count
from causeway.wire.errors import FormatError
from causeway.wire.sizes import ID_BYTES, TAKE_CHUNKS_MAX


class Relay:
    """Chunks on two days; every answer is what the real one sends."""

    def __init__(self) -> None:
        self.held: dict[bytes, bytes] = {}
        self.calls: list[int] = []
        self.breaks_after = 1_000
        self.seconds = 0.0
        self.a_call_takes = 1.0
        self.closed = 0

    def days(self, kind: str) -> bytes:
        assert kind == "chunk"
        return (5).to_bytes(4, "big") + (6).to_bytes(4, "big")

    def ids(self, kind: str, *, day: int) -> bytes:
        assert kind == "chunk"
        return b"".join(one for one in sorted(self.held) if one[0] % 2 == day % 2)

    def chunks(self, ids: list[bytes]) -> bytes:
        if len(self.calls) >= self.breaks_after:
            raise RelayUnreachable("The relay could not be reached.")
        self.calls.append(len(ids))
        self.seconds += self.a_call_takes
        return b"".join(one + self.held[one] for one in ids if one in self.held)

    def close(self) -> None:
        self.closed += 1


class Store:
    """Keeps pieces in memory."""

    def __init__(self, *files: WantedFile) -> None:
        self.files = {file.id: file for file in files}
        self.pieces: dict[tuple[bytes, int], bytes] = {}
        self.noted: dict[bytes, tuple[int, int]] = {}

    def access(self) -> RelayAccess:
        return RelayAccess(bytes(32), bytes(32))

    def wanted_files(self, *, again: bool, after: WantedFile | None) -> list[WantedFile]:
        listed = sorted(self.files.values(), key=lambda file: (file.size, file.id))
        since = (-1, b"") if after is None else (after.size, after.id)
        left = [
            replace(file, lacking=tuple(n for n in file.lacking if (file.id, n) not in self.pieces))
            for file in listed
            if (file.size, file.id) > since and (again or not any(self.noted.get(file.id, ())))
        ]
        return [file for file in left if file.lacking][:1]

    def take_piece(self, file: WantedFile, *, number: int, piece: bytes) -> None:
        self.pieces[file.id, number] = piece

    def note_file(self, file: WantedFile, *, absent: int, broken: int) -> None:
        self.noted[file.id] = absent, broken

    def content(self, file: WantedFile) -> bytes:
        return b"".join(self.pieces[file.id, number] for number in file.lacking)


@pytest.fixture
def relay() -> Relay:
    return Relay()


def put(relay: Relay, content: bytes, *, but: tuple[int, ...] = ()) -> WantedFile:
    key = os.urandom(32)
    chunks = chunk_count(len(content))
    for number in range(chunks):
        piece = content[number * CHUNK_ROOM : (number + 1) * CHUNK_ROOM]
        identity, chunk = seal_chunk(piece, file_key=key, number=number)
        if number not in but:
            relay.held[identity] = chunk
    return WantedFile(id=os.urandom(16), key=key, size=len(content), lacking=tuple(range(chunks)))


def fetch(store: Store, relay: Relay, **settings: Any) -> None:
    fetch_files(store, connect=lambda _: relay, monotonic=lambda: relay.seconds, **settings)  # type: ignore[arg-type, return-value]


def test_small_files_come_first_and_every_one_whole(relay: Relay) -> None:
    contents = [os.urandom(size) for size in (5 * CHUNK_ROOM, 10, 2 * CHUNK_ROOM)]
    files = [put(relay, content) for content in contents]
    store = Store(*files)
    fetch(store, relay)
    assert [store.content(file) for file in files] == contents
    order = list(dict.fromkeys(file for file, _ in store.pieces))
    assert order == [files[1].id, files[2].id, files[0].id]
    assert set(store.noted.values()) == {(0, 0)}
    assert relay.closed == 1


def test_a_slow_line_is_asked_for_one_chunk_at_a_time(relay: Relay) -> None:
    content = bytes(9 * CHUNK_ROOM)
    store = Store(put(relay, content))
    relay.a_call_takes = 30.0
    fetch(store, relay)
    assert set(relay.calls) == {1}
    relay.calls.clear()
    relay.a_call_takes = 1.0
    store = Store(put(relay, content))
    fetch(store, relay)
    assert relay.calls == [1, TAKE_CHUNKS_MAX, TAKE_CHUNKS_MAX, 1]


def test_a_break_keeps_what_came(relay: Relay) -> None:
    content = os.urandom(9 * CHUNK_ROOM)
    store = Store(put(relay, content))
    for breaks_after in (1, 2, 3):
        relay.breaks_after = breaks_after
        with pytest.raises(RelayUnreachable):
            fetch(store, relay)
    relay.breaks_after = 1_000
    fetch(store, relay)
    (file,) = store.files.values()
    assert store.content(file) == content
    assert sum(relay.calls) == len(file.lacking)
    assert relay.closed == 4


def test_what_is_absent_or_altered_is_counted_apart(relay: Relay) -> None:
    file = put(relay, os.urandom(4 * CHUNK_ROOM), but=(2,))
    identity, _ = seal_chunk(b"", file_key=file.key, number=1)
    relay.held[identity] = relay.held[identity][:-1] + bytes([relay.held[identity][-1] ^ 1])
    store = Store(file)
    fetch(store, relay)
    assert store.noted == {file.id: (1, 1)}
    assert [number for _, number in store.pieces] == [0, 3]


def test_what_was_listed_and_is_gone_when_asked_for_is_absent(relay: Relay) -> None:
    file = put(relay, os.urandom(2 * CHUNK_ROOM))
    listed = relay.ids
    gone, _ = seal_chunk(b"", file_key=file.key, number=0)

    def ids(kind: str, *, day: int) -> bytes:
        found = listed(kind, day=day)
        if day == 6:
            del relay.held[gone]
        return found

    relay.ids = ids  # type: ignore[method-assign]
    store = Store(file)
    fetch(store, relay)
    assert store.noted == {file.id: (1, 0)}


def test_names_of_nothing_cost_two_derivations_and_no_call(relay: Relay) -> None:
    bogus = [
        WantedFile(id=os.urandom(16), key=os.urandom(32), size=10**7, lacking=(0, 1, 2)) for _ in range(50)
    ]
    real = put(relay, b"real")
    store = Store(*bogus, real)
    fetch(store, relay)
    assert relay.calls == [1]
    assert store.content(real) == b"real"
    assert all(store.noted[file.id] == (3, 0) for file in bogus)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body[:-1],
        lambda body: body + body,
        lambda body: bytes(ID_BYTES) + body[ID_BYTES:],
    ],
)
def test_an_answer_in_another_form_is_refused(relay: Relay, change: Any) -> None:
    store = Store(put(relay, b"real"))
    honest = relay.chunks
    relay.chunks = lambda ids: change(honest(ids))  # type: ignore[method-assign]
    with pytest.raises(FormatError):
        fetch(store, relay)
    assert store.pieces == {}
    assert relay.closed == 1


def test_nobody_is_called_where_nothing_is_wanted() -> None:
    def connect(_: RelayAccess) -> Any:
        raise AssertionError("somebody was called")

    fetch_files(Store(), connect=connect)
