"""Files that people sent: what this desk has of them, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, final

from causeway.casework.facts import FileFact
from causeway.desk.engine.errors import UnknownConversation, UnknownFile
from causeway.desk.engine.file_projector import file_id
from causeway.desk.engine.parts import Parts
from causeway.desk.engine.projector import load_conversation
from causeway.desk.viewer.shapes import HEAD_BYTES, shape_of
from causeway.desk.views import FileState, FilesView, FileView
from causeway.errors import LocalError
from causeway.sealed.chunks import chunk_id
from causeway.sealed.parcel import RelayAccess
from causeway.sync.store import WantedFile
from causeway.wire.attachments import CHUNK_ROOM, FILE_BYTES_MAX, chunk_count

__all__ = ["Files"]

_KEPT_DAYS: Final = 66
"""As long as the relay keeps what nobody acknowledged; later there is nothing to ask for."""

_AT_ONCE: Final = 100
_ROOM_MAX: Final = 10**13
_WANTED: Final = (
    "SELECT id, min(key), size, chunks, coalesce(here, 0) FROM named_file LEFT JOIN desk_file USING (id) "
    "WHERE (size, id) > (?1, ?2) AND coalesce(here, 0) < chunks AND coalesce(unwanted, 0) = 0 "
    "AND (coalesce(absent + broken, 0) = 0 OR (?3 AND day >= ?4)) GROUP BY id ORDER BY size, id LIMIT ?5"
)


@final
class Files:
    """The files of one desk: what fetching is handed (`sync.store.FileStore`), and what pages read."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    # ---- Fetching ----

    def access(self) -> RelayAccess:
        """Return the access that is in force."""
        return self._parts.keys.accesses()[0][1]

    def wanted_files(self, *, again: bool, after: WantedFile | None) -> list[WantedFile]:
        """Return some files to fetch for which there is room, the smallest first."""
        parts = self._parts
        with parts.vault.transaction():
            since = (-1, b"") if after is None else (after.size, after.id)
            rows = parts.db.rows(_WANTED, (*since, int(again), parts.today - _KEPT_DAYS, _AT_ONCE))
            room = parts.settings.files_room - parts.vault.pieces.total_bytes() if rows else 0
            wanted = []
            for one, key, size, chunks, here in rows:
                # What is here of it has taken its room already.
                room -= max(0, size - here * CHUNK_ROOM)
                if room < 0:
                    break
                held = set(parts.vault.pieces.numbers(one))
                lacking = tuple(number for number in range(chunks) if number not in held)
                wanted.append(WantedFile(id=bytes(one), key=bytes(key), size=size, lacking=lacking))
            return wanted

    def take_piece(self, file: WantedFile, *, number: int, piece: bytes) -> None:
        """Keep a piece, and have its chunk acknowledged."""
        parts = self._parts
        with parts.vault.transaction():
            wanted = parts.db.row(
                "SELECT coalesce(unwanted, 0) = 0 FROM named_file LEFT JOIN desk_file USING (id) "
                "WHERE id = ?",
                (file.id,),
            )
            if wanted is None or not wanted[0]:
                return  # taken away, or forgotten, while it was on its way
            if parts.vault.pieces.put(file.id, number=number, content=piece):
                parts.db.run(
                    "INSERT INTO desk_file (id, here) VALUES (?, 1) "
                    "ON CONFLICT (id) DO UPDATE SET here = here + 1",
                    (file.id,),
                )
            parts.db.run(
                "INSERT INTO desk_unacknowledged (id) VALUES (?) ON CONFLICT DO NOTHING",
                (chunk_id(file.key, number),),
            )

    def note_file(self, file: WantedFile, *, absent: int, broken: int) -> None:
        """Note how many chunks of a file the relay did not have, and how many it had altered."""
        self._parts.db.run(
            "INSERT INTO desk_file (id, absent, broken) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET absent = excluded.absent, broken = excluded.broken",
            (file.id, absent, broken),
        )

    # ---- Reading ----

    def view(self, fact: FileFact) -> FileView:
        """Return what a message says about a file, and how much of it is here."""
        parts = self._parts
        one = file_id(fact.key, size=fact.size)
        chunks = chunk_count(fact.size)
        here, absent, broken, unwanted = parts.db.row(
            "SELECT here, absent, broken, unwanted FROM desk_file WHERE id = ?", (one,)
        ) or (0, 0, 0, 0)
        state = FileState.COMING
        shape = None
        if here == chunks:
            state = FileState.WHOLE
            shape = shape_of(parts.vault.pieces.head(one, length=HEAD_BYTES))
        elif unwanted:
            state = FileState.TAKEN_AWAY
        elif absent or broken:
            state = FileState.ALTERED if broken else FileState.PART_MISSING
        elif not self._fits(max(0, fact.size - here * CHUNK_ROOM)):
            state = FileState.NO_ROOM
        return FileView(
            id=one.hex(),
            voice=fact.kind == "voice",
            name=fact.name,
            media_type=fact.type,
            size=fact.size,
            state=state,
            here=here,
            chunks=chunks,
            shape=shape,
        )

    def _fits(self, size: int) -> bool:
        return self._parts.vault.pieces.total_bytes() + size <= self._parts.settings.files_room

    def file(self, about: bytes, *, file: bytes) -> FileView:
        """Return a file that some message of a conversation names.

        Raises:
            UnknownFile: None does.
        """
        with self._parts.vault.transaction():
            return self.view(self._fact(about, file=file))

    def _fact(self, about: bytes, *, file: bytes) -> FileFact:
        if self._parts.db.row("SELECT 1 FROM conversation WHERE id = ?", (about,)) is None:
            raise UnknownConversation("There is no such conversation here.")
        folded = load_conversation(self._parts.db, about)
        for taken in folded.messages:
            for fact in taken.fact.files:
                if file_id(fact.key, size=fact.size) == file:
                    return fact
        raise UnknownFile

    def pieces(self, about: bytes, *, file: bytes) -> Iterator[bytes]:
        """Return the bytes of a whole file, as they were sent.

        Raises:
            UnknownFile: No message of this conversation names it.
            LocalError: It is not whole.
        """
        if self.file(about, file=file).state is not FileState.WHOLE:
            raise LocalError("Not all of this file is here.")
        return self._parts.vault.pieces.each(file)

    def summary(self) -> FilesView:
        """Return what all files take, and how many are still on their way."""
        parts = self._parts
        with parts.vault.transaction():
            (coming,) = parts.db.row(
                "SELECT count(DISTINCT id) FROM named_file LEFT JOIN desk_file USING (id) "
                "WHERE coalesce(here, 0) < chunks AND coalesce(unwanted + absent + broken, 0) = 0"
            ) or (0,)
            return FilesView(
                coming=coming,
                taken_bytes=parts.vault.pieces.total_bytes(),
                room_bytes=parts.settings.files_room,
            )

    # ---- Working ----

    def take_away(self, about: bytes, *, file: bytes) -> None:
        """Remove what is here of a file, and fetch it no more.

        Raises:
            UnknownFile: No message of this conversation names it.
        """
        with self._parts.vault.transaction():
            self._fact(about, file=file)
            self._parts.vault.pieces.remove(file)
            self._parts.db.run(
                "INSERT INTO desk_file (id, unwanted) VALUES (?, 1) ON CONFLICT (id) "
                "DO UPDATE SET unwanted = 1, here = 0, absent = 0, broken = 0",
                (file,),
            )

    def want_again(self, about: bytes, *, file: bytes) -> None:
        """Fetch a file after all, or once more: the relay may still have it.

        Raises:
            UnknownFile: No message of this conversation names it.
        """
        with self._parts.vault.transaction():
            self._fact(about, file=file)
            self._parts.db.run(
                "UPDATE desk_file SET unwanted = 0, absent = 0, broken = 0 WHERE id = ?", (file,)
            )

    def set_room(self, room_bytes: int) -> None:
        """Say how many bytes files may take here. What is here already stays.

        Raises:
            LocalError: Too little for one file, or more than any disk has.
        """
        if not FILE_BYTES_MAX <= room_bytes <= _ROOM_MAX:
            raise LocalError("Files need room for at least 25 MB.")
        self._parts.settings.files_room = room_bytes

    def drop_unnamed(self) -> None:
        """Remove all files that no message names any more: their conversations were forgotten."""
        parts = self._parts
        with parts.vault.transaction():
            named = {bytes(row[0]) for row in parts.db.rows("SELECT DISTINCT id FROM named_file")}
            for one in parts.vault.pieces.files():
                if one not in named:
                    parts.vault.pieces.remove(one)
            parts.db.run("DELETE FROM desk_file WHERE id NOT IN (SELECT id FROM named_file)")
