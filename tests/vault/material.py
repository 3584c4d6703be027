"""What the vault's tests share: a vault, chains of entries, and two ways to search what lies on a disk."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import causeway.errors
from causeway.sealed.passphrase import CHEAP_FOR_TESTS
from causeway.units import Day
from causeway.vault import StoredEntry, Vault

PASSPHRASE = "двенадцать слонов"
DEVICE = b"d" * 16
COMPARTMENT = b"c" * 16

_PAGE = 4096
_RESERVED = 80  # SQLCipher 4: IV (16) and HMAC-SHA-512 (64)
_WAL_HEADER = 32
_FRAME_HEADER = 24


def new_vault(folder: Path) -> Vault:
    return Vault.create(folder, passphrase=PASSPHRASE, profile=CHEAP_FOR_TESTS)


def open_vault(folder: Path, *, passphrase: str = PASSPHRASE) -> Vault:
    return Vault.open(folder, passphrase=passphrase, profile=CHEAP_FOR_TESTS)


def entry(
    sequence: int,
    *,
    previous: bytes,
    device: bytes = DEVICE,
    compartment: bytes = COMPARTMENT,
    text: bytes = b"",
) -> StoredEntry:
    """An entry whose bytes name what they follow, so that a chain can be checked from them alone."""
    sealed = b"".join([device, compartment, sequence.to_bytes(8, "big"), previous, text])
    return StoredEntry(
        hash=hashlib.sha256(sealed).digest(),
        entry_id=hashlib.sha256(b"id" + sealed).digest()[:16],
        compartment=compartment,
        device=device,
        sequence=sequence,
        epoch=b"e" * 16,
        sealed=sealed,
    )


def append_next(
    vault: Vault, *, device: bytes = DEVICE, compartment: bytes = COMPARTMENT, text: bytes = b""
) -> StoredEntry:
    head = vault.entries.head(device, compartment=compartment)
    following = entry(
        head.next_sequence, previous=head.previous, device=device, compartment=compartment, text=text
    )
    assert vault.entries.append(following, previous=head.previous)
    return following


def fill(vault: Vault) -> None:
    """Write 200 entries of 4 KB and what waits for each, in one transaction."""
    with vault.transaction():
        for number in range(200):
            following = append_next(vault, text=os.urandom(4000))
            vault.outbox.queue(following.hash, kind="entry", body=bytes([number]), day=Day(20_000))


def python(script: str, folder: Path) -> subprocess.Popen[str]:
    """Start a process of its own that runs a script; `material` is this file, `sys.argv[1]` the folder."""
    source = Path(causeway.errors.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(source), str(Path(__file__).parent)])}
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], env=environment, stdout=subprocess.PIPE, text=True
    )


def encodings(planted: str) -> Iterator[bytes]:
    for plain in (planted.encode(), planted.encode("utf-16-le"), planted.encode("utf-16-be")):
        yield plain
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
        for shift in range(3):  # base64 of the text at each of its three possible places in a longer one
            whole = base64.b64encode(bytes(shift) + plain + bytes(3))
            # What depends on the neighbours is cut off both ends.
            inner = whole[(0, 2, 3)[shift] : 4 * ((shift + len(plain)) // 3)]
            yield inner
            yield inner.replace(b"+", b"-").replace(b"/", b"_")


def files_with(folder: Path, planted: str) -> set[str]:
    """The names of the files in which a text stands in any encoding that we thought of."""
    forms = list(encodings(planted))
    return {
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    }


def decrypted(folder: Path, *, data_key: bytes) -> bytes:
    """Every page of the store and of its WAL, opened: what who gets the data key later would see."""
    store = (folder / "store").read_bytes()
    pages = [store[start : start + _PAGE] for start in range(0, len(store), _PAGE)]
    wal = folder / "store-wal"
    log = wal.read_bytes() if wal.exists() else b""
    step = _FRAME_HEADER + _PAGE
    for start in range(_WAL_HEADER, len(log) - step + 1, step):
        pages.append(log[start + _FRAME_HEADER : start + step])
    salt = store[:16]
    return b"".join(_decrypted_page(page, key=data_key, salt=salt) for page in pages)


def _decrypted_page(page: bytes, *, key: bytes, salt: bytes) -> bytes:
    start = 16 if page.startswith(salt) else 0
    body = page[start : _PAGE - _RESERVED]
    opener = Cipher(algorithms.AES(key), modes.CBC(page[_PAGE - _RESERVED :][:16])).decryptor()
    return opener.update(body) + opener.finalize()
