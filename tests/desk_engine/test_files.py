"""Files on their way to a desk, over a real relay."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest

from causeway.desk.engine import Desk
from causeway.desk.engine.errors import UnknownConversation, UnknownFile
from causeway.desk.viewer.shapes import Shape
from causeway.desk.views import FileState, FileView
from causeway.errors import LocalError
from causeway.sealed.chunks import chunk_id, seal_chunk
from causeway.sync.client import RelayClient
from causeway.sync.errors import RelayUnreachable
from causeway.sync.files import fetch_files
from causeway.vault import VaultFull
from causeway.wire.attachments import CHUNK_ROOM, Attachment, AttachmentKind, chunk_count
from causeway.wire.sizes import CHUNK_BYTES, ID_BYTES
from tests.desk_engine.other_desk import OtherDesk
from tests.desk_engine.test_hostile import Between
from tests.desk_engine.town import Person, Town, eventually

CONTENT = os.urandom(2 * CHUNK_ROOM + 1_000)


def shown(desk: Desk, person: Person, number: int = 0) -> FileView:
    files = [file for message in desk.conversation(person.id).messages for file in message.files]
    return files[number]


def whole(desk: Desk, person: Person, number: int = 0) -> bytes:
    file = shown(desk, person, number)
    return b"".join(desk.files.pieces(bytes.fromhex(person.id), file=bytes.fromhex(file.id)))


def sent(place: Town, desk: Desk, *, content: bytes = CONTENT, **settings: Any) -> tuple[Person, Attachment]:
    person = Person(place)
    attachment = person.put_file(content, **settings)
    person.send("see this", files=(attachment,))
    desk.sync_round()
    return person, attachment


def fetch(desk: Desk, place: Town, *, again: bool = False, **tamper: Callable[..., Any]) -> None:
    """One pass, in which somebody changes what the relay answers."""
    fetch_files(
        desk.files,
        connect=lambda access: Between(
            RelayClient(place.url, socks=None, capability=access.capability), tamper
        ),
        again=again,
    )


def at_relay(place: Town, desk: Desk, attachment: Attachment) -> int:
    ids = [chunk_id(attachment.key, number) for number in range(chunk_count(attachment.size))]
    with RelayClient(place.url, socks=None, capability=desk.files.access().capability) as client:
        bodies = [client.chunks(ids[at : at + 4]) for at in range(0, len(ids), 4)]
    return sum(map(len, bodies)) // (ID_BYTES + CHUNK_BYTES)


def test_a_text_is_there_before_its_files_are(place: Town, desk: Desk) -> None:
    person, _ = sent(place, desk, name="house.jpg", media_type="image/jpeg")
    message = desk.conversation(person.id).messages[0]
    assert message.text == "see this"
    file = message.files[0]
    assert (file.name, file.media_type, file.size) == ("house.jpg", "image/jpeg", len(CONTENT))
    assert (file.state, file.here, file.chunks) == (FileState.COMING, 0, chunk_count(len(CONTENT)))
    assert desk.sync_view().files_coming == 1
    with pytest.raises(LocalError, match="Not all of this file is here"):
        whole(desk, person)
    desk.fetch_files()
    assert shown(desk, person).state is FileState.WHOLE
    assert whole(desk, person) == CONTENT
    assert desk.sync_view().files_coming == 0


@pytest.mark.parametrize("size", [1, CHUNK_ROOM, CHUNK_ROOM + 1, 9 * CHUNK_ROOM])
def test_every_size_comes_whole(place: Town, desk: Desk, size: int) -> None:
    content = os.urandom(size)
    person, _ = sent(place, desk, content=content, kind=AttachmentKind.VOICE)
    desk.fetch_files()
    assert whole(desk, person) == content
    assert shown(desk, person).voice


def test_files_outlive_the_desks_end(place: Town, desk: Desk) -> None:
    person, _ = sent(place, desk)
    desk.fetch_files()
    desk.close()
    again = place.open_desk()
    assert whole(again, person) == CONTENT
    again.close()


def test_what_broke_off_goes_on_where_it_was(place: Town, desk: Desk) -> None:
    person, _ = sent(place, desk)
    asked: list[int] = []

    def once(answer: bytes, ids: list[bytes]) -> bytes:
        if asked:
            raise RelayUnreachable("The relay could not be reached.")
        asked.append(len(ids))
        return answer

    with pytest.raises(RelayUnreachable):
        fetch(desk, place, chunks=once)
    file = shown(desk, person)
    assert (file.state, file.here, file.chunks) == (FileState.COMING, 1, 3)

    def count(answer: bytes, ids: list[bytes]) -> bytes:
        asked.append(len(ids))
        return answer

    fetch(desk, place, chunks=count)
    assert sum(asked) == 3
    assert whole(desk, person) == CONTENT


def test_chunks_are_acknowledged_once_they_are_kept(place: Town, desk: Desk) -> None:
    _, attachment = sent(place, desk)
    assert desk._store.to_acknowledge() == []
    desk.fetch_files()
    assert len(desk._store.to_acknowledge()) == 3
    desk.sync_round()
    assert desk._store.to_acknowledge() == []
    # The relay keeps what was acknowledged for other desks, and lets it go after a month.
    assert at_relay(place, desk, attachment) == 3


def test_a_part_that_is_missing_is_said_and_taken_when_it_comes(place: Town, desk: Desk) -> None:
    person = Person(place)
    attachment = person.put_file(CONTENT, but={1})
    person.send("see this", files=(attachment,))
    desk.sync_round()
    desk.fetch_files()
    file = shown(desk, person)
    assert (file.state, file.here, file.chunks) == (FileState.PART_MISSING, 2, 3)
    assert desk.sync_view().files_coming == 0
    fetch(desk, place)
    assert shown(desk, person).here == 2
    identity, chunk = seal_chunk(CONTENT[CHUNK_ROOM : 2 * CHUNK_ROOM], file_key=attachment.key, number=1)
    with place.visitor() as visitor:
        visitor.put_chunk(identity, chunk=chunk)
    fetch(desk, place)
    assert shown(desk, person).state is FileState.PART_MISSING
    fetch(desk, place, again=True)
    assert whole(desk, person) == CONTENT


def test_an_altered_part_is_never_kept(place: Town, desk: Desk) -> None:
    person, attachment = sent(place, desk)
    second = chunk_id(attachment.key, 1)

    def alter(answer: bytes, ids: list[bytes]) -> bytes:
        if second not in ids:
            return answer
        at = answer.index(second) + ID_BYTES + 5_000
        return answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]

    fetch(desk, place, chunks=alter)
    file = shown(desk, person)
    assert (file.state, file.here) == (FileState.ALTERED, 2)
    assert second not in desk._store.to_acknowledge()
    desk.fetch_files()
    assert whole(desk, person) == CONTENT


def test_chunks_in_another_order_are_another_file(place: Town, desk: Desk) -> None:
    """Somebody who knows the key seals the second piece under the first one's number."""
    person = Person(place)
    attachment = person.put_file(CONTENT, but={0})
    identity = chunk_id(attachment.key, 0)
    _, chunk = seal_chunk(CONTENT[:CHUNK_ROOM], file_key=attachment.key, number=1)
    with place.visitor() as visitor:
        visitor.put_chunk(identity, chunk=chunk)
    person.send("", files=(attachment,))
    desk.sync_round()
    desk.fetch_files()
    assert shown(desk, person).state is FileState.ALTERED


def test_files_that_nobody_sent_cost_no_call_for_them(place: Town, desk: Desk) -> None:
    person = Person(place)
    bogus = tuple(
        Attachment(
            key=os.urandom(32), kind=AttachmentKind.FILE, name="x", media_type="a/b", size=9 * CHUNK_ROOM
        )
        for _ in range(8)
    )
    for _ in range(30):
        person.send("", files=bogus[:4])
    person.send("", files=bogus)
    desk.sync_round()
    asked: list[int] = []

    def count(answer: bytes, ids: list[bytes]) -> bytes:
        asked.append(len(ids))
        return answer

    fetch(desk, place, chunks=count)
    assert asked == []
    assert shown(desk, person).state is FileState.PART_MISSING


def test_nothing_is_asked_where_nothing_is_wanted(place: Town, desk: Desk) -> None:
    Person(place).send("no files")
    desk.sync_round()

    def refuse(*_: Any) -> Any:
        raise AssertionError("the relay was asked")

    fetch_files(desk.files, connect=refuse)


def test_files_stop_where_their_room_ends_and_go_on_when_there_is_more(place: Town, desk: Desk) -> None:
    with pytest.raises(LocalError, match="25 MB"):
        desk.files.set_room(1)
    desk._parts.settings.files_room = CHUNK_ROOM * 3
    first, _ = sent(place, desk)
    second, _ = sent(place, desk, content=CONTENT + b"longer")
    desk.fetch_files()
    assert shown(desk, first).state is FileState.WHOLE
    assert shown(desk, second).state is FileState.NO_ROOM
    assert desk.files.summary().taken_bytes == len(CONTENT)
    desk.files.take_away(bytes.fromhex(first.id), file=bytes.fromhex(shown(desk, first).id))
    desk.fetch_files()
    assert shown(desk, first).state is FileState.TAKEN_AWAY
    assert shown(desk, second).state is FileState.WHOLE
    desk.files.set_room(10**9)
    desk.files.want_again(bytes.fromhex(first.id), file=bytes.fromhex(shown(desk, first).id))
    desk.fetch_files()
    assert whole(desk, first) == CONTENT


def test_a_full_disk_is_said_and_nothing_is_lost(place: Town, desk: Desk) -> None:
    person, _ = sent(place, desk)
    (pages,) = desk._parts.db.row("PRAGMA page_count") or (0,)
    desk._parts.db.run(f"PRAGMA max_page_count = {pages + 80}")
    with pytest.raises(VaultFull):
        desk.fetch_files()
    assert "The disk has no room left" in desk.sync_view().files_problem
    assert shown(desk, person).state is FileState.COMING
    here = shown(desk, person).here
    assert here in {0, 1}
    assert len(desk._store.to_acknowledge()) == here
    desk._parts.db.run("PRAGMA max_page_count = 1000000")
    desk.fetch_files()
    assert whole(desk, person) == CONTENT
    assert desk.sync_view().files_problem == ""


def test_nobody_reaches_a_file_through_another_conversation(place: Town, desk: Desk) -> None:
    person, _ = sent(place, desk)
    other, _ = sent(place, desk)
    file = bytes.fromhex(shown(desk, person).id)
    for use in (desk.files.file, desk.files.pieces, desk.files.take_away, desk.files.want_again):
        with pytest.raises(UnknownFile):
            use(bytes.fromhex(other.id), file=file)
        with pytest.raises(UnknownConversation):
            use(bytes(16), file=file)


def test_one_key_with_two_sizes_is_two_files(place: Town, desk: Desk) -> None:
    person = Person(place)
    attachment = person.put_file(CONTENT)
    shorter = Attachment(
        key=attachment.key, kind=AttachmentKind.FILE, name="", media_type="a/b", size=2 * CHUNK_ROOM
    )
    person.send("", files=(attachment, shorter))
    desk.sync_round()
    desk.fetch_files()
    assert whole(desk, person, 0) == CONTENT
    assert shown(desk, person, 1).state is FileState.WHOLE
    assert whole(desk, person, 1) == CONTENT[: 2 * CHUNK_ROOM]


def test_what_is_taken_away_on_its_way_is_not_kept(place: Town, desk: Desk) -> None:
    person, _ = sent(place, desk)

    def take_away(answer: bytes, _ids: list[bytes]) -> bytes:
        desk.files.take_away(bytes.fromhex(person.id), file=bytes.fromhex(shown(desk, person).id))
        return answer

    fetch(desk, place, chunks=take_away)
    assert shown(desk, person).state is FileState.TAKEN_AWAY
    assert desk._parts.vault.pieces.files() == []


def test_what_no_message_names_any_more_is_removed(place: Town, desk: Desk) -> None:
    person, _ = sent(place, desk)
    kept, _ = sent(place, desk)
    desk.fetch_files()
    parts = desk._parts
    (case,) = parts.db.row("SELECT case_id FROM conversation WHERE id = ?", (bytes.fromhex(person.id),)) or ()
    compartments = [
        bytes(row[0]) for row in parts.db.rows("SELECT id FROM desk_compartment WHERE case_id = ?", (case,))
    ]
    parts.keys.forget(bytes(case), compartments=compartments, day=parts.today)
    parts.ledger.fold_again()
    desk.files.drop_unnamed()
    assert parts.vault.pieces.files() == [bytes.fromhex(shown(desk, kept).id)]
    assert whole(desk, kept) == CONTENT
    assert parts.db.rows("SELECT count(*) FROM desk_file") == [(1,)]


def test_a_film_on_its_way_keeps_no_text_waiting(place: Town, desk: Desk) -> None:
    person, _ = sent(place, desk)
    holding, held = threading.Event(), threading.Event()

    def slowly(answer: bytes, _ids: list[bytes]) -> bytes:
        held.set()
        assert holding.wait(20)
        return answer

    thread = threading.Thread(target=fetch, args=(desk, place), kwargs={"chunks": slowly})
    thread.start()
    try:
        assert held.wait(20)
        Person(place).send("quick")
        desk.sync_round()
        assert {row.excerpt for row in desk.inbox()} == {"quick", "see this"}
    finally:
        holding.set()
        thread.join()
    assert whole(desk, person) == CONTENT


def test_the_background_fetches_after_the_texts(place: Town, desk: Desk) -> None:
    person = Person(place)
    person.send("see this", files=(person.put_file(CONTENT),))
    desk.start_sync(3_600)
    eventually(lambda: desk.inbox() != () and shown(desk, person).state is FileState.WHOLE)
    assert whole(desk, person) == CONTENT


def test_a_file_is_known_by_its_first_bytes_once_it_is_whole(place: Town, desk: Desk) -> None:
    person, _ = sent(place, desk, content=b"%PDF-1.7 and so on", name="song.mp3", media_type="audio/mpeg")
    assert shown(desk, person).shape is None
    desk.fetch_files()
    assert shown(desk, person).shape is Shape.PDF


def test_files_of_a_message_that_another_desk_took_come_here_too(
    place: Town, desk: Desk, other: OtherDesk
) -> None:
    person = Person(place)
    attachment = person.put_file(CONTENT, "letter.pdf")
    other.put(other.roster(), other.parcel(), *other.conversation(person, files=(attachment,)))
    desk.sync_round()
    assert shown(desk, person).name == "letter.pdf"
    desk.fetch_files()
    assert whole(desk, person) == CONTENT
