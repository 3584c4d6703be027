"""Files of a form, sealed and put piece by piece as they arrive: no more of one than a chunk is ever held."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from causeway.door.plain.relay import Relay, RelayAway, RelayRefused
from causeway.sealed.chunks import seal_chunk
from causeway.wire.attachments import (
    CHUNK_ROOM,
    FILE_BYTES_MAX,
    FILES_MAX,
    Attachment,
    AttachmentKind,
    chunk_count,
    clean_media_type,
    clean_name,
)
from causeway.wire.sizes import HASH_BYTES

__all__ = ["FileSink"]


@dataclass(slots=True)
class _File:
    name: str
    media_type: str
    key: bytes
    size: int = 0
    chunks: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)


class FileSink:
    """Takes the files of one form.

    After the first thing that goes wrong the rest is thrown away as it comes, so that the text of the form
    can still be read, and shown again.

    Args:
        relay: Where chunks are put.
        problem: The key of the sentence that says why no file can be taken at all, if so.
        random: Returns as many random bytes as it is asked for.

    Attributes:
        problem: Why not all files were taken; `None` where they were.
    """

    def __init__(
        self, relay: Relay, *, problem: str | None = None, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        self.problem = problem
        self._relay = relay
        self._random = random
        self._piece = bytearray()
        self._file: _File | None = None
        self._taken: list[Attachment] = []
        self._digests: list[bytes] = []

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The files that are whole at the relay."""
        return tuple(self._taken)

    @property
    def digest(self) -> bytes:
        """SHA-256 over the files' own: the same files give the same, so that a retry is known as one."""
        return hashlib.sha256(b"".join(self._digests)).digest() if self._digests else b""

    def begin(self, *, name: str, media_type: str) -> None:
        """Begin a file; an empty one without a name is what a browser sends where none was chosen."""
        self._file = _File(clean_name(name), clean_media_type(media_type), self._random(HASH_BYTES))
        self._piece.clear()

    def write(self, data: bytes) -> None:
        """Take the next bytes of the file."""
        file = self._file
        if file is None or not data:
            return
        file.size += len(data)
        if self.problem is None and len(self._taken) >= FILES_MAX:
            self.problem = "too_many_files"
        if self.problem is None and file.size > FILE_BYTES_MAX:
            self.problem = "file_too_large"
        if self.problem is not None:
            return
        file.digest.update(data)
        self._piece += data
        while len(self._piece) >= CHUNK_ROOM:
            self._put(file, bytes(self._piece[:CHUNK_ROOM]))
            del self._piece[:CHUNK_ROOM]

    def end(self) -> None:
        """End the file: put its rest, and the chunks that only fill up."""
        file, self._file = self._file, None
        if file is None or self.problem is not None or (not file.size and not file.name):
            return
        if not file.size:
            self.problem = "file_too_large"
            return
        whole = not self._piece or self._put(file, bytes(self._piece))
        while whole and file.chunks < chunk_count(file.size):
            whole = self._put(file, b"")
        if whole:
            self._digests.append(file.digest.digest())
            self._taken.append(
                Attachment(
                    key=file.key,
                    kind=AttachmentKind.FILE,
                    name=file.name,
                    media_type=file.media_type,
                    size=file.size,
                )
            )

    def _put(self, file: _File, piece: bytes) -> bool:
        """Put the next chunk of a file; return whether all is well."""
        if self.problem is not None:
            return False
        identity, chunk = seal_chunk(piece, file_key=file.key, number=file.chunks, random=self._random)
        try:
            self._relay.put_chunk(identity, chunk)
        except RelayRefused as refused:
            self.problem = "files_busy" if refused.busy else "files_full" if refused.full else "failed"
        except RelayAway:
            self.problem = "unreachable"
        else:
            file.chunks += 1
        return self.problem is None
