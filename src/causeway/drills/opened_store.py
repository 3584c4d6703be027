"""A desk's folder in the hands of somebody who has a passphrase of it: all that it opens, in the clear.

Nothing is asked of the desk's own code but what a key slot opens: pages are decrypted one by one, so that
what was deleted and not overwritten is seen as well, and rows are read whole: a long text spans pages.

Source: SQLCipher 4, page format (zetetic.net/sqlcipher/design).
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from causeway.drills.sources import BytesSource, Source
from causeway.errors import Error
from causeway.sealed.pages import open_page
from causeway.sealed.passphrase import STANDARD, Profile
from causeway.vault import Database, keyslots
from causeway.vault.destroying import STORE_NAME

__all__ = ["opened_sources"]

_PAGE_BYTES: Final = 4096
_RESERVED_BYTES: Final = 80
"""At the end of each page: IV (16) and HMAC-SHA-512 (64)."""
_SALT_BYTES: Final = 16
_WAL_HEAD_BYTES: Final = 32
_FRAME_HEAD_BYTES: Final = 24


def opened_sources(
    folder: Path, *, passphrases: Sequence[str], called: str, profile: Profile = STANDARD
) -> Iterator[Source]:
    """Yield what these passphrases open, trying every file that may hold key slots on every other one.

    Nothing in the folder is changed, and a duress passphrase is not obeyed: this is who has a copy.

    Args:
        folder: With all that is below it.
        passphrases: Those that were made known.
        called: What the report calls it.
        profile: What stretching one of them costs.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    keys: set[bytes] = set()
    for slots in (path for path in files if path.stat().st_size == keyslots.FILE_SIZE):
        for passphrase in passphrases:
            with contextlib.suppress(Error):
                keys.add(_data_key(slots, passphrase=passphrase, profile=profile))
    for number, key in enumerate(sorted(keys), start=1):
        for path in files:
            yield from _opened(path, key=key, called=f"{called}: {path.name}, opened with key {number}")


def _data_key(slots: Path, *, passphrase: str, profile: Profile) -> bytes:
    with tempfile.TemporaryDirectory(prefix="causeway-drill-") as made:
        shutil.copyfile(slots, Path(made, keyslots.FILE_NAME))
        return keyslots.open_slot(Path(made), passphrase=passphrase, profile=profile).data_key


def _opened(path: Path, *, key: bytes, called: str) -> Iterator[Source]:
    content = path.read_bytes()
    rows = list(_rows(path, key=key))
    if rows:
        yield BytesSource(f"{called}, rows", b"\n".join(rows))
        yield BytesSource(f"{called}, pages", b"".join(_pages(content, key=key)))
        wal = path.with_name(path.name + "-wal")
        if wal.exists():
            salt = content[:_SALT_BYTES]
            yield BytesSource(f"{called}, journal", b"".join(_frames(wal.read_bytes(), key=key, salt=salt)))


def _rows(path: Path, *, key: bytes) -> Iterator[bytes]:
    """Yield every value of every row; nothing where the file is no store of this key."""
    with tempfile.TemporaryDirectory(prefix="causeway-drill-") as made:
        copy = Path(made, STORE_NAME)
        shutil.copyfile(path, copy)
        wal = path.with_name(path.name + "-wal")
        if wal.exists():
            shutil.copyfile(wal, copy.with_name(copy.name + "-wal"))
        try:
            db = Database.open(copy, key=key)
        except Error:
            return
        try:
            for (name,) in db.rows("SELECT name FROM sqlite_schema WHERE type = 'table'"):
                quoted = str(name).replace('"', '""')
                for row in db.rows(f'SELECT * FROM "{quoted}"'):  # noqa: S608 (its own tables)
                    yield b"\n".join(_bytes(value) for value in row)
        finally:
            db.close()


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _pages(store: bytes, *, key: bytes) -> Iterator[bytes]:
    for start in range(0, len(store) - _PAGE_BYTES + 1, _PAGE_BYTES):
        # The first page begins with the salt, in the clear.
        yield _page(store[start : start + _PAGE_BYTES], key=key, skip=0 if start else _SALT_BYTES)


def _frames(log: bytes, *, key: bytes, salt: bytes) -> Iterator[bytes]:
    step = _FRAME_HEAD_BYTES + _PAGE_BYTES
    for start in range(_WAL_HEAD_BYTES, len(log) - step + 1, step):
        page = log[start + _FRAME_HEAD_BYTES : start + step]
        yield _page(page, key=key, skip=_SALT_BYTES if page.startswith(salt) else 0)


def _page(page: bytes, *, key: bytes, skip: int) -> bytes:
    body, rest = page[skip:-_RESERVED_BYTES], page[-_RESERVED_BYTES:]
    return open_page(body, key=key, iv=rest[:16])
