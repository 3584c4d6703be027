"""Passphrases: stretching one in a child process, and the eight equal key slots that it may open.

Nobody who reads a key slot file learns how many of its slots are in use, nor which one a passphrase opened:
an unused slot is random bytes, one stretching serves all eight, and all eight are always tried. A slot holds
the data key, or the names of an empty desk that a duress passphrase opens instead; both have the same size.

Source: docs/FORMAT.md, section 14; RFC 9106 (Argon2id).
"""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from causeway.errors import LocalError
from causeway.sealed.kdf import derive_key
from causeway.wire.errors import FormatError
from causeway.wire.padding import pad, unpad

__all__ = [
    "CHEAP_FOR_TESTS",
    "DATA_KEY_SIZE",
    "MINIMUM_LENGTH",
    "SALT_SIZE",
    "SLOTS",
    "SLOT_SIZE",
    "STANDARD",
    "STRETCHED_SIZE",
    "Decoy",
    "DerivationFailed",
    "Profile",
    "UnfitPassphrase",
    "check_passphrase",
    "derive",
    "open_slots",
    "seal_slot",
]

SLOTS: Final = 8
SLOT_SIZE: Final = 4096
SALT_SIZE: Final = 32
DATA_KEY_SIZE: Final = 32
STRETCHED_SIZE: Final = 32
MINIMUM_LENGTH: Final = 12

_NONCE_SIZE: Final = 12
_TAG_SIZE: Final = 16
_CONTENT_SIZE: Final = SLOT_SIZE - _NONCE_SIZE - _TAG_SIZE
_DATA_KEY: Final = 1
_DECOY: Final = 2
_DECOY_NAME_BYTES_MAX: Final = 1024
_SLOT_LABEL: Final = b"causeway/key-slot/1"
_CHILD: Final = Path(__file__).with_name("_derive_child.py")


class UnfitPassphrase(LocalError):
    """The passphrase is too easily guessed to protect what lies behind it, or is no text."""


class DerivationFailed(LocalError):
    """The child process ended without a key, as a rule for want of memory."""


@dataclass(frozen=True, slots=True)
class Decoy:
    """What a duress passphrase opens: the names on an empty desk. No key."""

    centre: str = field(repr=False)
    member: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Profile:
    """What one stretching costs: memory in KiB, passes over it, lanes."""

    memory_kib: int
    passes: int
    lanes: int


STANDARD: Final = Profile(memory_kib=256 * 1024, passes=3, lanes=2)
"""What every vault uses; docs/FORMAT.md, section 14. One stretching peaks at 282 MB."""

CHEAP_FOR_TESTS: Final = Profile(memory_kib=64, passes=1, lanes=1)
"""Stretches nothing. No command, setting or file can choose it: only a call can."""


def check_passphrase(passphrase: str) -> None:
    """Refuse a new passphrase that is too short, or that is one character over and over.

    Raises:
        UnfitPassphrase: With the sentence to show to who chose it.
    """
    folded = _normalise(passphrase).decode()
    if len(folded) < MINIMUM_LENGTH:
        raise UnfitPassphrase(
            "Please choose a longer passphrase. Whoever takes this laptop can try millions of short ones.",
            minimum=MINIMUM_LENGTH,
        )
    if len(set(folded)) == 1:
        raise UnfitPassphrase("This is one character over and over: the first thing that would be tried.")


def derive(passphrase: str, *, salt: bytes, profile: Profile = STANDARD) -> bytes:
    """Stretch a passphrase to 32 bytes with Argon2id, in a child process that then ends.

    Raises:
        DerivationFailed: The child could not get its memory, or could not be started.
        UnfitPassphrase: It holds half a character, which no keyboard makes.
        ValueError: The salt has another size.
    """
    if len(salt) != SALT_SIZE:
        raise ValueError("a salt has 32 bytes")
    numbers = b"".join(n.to_bytes(4, "big") for n in (profile.memory_kib, profile.passes, profile.lanes))
    try:
        ended = subprocess.run(
            [sys.executable, "-I", str(_CHILD)],
            input=numbers + salt + _normalise(passphrase),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError as error:
        raise DerivationFailed("The process that checks passphrases could not be started.") from error
    if ended.returncode != 0 or len(ended.stdout) != STRETCHED_SIZE:
        raise DerivationFailed(
            "The passphrase could not be checked. That takes 300 MB of free memory: close other programs.",
            status=ended.returncode,
        )
    return ended.stdout


def seal_slot(
    content: bytes | Decoy, *, stretched: bytes, index: int, random: Callable[[int], bytes] = os.urandom
) -> bytes:
    """Return slot number `index` (4,096 bytes), which a stretched passphrase opens to the content.

    Args:
        content: The data key (32), or what a duress passphrase opens.

    Raises:
        ValueError: The key has another size, or a name is longer than 1,024 bytes.
    """
    nonce = random(_NONCE_SIZE)
    plain = pad(_encoded(content), size=_CONTENT_SIZE)
    return nonce + ChaCha20Poly1305(_slot_key(stretched, index)).encrypt(nonce, plain, None)


def open_slots(slots: Sequence[bytes], *, stretched: bytes) -> tuple[int, bytes | Decoy] | None:
    """Try all eight slots; return the index and the content of the one that opens, or None.

    Raises:
        FormatError: A slot opens, and what is in it was not written by this version.
        ValueError: Not eight slots of 4,096 bytes.
    """
    if len(slots) != SLOTS or any(len(slot) != SLOT_SIZE for slot in slots):
        raise ValueError("there are eight slots of 4,096 bytes")
    found: tuple[int, bytes | Decoy] | None = None
    for index, slot in enumerate(slots):
        aead = ChaCha20Poly1305(_slot_key(stretched, index))
        try:
            content = aead.decrypt(slot[:_NONCE_SIZE], slot[_NONCE_SIZE:], None)
        except InvalidTag:
            continue  # Never a break: how long this takes must not tell which slot it was.
        found = (index, _decoded(content))
    return found


def _encoded(content: bytes | Decoy) -> bytes:
    if isinstance(content, bytes):
        if len(content) != DATA_KEY_SIZE:
            raise ValueError("a data key has 32 bytes")
        return msgspec.msgpack.encode((_DATA_KEY, content))
    if max(len(content.centre.encode()), len(content.member.encode())) > _DECOY_NAME_BYTES_MAX:
        raise ValueError("a name has at most 1,024 bytes")
    return msgspec.msgpack.encode((_DECOY, content.centre, content.member))


def _decoded(content: bytes) -> bytes | Decoy:
    try:
        match msgspec.msgpack.decode(unpad(content), type=list[Any]):
            case [kind, bytes() as data_key] if kind == _DATA_KEY and len(data_key) == DATA_KEY_SIZE:
                return data_key
            case [kind, str() as centre, str() as member] if kind == _DECOY:
                return Decoy(centre=centre, member=member)
    except msgspec.DecodeError:
        pass
    raise FormatError("A key slot does not hold what this version of Causeway writes.")


def _slot_key(stretched: bytes, index: int) -> bytes:
    return derive_key(stretched, info=_SLOT_LABEL + index.to_bytes(1, "big"))


def _normalise(passphrase: str) -> bytes:
    # NFKC: the same keys pressed on another system or keyboard layout must open the same slot.
    try:
        return unicodedata.normalize("NFKC", passphrase).encode()
    except UnicodeEncodeError:
        raise UnfitPassphrase("This passphrase holds something that is no character.") from None
